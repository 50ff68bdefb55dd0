"""Which exported function is to be called first, told from what asc puts at its beginning."""

import pytest
import wasmtime

from tests.compiling import CompileAsc, Compiler
from wasmbind._schema.binary import read_binary
from wasmbind._schema.exposing import read_exposed
from wasmbind._schema.starts import exported_start, find_guarded

SOURCE = """
let told: i32 = 0;
export let first: i32 = length("abc");
function length(text: string): i32 { return text.length; }
export function setUp(): void { if (!told) told = 5; }
"""
#: What makes a binary one that must have a start function.
RUNTIME = '(func (export "__new") (param i32 i32) (result i32) (i32.const 0))'
GUARDED = "(func (export {0!r}) (if (global.get ${0}) (then (return))) (global.set ${0} (i32.const 1)))"


def guarded(*names: str, more: str = RUNTIME) -> bytes:
    """A module with exported functions that begin as start functions do."""
    functions = [f"(global ${name} (mut i32) (i32.const 0)) {GUARDED.format(name)}" for name in names]
    text = "\n".join(functions).replace("'", '"')
    return bytes(wasmtime.wat2wasm(f'(module {more} {text} (func (export "other") (nop)))'))


@pytest.mark.parametrize("compiler", ["modern", "oldest"])
@pytest.mark.parametrize(
    "options",
    [(), ("-O3",), ("-Oz", "--converge"), ("--runtime", "minimal"), ("--runtime", "stub", "-O2"), ("--debug",)],
)
def test_the_function_of_export_start(compiler: Compiler, options: tuple[str, ...], asc: CompileAsc) -> None:
    """Whatever its name, the optimisation and the runtime, it is found."""
    data = asc(SOURCE, "--exportStart", "begin", *options, compiler=compiler).read_bytes()
    assert exported_start(read_exposed(data, "m.wasm")[0]) == "begin"


def test_names_by_convention(asc: CompileAsc) -> None:
    """They are known without a look at the code, and where the code starts by itself there is nothing to find."""
    for name in ("_start", "_initialize", "__start"):
        data = asc(SOURCE, "--exportStart", name).read_bytes()
        binary = read_exposed(data, "m.wasm")[0]
        assert (exported_start(binary), binary.guarded) == (name, ())
    binary = read_exposed(asc(SOURCE).read_bytes(), "m.wasm")[0]
    assert (exported_start(binary), binary.guarded, binary.is_deferred) == (None, (), True)
    data = asc(SOURCE, "--explicitStart", compiler="classic").read_bytes()
    assert exported_start(read_exposed(data, "m.wasm")[0]) == "_start"


def test_what_could_be_several() -> None:
    """Of several candidates none is taken; without a runtime nothing is a candidate."""
    data = guarded("begin")
    assert find_guarded(data, read_binary(data)) == ("begin",)
    data = guarded("begin", "setUp")
    binary = read_exposed(data, "m.wasm")[0]
    assert binary.guarded == ("begin", "setUp")
    assert exported_start(binary) is None
    data = guarded("begin", more='(func (export "add") (param i32) (result i32) (local.get 0))')
    assert find_guarded(data, read_binary(data)) == ()
    data = guarded("begin", more=f'(import "env" "f" (func)) (import "env" "g" (global i32)) {RUNTIME}')
    assert find_guarded(data, read_binary(data)) == ("begin",)


def test_what_looks_nearly_like_it() -> None:
    """Another constant, another global, a parameter or a result make it another function."""
    for function in (
        '(func (export "a") (if (global.get $g) (then (return))) (global.set $g (i32.const 2)))',
        '(func (export "a") (if (global.get $g) (then (return))) (global.set $h (i32.const 1)))',
        '(func (export "a") (param i32) (if (global.get $g) (then (return))) (global.set $g (i32.const 1)))',
        '(func (export "a") (if (i32.eqz (global.get $g)) (then (return))) (global.set $g (i32.const 1)))',
        "(func (if (global.get $g) (then (return))) (global.set $g (i32.const 1)))",
    ):
        globals_ = "(global $g (mut i32) (i32.const 0)) (global $h (mut i32) (i32.const 0))"
        data = bytes(wasmtime.wat2wasm(f"(module {RUNTIME} {globals_} {function})"))
        assert find_guarded(data, read_binary(data)) == ()


def test_many_globals() -> None:
    """The index of the global that guards it may take several bytes."""
    many = " ".join(f"(global $x{index} (mut i32) (i32.const 0))" for index in range(20_000))
    data = guarded("begin", more=f"{RUNTIME} {many}")
    assert find_guarded(data, read_binary(data)) == ("begin",)


def test_damaged_code_is_survived() -> None:
    """Cut or changed code gives fewer candidates, and no error."""
    data = guarded("begin", "setUp")
    binary = read_binary(data)
    for end in range(8, len(data)):
        assert set(find_guarded(data[:end], binary)) <= {"begin", "setUp"}
        assert set(find_guarded(data[: end - 1] + b"\xff" + data[end:], binary)) <= {"begin", "setUp"}
