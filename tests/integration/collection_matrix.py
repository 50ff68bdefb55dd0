"""The Python side of the matrix of collections: declarations for its generated module, and what is to be found there.

A `World` is an instance that declares the functions of one element type, either with collections by value or with
live ones, so that what is wrong with one does not keep others from being bound.
"""

from __future__ import annotations

import functools
import math
import struct
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import wasmbind
from tests.compiling import Compiler, compile_asc
from tests.integration.collection_source import CASES, ELEMENTS, Case, Color, Element, Shape, source
from wasmbind import AscClass, AscModule, export, f64, i32, string

__all__ = [
    "BUILDS",
    "CELLS",
    "CODES",
    "Build",
    "Cell",
    "Item",
    "World",
    "comparable",
    "live_class",
    "takes_values",
    "world",
]

Mode = Literal["value", "live", "nested-value", "nested-live"]


class Item(AscClass):
    serial: i32


@dataclass(frozen=True)
class Build:
    """How the module is compiled."""

    name: str
    compiler: Compiler
    transform: bool
    options: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The binary."""
        return compile_asc(source(), *self.options, compiler=self.compiler, transform=self.transform)


#: asc's own JavaScript bindings lie beside the first.
BUILDS = (
    Build("stock", "modern", transform=False, options=("--bindings", "raw")),
    Build("schema", "modern", transform=True),
    Build("oldest-stock", "oldest", transform=False),
    Build("oldest-schema", "oldest", transform=True),
)
_OF_THE_OLDEST = ("u8", "i64", "f32", "bool", "nullable-string", "object")
_MODES: tuple[Mode, ...] = ("value", "live", "nested-value", "nested-live")


@dataclass(frozen=True)
class Cell:
    """One test of the matrix."""

    case: Case
    mode: Mode
    build: Build

    def __str__(self) -> str:
        """Return what it is called among the tests."""
        return f"{self.case.element.name}-{self.case.collection}-{self.mode}-{self.build.name}"


CELLS = [
    Cell(case, mode, build)
    for case in CASES
    for mode in _MODES
    for build in BUILDS
    if build.compiler == "modern" or case.element.name in _OF_THE_OLDEST
]

# --- types ---------------------------------------------------------------------------------------------------

_ANNOTATIONS: dict[str, Any] = {
    **{name: getattr(wasmbind, name) for name in ELEMENTS if hasattr(wasmbind, name)},
    "bool": bool,
    "string": string,
    "nullable-string": str | None,
    "object": Item,
    "nullable-object": Item | None,
    "enum": Color,
}


def _arguments(case: Case) -> Any:
    """The type arguments of a case."""
    annotation = _ANNOTATIONS[case.element.name]
    match case.shape:
        case Shape.KEYS:
            return annotation, f64
        case Shape.VALUES:
            return string, annotation
        case Shape.PAIRS:
            return annotation, annotation
        case _:
            return annotation


def live_class(case: Case) -> Any:
    """The live class of a case, with its arguments."""
    made: Any = getattr(wasmbind, case.kind)
    return made if case.type == case.kind else made[_arguments(case)]


def _value_class(case: Case, sequence: Any = list, mapping: Any = dict, members: Any = set) -> Any:
    """What a case is by value."""
    match case.shape:
        case Shape.SEQUENCE:
            return bytes if case.kind == "ArrayBuffer" else sequence[_arguments(case)]
        case Shape.MEMBERS:
            return members[_arguments(case)]
        case _:
            return mapping[_arguments(case)]


# --- declarations --------------------------------------------------------------------------------------------


def _given(annotations: dict[str, Any]) -> Any:
    """A method whose body says nothing, which makes it a declaration."""

    def both(self: Any, c: Any, n: Any) -> Any: ...
    def collection(self: Any, c: Any) -> Any: ...
    def number(self: Any, n: Any) -> Any: ...

    function: Any = both if len(annotations) == 3 else collection if "c" in annotations else number
    function.__annotations__ = annotations
    return function


def _members(case: Case, build: Build, *, live: bool) -> Iterable[tuple[str, str, dict[str, Any]]]:
    """The functions of a case: name in Python, in AssemblyScript, annotations."""
    name = case.name
    type_ = live_class(case) if live else _value_class(case)
    array: Any = wasmbind.Array if live else list
    map_: Any = wasmbind.Map if live else dict
    yield f"make_{name}", f"make_{name}", {"n": i32, "return": type_}
    yield f"makeArray_{name}", f"makeArray_{name}", {"n": i32, "return": array[type_]}
    yield f"makeMap_{name}", f"makeMap_{name}", {"n": i32, "return": map_[string, type_]}
    if not live and not takes_values(case, build):
        return
    yield f"check_{name}", f"check_{name}", {"c": type_, "n": i32, "return": bool}
    yield f"echo_{name}", f"echo_{name}", {"c": type_, "return": type_}
    yield f"maybe_{name}", f"maybe_{name}", {"c": type_ | None, "return": type_ | None}
    yield f"checkArray_{name}", f"checkArray_{name}", {"c": array[type_], "n": i32, "return": bool}
    yield f"checkMap_{name}", f"checkMap_{name}", {"c": map_[string, type_], "n": i32, "return": bool}
    if live:
        yield f"touch_{name}", f"touch_{name}", {"c": type_, "return": None}
    else:
        abstract = _value_class(case, Sequence, Mapping, AbstractSet)
        yield f"checkAbstract_{name}", f"check_{name}", {"c": abstract, "n": i32, "return": bool}
    if live and takes_values(case, build):
        yield f"checkCopy_{name}", f"check_{name}", {"c": _value_class(case), "n": i32, "return": bool}
    if not live and case.kind == "Array":
        tuple_: Any = tuple
        as_tuple = tuple_[_arguments(case), ...]
        yield f"echoTuple_{name}", f"echo_{name}", {"c": as_tuple, "return": as_tuple}


def takes_values(case: Case, build: Build) -> bool:
    """Whether a list can be given by value: without a schema it is an `Array`, whatever the function takes."""
    return build.transform or case.shape is not Shape.SEQUENCE or case.kind in ("Array", "ArrayBuffer")


@dataclass(frozen=True)
class World:
    """An instance, with what it takes to use it."""

    module: Any

    def call(self, verb: str, case: Case, *arguments: Any) -> Any:
        """Call a function of a case."""
        return getattr(self.module, f"{verb}_{case.name}")(*arguments)

    def expected(self, case: Case, count: int) -> Any:
        """The first samples of a case, as Python sends them."""
        values = [self._value(case.element, value) for value in case.values]
        match case.shape:
            case Shape.SEQUENCE:
                numbers = [values[index % len(values)] for index in range(count)]
                return bytes(numbers) if case.kind == "ArrayBuffer" else numbers
            case Shape.KEYS:
                return {values[index]: index + 0.5 for index in range(count)}
            case Shape.VALUES:
                return {f"key {index}": values[index % len(values)] for index in range(count)}
            case Shape.PAIRS:
                return {values[index]: values[count - 1 - index] for index in range(count)}
            case Shape.MEMBERS:
                return dict.fromkeys(values[:count]).keys()  # a set that keeps its order

    def _value(self, element: Element, value: Any) -> Any:
        return self.module.item(value) if element.is_object and value is not None else value


@functools.cache
def world(build: Build, element: Element, *, live: bool) -> World:
    """An instance of a build that declares the functions of one element type."""
    flavour = "Live" if live else "Copied"
    members: dict[str, Any] = {"__module__": __name__, "item": _item(), "churn": _churn()}
    for case in CASES:
        if case.element is element:
            for name, exported, annotations in _members(case, build, live=live):
                function: Callable[..., Any] = _given(annotations)
                function.__name__, function.__qualname__ = name, f"{flavour}.{name}"
                members[name] = function if name == exported else export(exported)(function)
    cls: Any = types.new_class(flavour, (AscModule,), {"wasm": build.path}, lambda body: body.update(members))
    return World(cls())


def _item() -> Any:
    def item(self: Any, serial: i32) -> Item: ...  # type: ignore[empty-body]  # a declaration

    item.__annotations__ = {"serial": i32, "return": Item}
    return item


def _churn() -> Any:
    def churn(self: Any, count: i32) -> None: ...

    churn.__annotations__ = {"count": i32, "return": None}
    return churn


# --- comparing -----------------------------------------------------------------------------------------------


def comparable(value: Any) -> Any:
    """A value such that equal means the same: in type, in order, and floats by their bits, but a NaN is a NaN.

    Objects are the same if their serial numbers are. Live collections are not given here.
    """
    if isinstance(value, (list, tuple)):
        return type(value), [comparable(item) for item in value]
    if isinstance(value, dict):
        return [(comparable(key), comparable(item)) for key, item in value.items()]
    if isinstance(value, (set, frozenset, AbstractSet)):
        return frozenset(map(comparable, value))
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack("<d", value)
    if isinstance(value, Item):
        return Item, value.serial
    return type(value), value


#: NumPy's and the array module's codes of numbers.
CODES = {
    "i8": "b",
    "u8": "B",
    "i16": "h",
    "u16": "H",
    "i32": "i",
    "u32": "I",
    "i64": "q",
    "u64": "Q",
    "f32": "f",
    "f64": "d",
    "isize": "i",
    "usize": "I",
}
