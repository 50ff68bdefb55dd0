# mypy: disable-error-code="empty-body"
"""Defaults of parameters: which are written as they are, and that these are what AssemblyScript has."""

import re
import runpy
from pathlib import Path

import pytest

from tests.compiling import compile_asc
from wasmbind import AscModule, BindError, f64, i32, string, u32
from wasmbind._generate import generate
from wasmbind._literals import literal_value
from wasmbind._schema.binary import read_binary
from wasmbind._schema.schema import Schema

#: A type, the default in AssemblyScript, and the default in Python.
DEFAULTS = [
    ("string", r'"x\ty"', r'"x\ty"'),
    ("string", r'"\\"', r'"\\"'),
    ("string", r'"\u{1F600}\x41\u0042\0\a\'"', r'''"\U0001f600AB\x00a'"'''),
    ("string", r'"\uD83D\uDE00"', '"😀"'),
    ("string", '"a\\\nb"', '"ab"'),
    ("string", "`x\ny`", r'"x\ny"'),
    ("string", r"`$\{x} $`", '"${x} $"'),
    ("string", "`${1 + 1}`", "..."),
    ("string", r'"\uD83D"', "..."),
    ("string", '"a" + "b"', "..."),
    ("string | null", "null", "None"),
    ("(() => void) | null", "null", "None"),
    ("i32", "+5", "5"),
    ("i32", "- 5", "-5"),
    ("i32", "0x1F", "31"),
    ("i32", "1_000", "1000"),
    ("i32", "0b11", "3"),
    ("i32", "0o17", "15"),
    ("i32", "true", "1"),
    ("i32", "0xFFFFFFFF", "..."),
    ("u32", "-1", "..."),
    ("i32", "(5)", "..."),
    ("i32", "<i32>7", "..."),
    ("i64", "0x7fff_ffff_ffff_ffff", "9223372036854775807"),
    ("bool", "!true", "False"),
    ("bool", "!!true", "True"),
    ("bool", "1", "True"),
    ("f64", "1e300", "1e300"),
    ("f64", "+.5", "0.5"),
    ("f64", "5.", "5.0"),
    ("f64", "-0.0", "-0.0"),
    ("f64", "5", "5.0"),
    ("f64", "9007199254740993", "..."),
    ("f64", "1e999", "..."),
    ("f64", "-Infinity", "..."),
    ("f64", "NaN", "..."),
    ("f32", "0.1", "0.1"),
]
SOURCE = "\n".join(
    f"export function case{at}(x: {type_} = {asc}): {type_} {{ return x; }}"
    for at, (type_, asc, _) in enumerate(DEFAULTS)
)


@pytest.fixture(scope="module")
def wasm() -> Path:
    """The binary."""
    return compile_asc(SOURCE, transform=True)


def test_defaults(wasm: Path, tmp_path: Path) -> None:
    """What is written, and that leaving the argument out gives just that."""
    text = generate(read_binary(wasm.read_bytes()), wasm=str(wasm), name="Sample")
    found = dict(re.findall(r"def (case\d+)\(\s*self,\s*x: [^=]* = (.*?),?\s*\) -> ", text))
    wanted = {f"case{at}": python for at, (_, _, python) in enumerate(DEFAULTS)}
    assert {name: _evaluated(value) for name, value in found.items()} == {
        name: _evaluated(value) for name, value in wanted.items()
    }
    file = tmp_path / "declared.py"
    file.write_text(text, encoding="utf-8")
    with runpy.run_path(str(file))["Sample"]() as sample:
        for name, python in wanted.items():
            function = getattr(sample, name)
            if python not in ("...", "None"):
                assert function() == function(_evaluated(python)), name
                assert str(function()) == str(function(_evaluated(python))), name  # -0.0 is not 0.0


def _evaluated(text: str) -> object:
    return eval(text, {})  # noqa: S307 - literals of this file, and of what is generated from it


def test_verification_knows_the_same(wasm: Path) -> None:
    """A declared default has to be AssemblyScript's; where that is not known, any may be declared."""
    path = str(wasm)

    class Right(AscModule, wasm=path):
        def case0(self, x: string = "x\ty") -> string: ...
        def case12(self, x: i32 = 5) -> i32: ...
        def case20(self, x: u32 = 4294967295) -> u32: ...
        def case27(self, x: f64 = 1e300) -> f64: ...

    with Right() as module:
        assert module.case20() == 4294967295

    class Wrong(AscModule, wasm=path):
        def case0(self, x: string = "x y") -> string: ...
        def case12(self, x: i32 = 6) -> i32: ...
        def case27(self, x: f64 = 1e301) -> f64: ...

    with pytest.raises(BindError) as caught:
        Wrong()
    assert [each.who for each in caught.value.mismatches] == ["Wrong.case0(x)", "Wrong.case12(x)", "Wrong.case27(x)"]


@pytest.mark.parametrize(
    "text", ["9" * 5000, "0x" + "f" * 5000, '"\\u{110000}"', '"\\u{' + "f" * 50 + '}"', '"\\u12"', "(1)", ""]
)
def test_hostile_texts(wasm: Path, text: str) -> None:
    """A schema may say anything for a default: what is no literal is unknown."""
    schema = read_binary(wasm.read_bytes()).schema
    assert isinstance(schema, Schema)
    string_, integer = (schema.functions[name].params[0].type for name in ("case0", "case12"))
    assert literal_value(schema, string_, text) == (False, None)
    assert literal_value(schema, integer, text) == (False, None)
