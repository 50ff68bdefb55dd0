"""Results of functions that nobody has declared: what `as_=`, value handlers and class registries make of them."""

import enum
import typing
from typing import Any, cast

import pytest

from tests.integration.dynamic_modules import ALL, BARE, CLASSES, Variant, load, variants
from wasmbind import (
    Array,
    AscObject,
    BindError,
    DeclarationError,
    LiftError,
    LowerRangeError,
    LowerTypeError,
    Map,
    Module,
    OpaqueValue,
    auto_resolve,
    f64,
    i32,
    string,
    u32,
    wrap_opaque,
)

VALUES = """
export function text(): string { return "t"; }
export function nothing(): string | null { return null; }
export function bytes(): ArrayBuffer { let a = new Uint8Array(2); a[0] = 1; return a.buffer; }
export function words(): string[] { return ["a", "b"]; }
export function numbers(): i32[] { return [1, -2]; }
export function ratios(): f64[] { return [0.5]; }
export function floats(): Float32Array { let a = new Float32Array(1); a[0] = 1.5; return a; }
export function small(): StaticArray<u8> { let a = new StaticArray<u8>(2); a[0] = 7; return a; }
export function nested(): i32[][] { return [[1], [2, 3]]; }
export function ages(): Map<string, i32> { let m = new Map<string, i32>(); m.set("x", 3); return m; }
export function names(): Map<i32, string> { let m = new Map<i32, string>(); m.set(3, "x"); return m; }
export function seen(): Set<string> { let s = new Set<string>(); s.add("q"); return s; }
export function five(): i32 { return 5; }
export function minus(): i32 { return -1; }
export function long(): i64 { return 1 << 40; }
export function half(): f64 { return 0.5; }
export function yes(): bool { return true; }
export function nop(): void {}
export function echo(x: i32): i32 { return x; }
export function wide(x: i64): i64 { return x; }
export function put(m: Map<string, i32>): i32 { return m.get("x"); }
export function has(s: Set<string>): bool { return s.has("q"); }
export function join(a: string[]): string { return a.join("+"); }
export function total(a: f64[]): f64 { let all: f64 = 0; for (let i = 0; i < a.length; i++) all += a[i]; return all; }
"""


class Number(enum.IntEnum):
    """An enum that is declared in Python."""

    FIVE = 5


#: As code of old has them.
LIST: Any = typing.List  # noqa: UP006 - see above
DICT: Any = typing.Dict  # noqa: UP006 - see above

HINTS: list[tuple[str, Any, Any]] = [
    ("text", str, "t"),
    ("text", string, "t"),
    ("text", "string", "t"),
    ("nothing", str | None, None),
    ("nothing", "str | None", None),
    ("bytes", bytes, b"\1\0"),
    ("words", list, ["a", "b"]),
    ("words", LIST, ["a", "b"]),
    ("words", list[str], ["a", "b"]),
    ("words", LIST[str], ["a", "b"]),
    ("words", tuple[str, ...], ("a", "b")),
    ("words", Array[string], ["a", "b"]),
    ("numbers", list[int], [1, -2]),
    ("numbers", list[i32], [1, -2]),
    ("numbers", Array[i32], [1, -2]),
    ("ratios", list[float], [0.5]),
    ("floats", list[float], [1.5]),
    ("floats", "Float32Array", [1.5]),
    ("small", list[int], [7, 0]),
    ("small", bytes, b"\7\0"),
    ("nested", list[list[int]], [[1], [2, 3]]),
    ("nested", LIST[Any], [[1], [2, 3]]),
    ("ages", dict, {"x": 3}),
    ("ages", dict[str, int], {"x": 3}),
    ("ages", DICT[str, int], {"x": 3}),
    ("ages", Map[string, i32], {"x": 3}),
    ("names", dict[int, str], {3: "x"}),
    ("names", dict, {3: "x"}),
    ("seen", set, {"q"}),
    ("seen", set[str], {"q"}),
    ("five", int, 5),
    ("five", bool, True),
    ("five", Number, Number.FIVE),
    ("long", int, 1 << 40),
    ("half", float, 0.5),
    ("half", f64, 0.5),
]


@pytest.fixture(scope="module")
def modules() -> dict[Variant, Module]:
    """One instance of each."""
    return {}


