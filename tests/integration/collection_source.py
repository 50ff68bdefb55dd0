"""AssemblyScript that makes, checks and changes every collection of every element type, generated as one module.

What the functions do is written once, generically, in `tests/assembly/collections.ts`; for each `Case` there are
exported ones of its types:

- `check(c, n)`: whether a collection is exactly the first `n` of its samples, in order.
- `make(n)`: such a collection.
- `echo(c)` and `maybe(c)`: the collection itself, which for `maybe` may be null.
- `touch(c)`: changes it: sequences are turned round (an `Array` then grows by its first sample); of maps and sets
  the first key is taken out and put in again, so that it comes last.
- `checkArray(c, n)` and `makeArray(n)`: an `Array` of three collections, of 0, 1 and `n` samples.
- `checkMap(c, n)` and `makeMap(n)`: a `Map` of the same with the keys `empty`, `one` and `many`.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field
from typing import Any

from tests.compiling import ASSEMBLY

__all__ = ["CASES", "ELEMENTS", "TYPED", "Case", "Color", "Element", "Shape", "source"]


#: What is written once.
_COMMON = ASSEMBLY / "collections.ts"


class Color(enum.IntEnum):
    Red = 0
    Green = 5
    Low = -(2**31)
    High = 2**31 - 1


class Shape(enum.Enum):
    """What the elements of a collection are found by."""

    SEQUENCE = enum.auto()
    KEYS = enum.auto()  # the keys of a Map<E, f64>
    VALUES = enum.auto()  # the values of a Map<string, E>
    PAIRS = enum.auto()  # both of a Map<E, E>
    MEMBERS = enum.auto()  # a Set<E>


@dataclass(frozen=True)
class Element:
    """An element type.

    Attributes:
        name: in the names of functions and tests.
        type: as AssemblyScript writes it.
        samples: values to send, extremes among them; an `Item` is given by its serial number.
        more: further values, so that keys are many.
    """

    name: str
    type: str
    samples: tuple[Any, ...]
    more: tuple[Any, ...] = field(default=(), repr=False)

    @property
    def is_object(self) -> bool:
        """Whether the values are objects, which differ from each other even if their content does not."""
        return self.name in ("object", "nullable-object")

    @property
    def keys(self) -> tuple[Any, ...]:
        """The samples that are found again as keys, and more of them: no two are equal, none is NaN."""
        found = [value for value in (*self.samples, *self.more) if value == value]  # noqa: PLR0124 - NaN is not
        return tuple(dict.fromkeys(found))

    def literal(self, value: Any) -> str:
        """A value as AssemblyScript writes it."""
        if value is None:
            return "null"
        if self.is_object:
            return f"new Item({value})"
        if isinstance(value, str):
            units = value.encode("utf-16-le", "surrogatepass")
            pairs = (units[at : at + 2] for at in range(0, len(units), 2))
            return '"' + "".join(f"\\u{int.from_bytes(pair, 'little'):04x}" for pair in pairs) + '"'
        if isinstance(value, Color):
            return f"Color.{value.name}"
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, float) and not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        if isinstance(value, int) and value >= 1 << 63:
            return hex(value)
        return repr(value)


def _integer(name: str) -> Element:
    bits = 32 if name.endswith("size") else int(name[1:])
    low, high = (0, (1 << bits) - 1) if name.startswith("u") else (-(1 << bits - 1), (1 << bits - 1) - 1)
    return Element(name, name, tuple(dict.fromkeys((low, high, low + 1, high - 1, 1, 0))), tuple(range(2, 42)))


_HALVES = tuple(number + 0.5 for number in range(40))
_FLOATS = (0.0, 1.5, -0.0, math.inf, -math.inf, math.nan, -1.5)
_TEXTS = ("plain", "", "ä☃😀", "\ud800", "\udc00x", "a\0b", "long " * 130, "\ufeff\uffff")
_MORE_TEXTS = tuple(f"text {number}" for number in range(40))

ELEMENTS: dict[str, Element] = {
    each.name: each
    for each in (
        *map(_integer, ("i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "isize", "usize")),
        Element("f32", "f32", (*_FLOATS, 2.0**-149, (2 - 2**-23) * 2.0**127), _HALVES),
        Element("f64", "f64", (*_FLOATS, 5e-324, 1.7976931348623157e308, 0.1), _HALVES),
        Element("bool", "bool", (True, False)),
        Element("string", "string", _TEXTS, _MORE_TEXTS),
        Element("nullable-string", "string | null", (None, *_TEXTS), _MORE_TEXTS),
        Element("object", "Item", (10, 11, 12), tuple(range(13, 50))),
        Element("nullable-object", "Item | null", (10, None, 11), tuple(range(13, 50))),
        Element("enum", "Color", tuple(Color)),
    )
}

#: The element type of each typed array.
TYPED: dict[str, str] = {
    "Int8Array": "i8",
    "Uint8Array": "u8",
    "Uint8ClampedArray": "u8",
    "Int16Array": "i16",
    "Uint16Array": "u16",
    "Int32Array": "i32",
    "Uint32Array": "u32",
    "Int64Array": "i64",
    "Uint64Array": "u64",
    "Float32Array": "f32",
    "Float64Array": "f64",
}


@dataclass(frozen=True)
class Case:
    """A collection of an element type.

    Attributes:
        collection: in the names of tests.
        kind: the AssemblyScript class.
        type: with its type arguments.
        helper: what the generic functions about it are called.
    """

    element: Element
    collection: str
    kind: str
    type: str
    helper: str
    shape: Shape

    @property
    def name(self) -> str:
        """What the exported functions end in."""
        return f"{self.collection}_{self.element.name}".replace("-", "_")

    @property
    def values(self) -> tuple[Any, ...]:
        """What the elements are taken from, in turn for a sequence or values of a map, each once for keys."""
        return self.element.samples if self.repeats else self.element.keys

    @property
    def repeats(self) -> bool:
        """Whether the same element may be there several times."""
        return self.shape in (Shape.SEQUENCE, Shape.VALUES)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many elements are tried: none, one, some, many."""
        given = (0, 1, len(self.element.samples), 40) if self.repeats else (0, 1, 2, len(self.values))
        return tuple(dict.fromkeys(given))


