"""Opaque values where AssemblyScript has something that does not fit."""

# mypy: disable-error-code="empty-body"

from typing import Annotated, Any

import pytest

from tests.integration.opaque_module import (
    BUILDS,
    OBJECTS,
    TRANSFORMED,
    Build,
    Objects,
    with_binary_of,
)
from wasmbind import (
    AscClass,
    AscModule,
    BindError,
    Opaque,
    u64,
)

each_build = pytest.mark.parametrize("build", BUILDS, ids=str)
each_transformed = pytest.mark.parametrize("build", TRANSFORMED, ids=str)


def mismatches(build: Build, declaration: type[AscModule], source: str) -> str:
    """What the error says that a declaration is refused with."""
    with pytest.raises(BindError) as caught:
        build.bind(declaration, source)()
    return str(caught.value)


class Wrong(AscModule):
    """Opaque values where there are others."""

    def items(self, v: list[Opaque[Any]]) -> list[Opaque[Any] | None]: ...


@each_transformed
def test_other_types_in_memory(build: Build) -> None:
    """Where memory has other integers the error tells the annotation that fits."""
    found = mismatches(build, Wrong, "export function items(v: Array<u64>): Array<usize> { return []; }")
    assert "annotate `v: list[Annotated[Opaque[T], u64]]`" in found
    assert "annotate `-> list[Annotated[Opaque[T], usize] | None]`" in found
    found = mismatches(build, Wrong, "export function items(v: Array<f64>): Array<i32> { return []; }")
    assert "annotate `v: list[f64]`" in found
    assert "-> result" not in found


class WrongNumbers(AscModule):
    """Opaque values where there are others."""

    def floats(self, v: Opaque[Any]) -> Opaque[Any] | None: ...
    def short(self, v: Annotated[Opaque[Any], u64]) -> None: ...


@each_build
def test_other_types_in_calls(build: Build) -> None:
    """Floats carry no handles, and a declared width has to be AssemblyScript's."""
    source = """
    export function floats(v: f64): f32 { return 0; }
    export function short(v: u32): void {}
    """
    found = mismatches(build, WrongNumbers, source)
    if build.transform:
        assert "annotate `v: f64`" in found
        assert "annotate `-> f32`" in found
        assert "annotate `v: Annotated[Opaque[T], u32]`" in found
    else:
        assert "floats: declared (v: Opaque) -> Opaque | null, that is (i32) -> i32, found (f64) -> f32" in found
        assert "short: declared (v: Opaque<u64>) -> void, that is (i64) -> void, found (i32) -> void" in found


def test_a_wide_field_of_a_stock_binary() -> None:
    """Without a schema a field is 32 bits wide, unless it is declared with another type."""

    class Wide(AscClass, name="Box"):
        value: Opaque[Any] | None
        wide: Opaque[Any] | None

    made = Build("classic").bind(Objects, OBJECTS)
    with pytest.raises(BindError, match=r"declare it as Annotated\[Opaque\[T\], u64\] \| None"):
        with_binary_of(made, Objects, [Wide])()
