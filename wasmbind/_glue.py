"""Small generated WebAssembly modules that stand between Python and a module.

The *glue* is linked to the instance and does in one crossing what would otherwise take several, with nothing
in between: short strings are made from text that Python left in a staging area; a result is stored into a root
slot before Python sees it, so that no collection can free it; the argument count is set right before the call;
a classic export is dispatched on the object's run-time id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wasmbind._adaptor_glue import KEEP, OWE, RELIEVE, SYNC, is_adapted
from wasmbind._layout import COMPARTMENT
from wasmbind._object_glue import hold_object
from wasmbind._opaque_glue import NARROW, PUSH, REFS_IMPORTS, given_as, got_as
from wasmbind._schema.abis import ARGUMENT_GLOBAL, announces, setter_of
from wasmbind._wat import memory_limits, quoted, signature, symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wasmbind._schema.model import Binary, FunctionType, ValueType

__all__ = [
    "MODULE_NAME",
    "Glue",
    "GlueFunction",
    "GlueGlobal",
]


#: The name of every glue module, by which its frames are told from the user's.
MODULE_NAME = "wasmbind"


@dataclass(frozen=True, slots=True)
class GlueFunction:
    """One exported function as generated code calls it.

    Attributes:
        export: the module's export.
        link: the name under which the glue exports it.
        holds: its result is a reference, to be stored in the result slot.
        counted: the number of arguments, without `this`, comes as an extra first parameter.
        count: the fixed number of arguments to announce before the call; None where nobody listens.
        overrides: exports to call instead, by the run-time id of `this`.
        given: the type that Python's side has, where that is another one: opaque values are an i32 there.
        staged: for each parameter that is a string, its index and its scratch slot. An odd argument is the byte
            length plus one of text in the staging area, which the glue makes a string of; even ones are addresses.
        drops: its result is left out.
        borrowed: where references are counted, its result has not been counted for the caller, as it is a function of
            the glue, or that is not known, as nobody has said that it is a reference.
        guarded: it is stored only where it is the address of an object, for nobody has declared that it is.
    """

    export: str
    link: str
    type: FunctionType
    holds: bool = False
    counted: bool = False
    count: int | None = None
    overrides: Mapping[int, str] = field(default_factory=dict)
    staged: tuple[tuple[int, int], ...] = ()
    drops: bool = False
    given: FunctionType | None = None
    guarded: bool = False
    borrowed: bool = False

    @property
    def seen(self) -> FunctionType:
        """The type that Python's side has, but for the number of arguments and what is dropped."""
        return self.given or self.type


@dataclass(frozen=True, slots=True)
class GlueGlobal:
    """An exported global that generated code reads, and writes where it is mutable.

    Attributes:
        type: the type that Python's side has; opaque values are an i32 there.
        guarded: it is held only where it is the address of an object, for nobody has declared that it is.
        borrowed: nobody has said that it is a reference, so that the setter counts nothing.
    """

    export: str
    getter: str
    setter: str | None
    type: ValueType
    holds: bool = False
    guarded: bool = False
    borrowed: bool = False


