"""`AscClass` and `AscRecord`: what user classes derive from."""

from __future__ import annotations

import sys
import types
import weakref
from typing import TYPE_CHECKING, Any, NoReturn, dataclass_transform

from wasmbind._annotations import is_template
from wasmbind._context import current_runtime, in_context_of_self
from wasmbind._generics import calling_template, check_bases, has_variables, name_itself, parametrise
from wasmbind._layout import UNCONSTRUCTED
from wasmbind._objects import describe_object, initialise_record, same_object
from wasmbind._scopes import Scope
from wasmbind._statics import StaticFunction
from wasmbind._stubs import check_binds, is_field, own_annotations, stubs_of
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Never

    from wasmbind._runtime import Runtime

__all__ = ["AscClass", "AscRecord", "ClassMeta", "DeclaredMeta"]

_RENAMES = (None, "camel")
#: Methods without a `self`, and those that set the current instance themselves.
_NOT_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__", "__enter__", "__exit__"})


#: The modules that the root classes stand in.
_ROOTS = frozenset({__name__, "wasmbind._modules"})


class DeclaredMeta(type):
    """Reads a class statement; annotations stay unread until the class is bound."""

    def __new__(
        mcs,
        cls_name: str,
        bases: tuple[type, ...],
        body: dict[str, Any],
        /,
        *,
        rename: str | None = None,
        namespace: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        if rename not in _RENAMES:
            fix = 'write rename="camel", or @export on single members'
            raise DeclarationError(cls_name, f"rename={rename!r} is unknown", fix=fix)
        for name, value in body.items():
            check_binds(f"{cls_name}.{name}", value)
        body["__asc_stubs__"] = {name: value for name, value in body.items() if stubs_of(value)}
        body["__asc_hosts__"] = {name: value for name, value in body.items() if hasattr(value, "__asc_host__")}
        if body["__asc_hosts__"] and "__asc_fields__" in body:
            name = next(iter(body["__asc_hosts__"]))
            fix = "move it to the AscModule, whose methods a module can import"
            raise DeclarationError(f"{cls_name}.{name}", "is a @host function of a class", fix=fix)
        body["__asc_compiled__"], body["__asc_installed__"] = {}, {}
        if rename is not None:
            body["__asc_rename__"] = rename
        frame = _class_frame()
        body["__asc_scope__"] = Scope.capture(frame, namespace)
        body.setdefault("__asc_place__", (frame.f_code.co_filename, frame.f_lineno))
        if body.get("__module__") not in _ROOTS:
            for name, value in list(body.items()):
                body[name] = _member(name, value, is_stub_member=name in body["__asc_stubs__"])
        cls = super().__new__(mcs, cls_name, bases, body, **options)
        body["__asc_scope__"].owner = cls
        for value in body.values():
            if isinstance(value, StaticFunction):
                value.owner = cls
        return cls


def _class_frame() -> types.FrameType:
    """The frame of the class statement that calls the metaclass."""
    frame = sys._getframe(1)
    while frame.f_globals["__name__"] in _ROOTS and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _member(name: str, value: Any, *, is_stub_member: bool) -> Any:
    """What stands in the class for an attribute of its body until it is bound."""
    if is_stub_member:
        return StaticFunction(None, object) if isinstance(value, staticmethod) else value
    if name in _NOT_METHODS:
        return value
    if isinstance(value, types.FunctionType):
        return in_context_of_self(value)
    if isinstance(value, property) and value.fget is not None:
        fset = in_context_of_self(value.fset) if value.fset is not None else None
        return property(in_context_of_self(value.fget), fset, value.fdel, value.__doc__)
    return value


class ClassMeta(DeclaredMeta):
    """The metaclass of `AscClass`: calling a class constructs an AssemblyScript object."""

    def __new__(
        mcs,
        cls_name: str,
        bases: tuple[type, ...],
        body: dict[str, Any],
        /,
        *,
        name: str | None = None,
        **options: Any,
    ) -> Any:
        body.setdefault("__slots__", ())
        body["__asc_fields__"] = True
        cls = super().__new__(mcs, cls_name, bases, body, **options)
        annotations = own_annotations(cls)
        cls.__asc_name__ = name or cls_name  # metaclass attributes, here and below
        cls.__asc_named__ = name is not None
        cls.__asc_defaults_of__ = []
        cls.__asc_parametrised__ = weakref.WeakValueDictionary()
        check_bases(cls)
        name_itself(cls)
        defaults = {}
        for field, annotation in annotations.items():
            if is_field(field, annotation) and field in cls.__dict__:
                defaults[field] = cls.__dict__[field]
                type.__delattr__(cls, field)
        cls.__asc_defaults__ = defaults
        return cls

    if not TYPE_CHECKING:  # checkers take the result of a metaclass's __call__ for that of the constructor

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            """Construct an object in the current instance."""
            if is_template(cls):
                raise calling_template(cls)
            return cls.asc_construct(current_runtime(cls), args, kwargs)

    def asc_construct(cls, runtime: Runtime, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Construct an object in an instance."""
        runtime.binding.ensure(runtime, cls)
        obj: Any = object.__new__(cls)  # type: ignore[arg-type]  # cls is a class of AscClass
        obj._asc_runtime, obj._asc_ptr = runtime, UNCONSTRUCTED
        obj.__init__(*args, **kwargs)
        if obj._asc_ptr == UNCONSTRUCTED:
            name = cls.__name__
            raise DeclarationError(
                f"{name}.__init__", "did not construct the object", fix="call super().__init__(...) in it"
            )
        return obj


class AscClass(metaclass=ClassMeta):
    """A class of an AssemblyScript module.

    Annotations declare fields, functions with trivial bodies (`...`, a docstring, `raise NotImplementedError`)
    declare members; everything else stays Python. Without a declared `__init__` it cannot be constructed from
    Python. Objects have no `__dict__`: one AssemblyScript object may be seen through different Python objects
    over time, so an attribute kept on one of them would get lost.

    Class options:
        name: the AssemblyScript name, where it is not the Python name.
        rename: ``"camel"`` binds ``snake_case`` names to ``camelCase`` ones.
        namespace: names for annotations that the module's globals do not have.
    """

    __slots__ = ("__weakref__", "_asc_ptr", "_asc_runtime")

    if TYPE_CHECKING:
        _asc_runtime: Any
        _asc_ptr: int

        def __init_subclass__(
            cls,
            *,
            name: str | None = None,
            rename: str | None = None,
            namespace: Mapping[str, Any] | None = None,
        ) -> None: ...

        def __init__(self, declare_an_init: Never, /) -> None: ...

    else:

        def __init__(self, *_: object, **__: object) -> None:
            reason = self._asc_runtime.binding.unconstructible(type(self))
            if reason is not None:
                fix = "construct one of a class that derives from it"
                raise DeclarationError(type(self).__name__, f"cannot be constructed: it is {reason}", fix=fix)
            raise DeclarationError(
                type(self).__name__,
                "cannot be constructed: it declares no __init__",
                fix="declare the AssemblyScript constructor, `def __init__(self, ...) -> None: ...`,"
                " or derive from AscRecord if there is none",
            )

        def __class_getitem__(cls, arguments: Any) -> Any:
            """The parametrisation of a generic class, a subclass that is made once."""
            return super().__class_getitem__(arguments) if has_variables(arguments) else parametrise(cls, arguments)

    def __eq__(self, other: object) -> bool:
        return same_object(self, other)

    def __hash__(self) -> int:
        return hash((id(self._asc_runtime), self._asc_ptr))

    def __repr__(self) -> str:
        return describe_object(self)

    def __reduce_ex__(self, _: object, /) -> NoReturn:
        # A copy made behind our back would refer to an object that nothing keeps alive for it.
        name = type(self).__name__
        raise TypeError(f"{name} is a reference into a module and cannot be copied or pickled; use asdict()")


@dataclass_transform(eq_default=False)
class AscRecord(AscClass):
    """A class without a constructor in AssemblyScript: one is synthesised from its fields.

    Constructing runs the exported constructor, which AssemblyScript makes for every class, and then sets the
    given fields. A field with the default `...` may be left to AssemblyScript's own initialiser.
    """

    __slots__ = ()
    __asc_record__ = True

    if not TYPE_CHECKING:

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            initialise_record(self, args, kwargs)


_root: Any
for _root in (AscClass, AscRecord):
    # The roots are no classes of any module.
    del _root.__asc_scope__, _root.__asc_name__
