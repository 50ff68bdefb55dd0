"""What a schema tells: who descends from whom, what a name means, and types as AssemblyScript writes them."""

from typing import Any

import pytest

from tests.unit.schema_sample import (
    BOX,
    CALLBACK,
    COLOR,
    F64,
    LINE,
    LINES,
    MAYBE_LINE,
    SHAPE,
    STRING,
    THIS,
    read,
    sample,
)
from wasmbind._schema.schema import Schema, simple_name


@pytest.mark.parametrize(
    ("internal", "simple"),
    [
        ("File", "File"),
        ("assembly/index/File", "File"),
        ("assembly/index/geo.Point", "geo.Point"),
        ("assembly/index/Box<assembly/index/Line>", "Box"),
        ("~lib/map/Map<~lib/string/String,i32>", "Map"),
        ("assembly/index/geo.Box<assembly/a/b/Line<i32>>", "geo.Box"),
        ("", ""),
    ],
)
def test_simple_names(internal: str, simple: str) -> None:
    """The name without path and type arguments, with its namespaces."""
    assert simple_name(internal) == simple


# --- ancestry ------------------------------------------------------------------------------------------------


def zoo() -> Schema:
    """Classes: Cat < Pet < Animal; Pet implements Named and Owned, Cat implements Purring < Named."""
    names = ["Animal", "Pet", "Cat", "Named", "Owned", "Purring", "Stone"]
    classes: list[dict[str, Any]] = [
        {"internal": f"assembly/zoo/{name}", "id": 5 + at} for at, name in enumerate(names)
    ]
    classes[1].update(base=0, implements=[3, 4])
    classes[2].update(base=1, implements=[5])
    classes[5].update(base=3)
    for each in classes[3:6]:
        each["kind"] = "interface"
    return read(sample(types=["i32"], classes=classes, functions=[], globals=[], imports=[]))


def ancestors(schema: Schema, index: int) -> list[str]:
    """The names of what a class descends from."""
    return [simple_name(found.internal) for found in schema.ancestry(index)]


def test_ancestry() -> None:
    """A class, its bases, then the interfaces of all of them, the nearest first and each once."""
    schema = zoo()
    assert ancestors(schema, 0) == ["Animal"]
    assert ancestors(schema, 1) == ["Pet", "Animal", "Named", "Owned"]
    assert ancestors(schema, 2) == ["Cat", "Pet", "Animal", "Purring", "Named", "Owned"]
    assert ancestors(schema, 5) == ["Purring", "Named"]
    assert [found.index for found in schema.bases(2)] == [2, 1, 0]


def test_descends() -> None:
    """A class descends from itself, its bases and their interfaces, and from nothing else."""
    schema = zoo()
    descendants = {(lower, upper) for lower in range(7) for upper in range(7) if schema.descends(lower, upper)}
    assert {upper for lower, upper in descendants if lower == 2} == {0, 1, 2, 3, 4, 5}
    assert {lower for lower, upper in descendants if upper == 3} == {1, 2, 3, 5}
    assert (6, 0) not in descendants
    assert (0, 1) not in descendants


def test_classes_by_id() -> None:
    """Managed classes are found by their run-time ids, interfaces too."""
    schema = read(sample())
    assert {id_: found.index for id_, found in schema.class_of_id.items()} == {2: 0, 5: 1, 6: 2, 7: 3, 0: 4, 8: 5, 9: 6}


# --- names ---------------------------------------------------------------------------------------------------


def named(schema: Schema, name: str) -> list[str]:
    """The internal names of the classes that a name may mean."""
    return [found.internal for found in schema.named(name)]


def many() -> Schema:
    """Classes that have names in common."""
    classes: list[dict[str, Any]] = [
        {"internal": "assembly/index/Line", "export": "Line", "aliases": ["Row", "default"]},
        {"internal": "assembly/other/Line"},
        {"internal": "assembly/other/Row"},
        {"internal": "assembly/index/geo.Line", "export": "geo.Line"},
        {"internal": "assembly/index/Box<i32>", "generic": "assembly/index/Box", "arguments": [0]},
        {"internal": "assembly/index/Box<f64>", "generic": "assembly/index/Box", "arguments": [0]},
        {"internal": "~lib/map/Map<i32,i32>", "generic": "~lib/map/Map", "arguments": [0, 0]},
        {"internal": "assembly/other/Other"},
        {"internal": "assembly/third/Other"},
    ]
    return read(sample(types=["i32"], classes=classes, functions=[], globals=[], imports=[]))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Line", ["assembly/index/Line"]),
        ("Row", ["assembly/index/Line"]),
        ("default", ["assembly/index/Line"]),
        ("geo.Line", ["assembly/index/geo.Line"]),
        ("assembly/other/Line", ["assembly/other/Line"]),
        ("assembly/index/Line", ["assembly/index/Line"]),
        ("Box", ["assembly/index/Box<i32>", "assembly/index/Box<f64>"]),
        ("assembly/index/Box", ["assembly/index/Box<i32>", "assembly/index/Box<f64>"]),
        ("assembly/index/Box<f64>", ["assembly/index/Box<f64>"]),
        ("Map", ["~lib/map/Map<i32,i32>"]),
        ("Other", ["assembly/other/Other", "assembly/third/Other"]),
        ("index/Line", []),
        ("line", []),
        ("", []),
    ],
)
def test_named(name: str, found: list[str]) -> None:
    """An exported name means that class alone, then internal names do; a simple name may mean several."""
    assert named(many(), name) == found


def test_prefixes() -> None:
    """Exports of members start with the exported name, else with the internal one."""
    assert [found.prefix for found in many().classes[:3]] == ["Line", "assembly/other/Line", "assembly/other/Row"]


# --- text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (None, "void"),
        (F64, "f64"),
        (THIS, "this"),
        (STRING, "string"),
        (LINE, "Line"),
        (MAYBE_LINE, "Line | null"),
        (BOX, "Box<Line>"),
        (LINES, "Array<Line>"),
        (SHAPE, "Shape"),
        (COLOR, "Color"),
        (CALLBACK, "((i32, Line) => f64) | null"),
    ],
)
def test_types_as_text(type_: int | None, text: str) -> None:
    """Types look as AssemblyScript writes them, with simple names."""
    assert read(sample()).show(type_) == text


def test_function_values_as_text() -> None:
    """A function value stands in parentheses, which keep it together with what follows; void is written out."""
    data = sample()
    data["types"][CALLBACK] = {"function": {"params": []}}
    assert read(data).show(CALLBACK) == "(() => void)"


def test_signatures_as_text() -> None:
    """Parameters have their defaults, and a mark where they may be left out without one."""
    schema = read(sample())
    line = schema.classes[1]
    assert line.constructor is not None
    assert schema.show_function(line.constructor) == "(text: string, width: f64 = 1.5, next?: Line | null) -> void"
    assert schema.show_function(line.methods["append", False]) == "(other: Line) -> this"
    assert schema.show_function(schema.functions["find"]) == "(name: string, how: Color = Color.Red) -> Line | null"


def test_classes_as_text() -> None:
    """Namespaces stay, paths go unless they tell two classes apart, type arguments are shown as types."""
    shown = [many().show_class(index) for index in range(7)]
    assert shown == ["Line", "assembly/other/Line", "Row", "geo.Line", "Box<i32>", "Box<i32>", "Map<i32, i32>"]