class Glue:
    """The text of a glue module.

    Attributes:
        imports: the module's exports that it imports, in order.
        defined: the types of the functions that it defines for itself, by name.
        slots: the scratch slots that it wants to know, as globals `slot_0`, ...; `staging` comes with strings.
        counts: the module counts references, so that the glue has to. The binary is the adapted one then.
    """

    def __init__(self, binary: Binary) -> None:
        self._binary = binary
        self.counts = is_adapted(binary)
        self._imports: dict[str, str] = {}
        self.defined: dict[str, FunctionType] = {}
        self._lines: list[str] = []
        self.slots: set[int] = set()
        self.stages = False
        self._has_barrier = False

    @property
    def imports(self) -> list[str]:
        """The names of what it imports from the module, in order."""
        return [*["memory"] * self._uses_memory, *self._imports]

    @property
    def _uses_memory(self) -> bool:  # which a module need not export
        return self._uses("(i32.load", "(i32.store", "(memory.copy")

    @property
    def uses_refs(self) -> bool:
        """Whether it imports what `_opaque_glue.REFS` names from the host glue."""
        return self._uses(" $refs", " $push")

    def _uses(self, *words: str) -> bool:
        """Whether words are in the text; they begin with what is in no symbol."""
        return any(word in line for line in self._lines for word in words)

    def __str__(self) -> str:
        memory = [f'  (import "module" "memory" (memory {memory_limits(self._binary)}))'] * self._uses_memory
        lines = [f"(module ${MODULE_NAME}", *memory, *self._imports.values(), *REFS_IMPORTS * self.uses_refs]
        names = [f"slot_{slot}" for slot in sorted(self.slots)] + ["staging"] * self.stages
        lines += [f'  (global ${name} (export "{name}") (mut i32) (i32.const 0))' for name in names]
        lines += [*PUSH * self.uses_refs, *NARROW * self._uses(" $narrow")]
        return "\n".join([*lines, *self._lines, ")"]) + "\n"

    def function(self, name: str) -> str:
        """The text identifier of a function: one that the glue defines, else one of the module, to be imported."""
        if name in self.defined:
            return f"${name}"
        type_ = self._binary.function(name)
        assert type_ is not None
        self._imports.setdefault(name, f'  (import "module" "{quoted(name)}" (func ${symbol(name)}{signature(type_)}))')
        return f"${symbol(name)}"

    def table(self) -> str:
        """The text identifier of the module's function table, to be imported."""
        self._imports.setdefault("table", '  (import "module" "table" (table $module.table 0 funcref))')
        return "$module.table"

    def global_(self, name: str) -> str:
        """The text identifier of a global of the module, to be imported."""
        found = self._binary.global_(name)
        assert found is not None
        type_ = f"(mut {found.type})" if found.mutable else found.type
        self._imports.setdefault(name, f'  (import "module" "{quoted(name)}" (global ${symbol(name)} {type_}))')
        return f"${symbol(name)}"

    def slot(self, slot: int) -> str:
        """The address of a scratch slot."""
        self.slots.add(slot)
        return f"(i32.shl (global.get $slot_{slot}) (i32.const 2))"

    def barrier(self, buffer_id: int) -> str:
        """The function that tells the collector that a parent refers to a child; define it when first asked for.

        It may allocate, and so run a step of the collector: a root slot, or a pinned object, has to hold the child.

        Args:
            buffer_id: the run-time id of `ArrayBuffer`.
        """
        if self._has_barrier:
            return "$link"
        self._has_barrier = True
        head = "  (func $link (param $parent i32) (param $child i32)"
        if self._binary.function("__link") is not None:
            self.define(
                head,
                f"    (call {self.function('__link')} (local.get $parent) (local.get $child) (i32.const 0)))",
            )
            return "$link"
        # Without __link: pinning a child greys it, but pinning the very object that the marker stands on ends
        # in an endless loop. That object is always black, and only white children need the barrier; a new
        # object shows which colour is white.
        self.define(
            head,
            "    (local $white i32)",
            "    (if (i32.eqz (local.get $child)) (then (return)))",
            "    (local.set $white (i32.and (i32.const 3) (i32.load (i32.sub",
            f"      (call {self.function('__new')} (i32.const 0) (i32.const {buffer_id})) (i32.const 16)))))",
            "    (if (i32.eq (local.get $white) (i32.and (i32.const 3)",
            "        (i32.load (i32.sub (local.get $child) (i32.const 16)))))",
            "      (then",
            f"        (drop (call {self.function('__pin')} (local.get $child)))",
            f"        (call {self.function('__unpin')} (local.get $child)))))",
        )
        return "$link"

    def owe(self, reference: str) -> str:
        """What lets go of a reference that is about to be overwritten or removed; nothing where a collector looks.

        Args:
            reference: the expression that loads it; it may be null.
        """
        return f"(call {self.function(OWE)} {reference})" if self.counts else ""

    @property
    def relief(self) -> str:
        """What comes after an assignment that no call has to follow; nothing where a collector looks."""
        return f" (call {self.function(RELIEVE)})" if self.counts else ""

    def count(self, reference: str) -> str:
        """What counts a reference in a new object, which no collector has visited; nothing where one will."""
        return f"(drop (call {self.function(KEEP)} {reference}))" if self.counts else ""

    @property
    def pin(self) -> str:
        """The function that keeps an object, which it gives back, for as long as the instance lives."""
        return self.function(KEEP if self.counts else "__pin")

    def define(self, *lines: str) -> None:
        """Add lines of text."""
        self._lines += lines

    def define_function(self, name: str, type_: FunctionType, *lines: str) -> None:
        """Add a function that wrappers and other functions call by its name.

        Args:
            name: what `function` finds it by; the text has to call it `$name`.
            type_: its type.
            lines: its text.
        """
        self.defined[name] = type_
        self.define(*lines)

    def type_of(self, name: str) -> FunctionType | None:
        """The type of a function that the glue defines or the module exports."""
        return self.defined.get(name) or self._binary.function(name)

    def add_global(self, item: GlueGlobal) -> None:
        """Add accessors of a global."""
        name, found = self.global_(item.export), self._binary.global_(item.export)
        assert found is not None
        store = f" (i32.store {self.slot(0)} (global.get {name}))" if item.holds else ""
        if item.holds and item.guarded:
            store = f" (drop (call {hold_object(self)} (global.get {name})))"
        value = got_as(f"(global.get {name})", found.type, item.type)
        self._lines.append(f'  (func (export "{item.getter}") (result {item.type}){store} {value})')
        if item.setter:
            value = given_as("(local.get $value)", item.type, found.type)
            head = f'  (func (export "{item.setter}") (param $value {item.type})'
            if counts := item.holds and self.counts and not item.borrowed:
                counted, owed = self.count(value), self.owe(f"(global.get {name})")
                if item.guarded:
                    counted = f"(if (call {hold_object(self)} {value}) (then {counted}))"
                    owed = f"(if (call {hold_object(self)} (global.get {name})) (then {owed}))"
                head = f"{head}\n    {counted} {owed}\n   "
            self._lines.append(f"{head} (global.set {name} {value}){self.relief if counts else ''})")

    def add_function(self, function: GlueFunction, string_id: int) -> None:
        """Add a wrapper of a function.

        Args:
            string_id: the run-time id of `String`; it matters only for staged parameters.
        """
        params = "".join(f" (param $p{index} {value})" for index, value in enumerate(function.seen.params))
        count = " (param $count i32)" if function.counted else ""
        returned = () if function.drops else function.seen.results
        results = f" (result {' '.join(returned)})" if returned else ""
        body = [f'  (func (export "{function.link}"){count}{params}{results}']
        # A function may have several results; the first is the one that may be a reference.
        keeps = returned if function.holds or function.staged else ()
        names = [f"$result_{index}" if index else "$result" for index in range(len(keeps))]
        if keeps:
            body.append("    " + " ".join(f"(local {name} {kind})" for name, kind in zip(names, keeps, strict=True)))
        if function.staged:
            body.append("    (local $staged i32) (local $size i32)")
        for place, (index, slot) in enumerate(function.staged):
            body += self._staged(index, slot, place, string_id)
        if self.counts:
            body.append(f"    (call {self.function(SYNC)})")
        if function.counted or function.count is not None:
            body += self._announced("(local.get $count)" if function.counted else f"(i32.const {function.count})")
        call = f"(drop {self._dispatch(function)})" if function.drops else self._dispatch(function)
        if len(returned) == 1:
            call = got_as(call, function.type.results[0], returned[0])
        if len(names) == 1:
            body.append(f"    (local.set $result {call})")
        else:
            body += [f"    {call}", *(f"    (local.set {name})" for name in reversed(names))]
        body += self._held(function)
        for place, (_, slot) in enumerate(function.staged):
            body += [
                f"    (if (i32.and (local.get $staged) (i32.const {1 << place}))",
                f"      (then (i32.store {self.slot(slot)} (i32.const 0))))",
            ]
        if keeps:
            body.append("    " + " ".join(f"(local.get {name})" for name in names))
        body[-1] += ")"
        self._lines += body

    def _held(self, function: GlueFunction) -> list[str]:
        """Keep a result that is a reference."""
        if not function.holds:
            return []
        if function.guarded:
            owe = "" if function.borrowed else self.owe("(local.get $result)")
            return [f"    (if (call {hold_object(self)} (local.get $result)) (then {owe or '(nop)'}))"]
        store = f"    (i32.store {self.slot(0)} (local.get $result))"
        if self.counts and not function.borrowed:  # it has been counted for the caller, who holds it now
            return [store, f"    {self.owe('(local.get $result)')}"]
        return [store]

    def _announced(self, count: str) -> list[str]:
        """Tell the module the number of arguments, if it can be told."""
        setter = setter_of(self._binary)
        if setter is not None:
            return [f"    (call {self.function(setter)} {count})"]
        if announces(self._binary):
            return [f"    (global.set {self.global_(ARGUMENT_GLOBAL)} {count})"]
        return []

    def _staged(self, index: int, slot: int, place: int, string_id: int) -> list[str]:
        """Make a string of staged text, held by its scratch slot."""
        self.stages = True
        size = f"(local.tee $size (i32.sub (local.get $p{index}) (i32.const 1)))"
        return [
            f"    (if (i32.and (local.get $p{index}) (i32.const 1)) (then",
            f"      (local.set $p{index} (call {self.function('__new')} {size} (i32.const {string_id})))",
            f"      (i32.store {self.slot(slot)} (local.get $p{index}))",
            f"      (memory.copy (local.get $p{index})",
            f"        (i32.add (global.get $staging) (i32.const {COMPARTMENT * place})) (local.get $size))",
            f"      (local.set $staged (i32.or (local.get $staged) (i32.const {1 << place})))))",
        ]

    def _dispatch(self, function: GlueFunction) -> str:
        pairs = enumerate(zip(function.seen.params, function.type.params, strict=True))
        arguments = "".join(f" {given_as(f'(local.get $p{index})', *pair)}" for index, pair in pairs)
        text = f"(call {self.function(function.export)}{arguments})"
        result = "".join(f" (result {value})" for value in function.type.results)
        for rt_id, export in sorted(function.overrides.items(), reverse=True):
            other = f"(call {self.function(export)}{arguments})"
            condition = f"(i32.eq (i32.load (i32.sub (local.get $p0) (i32.const 8))) (i32.const {rt_id}))"
            text = f"(if{result} {condition}\n      (then {other})\n      (else {text}))"
        return text
