"""One set of Python classes for several binaries: with a schema and without, with other offsets, several instances."""

# mypy: disable-error-code="empty-body"

from collections.abc import Callable
from typing import Any

import pytest
import wasmtime

import wasmbind
from tests.compiling import compile_asc
from tests.integration.lazy_binary import LazyBinary
from wasmbind import AbortError, AscClass, AscModule, BindError, f64, i32, string

PLAIN = """
export class Line {
  size: i32 = 1;
  text: string = "line";
  wide: f64 = 0.5;
  constructor(text: string) { this.text = text; }
  longer(by: i32 = 1): i32 { return this.size + by; }
  get shown(): string { return "<" + this.text + ">"; }
}
export function make(text: string): Line { return new Line(text); }
export function read(line: Line): string { return line.text + line.size.toString() + line.wide.toString(); }
"""
PADDED = """
class Base { private hidden: f64 = 9; first: i64 = 1; }
export class Line extends Base {
  private extra: i64 = 3;
  size: i32 = 2;
  private more: i32 = 4;
  text: string = "line";
  readonly wide: f64 = 1.5;
  constructor(text: string) { super(); this.text = text; }
  longer(by: i32 = 10): i32 { return this.size + by; }
  get shown(): string { return "[" + this.text + "]"; }
}
export function make(text: string): Line { return new Line(text); }
export function read(line: Line): string { return line.text + line.size.toString() + line.wide.toString(); }
"""
WITH = LazyBinary("with.wasm", PLAIN, transform=True)
OTHER = LazyBinary("other.wasm", PADDED, transform=True)
STOCK = LazyBinary("stock.wasm", PLAIN)
CLASSIC = LazyBinary("classic.wasm", PLAIN, compiler="classic")


class Line(AscClass):
    size: i32
    text: string
    wide: f64

    def __init__(self, text: string) -> None: ...
    def longer(self, by: i32 = ...) -> i32: ...
    @property
    def shown(self) -> string: ...


class Lines(AscModule):
    def make(self, text: string) -> Line: ...
    def read(self, line: Line) -> string: ...


class With(Lines, wasm=WITH):
    pass


class Other(Lines, wasm=OTHER):
    pass


class Stock(Lines, wasm=STOCK):
    pass


class Classic(Lines, wasm=CLASSIC):
    pass


ORDERS = [
    [With, Other, Stock, Classic],
    [Stock, With, Classic, Other],
    [Classic, Stock, Other, With],
    [Other, Classic, With, Stock],
]


def fresh_modules() -> dict[str, Any]:
    """Classes of a test's own, bound to nothing yet, by the names of the binaries."""

    class Line(AscClass):
        size: i32
        text: string
        wide: f64

        def __init__(self, text: string) -> None: ...
        def longer(self, by: i32 = ...) -> i32: ...
        @property
        def shown(self) -> string: ...

    class Lines(AscModule):
        line = Line

        def make(self, text: string) -> Line: ...
        def read(self, line: Line) -> string: ...

    sources = {"With": WITH, "Other": OTHER, "Stock": STOCK, "Classic": CLASSIC}

    def derived(name: str, source: LazyBinary) -> Any:
        class Derived(Lines, wasm=source):
            pass

        Derived.__name__ = name
        return Derived

    return {name: derived(name, source) for name, source in sources.items()}


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(cls.__name__ for cls in order))
def test_one_class_for_several_binaries(order: list[type[Lines]]) -> None:
    """Whatever is bound first, each object is read by its own binary's offsets or accessors."""
    fresh = fresh_modules()
    modules: list[Any] = [fresh[cls.__name__]() for cls in order]
    for _ in range(2):
        lines = {type(module).__name__: module.make(type(module).__name__) for module in modules}
        for name, line in lines.items():
            other = name == "Other"
            assert (line.size, line.text, line.wide) == (2 if other else 1, name, 1.5 if other else 0.5)
            line.size, line.text = 7, "new"
        for module in modules:
            name = type(module).__name__
            assert module.read(lines[name]) == f"new7{1.5 if name == 'Other' else 0.5}"
    for module in modules:
        name = type(module).__name__
        line = module.make("t")
        if name == "Stock":
            with pytest.raises(BindError, match="no members of any class"):
                line.longer()
            continue
        assert line.longer() == (12 if name == "Other" else 2)
        assert line.shown == ("[t]" if name == "Other" else "<t>")
        assert module[type(line)]("made").text == "made"