def module_of(modules: dict[Variant, Module], variant: Variant) -> Module:
    """The instance of a variant."""
    if variant not in modules:
        modules[variant] = load(variant, VALUES)
    return modules[variant]


@variants(BARE)
@pytest.mark.parametrize(("name", "hint", "expected"), HINTS, ids=lambda value: str(value)[:30])
def test_hints(modules: dict[Variant, Module], variant: Variant, name: str, hint: Any, expected: Any) -> None:
    """Each type gives what declarations would."""
    found = getattr(module_of(modules, variant), name)(as_=hint)
    assert found == expected
    if isinstance(expected, (str, bytes, bool, float, tuple, Number)) or hint in (list, dict, set):
        assert type(found) is type(expected)


WITH_SCHEMA = [each for each in HINTS if each[0] not in ("five", "small") or each[1] is int]


@pytest.mark.parametrize(("name", "hint", "expected"), WITH_SCHEMA, ids=lambda value: str(value)[:30])
def test_hints_with_a_schema(modules: dict[Variant, Module], name: str, hint: Any, expected: Any) -> None:
    """The same types are accepted where none is needed."""
    function = getattr(module_of(modules, "schema"), name)
    assert function(as_=hint) == expected
    assert function() == (list(expected) if isinstance(expected, tuple) else expected)


@variants(BARE)
@pytest.mark.parametrize(
    ("name", "hint", "message"),
    [
        ("five", str, "string expected, but the number is no object's address"),
        ("text", bytes, "ArrayBuffer expected"),
        ("words", str, "a string expected"),
        ("words", list[int], "expected"),
        ("numbers", list[float], "float expected, found elements of type i32"),
        ("ratios", list[int], "int expected, found elements of type f64"),
        ("numbers", list[str], "expected"),
        ("numbers", dict, "dict expected, found an Array"),
        ("ages", list, "list expected, found a Map"),
        ("five", list, "no object's address"),
        ("nothing", str, "null found"),
        ("nothing", list, "null"),
    ],
    ids=str,
)
def test_wrong_hints(modules: dict[Variant, Module], variant: Variant, name: str, hint: Any, message: str) -> None:
    """What is not of the type is an error that says so, and leaves the instance sound."""
    module = module_of(modules, variant)
    with pytest.raises(LiftError, match=message):
        getattr(module, name)(as_=hint)
    module.collect()
    assert module.text(as_=str) == "t"


@variants(ALL)
@pytest.mark.parametrize(
    ("name", "hint", "message"),
    [
        ("half", str, "half: (declared|as_=str)"),
        ("long", float, "as_=float, and WebAssembly has i64 there"),
        ("half", int, "as_=int, and WebAssembly has f64 there"),
        ("text", float, "as_=float, and"),
        ("five", len, "no AssemblyScript counterpart"),
        ("five", [], r"as_=\[\] is no type"),
        ("text", "Nonsense", "Nonsense"),
    ],
    ids=str,
)
def test_impossible_hints(modules: dict[Variant, Module], variant: Variant, name: str, hint: Any, message: str) -> None:
    """Types that WebAssembly has something else for, and what is no type, are refused before the call."""
    module = module_of(modules, variant)
    calls = module.runtime.calls
    with pytest.raises((DeclarationError, BindError), match=message):
        getattr(module, name)(as_=hint)
    assert module.runtime.calls == calls


@variants(["0.10", "0.17", "classic", "modern"])
def test_void(modules: dict[Variant, Module], variant: Variant) -> None:
    """A function without a result has none."""
    module = module_of(modules, variant)
    assert module.nop() is None
    with pytest.raises((DeclarationError, BindError)):
        module.nop(as_=str)


@variants(BARE)
def test_numbers(modules: dict[Variant, Module], variant: Variant) -> None:
    """An i32 takes signed and unsigned numbers, and is signed as a result; `as_=u32` makes it unsigned."""
    module = module_of(modules, variant)
    assert module.minus() == -1
    assert module.minus(as_=u32) == 0xFFFFFFFF
    assert module.echo(0xFFFFFFFF) == -1
    assert module.echo(-(1 << 31)) == -(1 << 31)
    assert module.echo(True) == 1
    assert module.echo(Number.FIVE) == 5
    assert module.wide((1 << 64) - 1) == -1
    assert module.wide(-5) == -5
    for wrong in (1 << 32, -(1 << 31) - 1):
        with pytest.raises(LowerRangeError):
            module.echo(wrong)
    for value in (1.5, object(), 1j):
        with pytest.raises(LowerTypeError):
            module.echo(value)
    with pytest.raises(LowerTypeError):
        module.wide("x")


