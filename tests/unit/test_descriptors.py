"""Descriptors: immutable data about types."""

import enum
import pickle
import struct

import pytest

from wasmbind import _descriptors as d


class Color(enum.IntEnum):
    Red = 0


class Line:
    pass


NUMBERS: list[d.Descriptor] = [*d.INTEGERS.values(), d.F32, d.F64, d.BOOL, d.Enumeration(Color)]
REFERENCES: list[d.Descriptor] = [
    d.STRING,
    d.ObjectOf(Line),
    d.ListOf(d.F64),
    d.ListOf(d.ListOf(d.STRING)),
    d.Nullable(d.STRING),
    d.Nullable(d.ObjectOf(Line)),
]
EVERY = [*NUMBERS, *REFERENCES, d.VOID]


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("i8", -128, 127),
        ("u8", 0, 255),
        ("i16", -32768, 32767),
        ("u16", 0, 65535),
        ("i32", -(2**31), 2**31 - 1),
        ("u32", 0, 2**32 - 1),
        ("i64", -(2**63), 2**63 - 1),
        ("u64", 0, 2**64 - 1),
        ("isize", -(2**31), 2**31 - 1),
        ("usize", 0, 2**32 - 1),
    ],
)
def test_integer_ranges(name: str, low: int, high: int) -> None:
    """Each integer type knows its smallest and largest value; `isize` and `usize` are 32 bits wide."""
    assert (d.INTEGERS[name].low, d.INTEGERS[name].high) == (low, high)


def test_integers_are_keyed_by_name() -> None:
    """The table is complete and each entry lies under its own name."""
    assert len(d.INTEGERS) == 10
    assert all(name == integer.name for name, integer in d.INTEGERS.items())


@pytest.mark.parametrize("descriptor", EVERY, ids=d.describe)
def test_descriptors_are_values(descriptor: d.Descriptor) -> None:
    """Descriptors are equal by content, hashable, immutable, and can be pickled."""
    again = pickle.loads(pickle.dumps(descriptor))  # noqa: S301 - made in this line
    assert again == descriptor
    assert hash(again) == hash(descriptor)
    with pytest.raises((AttributeError, TypeError)):
        descriptor.name = "other"  # type: ignore[union-attr, misc]  # what the test shows


def test_different_types_differ() -> None:
    """No two of the types are equal, `i32` and `isize` included."""
    assert len(set(EVERY)) == len(EVERY)
    same_class: list[d.Descriptor] = [d.Enumeration(Color), d.ObjectOf(Color)]
    assert len(set(same_class)) == 2


@pytest.mark.parametrize("descriptor", EVERY, ids=d.describe)
def test_is_reference(descriptor: d.Descriptor) -> None:
    """Strings, objects, lists and what may be null are pointers; the rest is not."""
    assert d.is_reference(descriptor) == (descriptor in REFERENCES)


@pytest.mark.parametrize(
    ("descriptor", "expected"),
    [
        (d.VOID, None),
        (d.BOOL, "i32"),
        (d.INTEGERS["i8"], "i32"),
        (d.INTEGERS["u16"], "i32"),
        (d.INTEGERS["u32"], "i32"),
        (d.INTEGERS["i64"], "i64"),
        (d.INTEGERS["u64"], "i64"),
        (d.INTEGERS["usize"], "i32"),
        (d.F32, "f32"),
        (d.F64, "f64"),
        (d.Enumeration(Color), "i32"),
        *((reference, "i32") for reference in REFERENCES),
    ],
)
def test_wasm_type(descriptor: d.Descriptor, expected: str | None) -> None:
    """Only 64-bit integers and floats are not carried as i32."""
    assert d.wasm_type(descriptor) == expected


@pytest.mark.parametrize(
    ("descriptor", "expected"),
    [
        (d.INTEGERS["u8"], "u8"),
        (d.F32, "f32"),
        (d.BOOL, "bool"),
        (d.VOID, "void"),
        (d.STRING, "string"),
        (d.Enumeration(Color), "Color"),
        (d.ObjectOf(Line), "Line"),
        (d.ListOf(d.ListOf(d.STRING)), "Array<Array<string>>"),
        (d.Nullable(d.STRING), "string | null"),
        (d.ListOf(d.Nullable(d.ObjectOf(Line))), "Array<Line | null>"),
        (d.Nullable(d.ListOf(d.F64)), "Array<f64> | null"),
    ],
)
def test_describe(descriptor: d.Descriptor, expected: str) -> None:
    """Types read as AssemblyScript writes them."""
    assert d.describe(descriptor) == expected


@pytest.mark.parametrize("integer", d.INTEGERS.values(), ids=d.describe)
def test_ranges_fit_their_width(integer: d.Integer) -> None:
    """The range of a type is exactly what its width can hold."""
    code = {8: "b", 16: "h", 32: "i", 64: "q"}[integer.bits]
    code = code if integer.signed else code.upper()
    for value in (integer.low, integer.high):
        assert struct.unpack(f"<{code}", struct.pack(f"<{code}", value)) == (value,)
    for value in (integer.low - 1, integer.high + 1):
        with pytest.raises(struct.error):
            struct.pack(f"<{code}", value)
