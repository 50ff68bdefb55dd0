"""Declarations made of exports: what a binary without a schema has, as if somebody had declared it.

Numbers are what WebAssembly says; an i32 may be anything that an argument says it is, see `_codecs.dynamic`.
"""

from __future__ import annotations

import keyword
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._declarations import ClassDeclaration, Function, Parameter
from wasmbind._declarative import AscClass, ClassMeta
from wasmbind._dynamic.objects import AscObject
from wasmbind._dynamic.retyping import Retyped
from wasmbind._generate.names import identifier
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wasmbind._declarations import Kind
    from wasmbind._dynamic.exports import ClassExports
    from wasmbind._dynamic.hints import Hints
    from wasmbind._dynamic.objects import Shown
    from wasmbind._schema.model import FunctionType

__all__ = ["Declarer", "attribute_names", "python_name"]

_INIT = "__init__"


def python_name(name: str, taken: Mapping[str, Any] | set[str]) -> str:
    """What an export is called in Python: its own name where that is an identifier, and nothing else has it."""
    # Python's compiler normalises identifiers, and finds them by the normal form alone.
    is_plain = name.isidentifier() and not keyword.iskeyword(name) and unicodedata.normalize("NFKC", name) == name
    plain = name if is_plain else identifier(name)
    if plain.startswith("__") and plain.endswith("__"):
        plain += "_"  # what Python means something by, and may look for
    while plain in taken:
        plain += "_"
    return plain


def attribute_names(exports: Mapping[str, str], taken: Iterable[str] = ()) -> dict[str, str]:
    """The exports by the names of attributes; those that keep their names come first.

    Args:
        exports: what each would be called if nothing else were.
        taken: names that mean something else.
    """
    used = {*taken}
    kept = {
        export: name
        for export, name in exports.items()
        if python_name(name, used) == name and f".{export}".endswith(f".{name}")
    }
    found = {name: export for export, name in kept.items()}
    used.update(found)
    for export, name in exports.items():
        if export not in kept:
            chosen = python_name(name, used)
            used.add(chosen)
            found[chosen] = export
    return found