@variants(BARE)
def test_collections_as_arguments(modules: dict[Variant, Module], variant: Variant) -> None:
    """Lists, dicts and sets become the only class of the module that fits; else the error says what to do."""
    module = module_of(modules, variant)
    assert module.put({"x": 4}) == 4
    assert module.has({"q"}) == 1
    assert module.total([0.5, 1.0]) == 1.5
    with pytest.raises(LowerTypeError, match="2 classes of the module"):
        module.join(["a", "b"])  # a string[] as well as an i32[][]
    with pytest.raises(LowerTypeError, match="alloc_array"):
        module.total([1, 2])  # an i32[] as well as an f64[]
    with pytest.raises(LowerTypeError, match="no class of the module"):
        module.put({"x": "y"})


def test_automatic() -> None:
    """With `auto_resolve` results are what their headers say, and numbers that are no addresses stay numbers."""
    module = load("modern", VALUES, value_handler=auto_resolve)
    assert module.text() == "t"
    assert module.bytes() == b"\1\0"
    assert module.words() == ["a", "b"]
    assert module.nested()[1][0] == 2
    assert module.ages() == {"x": 3}
    assert module.seen() == {"q"}
    assert module.five() == 5
    assert module.minus() == -1
    assert module.half() == 0.5
    assert module.nothing() == 0
    assert module.text(as_=str) == "t"


def test_wrapped() -> None:
    """With `wrap_opaque` results are opaque until they are asked."""
    module = load("modern", VALUES, value_handler=wrap_opaque)
    words = module.words()
    assert isinstance(words, AscObject)
    assert words.as_(list[str]) == words.native().tolist() == ["a", "b"]
    assert module.join(words).as_(str) == "a+b"
    assert module.five().native() == module.five() == 5
    assert module.echo(module.five()).as_(int) == 5
    assert module.five().as_(Number) is Number.FIVE
    assert module.minus().as_(u32) == 0xFFFFFFFF
    with pytest.raises(LiftError):
        module.five().as_(str)
    with pytest.raises(LiftError):
        words.as_(dict[str, int])
    with pytest.raises(TypeError, match="cannot be copied"):
        words.__reduce_ex__(4)


FILES = """
export class Line { constructor(public s: string) {} }
export class File {
  lines: Line[] = []; name: string = "f";
  constructor() {}
  first(): Line { return this.lines[0]; }
  add(s: string): File { this.lines.push(new Line(s)); return this; }
  static named(s: string): File { let f = new File(); f.name = s; return f; }
}
"""


@variants(CLASSES)
def test_methods_with_hints(variant: Variant) -> None:
    """Methods and statics take `as_=` as functions do, and so do objects."""
    module = load(variant, FILES)
    file = module.File()
    assert file.add("x", as_=module.File) == file
    assert file.first(as_=module.Line).as_(module.Line) == file.first(as_="Line")
    assert module.File.named("n", as_=module.File).native() != file
    with pytest.raises(LiftError):
        file.as_(module.Line)


@variants(BARE)
def test_opaque_numbers(modules: dict[Variant, Module], variant: Variant) -> None:
    """Opaque values travel as any integer; a number that stands for nothing is an error."""
    module = load(variant, VALUES)
    key = object()
    wrapped = module.register_opaque_value([key])
    assert module.echo(wrapped, as_=OpaqueValue)[0] is key
    assert module.wide(wrapped, as_=OpaqueValue)[0] is key
    assert module.resolve(module.echo(wrapped), as_=OpaqueValue)[0] is key
    assert wrapped.id == 1
    with pytest.raises(TypeError):
        float(cast("Any", wrapped))  # nothing but a call may take it for its number
    with pytest.raises(LiftError, match="never"):
        module.echo(77, as_=OpaqueValue)
    with pytest.raises(TypeError, match="pass None"):
        module.register_opaque_value(None)
    with pytest.raises(LowerTypeError, match="another instance"):
        module_of(modules, variant).echo(wrapped)
