"""Opaque annotations: what they mean, where their values lie, and which integers carry them."""

from typing import Annotated, Any, Optional

import pytest

from wasmbind import Array, DeclarationError, Opaque, WeakOpaque, i8, i32, u8, u16, u64
from wasmbind import _descriptors as d
from wasmbind._annotations import resolve_annotation
from wasmbind._call_shapes import This
from wasmbind._calls import CallPlan, Value
from wasmbind._conversion import codec_for
from wasmbind._layout import compute_layout, size_of, storage_of, view_of
from wasmbind._schema import rtti
from wasmbind._schema.model import FunctionType
from wasmbind._scopes import Scope


def resolve(annotation: Any) -> d.Descriptor:
    """The descriptor of an annotation."""
    return resolve_annotation(annotation, Scope({}), "it").type


U8, U64 = d.INTEGERS["u8"], d.INTEGERS["u64"]
OPAQUE, WIDE = d.OpaqueOf(), d.OpaqueOf(U64)


@pytest.mark.parametrize(
    ("annotation", "descriptor"),
    [
        (Opaque[int], OPAQUE),
        (Opaque[dict[str, int]], OPAQUE),
        (WeakOpaque[bytes], d.OpaqueOf(weak=True)),
        (Opaque[int] | None, d.Nullable(OPAQUE)),
        (Annotated[Opaque[int], u64], WIDE),
        (Annotated[WeakOpaque[int], u8], d.OpaqueOf(U8, weak=True)),
        (Optional[Annotated[Opaque[int], u64]], d.Nullable(WIDE)),  # noqa: UP045 - pyright takes no | here
        (Annotated[Opaque[int] | None, u64], d.Nullable(WIDE)),
        (list[Opaque[int] | None], d.ListOf(d.Nullable(OPAQUE))),
        (Array[Annotated[Opaque[int], u8]], d.Collection("Array", (d.OpaqueOf(U8),))),
    ],
)
def test_annotations(annotation: Any, descriptor: d.Descriptor) -> None:
    """An opaque type, its width and None, however they are combined."""
    assert resolve(annotation) == descriptor
    assert d.is_opaque(descriptor) == (not isinstance(descriptor, (d.ListOf, d.Collection)))
    assert d.is_reference(descriptor) != d.is_opaque(descriptor)


def test_an_integer_is_no_opaque_value() -> None:
    """A width alone makes nothing opaque."""
    assert not d.is_opaque(resolve(i32))
    with pytest.raises(DeclarationError):
        resolve(i32 | None)


@pytest.mark.parametrize(
    ("annotation", "view", "size", "flags"),
    [
        (Opaque[int], "u32", 4, rtti.element_flags(d.INTEGERS["i32"])),
        (Opaque[int] | None, "u32", 4, rtti.element_flags(d.INTEGERS["i32"])),
        (Annotated[Opaque[int], i8], "u8", 1, rtti.element_flags(d.INTEGERS["i8"])),
        (Annotated[Opaque[int], u16], "u16", 2, rtti.element_flags(d.INTEGERS["u16"])),
        (Annotated[Opaque[int] | None, u64], "u64", 8, rtti.element_flags(d.INTEGERS["u64"])),
    ],
)
def test_layout(annotation: Any, view: str, size: int, flags: int) -> None:
    """In memory it is the integer of its width, i32 where none is declared, and never a reference."""
    descriptor = resolve(annotation)
    assert (view_of(descriptor), size_of(descriptor)) == (view, size)
    assert rtti.element_flags(descriptor) == flags
    assert storage_of(descriptor).is_managed is False
    assert compute_layout([("a", d.BOOL), ("b", descriptor), ("c", d.BOOL)]).offsets == {
        "a": 0,
        "b": size,
        "c": 2 * size,
    }


def plan(*params: d.Descriptor, result: d.Descriptor = d.VOID, this: This = None) -> CallPlan:
    """How to call a function."""
    values = tuple(Value(f"p{at}", codec_for(each), f"f(p{at})") for at, each in enumerate(params))
    return CallPlan("f", "f", "f", this, values, codec_for(result))


@pytest.mark.parametrize("carrier", ["i32", "i64", "externref"])
def test_what_carries_it(carrier: Any) -> None:
    """Whatever may carry it is accepted where no width is declared, and nothing else at other places."""
    found = FunctionType(("i32", "f64", carrier), (carrier,))
    accepting = plan(d.F64, OPAQUE, result=d.Nullable(OPAQUE), this="object").shape
    assert accepting.accepts(found)
    assert not accepting.accepts(FunctionType(("i32", carrier, "f64"), (carrier,)))
    assert not accepting.accepts(FunctionType(("i64", "f64", carrier), (carrier,)))
    assert not accepting.accepts(FunctionType(("i32", "f64", carrier), ()))
    assert not accepting.accepts(FunctionType(("i32", "f64", carrier), (carrier, carrier)))
    assert not accepting.accepts(FunctionType(("i32", "f64", "f32"), (carrier,)))
    assert plan(WIDE).shape.accepts(FunctionType((carrier,), ())) == (carrier == "i64")
    assert plan(d.OpaqueOf(U8)).shape.accepts(FunctionType((carrier,), ())) == (carrier == "i32")
    assert plan(OPAQUE).shape.accepts(FunctionType((carrier,), ("i32",)), drops=True)
    assert not plan(OPAQUE).shape.accepts(FunctionType((carrier,), ()), drops=True)
    assert plan(OPAQUE, this="new").shape.accepts(FunctionType(("i32", carrier), ("i32",)))


def test_links() -> None:
    """The same export declared in several ways has several links; a width is what the export has anyway."""
    number, wide = plan(U64, result=U64), plan(WIDE, result=WIDE)
    opaque, lowered, lifted = plan(OPAQUE, result=OPAQUE), plan(OPAQUE, result=U64), plan(U64, result=OPAQUE)
    assert number.link == wide.link
    assert len({each.link for each in (number, opaque, lowered, lifted)}) == 4
    assert plan(d.Nullable(d.OpaqueOf(weak=True)), result=OPAQUE).link == opaque.link