@dataclass(slots=True)
class Declarer:
    """Makes the declarations of one binary.

    Attributes:
        hints: reads the types of results that somebody has given.
        refers: the binary exports its runtime, so that arguments may be references.
        required: how many arguments the exports need that have optional parameters; None where that is not known, and
            any may.
        shown: how results are shown, None for numbers as they are.
    """

    hints: Hints
    refers: bool
    required: Mapping[str, int] | None
    shown: Shown | None

    def function(
        self, owner: type[Any], name: str, export: str, kind: Kind, type_: FunctionType, hint: Any = None
    ) -> Function:
        """A function, of whose parameters `this` has been taken away.

        Args:
            owner: the class that it belongs to.
            name: its Python name.
            export: its name among the members of the class.
            kind: what it is.
            type_: what WebAssembly says.
            hint: the type of the result, None if nobody has told it.

        Raises:
            DeclarationError: it takes or returns what Python has nothing for.
        """
        who = f"{owner.__name__}.{name}"
        prefix = getattr(owner, "__asc_name__", "")
        full = f"{prefix}{'.' if kind == 'static' else '#'}{export}" if prefix else export
        needed = len(type_.params) if kind in ("getter", "setter") else self._needed(full, len(type_.params))
        parameters = tuple(
            Parameter(f"arg{at}", self._parameter(carrier, who), optional=at >= needed)
            for at, carrier in enumerate(type_.params)
        )
        result = d.VOID if kind in ("constructor", "setter") else self._result(type_, hint, who)
        guarded = d.is_reference(result)
        return Function(owner, name, export, kind, parameters, result, who, guarded)

    def _needed(self, export: str, count: int) -> int:
        """How many arguments a function needs."""
        return 0 if self.required is None else self.required.get(export, count)

    def _parameter(self, carrier: str, who: str) -> d.Descriptor:
        match carrier:
            case "i32":
                return d.Dynamic("i32", self.refers)
            case "i64":
                return d.Dynamic("i64")
            case "f32" | "f64":
                return d.F32 if carrier == "f32" else d.F64
            case "externref":
                return d.Nullable(d.OpaqueOf())
            case _:
                fix = "call it from a function of AssemblyScript that takes what Python has"
                raise DeclarationError(who, f"takes a value of type {carrier}", fix=fix)

    def _result(self, type_: FunctionType, hint: Any, who: str) -> d.Descriptor:
        if len(type_.results) > 1:
            fix = "call it from a function of AssemblyScript that returns one value"
            raise DeclarationError(who, f"returns {len(type_.results)} values", fix=fix)
        if not type_.results:
            return d.VOID
        return self.value(type_.results[0], hint, who)

    def value(self, carrier: str, hint: Any, who: str) -> d.Descriptor:
        """The type of a result or a global.

        Raises:
            DeclarationError: Python has nothing for it, or the hint does not fit.
        """
        if hint is not None:
            return self.hints.descriptor(hint, carrier, who)
        match carrier:
            case "i32":
                return d.INTEGERS["i32"] if self.shown is None or not self.refers else d.Untyped(self.shown)
            case "i64":
                return d.INTEGERS["i64"]
            case "f32" | "f64":
                return d.F32 if carrier == "f32" else d.F64
            case "externref":
                return d.Nullable(d.OpaqueOf())
            case _:
                raise DeclarationError(who, f"is of type {carrier}", fix="give it a type that Python has")

    # --- classes --------------------------------------------------------------------------------------------

    def declare_class(
        self, found: ClassExports, python: str, base: type[Any] | None, hints: Mapping[str, Any], module: str
    ) -> tuple[type[Any], Callable[[], None]]:
        """The Python class for a class of the module, and what declares its members once all classes are there.

        Args:
            found: what the binary exports of it.
            python: its Python name.
            base: its base class, where the type table tells one.
            hints: the types of fields and results of methods, by their names.
            module: the name of the module.
        """
        body: dict[str, Any] = {
            "__module__": module,
            "__doc__": f"AssemblyScript's class {found.name}.",
            "as_": AscObject.as_,
            "native": AscObject.native,
        }
        members = [(name, type_, False) for name, type_ in found.members.items()]
        members += [(name, type_, True) for name, type_ in found.statics.items()]
        kinds: list[tuple[str, str, Kind, FunctionType]] = []
        taken = {*body}
        accessors: dict[str, str] = {}  # the Python names of what has a getter, by its own
        for name, type_, static in members:
            kind = _kind(found, name, static=static)
            own = name if static else name.partition(":")[2] if kind in ("getter", "setter") else name
            if own in accessors and kind in ("getter", "setter"):
                kinds.append((accessors[own], own, kind, type_))
                body[accessors[own]] = property(_stub, _stub)
                continue
            shown = _INIT if kind == "constructor" else python_name(own.replace(":", "_"), taken)
            taken.add(shown)
            if kind in ("getter", "setter"):
                accessors[own] = shown
            kinds.append((shown, name if kind == "constructor" else own, kind, type_))
            body[shown] = _stand_in(kind)
        cls: Any = ClassMeta(python, (base or AscClass,), body, name=found.name)
        cls.__asc_scope__.frames.clear()
        cls.__asc_retype__ = Retyped

        def declare() -> None:
            functions: list[Function] = []
            for shown, own, kind, type_ in kinds:
                try:
                    function = self.function(cls, shown, own, kind, _without_this(type_, kind), hints.get(own))
                except DeclarationError as error:
                    setattr(cls, shown, _refusing(error, kind))
                else:
                    functions.append(function)
            cls.__asc_declaration__ = ClassDeclaration(cls, found.name, (), tuple(functions))

        return cls, declare


def _kind(found: ClassExports, name: str, *, static: bool) -> Kind:
    if static:
        return "static"
    if name == "constructor":
        return "constructor"
    word, colon, value = name.partition(":")
    if colon and word == "get":
        return "getter"
    return "setter" if colon and word == "set" and f"get:{value}" in found.members else "method"


def _without_this(type_: FunctionType, kind: Kind) -> FunctionType:
    if kind == "static":
        return type_
    results = () if kind == "constructor" else type_.results
    return type(type_)(type_.params[1:], results)


def _stub(*_: Any) -> Any:
    """What the generated function takes the place of."""
    raise NotImplementedError


def _refusing(error: DeclarationError, kind: Kind) -> Any:
    """What stands for a member that cannot be used; the others can."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise error

    return staticmethod(refuse) if kind == "static" else property(refuse) if kind == "getter" else refuse


def _stand_in(kind: Kind) -> Any:
    if kind == "static":
        return staticmethod(_stub)
    return property(_stub) if kind == "getter" else _stub
