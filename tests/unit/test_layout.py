"""Layout: where AssemblyScript puts fields."""

import enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.compiling import CompileAsc, Compiler
from wasmbind import _descriptors as d
from wasmbind._layout import EMPTY, SIZE_WORD, VIEWS, Layout, compute_layout, size_of, span_of, view_of
from wasmbind._schema.binary import read_binary

I8, I16, I32, I64 = (d.INTEGERS[name] for name in ("i8", "i16", "i32", "i64"))


class Color(enum.IntEnum):
    Red = 0


class Line:
    pass


DESCRIPTORS = st.sampled_from(
    [
        *d.INTEGERS.values(),
        d.F32,
        d.F64,
        d.BOOL,
        d.STRING,
        d.Enumeration(Color),
        d.ObjectOf(Line),
        d.ListOf(d.F64),
        d.Nullable(d.STRING),
    ]
)
FIELDS = st.lists(DESCRIPTORS, max_size=30).map(lambda types: [(f"f{i}", t) for i, t in enumerate(types)])


@pytest.mark.parametrize(
    ("descriptor", "view", "size"),
    [
        (d.INTEGERS["i8"], "i8", 1),
        (d.INTEGERS["u16"], "u16", 2),
        (d.INTEGERS["usize"], "u32", 4),
        (d.INTEGERS["isize"], "i32", 4),
        (d.INTEGERS["u64"], "u64", 8),
        (d.F32, "f32", 4),
        (d.F64, "f64", 8),
        (d.BOOL, "u8", 1),
        (d.Enumeration(Color), "i32", 4),
        (d.STRING, "u32", 4),
        (d.ObjectOf(Line), "u32", 4),
        (d.ListOf(d.F64), "u32", 4),
        (d.Nullable(d.STRING), "u32", 4),
    ],
)
def test_view_and_size(descriptor: d.Descriptor, view: str, size: int) -> None:
    """Each type is read through the view of its width and sign; references are addresses."""
    assert view_of(descriptor) == view
    assert size_of(descriptor) == size


def test_void_has_no_place() -> None:
    """Asking where void lies is an error, not zero."""
    with pytest.raises(ValueError, match="void has no place in memory"):
        view_of(d.VOID)


def test_views_are_as_wide_as_their_format() -> None:
    """The table's sizes are those of its `struct` formats."""
    for name, (code, size) in VIEWS.items():
        assert memoryview(bytes(8)).cast(code).itemsize == size, name  # type: ignore[call-overload]  # plain codes


def test_fields_lie_in_declaration_order() -> None:
    """Each field lies at the next multiple of its size; nothing is reordered."""
    layout = compute_layout([("a", I8), ("b", d.F64), ("c", I16), ("d", I32), ("e", I8)])
    assert layout.offsets == {"a": 0, "b": 8, "c": 16, "d": 20, "e": 24}
    assert list(layout.offsets) == ["a", "b", "c", "d", "e"]


def test_no_padding_at_the_end() -> None:
    """The size ends with the last field, unlike in C."""
    assert compute_layout([("a", d.F64), ("b", I8)]) == Layout(9, {"a": 0, "b": 8})


def test_derived_fields_continue_after_the_base() -> None:
    """A derived class fills the room that C would leave as padding."""
    base = compute_layout([("a", d.F64), ("b", I8)])
    assert compute_layout([("c", I8), ("d", I16)], base) == Layout(12, {"a": 0, "b": 8, "c": 9, "d": 10})


def test_no_fields() -> None:
    """A class without fields has no size, and adds nothing to its base."""
    assert compute_layout([]) == EMPTY
    base = compute_layout([("a", I8)])
    assert compute_layout([], base) == base


def test_base_is_not_changed() -> None:
    """Placing derived fields leaves the layout of the base alone."""
    base = compute_layout([("a", I8)])
    compute_layout([("b", I8)], base)
    assert base == Layout(1, {"a": 0})
    assert Layout(0, {}) == EMPTY


