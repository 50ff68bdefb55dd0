"""What kinds of binary can be bound, and what the others are refused for."""

# mypy: disable-error-code="empty-body"

from pathlib import Path

import pytest
import wasmtime

import wasmbind
from tests.compiling import compile_asc
from tests.integration.lazy_binary import LazyBinary
from wasmbind import (
    AscClass,
    AscModule,
    BindError,
    DeclarationError,
    Mismatch,
    f64,
    i32,
    string,
)

WORD = LazyBinary("word.wasm", 'export function word(): string { return "word"; }\n')

#: A part of what a binary of asc 0.17 exports: its runtime counts references.
COUNTED = """(module
  (memory (export "memory") 1)
  (func (export "__new") (param i32 i32) (result i32) (i32.const 0))
  (func (export "__retain") (param i32) (result i32) (local.get 0))
  (func (export "__release") (param i32))
  (func (export "size") (param i32) (result i32) (i32.const 1))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"""

#: What a binary exports that was compiled without `--exportRuntime`.
BARE = """(module
  (memory (export "memory") 1)
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "size") (param i32) (result i32) (local.get 0)))"""


class Line(AscClass):
    text: string


def only_mismatch(module: type[AscModule]) -> tuple[str, str, str, str]:
    """Bind a module that does not fit in one place: who, declared, found, fix."""
    with pytest.raises(BindError) as raised:
        module()
    return facts(raised.value)


def facts(error: BindError) -> tuple[str, str, str, str]:
    """The facts of the only mismatch."""
    found: Mismatch
    (found,) = error.mismatches
    return found.who, found.declared, found.found, found.fix


@pytest.mark.parametrize(
    ("text", "found", "fix"),
    [
        (
            BARE,
            "no __new, __pin, __unpin, __rtti_base",
            "compile with --exportRuntime; up to asc 0.17, without `--runtime half` or `none`",
        ),
        (
            f'{BARE.removesuffix(")")} (func (export "__setargc") (param i32)))',
            "no __new, __pin, __unpin, __rtti_base",
            "compile without `--runtime half` or `none`",
        ),
        (COUNTED, "no __rtti_base", "compile with the default --runtime, which asc exports"),
    ],
    ids=["not exported", "not exported by an old compiler", "reference counting"],
)
def test_runtimes_that_give_no_references(text: str, found: str, fix: str) -> None:
    """Without an exported collecting runtime numbers work, and references say what to compile with."""
    binary = bytes(wasmtime.wat2wasm(text))

    class Numbers(AscModule, wasm=binary):
        def add(self, a: i32, b: i32) -> i32: ...

    class References(AscModule, wasm=binary):
        def size(self, text: string) -> i32: ...

    class Objects(AscModule, wasm=binary, classes=[Line]): ...

    assert Numbers().add(1, 2) == 3
    assert only_mismatch(References) == ("References.size", "a reference", found, fix)
    assert only_mismatch(Objects) == ("Line", "a reference", found, fix)
    with pytest.raises(BindError, match="Line: declared a reference"):
        Numbers()[Line]


def test_imports_that_nobody_provides() -> None:
    """All missing imports are named at once; given ones are used."""
    wasm = compile_asc("""
@external("host", "log") declare function log(value: i32): void;
@external("host", "ask") declare function ask(): f64;
export function run(value: i32): f64 { log(value); return ask(); }
""")
    seen: list[int] = []

    class Hosted(AscModule, wasm=wasm):
        def run(self, value: i32) -> f64: ...

    with pytest.raises(BindError) as raised:
        Hosted(imports={"other": {"log": print}})
    assert [(found.who, found.found, found.fix) for found in raised.value.mismatches] == [
        (
            "Hosted import host.log",
            "an import of a function (i32) -> void",
            "pass imports={'host': {'log': ...}} to Hosted()",
        ),
        (
            "Hosted import host.ask",
            "an import of a function () -> f64",
            "pass imports={'host': {'ask': ...}} to Hosted()",
        ),
        ("imports['other']['log']", "no such import", "did you mean imports['host']['log']?"),
    ]
    assert Hosted(imports={"host": {"log": seen.append, "ask": lambda: 2.5}}).run(-7) == 2.5
    assert seen == [-7]


@pytest.mark.parametrize("data", [b"", b"no wasm", b"\0asm\x01\0\0\0\x01\xff"])
def test_what_is_no_binary(data: bytes) -> None:
    """Anything but a WebAssembly module is a BindError."""

    class Broken(AscModule, wasm=data): ...

    assert only_mismatch(Broken)[1] == "a WebAssembly module"


def test_binaries_that_are_not_there(tmp_path: Path) -> None:
    """A missing file, and a class that names none, say what to write."""

    class Absent(AscModule, wasm=tmp_path / "absent.wasm"): ...

    class Unnamed(AscModule): ...

    with pytest.raises(DeclarationError, match=r"Absent: cannot read .*absent\.wasm: No such file"):
        Absent()
    with pytest.raises(DeclarationError, match=r'Unnamed: names no binary\n.*wasm="file\.wasm"'):
        Unnamed()


def test_every_way_to_name_a_binary() -> None:
    """A path, its text, bytes and an object with `read_bytes` bind alike."""
    path = compile_asc(WORD.source)
    for source in (path, str(path), path.read_bytes(), WORD):

        class Words(AscModule, wasm=source):
            def word(self) -> string: ...

        assert Words().word() == "word"


def test_compiled_module() -> None:
    """A module that `wasmbind.engine()` compiled binds as it is; another engine's is refused with the reason."""

    class Words(AscModule, wasm=wasmtime.Module(wasmbind.engine(), WORD.read_bytes())):
        def word(self) -> string: ...

    class Others(AscModule, wasm=wasmtime.Module(wasmtime.Engine(), WORD.read_bytes())):
        def word(self) -> string: ...

    assert Words().word() == "word"
    assert only_mismatch(Others)[1] == "a WebAssembly module"
    assert only_mismatch(Others)[3] == "pass the bytes of the binary, or compile it with wasmbind.engine()"
