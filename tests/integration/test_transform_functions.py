"""Function values in binaries of every compiler, runtime and optimisation that the transform supports."""

# mypy: disable-error-code="empty-body"

import types
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from tests.compilers import Configuration, each_collecting, each_configuration
from wasmbind import AscClass, AscModule, f32, f64, i8, i32, string, u64

Op: TypeAlias = Callable[[i32], i32]

TYPES = """
export class Line { constructor(public s: string) {} }
export function one(f: (a: i32) => i32): i32 { return f(1); }
export function many(f: (a: i8, b: u64, c: f32, d: f64, l: Line | null, s: string) => string): string {
  return f(-1, 2, 3, 4, null, "s");
}
export function nothing(f: () => void): void { f(); }
export function higher(f: (g: (a: f64) => f64) => f64): f64 { return f((a: f64): f64 => a * 2.0); }
export function optionals(): (a: i32, b: i32) => i32 { return optional; }
export function same_answer(): () => i32 { return seven; }
export function ask(f: () => i32): i32 { return f(); }
export function given_constants(f: (a: f32) => f32): f32 { return f(1.5); }
export function plus_one(): (a: f32) => f32 { return plusOne; }
function optional(a: i32, b: i32 = 5): i32 { return a + b; }
function seven(): i32 { return 7; }
function plusOne(a: f32): f32 { return a + 1.0; }
"""


class Line(AscClass):
    s: string


class Types(AscModule):
    def one(self, f: Op) -> i32: ...
    def many(self, f: Callable[[i8, u64, f32, f64, Line | None, string], string]) -> string: ...
    def nothing(self, f: Callable[[], None]) -> None: ...
    def higher(self, f: Callable[[Callable[[f64], f64]], f64]) -> f64: ...
    def optionals(self) -> Callable[[i32, i32], i32]: ...
    def same_answer(self) -> Callable[[], i32]: ...
    def ask(self, f: Callable[[], i32]) -> i32: ...
    def given_constants(self, f: Callable[[f32], f32]) -> f32: ...
    def plus_one(self) -> Callable[[f32], f32]: ...


VARIABLES = """
type Op = (a: i32) => i32;
let hidden: Op | null = null;
class K { static s: Op | null = null; }
namespace N { export let n: Op | null = null; }
export function set_hidden(f: Op): void { hidden = f; }
export function set_static(f: Op): void { K.s = f; }
export function set_named(f: Op): void { N.n = f; }
export function call(a: i32): i32 {
  const f = hidden, g = K.s, h = N.n;
  return f && g && h ? f(a) + 10 * g(a) + 100 * h(a) : -1;
}
export function clear(): void { hidden = null; K.s = null; N.n = null; }
export function churn(count: i32): void { for (let i = 0; i < count; i++) new StaticArray<u64>(16).fill(-1); }
export function maybe(f: Op): i32 { return f(5); }
"""


class Variables(AscModule):
    def set_hidden(self, f: Op) -> None: ...
    def set_static(self, f: Op) -> None: ...
    def set_named(self, f: Op) -> None: ...
    def call(self, a: i32) -> i32: ...
    def clear(self) -> None: ...
    def churn(self, count: i32) -> None: ...
    def maybe(self, f: Op) -> i32: ...


M = TypeVar("M", bound=AscModule)


def start(base: type[M], configuration: Configuration, source: str) -> M:
    """An instance."""
    cls: type[M] = types.new_class(base.__name__, (base,), {"wasm": configuration.compile(source)})
    return cls()


def plus(number: int) -> Callable[[int], int]:
    """A callable of its own."""
    return lambda a: a + number


def _shown(*arguments: object) -> str:
    return repr(arguments)


@each_configuration
def test_calls(configuration: Configuration) -> None:
    """No optimisation knows better who calls functions in the table, with what, and what they return."""
    module = start(Types, configuration, TYPES)
    called: list[int] = []
    assert module.one(lambda a: 10 * a) == 10
    assert module.many(_shown) == "(-1, 2, 3.0, 4.0, None, 's')"
    module.nothing(lambda: called.append(1))
    assert called == [1]
    assert module.higher(lambda g: g(1.5) + g(0.25)) == 3.5
    assert [module.optionals()(1, 2), module.optionals()(3, 4)] == [3, 7]
    assert (module.ask(lambda: 8), module.ask(module.same_answer()), module.same_answer()()) == (8, 7, 7)
    assert (module.given_constants(lambda a: -a), module.given_constants(module.plus_one())) == (-1.5, 2.5)
    assert [module.plus_one()(number) for number in (0.0, 1.5, 4.0)] == [1.0, 2.5, 5.0]


@each_collecting
def test_variables_keep_callables(configuration: Configuration) -> None:
    """The collector looks at variables of every kind, which asc's own leaves out; when they let go, callables go."""
    module = start(Variables, configuration, VARIABLES)
    for number, store in enumerate((module.set_hidden, module.set_static, module.set_named)):
        store(plus(number))
    for _ in range(5):
        for number in range(100):
            assert module.maybe(plus(number)) == 5 + number
        module.churn(500)
        module.runtime.collect()
        assert module.call(1) == 1 + 20 + 300
    module.clear()
    module.runtime.clear_scratch()
    for _ in range(2):
        module.runtime.collect()
    assert module.runtime.functions is not None
    assert len(module.runtime.functions) == 0