@given(FIELDS)
def test_offsets_are_aligned_disjoint_and_ascending(fields: list[tuple[str, d.Descriptor]]) -> None:
    """Every field is aligned to its size, begins at or after the end of the one before, and ends inside."""
    layout = compute_layout(fields)
    end = 0
    for name, descriptor in fields:
        offset, size = layout.offsets[name], size_of(descriptor)
        assert offset % size == 0
        assert end <= offset < end + size
        end = offset + size
    assert layout.size == end


@given(FIELDS, st.integers(min_value=0, max_value=30))
def test_inheritance_does_not_move_fields(fields: list[tuple[str, d.Descriptor]], cut: int) -> None:
    """Splitting the fields over a base and a derived class gives the same layout."""
    base = compute_layout(fields[:cut])
    assert compute_layout(fields[cut:], base) == compute_layout(fields)


@given(FIELDS, DESCRIPTORS)
def test_adding_a_field_at_the_end_moves_none(fields: list[tuple[str, d.Descriptor]], added: d.Descriptor) -> None:
    """A further field only ever lies behind all others."""
    before, after = compute_layout(fields), compute_layout([*fields, ("added", added)])
    assert {name: after.offsets[name] for name in before.offsets} == before.offsets
    assert after.offsets["added"] >= before.size


OFFSETS = """
class Base { flag: bool; name: string = ""; small: i8; }
class Derived extends Base { tiny: u8; wide: i16; big: i64; ratio: f32; last: bool; }
export const flag: usize = offsetof<Base>("flag");
export const name: usize = offsetof<Base>("name");
export const small: usize = offsetof<Base>("small");
export const baseSize: usize = offsetof<Base>();
export const tiny: usize = offsetof<Derived>("tiny");
export const wide: usize = offsetof<Derived>("wide");
export const big: usize = offsetof<Derived>("big");
export const ratio: usize = offsetof<Derived>("ratio");
export const last: usize = offsetof<Derived>("last");
export const size: usize = offsetof<Derived>();
"""


@pytest.mark.parametrize("compiler", ["modern", "classic"])
def test_layout_is_what_the_compiler_says(asc: CompileAsc, compiler: Compiler) -> None:
    """A class with fields of every width lies where `offsetof` of both compilers says."""
    fields: list[tuple[str, d.Descriptor]] = [("flag", d.BOOL), ("name", d.STRING), ("small", I8)]
    base = compute_layout(fields)
    tiny = d.INTEGERS["u8"]
    more: list[tuple[str, d.Descriptor]] = [("tiny", tiny), ("wide", I16), ("big", I64), ("ratio", d.F32)]
    more.append(("last", d.BOOL))
    derived = compute_layout(more, base)
    binary = read_binary(asc(OFFSETS, compiler=compiler).read_bytes())
    found = {name: (binary.global_(name) or pytest.fail(name)).value for name in [*derived.offsets, "size"]}
    assert found == {**derived.offsets, "size": derived.size}
    assert (binary.global_("baseSize") or pytest.fail("baseSize")).value == base.size


@pytest.mark.parametrize(
    ("kind", "words", "found"),
    [
        ("Array", [0x40, 0x44, 99, 3], (0x44, 3)),
        ("Int32Array", [0x40, 0x44, 12, 99], (0x44, 3)),
        ("DataView", [0x40, 0x44, 12, 99], (0x44, 3)),
        ("StaticArray", [1, 2, 3, 4], (0x10, 4)),
        ("ArrayBuffer", [1, 2, 3, 4], (0x10, 4)),
    ],
)
def test_spans(kind: str, words: list[int], found: tuple[int, int]) -> None:
    """Each kind of collection says in its own way where its elements lie, and how many there are."""
    memory = memoryview(bytearray(64)).cast("I")
    for at, word in enumerate([0, 0, 5, 16, *words]):
        memory[at] = word
    span = span_of(kind)
    assert span.find(memory, 16, 2) == found
    assert span.inline == (span.count == SIZE_WORD) == (span.least == 0)
    with pytest.raises(IndexError):
        span.find(memory, 1 << 20, 2)
