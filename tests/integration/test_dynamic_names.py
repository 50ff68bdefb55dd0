"""Modules whose exports have any names at all, and calls that come back while another one is running."""

import copy
import keyword
from typing import Any

import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compiling import compile_asc
from tests.integration.dynamic_modules import ALL, BARE, CLASSES, Variant, load, variants
from wasmbind import LiftError, Module, auto_resolve, i32, string, wrap_opaque
from wasmbind._generate.stock import INTERNAL

_WORDS = st.sampled_from(["File", "size", "get:x", "set:x", "constructor", "__get", "_start", "lambda", "close", "as_"])
_PARTS = _WORDS | st.text(st.characters(codec="utf-8", exclude_characters='"\\\0\n\r'), max_size=6)
_NAMES = st.lists(_PARTS, min_size=1, max_size=3).flatmap(
    lambda parts: st.sampled_from([".", "#", "<", ","]).map(lambda sign: sign.join(parts))
)


def _quoted(name: str) -> str:
    return "".join(f"\\{byte:02x}" for byte in name.encode())


@settings(max_examples=100)
@given(st.lists(_NAMES, min_size=1, max_size=8, unique=True))
def test_any_names(names: list[str]) -> None:
    """Every export has an attribute or belongs to something that has; whatever it is called, nothing breaks."""
    functions = [
        f'(func (export "{_quoted(name)}") (param i32) (result i32) (i32.const {number}))'
        for number, name in enumerate(names)
    ]
    module = Module(bytes(wasmtime.wat2wasm(f"(module {' '.join(functions)})")))
    own = set(dir(Module))
    found = [name for name in dir(module) if name not in own]
    assert len(found) == len(set(found))
    for name in found:
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
    hidden = {"", "_start", *INTERNAL}
    plain = [name for name in names if "." not in name and "#" not in name and name not in hidden]
    for name in plain:
        if not any(other.startswith(f"{name}#") for other in names):
            assert module[name](0) == names.index(name)


NESTED = """
@external("env", "ask") declare function ask(depth: i32): string;
@external("env", "tell") declare function tell(text: string): i32;
export function start(depth: i32): string { return "<" + ask(depth) + ">"; }
export function say(text: string): i32 { return tell(text + "!"); }
export function words(): string[] { return ["a" + tell("w").toString()]; }
"""


@variants(BARE)
def test_nested_calls(variant: Variant) -> None:
    """A host function uses the module that calls it, with hints and without."""
    modules: list[Any] = []
    heard: list[str] = []

    def ask(depth: i32) -> string:
        module = modules[0]
        assert module.words(as_=list[str]) == ["a1"]
        return module.start(depth - 1, as_=str) if depth else "."

    def tell(text: string) -> i32:
        heard.append(text)
        modules[0].collect()
        return len(text)

    module = load(variant, NESTED, imports={"env": {"ask": ask, "tell": tell}}, value_handler=auto_resolve)
    modules.append(module)
    assert module.start(3, as_=str) == "<<<<.>>>>"
    assert module.start(2) == "<<<.>>>"
    assert module.say("x") == 2
    assert module.words() == ["a1"]
    assert set(heard) == {"w", "x!"}
    modules.clear()


@variants(CLASSES)
def test_fields_named_like_something_else(variant: Variant) -> None:
    """A keyword, or a name of Python's own, is that of a field as of anything else."""
    source = """
    export class C { from: i32 = 7; native: i32 = 8; as_: i32 = 9; }
    export class D { x: i32 = 1; }
    """
    module = load(variant, source)
    made, names = module.C(), ("from_", "native", "as_") if variant == "schema" else ("from_", "native_", "as__")
    assert [getattr(made, name) for name in names] == [7, 8, 9]
    for name in names:
        setattr(made, name, 5)
    assert repr(made) == f"C({', '.join(f'{name}=5' for name in names)})"
    assert module.D().x == 1


@variants(ALL)
def test_parameters_named_like_the_hint(variant: Variant) -> None:
    """A parameter that is called `as` is no hint."""
    module = load(variant, "export function f(as: i32, x: i32): i32 { return as - x; }")
    assert module.f(5, 3) == 2


def test_attributes_of_subclasses() -> None:
    """What a subclass has is its own; everything else is the module's."""

    class Counted(Module):
        calls = 0

        def add(self, *numbers: int) -> int:
            self.calls += 1
            return sum(numbers)

    source = "export function add(a: i32, b: i32): i32 { return a + b; }\nexport let calls: i32 = 7;"
    module = Counted(compile_asc(source))
    assert (module.add(1, 2), module.add_(1, 2), module.calls, module.calls_) == (3, 3, 1, 7)
    with pytest.raises(AttributeError, match="exports nothing called 'other'"):
        module.other = 1


@variants(BARE)
def test_results_that_are_seen_again(variant: Variant) -> None:
    """A wrapped null is false; handles and numbers are not copied; what has been copied is what it is."""
    source = """
    export function none(): string | null { return null; }
    export function words(): string[] { return ["a"]; }
    """
    module = load(variant, source, value_handler=wrap_opaque)
    none = module.none()
    assert (bool(none), none.native()) == (False, 0)
    for each in (none, module.register_opaque_value([1])):
        with pytest.raises(TypeError, match="cannot be copied"):
            copy.copy(each)
    words = module.words(as_=list[str])
    assert module.resolve(words, as_=list[str]) == module.resolve(words) == ["a"]
    assert module.resolve({"x": [1]}, as_=dict[str, list[i32]]) == {"x": [1]}
    for value, hint in [(words, list[i32]), ({"x": [2**31]}, dict[str, list[i32]]), ((1.0,), tuple[str, ...])]:
        with pytest.raises(LiftError):
            module.resolve(value, as_=hint)
    assert "Shown" not in type(module.resolve(module.words())).__name__
