"""What every live collection is: a reference to an AssemblyScript object, and how it is made from Python."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from wasmbind._codecs.objects import ObjectCodec
from wasmbind._context import active_runtime
from wasmbind._ownership import Suspension, owned
from wasmbind.errors import InstanceError, LowerTypeError, WasmbindError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wasmbind import _descriptors as d
    from wasmbind._calls import CallPlan
    from wasmbind._codecs.base import Codec, Raw
    from wasmbind._codecs.buffers import CopyCodec
    from wasmbind._runtime import Runtime

__all__ = ["CollectionAlias", "Live", "LiveCodec", "same_collection", "shown"]


class CollectionAlias(types.GenericAlias):
    """`Array[i32]`: an annotation, and in an active instance a constructor."""

    def __call__(self, *arguments: Any) -> Any:
        """Make the collection in the current instance.

        Raises:
            InstanceError: none is active.
        """
        return _construct(self, arguments)


def _construct(alias: Any, arguments: Sequence[Any]) -> Any:
    runtime = active_runtime.get()
    if runtime is None:
        name = alias.__name__
        raise InstanceError(
            "missing",
            f"{name} has no active instance: write `module[{name}](...)` with the type as it is declared,"
            " or use it inside `with module:` or `with module.active():`",
        )
    return runtime.binding.live_class(runtime, alias).asc_construct(runtime, arguments, {})


class Live:
    """A reference to a collection of AssemblyScript's library.

    Objects are of a *concrete class*, which knows the types of the elements; there is one for each descriptor.
    They keep the AssemblyScript object alive, and are the same Python object while one is alive.

    To a type checker the subclasses are descriptors, so that what is assigned to a live field may be of another type
    than what is read. Each has both `__get__` and `__set__`: only then does pyright know that they differ.

    Attributes:
        __asc_kind__: the AssemblyScript class.
        __asc_codec__: of a concrete class, the codec of its objects.
        __asc_plans__: of a concrete class, the members that call the glue.
    """

    __slots__ = ("__weakref__", "_asc_ptr", "_asc_runtime")
    __asc_kind__: ClassVar[str]
    __asc_codec__: ClassVar[LiveCodec]
    __asc_plans__: ClassVar[tuple[CallPlan, ...]] = ()

    if TYPE_CHECKING:
        _asc_runtime: Runtime
        _asc_ptr: int
    else:

        def __class_getitem__(cls, arguments: Any) -> CollectionAlias:
            return CollectionAlias(cls, arguments if isinstance(arguments, tuple) else (arguments,))

        def __new__(cls, *arguments: Any) -> Any:
            """Make the collection in the current instance."""
            return _construct(cls, arguments)

    @classmethod
    def asc_construct(cls, runtime: Runtime, args: Sequence[Any], kwargs: Any) -> Any:
        """Make a collection in an instance, from Python values.

        Raises:
            LowerError: the values do not fit.
        """
        if kwargs or len(args) > cls._most_arguments():
            name = cls.__name__
            raise TypeError(f"{name}() takes at most {cls._most_arguments()} arguments, all by position")

        def work(_: Suspension) -> Any:
            slot = runtime.reserve()
            try:
                return runtime.lift(cls._make(runtime, args, slot), slot, cls)
            except BaseException:
                runtime.bury([slot])
                raise

        return owned(runtime, work)

    @classmethod
    def _most_arguments(cls) -> int:
        """How many arguments the constructor takes."""
        return 1

    @classmethod
    def _make(cls, runtime: Runtime, args: Sequence[Any], slot: int) -> int:
        """Make the AssemblyScript object, held by a root slot. The caller owns the instance."""
        codec = cls.__asc_codec__
        values = args[0] if args else ()
        ptr: int = codec.maker.make(runtime, values, slot, codec.name, runtime.allocation(codec, codec.name))
        return ptr

    @classmethod
    def asc_verify(cls, runtime: Runtime, ptr: int) -> bool:  # noqa: ARG003 - for those that need them
        """Look at an object itself, where its run-time id does not tell all.

        Returns:
            Whether all objects of its run-time id are of the class.

        Raises:
            LiftError: it is not of the class.
        """
        return True

    def as_(self, as_: Any, /) -> Any:
        """The collection as another type, in a `Module`: `list[str]`, `Array[string]`, or what else declarations know.

        Raises:
            LiftError: it is of another type.
            InstanceError: its module has declarations, which say the types.
        """
        return _types_of(self).read(self._asc_runtime, self._asc_ptr, as_)

    def native(self) -> Any:
        """The collection with elements that are resolved and no handles, in a `Module`."""
        return _types_of(self).native(self._asc_runtime, self._asc_ptr)

    def __reduce_ex__(self, _: object, /) -> NoReturn:
        # A copy made behind our back would refer to an object that nothing keeps alive for it.
        name = type(self).__name__
        raise TypeError(f"{name} is a reference into a module and cannot be pickled; copy its elements")


def _types_of(collection: Live) -> Any:
    """What knows the types of objects that nothing declares.

    Raises:
        InstanceError: the module has declarations.
    """
    runtime = collection._asc_runtime
    runtime.check_alive()
    if runtime.binding.untyped is None:
        problem = f"{runtime.name} has declarations: what a collection holds is for them to say"
        raise InstanceError("missing", problem)
    return runtime.binding.untyped


def same_collection(first: Live, second: object) -> bool:
    """Whether both stand for the same AssemblyScript object."""
    if first is second:
        return True
    return isinstance(second, Live) and first._asc_runtime is second._asc_runtime and first._asc_ptr == second._asc_ptr


def shown(collection: Live, content: Callable[[], str]) -> str:
    """`Array([1, 2])`, or what stands in the way of reading the elements."""
    name = collection.__asc_kind__
    try:
        return f"{name}({content()})"
    except InstanceError as error:
        return f"<{name} of a {error.reason} instance>"
    except WasmbindError as error:
        return f"<{name}: {error}>"


class LiveCodec(ObjectCodec):
    """A live collection; also takes what Python has instead, which is copied into a new collection."""

    allocates = True
    cls: type[Live]

    def __init__(
        self, descriptor: d.Collection, cls: type[Live], arguments: tuple[Codec, ...], maker: CopyCodec
    ) -> None:
        super().__init__(descriptor, cls)
        self.arguments, self.maker = arguments, maker

    @property
    def element(self) -> Codec:
        """The codec of the elements, or of the keys."""
        return self.arguments[0]

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        if isinstance(value, self.cls):
            return super().lower(runtime, value, slot, path)
        if isinstance(value, Live):
            # A copy would be taken for the collection itself, and its changes be lost.
            problem = f"expected {self.name}, a live {value.__asc_codec__.name} is another type; pass a copy of it"
            raise LowerTypeError(path, self.name, value, problem)
        return self.maker.make(runtime, value, slot, path, runtime.allocation(self, path))