def _cases(element: Element) -> list[Case]:
    name, type_ = element.name, element.type
    found = [
        Case(element, "Array", "Array", f"Array<{type_}>", "Array", Shape.SEQUENCE),
        Case(element, "StaticArray", "StaticArray", f"StaticArray<{type_}>", "Static", Shape.SEQUENCE),
        *(Case(element, each, each, each, "Typed", Shape.SEQUENCE) for each in TYPED if TYPED[each] == name),
        Case(element, "Map-key", "Map", f"Map<{type_}, f64>", "Keys", Shape.KEYS),
        Case(element, "Map-value", "Map", f"Map<string, {type_}>", "Values", Shape.VALUES),
        Case(element, "Map-pair", "Map", f"Map<{type_}, {type_}>", "Pairs", Shape.PAIRS),
        Case(element, "Set", "Set", f"Set<{type_}>", "Members", Shape.MEMBERS),
    ]
    if name == "u8":
        found.insert(2, Case(element, "ArrayBuffer", "ArrayBuffer", "ArrayBuffer", "Buffer", Shape.SEQUENCE))
    return found


CASES: tuple[Case, ...] = tuple(case for element in ELEMENTS.values() for case in _cases(element))


def _constants(element: Element) -> str:
    name, type_ = element.name.replace("-", "_"), element.type
    return "".join(
        f"const {kind}_{name}: Array<{type_}> = [{', '.join(map(element.literal, values))}];\n"
        for kind, values in (("SAMPLES", element.samples), ("KEYS", element.keys))
    )


def _functions(case: Case) -> str:
    name, type_, helper = case.name, case.type, case.helper
    values = f"{'SAMPLES' if case.repeats else 'KEYS'}_{case.element.name.replace('-', '_')}"
    generic = f"<{type_}, {case.element.type}>"
    check, make, touch = (f"{verb}{helper}{generic}" for verb in ("check", "make", "touch"))
    array, map_ = f"Array<{type_}>", f"Map<string, {type_}>"
    of_each = " && ".join(f"{check}({{}}, {values}, {size})" for size in ("0", "1", "n"))
    return f"""
export function check_{name}(c: {type_}, n: i32): bool {{ return {check}(c, {values}, n); }}
export function make_{name}(n: i32): {type_} {{ return {make}({values}, n); }}
export function echo_{name}(c: {type_}): {type_} {{ return c; }}
export function maybe_{name}(c: {type_} | null): {type_} | null {{ return c; }}
export function touch_{name}(c: {type_}): void {{ {touch}(c, {values}); }}
export function checkArray_{name}(c: {array}, n: i32): bool {{
  return c.length == 3 && {of_each.format("c[0]", "c[1]", "c[2]")};
}}
export function makeArray_{name}(n: i32): {array} {{ return [make_{name}(0), make_{name}(1), make_{name}(n)]; }}
export function checkMap_{name}(c: {map_}, n: i32): bool {{
  return c.size == 3 && {of_each.format('c.get("empty")', 'c.get("one")', 'c.get("many")')};
}}
export function makeMap_{name}(n: i32): {map_} {{
  const c = new {map_}();
  c.set("empty", make_{name}(0));
  c.set("one", make_{name}(1));
  c.set("many", make_{name}(n));
  return c;
}}
"""


def source(*names: str) -> str:
    """The source of a module, of all element types or of some."""
    elements = [ELEMENTS[name] for name in names] or [*ELEMENTS.values()]
    functions = (_functions(case) for case in CASES if case.element in elements)
    return _COMMON.read_text(encoding="utf-8") + "".join(map(_constants, elements)) + "".join(functions)
