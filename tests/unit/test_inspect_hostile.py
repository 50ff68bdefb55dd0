"""Files that nobody should trust: `wasmbind inspect` reads them or refuses them, and nothing else happens."""

import contextlib
import functools
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.compiling import compile_asc
from tests.unit.schema_sample import sample
from tests.unit.test_binary import HEADER, custom, section
from tests.unit.test_inspect import SOURCE, inspected, wat
from wasmbind._inspect.documents import document
from wasmbind._inspect.inspection import UnreadableError
from wasmbind._inspect.parts import Part, describe
from wasmbind._inspect.plain import plain_text


def test_control_characters_are_replaced() -> None:
    """A name cannot give commands to a terminal."""
    part = Part("title")
    part.add("\x1b[2J\u202eé\n", "\ud800")
    shown = "\N{REPLACEMENT CHARACTER}"
    assert part.rows == [(f"{shown}[2J{shown}é{shown}", shown)]


def test_unusable_schema(tmp_path: Path) -> None:
    """A schema that cannot be read leaves all the rest."""
    data = wat('(module (func (export "f")))')
    for schema, problem in ((b"{", "no JSON"), (b'{"version": "9.0"}', "upgrade wasmbind")):
        found = inspected(data + custom("wasmbind", schema), tmp_path)
        assert found.schema_problem is not None
        assert problem in found.schema_problem
        assert list(found.binary.exports) == ["f"]
        assert problem in plain_text(describe(found))
        assert document(found)["schema"] == {"problem": found.schema_problem}


def test_long_chains_of_bases(tmp_path: Path) -> None:
    """Classes that derive from one another without end are refused, instead of being drawn again for each."""
    classes = [{"internal": f"a/{index}", "id": index + 1, "size": 4} for index in range(2_000)]
    for index, cls in enumerate(classes[1:]):
        cls["base"] = index
    schema = sample(types=["i32"], classes=classes, functions=[], enums=[], globals=[], imports=[])
    found = inspected(HEADER + custom("wasmbind", json.dumps(schema).encode()), tmp_path)
    assert found.schema_problem is not None
    assert "a/255 derives from 256 classes or more" in found.schema_problem


def test_long_names(tmp_path: Path) -> None:
    """A name is spelled out in each signature that it is part of; one that nobody wrote is refused."""
    for key in ("internal", "export"):
        classes = sample()["classes"]
        classes[1][key] = "x" * 1001
        found = inspected(HEADER + custom("wasmbind", json.dumps(sample(classes=classes)).encode()), tmp_path)
        assert found.schema_problem is not None
        assert "a name of 1,001 characters" in found.schema_problem


def everything(data: bytes, folder: Path) -> None:
    """Inspect bytes and print them in each way, unless they are no module."""
    with contextlib.suppress(UnreadableError):
        found = inspected(data, folder)
        json.dumps(document(found), allow_nan=False)
        plain_text(describe(found)).encode()


@functools.cache
def victim(number: int) -> bytes:
    """A good file: one of asc, and one with what asc does not make."""
    if number:
        return wat(
            """(module (import "env" "g" (global f32)) (memory 1 2) (table 1 funcref) (func $f) (start $f)
            (global (export "nan") f64 (f64.const nan)) (data (i32.const 0) "x") (export "t" (table 0)))"""
        )
    return compile_asc(SOURCE, transform=True).read_bytes()


def test_good_files(tmp_path: Path) -> None:
    """The files that are damaged below are good ones."""
    for number in range(2):
        assert document(inspected(victim(number), tmp_path))["format"] == 1


@settings(max_examples=150)
@example(number=1, start=8, removed=0, put=b"\x00\x04\x01\xff\x00\x00")
@given(
    number=st.integers(0, 1),
    start=st.integers(0, 40_000),
    removed=st.integers(0, 8),
    put=st.binary(max_size=8),
)
def test_damaged_files(
    tmp_path_factory: pytest.TempPathFactory, number: int, start: int, removed: int, put: bytes
) -> None:
    """Whatever is changed in a file, it is inspected or refused."""
    data = victim(number)
    start %= len(data)
    everything(data[:start] + put + data[start + removed :], tmp_path_factory.getbasetemp())


@given(body=st.binary(max_size=60), number=st.sampled_from([2, 4, 5, 7, 8, 11]))
def test_sections_of_garbage(tmp_path_factory: pytest.TempPathFactory, body: bytes, number: int) -> None:
    """A section that holds anything is read or refused."""
    everything(HEADER + section(number, body), tmp_path_factory.getbasetemp())
