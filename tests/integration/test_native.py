"""The ways into wasmtime: the fast one, the public one, and how one of them is chosen."""

# mypy: disable-error-code="empty-body"

import sys
import warnings

import pytest
import wasmtime

from tests.compiling import CompileAsc
from wasmbind import AbortError, AscClass, AscModule, TrapError, _abi, _natives, f32, f64, i32, i64, string, u64
from wasmbind._abi import FastNative
from wasmbind._native import Native
from wasmbind._natives import PublicNative

SOURCE = """
@external("host", "twice") declare function twice(x: i32): i32;
@external("host", "mix") declare function mix(a: i64, b: f32, c: f64): f64;
export class Line { s: string; constructor(s: string) { this.s = s; } }
export function viaHost(x: i32): i32 { return twice(x) + 1; }
export function viaMix(a: i64, b: f32, c: f64): f64 { return mix(a, b, c); }
export function widths(a: i32, b: u64, c: f32, d: f64): f64 { return <f64>a + <f64>b + <f64>c + d; }
export function shout(s: string): string { return s.toUpperCase(); }
export function lines(texts: string[]): Line[] { return texts.map<Line>(text => new Line(text)); }
export function boom(message: string): void { throw new Error(message); }
export function divide(a: i32, b: i32): i32 { return a / b; }
export function grow(): i32 { return memory.grow(16); }
"""


class Line(AscClass):
    s: string

    def __init__(self, s: string) -> None: ...


@pytest.fixture(params=[FastNative, PublicNative])
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[Native]:
    """Each implementation in turn."""
    monkeypatch.setattr(_natives, "_native_class", request.param)
    implementation: type[Native] = request.param
    return implementation


def test_every_kind_of_call(native: type[Native], asc: CompileAsc) -> None:
    """Both implementations give the same values, errors and host calls."""

    class Both(AscModule, wasm=asc(SOURCE, compiler="classic")):
        def viaHost(self, x: i32) -> i32: ...
        def viaMix(self, a: i64, b: f32, c: f64) -> f64: ...
        def widths(self, a: i32, b: u64, c: f32, d: f64) -> f64: ...
        def shout(self, s: string) -> string: ...
        def lines(self, texts: list[string]) -> list[Line]: ...
        def boom(self, message: string) -> None: ...
        def divide(self, a: i32, b: i32) -> i32: ...
        def grow(self) -> i32: ...

    def twice(x: int) -> int:
        if x == 7:
            raise KeyError("seven")
        return 2 * x if x < 100 else both.viaHost(x - 100)

    def mix(a: int, b: float, c: float) -> float:
        return a + b + c

    both = Both(imports={"host": {"twice": twice, "mix": mix}})
    assert type(both.runtime.native) is native
    assert both.viaHost(3) == 7
    assert both.viaHost(103) == 8
    assert both.viaMix(1 << 40, 0.5, 0.25) == (1 << 40) + 0.75
    assert both.widths(-1, 2**32, 0.5, 0.25) == 2**32 - 0.25
    assert both.shout("grün") == "GRÜN"
    made = both.lines(["a", "b" * 5000])
    assert [line.s for line in made] == ["a", "b" * 5000]
    with pytest.raises(KeyError, match="seven"):
        both.viaHost(7)
    with pytest.raises(AbortError) as aborted:
        both.boom("no")
    assert aborted.value.message == "no"
    with pytest.raises(TrapError) as trapped:
        both.divide(1, 0)
    assert (trapped.value.code, trapped.value.poisoned) == ("integer_division_by_zero", False)
    assert both.grow() > 0
    assert both[Line]("after growth").s == "after growth"
    assert made[0].s == "a"


def test_untested_versions_use_the_public_api(monkeypatch: pytest.MonkeyPatch) -> None:
    """A major that nobody tested gets the public path, and one warning that says so."""
    monkeypatch.setattr(_natives, "TESTED_MAJORS", frozenset({1, 2}))
    with pytest.warns(RuntimeWarning, match=r"is not one of the tested versions \(1 to 2\)"):
        assert _natives._choose() is PublicNative


def test_a_fast_path_that_answers_wrong_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe compares answers: a path that gives others is refused with a warning."""
    monkeypatch.setattr(_natives, "_PROBE", bytes(wasmtime.wat2wasm(WRONG)))
    with pytest.warns(RuntimeWarning, match="gave a wrong answer"):
        assert _natives._choose() is PublicNative


def test_a_fast_path_that_is_gone_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Private names that are missing mean the public path, not an error."""
    monkeypatch.setitem(sys.modules, "wasmtime._ffi", None)
    monkeypatch.delattr(wasmtime, "_ffi")
    _abi._fast.cache_clear()
    try:
        with pytest.warns(RuntimeWarning, match="is not available"):
            assert _natives._choose() is PublicNative
    finally:
        _abi._fast.cache_clear()


def test_the_installed_version_is_fast() -> None:
    """The pinned wasmtime takes the fast path and passes its probe, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _natives._choose() is FastNative


WRONG = """(module
  (func (export "f") (param i32 i64 f32 f64) (result f64) f64.const 1)
  (func (export "t") unreachable))"""