def test_readonly_in_one_binary() -> None:
    """A field that one of two binaries has `readonly` can be assigned in the other alone."""
    first, second = With().make("a"), Other().make("b")
    first.wide = 3.5
    assert first.wide == 3.5
    with pytest.raises(AttributeError):
        second.wide = 3.5
    assert second.wide == 1.5


def test_instances_of_several_binaries_at_once() -> None:
    """Objects of different modules are of one Python class and are not mixed up."""
    first, second = With(), Other()
    one, two = first.make("one"), second.make("two")
    assert type(one) is type(two) is Line
    assert isinstance(one, first[Line])
    assert not isinstance(one, second[Line])
    with pytest.raises(wasmbind.InstanceError):
        first.read(two)
    with first.active():
        assert Line("bare").shown == "<bare>"
        with second.active():
            assert Line("bare").shown == "[bare]"


def test_many_instances() -> None:
    """Instances share what binding found, and nothing else."""
    modules = [With() for _ in range(20)]
    lines = [module[Line](f"line {number}") for number, module in enumerate(modules)]
    for number, line in enumerate(lines):
        line.size = number
    assert [module.read(line) for module, line in zip(modules, lines, strict=True)] == [
        f"line {number}{number}0.5" for number in range(20)
    ]
    for module in modules[::2]:
        module.close()
    assert [line.size for line in lines[1::2]] == list(range(1, 20, 2))


def test_compiled_modules() -> None:
    """A `wasmtime.Module` does not show its sections, so it binds as if there were no schema."""
    module = wasmtime.Module(wasmbind.engine(), WITH.read_bytes())

    class Line(AscClass):
        size: i32
        text: string
        wide: f64

        def __init__(self, text: string) -> None: ...
        def longer(self, by: i32 = ...) -> i32: ...

    class Compiled(AscModule, wasm=module):
        def make(self, text: string) -> Line: ...

    compiled = Compiled()
    line = compiled.make("a")
    assert (line.size, line.text, line.wide, line.longer(), compiled[Line]("b").text) == (1, "a", 0.5, 2, "b")


# --- after failures ------------------------------------------------------------------------------------------

THROWING = """
export class Thrower {
  count: i32 = 0;
  constructor(fails: bool) { if (fails) throw new Error("constructor"); }
  fail(text: string, depth: i32 = 3): string {
    const mine = text + depth.toString();
    if (depth == 0) throw new Error(mine);
    this.count++;
    return this.fail(mine, depth - 1) + mine;
  }
  get bad(): string { throw new Error("getter"); }
  @operator("+") plus(other: Thrower): Thrower { throw new Error("operator"); }
  twice(text: string): string { return text + text; }
}
"""


class Thrower(AscClass):
    count: i32

    def __init__(self, fails: bool) -> None: ...
    def fail(self, text: string, depth: i32 = ...) -> string: ...
    @property
    def bad(self) -> string: ...
    def __add__(self, other: "Thrower") -> "Thrower": ...
    def twice(self, text: string) -> string: ...


@pytest.mark.parametrize(("options", "count"), [((), 5_000), (("-O3",), 500)])
def test_thousands_of_throws(options: tuple[str, ...], count: int) -> None:
    """Every way to throw leaves the shadow stack as it was, and the instance as usable."""

    class Throwing(AscModule, wasm=compile_asc(THROWING, *options, transform=True), classes=[Thrower]):
        pass

    throwing = Throwing()
    thrower = throwing[Thrower](False)
    pointer = throwing.runtime.native.export("__stack_pointer")
    before = pointer.value(throwing.runtime.native.store)
    uses: list[Callable[[], object]] = [
        lambda: throwing[Thrower](True),
        lambda: thrower.fail("text"),
        lambda: thrower.fail("x" * 2_000, 0),
        lambda: thrower.bad,
        lambda: thrower + thrower,
    ]
    for number in range(count):
        with pytest.raises(AbortError):
            uses[number % len(uses)]()
    assert pointer.value(throwing.runtime.native.store) == before
    assert thrower.count == count * 3 // 5
    assert thrower.twice("ab") == "abab"
    throwing.runtime.collect()
    assert thrower.twice("x" * 3_000) == "x" * 6_000
    with pytest.raises(AbortError, match="text3210"):
        thrower.fail("text")
