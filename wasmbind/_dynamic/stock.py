"""The members of a module whose binary has no schema: what its exports tell."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from types import MethodType
from typing import TYPE_CHECKING, Any, Literal

from wasmbind._adaptor_glue import KEEP, OWE
from wasmbind._calls import CallPlan, Value
from wasmbind._conversion import codec_for
from wasmbind._declarations import Field
from wasmbind._descriptors import VOID, Dynamic, Integer, Untyped, is_reference, is_told
from wasmbind._dynamic.bound import ModuleClass
from wasmbind._dynamic.classes import StockClasses
from wasmbind._dynamic.declaring import Declarer, python_name
from wasmbind._dynamic.exports import plain_name, read_exports, split_name
from wasmbind._dynamic.lifting import ObjectTypes
from wasmbind._dynamic.members import Members
from wasmbind._dynamic.objects import OpaqueValue
from wasmbind._dynamic.registry import check_names, is_declared
from wasmbind._dynamic.retyping import Retyped, verified
from wasmbind._emit import compile_call
from wasmbind._engine import binary_of
from wasmbind._generate.names import class_identifier, member_identifier
from wasmbind._ownership import owned
from wasmbind._plans import global_plans, plan_function
from wasmbind._proof import proven_id
from wasmbind._schema.abis import announces
from wasmbind._schema.optionals import required_arguments
from wasmbind.errors import BindError, DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wasmbind._dynamic.hints import Hints
    from wasmbind._dynamic.objects import Shown
    from wasmbind._linking import Links
    from wasmbind._schema.model import GlobalType

__all__ = ["StockMembers"]

_WORD = 0xFFFFFFFF


class StockMembers(Members):
    """The members of one instance."""

    def __init__(
        self,
        inner: Any,
        hints: Hints,
        refers: bool,  # noqa: FBT001 - one of several facts
        shown: Shown | None,
        registry: Mapping[str, Any],
        reserved: Iterable[str],
    ) -> None:
        """Read the exports.

        Args:
            inner: the instance, of an `AscModule` that declares nothing.
            hints: reads types; it learns the names of the classes.
            refers: the binary exports its runtime.
            shown: how results are shown of which nothing tells the type.
            registry: the types of results that somebody has given.
            reserved: names that members must not have.
        """
        self._exports = exports = read_exports(inner.runtime.binary)
        own = [name for name, hint in registry.items() if is_declared(hint) and hint.__asc_name__ == name]
        every = dict.fromkeys((*exports.classes, *own, *exports.enums, *exports.functions, *exports.globals))
        super().__init__(inner, {name: _word(name, exports.classes) for name in every}, reserved)
        self._check_registry(registry)
        self._declarer = Declarer(hints, refers, self._required(), shown)
        self._registry = registry
        named = {name: plain_name(name) for name in exports.classes}
        named |= {export: name for name, export in self._names.items()}
        self._classes = StockClasses(exports, self._declarer, hints, registry, named)
        hints.belong_to(self.runtime)
        self._enums = {name: _enum(name, values) for name, values in exports.enums.items()}
        hints.learn(self._enums)
        type(inner).__asc_retype__ = Retyped
        self.runtime.binding.untyped = ObjectTypes(hints, self._classes.by_id)
        self._made: dict[str, Any] = {}
        self._plans: dict[str, CallPlan | DeclarationError | BindError] | None = None
        self._held: set[str] = set()  # globals whose references the glue counts where they are counted
        self._counted: dict[str, int] = {}  # what others have been assigned last, and counted for
        self._values: dict[str, tuple[Callable[..., Any], Callable[..., Any] | None] | DeclarationError] = {}

    def _required(self) -> Mapping[str, int] | None:
        """How many arguments exports need, None where nothing tells; a binary without a setter has no optional ones."""
        if not announces(self.runtime.binary):
            return {}
        data = binary_of(self.runtime.binding.module)
        return required_arguments(data) if data else None

    def _check_registry(self, registry: Mapping[str, Any]) -> None:
        exports = self._exports
        classes = {name: found.results() for name, found in exports.classes.items()}
        classes = {plain_name(name): results for name, results in classes.items()} | classes
        others = dict.fromkeys(exports.namespaces, "a namespace") | dict.fromkeys(exports.enums, "an enum")
        check_names(registry, {*exports.functions, *exports.globals}, classes, others)

    # --- Members --------------------------------------------------------------------------------------------

    def is_value(self, export: str) -> bool:
        return export in self._exports.globals

    def by_export(self, name: str) -> Any:
        exports = self._exports
        found = self._enums.get(name) or self._made.get(name)
        if found is None and name in exports.functions:
            found = self._made[name] = MethodType(compile_call(self._plan(name)), self.inner)
        if found is not None:
            return found
        prefix, _, member = split_name(name)
        if prefix in exports.enums and member_identifier(member) in exports.enums[prefix]:
            return self._enums[prefix][member_identifier(member) or member]
        owner = exports.classes.get(prefix)
        if name in exports.globals or (owner is not None and member in owner.values):
            return self._read(name)
        # What follows refers to this, which must not refer back: an instance goes when nobody has it any more.
        if owner is not None and member in owner.statics:
            holder = self._class(prefix)
            assert holder is not None
            return holder.member(member)
        return self._class(name) or self.namespace(name)

    def _class(self, name: str) -> ModuleClass | None:
        """A class, by one of its names; None without one."""
        exported, wanted = self._exports.classes, name.replace(" ", "")
        full = name if name in exported else {plain_name(each): each for each in exported}.get(wanted)
        if full is not None:
            values = {each: f"{full}.{each}" for each in exported[full].values}
            return ModuleClass(self.runtime, self._classes.find(self.runtime)[full], self, values)
        if is_declared(self._registry.get(name)) and name not in self._exports.functions:
            return ModuleClass(self.runtime, self._classes.find(self.runtime)[name], self, {})
        return None

    # --- functions and globals ------------------------------------------------------------------------------

    def _plan(self, export: str) -> CallPlan:
        found = self._link()[export]
        if not isinstance(found, CallPlan):
            raise found
        return found

    def _link(self) -> dict[str, CallPlan | DeclarationError | BindError]:
        """Link all functions and globals at once, when the first of them is used."""
        if self._plans is not None:
            return self._plans
        if self._registry:
            self._classes.find(self.runtime)  # which its types may name
        plans: dict[str, CallPlan | DeclarationError | BindError] = {}
        for export, type_ in self._exports.functions.items():
            hint = self._registry.get(export)
            try:
                name = python_name(export.replace(".", "_"), set())
                function = self._declarer.function(type(self.inner), name, export, "function", type_, hint)
                plans[export] = plan_function(verified(self.runtime, function))
            except (DeclarationError, BindError) as error:
                plans[export] = error
        values = [(name, type_, self._registry.get(name)) for name, type_ in self._exports.globals.items()]
        for owner in self._exports.classes.values():
            hints = self._registry.get(owner.name, self._registry.get(plain_name(owner.name), {}))
            own = hints if isinstance(hints, Mapping) else {}
            values += [(f"{owner.name}.{name}", type_, own.get(name)) for name, type_ in owner.values.items()]
        fields = [field for value in values for field in self._value(*value)]

        def add(links: Links) -> None:
            for plan in plans.values():
                if isinstance(plan, CallPlan):
                    links.add_call(plan, None)
            for field, setter in fields:
                links.add_value(field, setter)

        owned(self.runtime, lambda _: self.runtime.binding.add_links(self.runtime, add))
        self._plans = plans
        return plans

    def _value(self, export: str, type_: GlobalType, hint: Any) -> Iterable[tuple[Field, CallPlan | None]]:
        """The field that a global is, and what sets it; nothing where Python has nothing for it."""
        owner, name = type(self.inner), python_name(export.replace(".", "_"), set())
        who = f"{owner.__name__}.{name}"
        try:
            found = self._declarer.value(type_.type, None if type_.type == "other" else hint, who)
        except DeclarationError as error:
            if hint is not None:
                self._values[export] = error
            return
        field = Field(owner, name, export, found)
        getter, setter = global_plans(field, guarded=True)
        written: CallPlan | None = None
        if type_.mutable:
            wanted = found
            if isinstance(found, (Untyped, Integer)):  # the types of i32 and i64
                carrier: Literal["i32", "i64"] = "i64" if type_.type == "i64" else "i32"
                wanted = Dynamic(carrier, self._declarer.refers and carrier == "i32")
            value = Value("value", codec_for(wanted), who)
            written = dataclasses.replace(setter, parameters=(value,), result=codec_for(VOID))
        self._values[export] = compile_call(getter), compile_call(written) if written is not None else None
        if is_reference(found) and is_told(found):
            self._held.add(export)
        yield field, written

    def _read(self, export: str) -> Any:
        self._link()
        found = self._values.get(export)
        if found is None:
            raise AttributeError(f"{self.runtime.name}: {export} is a global of a type that Python has nothing for")
        if isinstance(found, DeclarationError):
            raise found
        return found[0](self.inner)

    def write(self, export: str, value: Any) -> None:
        self._link()
        found = self._values.get(export)
        if isinstance(found, DeclarationError):
            raise found
        if found is None or found[1] is None:
            raise AttributeError(f"{self.runtime.name}: {export} cannot be assigned: it is no mutable global")
        runtime = self.runtime
        if (
            export in self._held
            or runtime.rtti is None
            or not runtime.rtti.counted
            or (export not in self._counted and _is_number(value))
        ):
            found[1](self.inner, value)
            return
        owned(runtime, lambda _: self._count(export, found[1], value))

    def _count(self, export: str, setter: Any, value: Any) -> None:
        """Assign a global that nobody has given a type, of a runtime that counts references, which counts it too.

        What it held before may be a number that equals an address, so that only what has been counted here is
        released: another object that the module has put there would have released it.
        """
        runtime = self.runtime
        known: Any = runtime.native.export(export)
        before = known.value(runtime.native.store)
        setter(self.inner, value)
        counted = self._counted.pop(export, 0)
        if not _is_number(value):
            after = known.value(runtime.native.store)
            if isinstance(after, int) and proven_id(runtime, after & _WORD) is not None:
                self._counted[export] = runtime.invoke(KEEP, after & _WORD)
        if counted and before & _WORD == counted:
            runtime.invoke(OWE, counted)


def _is_number(value: object) -> bool:
    return isinstance(value, OpaqueValue) or hasattr(type(value), "__index__")


def _word(name: str, classes: Mapping[str, Any]) -> str:
    """What an export is called if nothing else is."""
    word = split_name(name)[2]
    return word if name not in classes or word.isidentifier() else class_identifier(plain_name(word)).strip("_")


def _enum(name: str, values: Mapping[str, int]) -> type[enum.IntEnum]:
    make: Any = enum.IntEnum  # to a type checker the members are to be literals
    made: Any = make(name.rpartition(".")[2], dict(values))
    made.__asc_name__ = name
    found: type[enum.IntEnum] = made
    return found
