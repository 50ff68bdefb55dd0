"""The glue: it quotes any name that a binary may give its exports."""

import pytest
import wasmtime
from hypothesis import given
from hypothesis import strategies as st

from wasmbind._glue import Glue, GlueFunction, GlueGlobal
from wasmbind._schema.binary import read_binary
from wasmbind._schema.model import Binary, FunctionType
from wasmbind._wat import to_binary

HOSTILE = [
    'a"b',
    "a\\b",
    'quote")) (unreachable',
    "dollar$name",
    "é☃😀",
    "with space",
    "new\nline\ttab",
    "(;comment;)",
    ";;comment",
    "File#get:size",
    "~lib/map/Map<~lib/string/String,i32>#get",
    "i32.load",
    "$refs",
    "$narrow",
    "\0",
    "\x7f",
    "",
]


def binary_with(names: list[str]) -> Binary:
    """A binary whose functions have these names."""
    exports = [b"".join(b"\\%02x" % byte for byte in name.encode()).decode() for name in names]
    body = "".join(f'(func (export "{name}"))' for name in exports)
    return read_binary(bytes(wasmtime.wat2wasm(f'(module (memory (export "memory") 1) {body})')))


def check_names(names: list[str]) -> None:
    """A glue that wraps functions of these names imports exactly them."""
    glue = Glue(binary_with(names))
    for index, name in enumerate(names):
        glue.add_function(GlueFunction(name, f"link_{index}", FunctionType((), ()), count=None), 2)
    made = read_binary(to_binary(str(glue)))
    assert [item.name for item in made.imports] == names
    assert made.functions() == [f"link_{index}" for index in range(len(names))]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_quoted(name: str) -> None:
    """Whatever a binary calls its export, the glue imports just that and nothing more."""
    check_names([name])


def test_lookalike_names_stay_apart() -> None:
    """Names that spell out the identifier of another one do not collide."""
    check_names(["a$", "a$24$", "a$24$24$24$", "$24$", "a b", "a$20$b", *HOSTILE[:-1]])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), unique=True, max_size=5))
def test_any_names(names: list[str]) -> None:
    """The same for names of any characters."""
    check_names([name for name in names if name != "memory"])


def test_names_of_globals_are_quoted() -> None:
    """Names of globals are quoted like those of functions."""
    data = wasmtime.wat2wasm('(module (memory (export "memory") 1) (global (export "a\\"$") (mut i64) (i64.const 1)))')
    glue = Glue(read_binary(bytes(data)))
    glue.add_global(GlueGlobal('a"$', "get", "set", "i64"))
    made = read_binary(to_binary(str(glue)))
    assert [item.name for item in made.imports] == ['a"$']


@pytest.mark.parametrize("name", ["staging", "slot_0", "slot_1"])
def test_names_of_the_glue_itself_are_free(name: str) -> None:
    """A global of the module may have the name of one that the glue makes for itself."""
    module = f"""(module (memory (export "memory") 1)
      (global (export "{name}") (mut i32) (i32.const 1))
      (func (export "__new") (param i32 i32) (result i32) (i32.const 64))
      (func (export "echo") (param i32) (result i32) (local.get 0)))"""
    glue = Glue(read_binary(bytes(wasmtime.wat2wasm(module))))
    glue.add_global(GlueGlobal(name, "get", "set", "i32"))
    type_ = FunctionType(("i32",), ("i32",))
    glue.add_function(GlueFunction("echo", "link_echo", type_, holds=True, staged=((0, 1),)), 2)
    made = read_binary(to_binary(str(glue)))
    assert name in [item.name for item in made.imports]
    assert made.global_(name) is not None
