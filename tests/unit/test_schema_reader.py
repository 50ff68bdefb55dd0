"""Reading the section `wasmbind`: what is valid becomes plain data, what is not a `SchemaError`."""

from typing import Any

import pytest

from tests.unit.schema_sample import COLOR, F64, I32, LINE, MAYBE_LINE, STRING, read, sample
from wasmbind._schema.nodes import SchemaError
from wasmbind._schema.reader import read_schema
from wasmbind._schema.schema import (
    ClassType,
    EnumType,
    FunctionType,
    NamedType,
    SchemaFunction,
    SchemaImport,
    SchemaParameter,
    SchemaProperty,
)

REBUILD = "compile it again with `wasmbind build`"


def refused(data: Any) -> SchemaError:
    """The error for JSON that is no schema."""
    with pytest.raises(SchemaError) as caught:
        read(data)
    return caught.value


# --- what is valid -------------------------------------------------------------------------------------------


def test_everything_is_read() -> None:
    """Each key of the format becomes an attribute; what the format leaves out has its usual value."""
    schema = read(sample())
    assert (schema.version, schema.asc, schema.runtime) == ((1, 0), "0.28.20", "incremental")
    assert schema.features == ("sign-extension", "bulk-memory")
    assert schema.flags == {"link", "stackPointer"}
    assert schema.types[:4] == (NamedType("i32"), ClassType(0), ClassType(1), ClassType(1, nullable=True))
    assert schema.types[COLOR:] == (
        EnumType(0),
        FunctionType((I32, LINE), F64, None, 5, nullable=True),
        NamedType("this"),
        NamedType("f64"),
        ClassType(6),
    )
    assert schema.functions["each"].returns is None
    assert (schema.globals["PI"].const, schema.globals["PI"].value) == (True, 3.25)
    assert (schema.globals["total"].const, schema.globals["total"].value) == (False, None)
    assert schema.enums[0].values == {"Red": 0, "Late": None}
    assert schema.imports == (
        SchemaImport("env", "log", SchemaFunction("log", (SchemaParameter("text", STRING),), None), None),
        SchemaImport("env", "limit", None, I32),
    )
    assert schema.skipped == {"Line#pick": "generic"}


def test_classes_are_read() -> None:
    """A class holds its own members, with those that are static apart."""
    schema = read(sample())
    line = schema.classes[1]
    assert (line.index, line.id, line.base, line.implements, line.size) == (1, 5, 4, (3,), 24)
    assert (line.export, line.aliases, line.prefix, line.doc) == ("Line", ("Row",), "Line", "A line.")
    assert [(field.offset, field.access, field.readonly) for field in line.fields.values()] == [
        (4, "public", False),
        (8, "private", False),
        (16, "public", True),
    ]
    assert (line.fields["text"].default, line.fields["text"].doc) == ('"x"', "What it says.")
    assert line.constructor is not None
    assert line.constructor.params == (
        SchemaParameter("text", STRING),
        SchemaParameter("width", F64, optional=True, default="1.5"),
        SchemaParameter("next", MAYBE_LINE, optional=True),
    )
    assert sorted(line.methods) == [("append", False), ("parse", True)]
    assert line.properties == {("area", False): SchemaProperty("area", F64, get=True, set=True)}
    assert line.statics["count"].type == I32
    assert line.operators == {"+": "append"}
    box, shape = schema.classes[2:4]
    assert (box.generic, box.arguments, box.prefix) == ("assembly/index/Box", (LINE,), box.internal)
    assert (shape.is_interface, shape.size, shape.constructor) == (True, 0, None)


def test_smallest_schema() -> None:
    """Only the version, the compiler and the runtime have to be there."""
    schema = read({"version": "1.0", "asc": "0.20.0", "runtime": "stub"})
    assert (schema.types, schema.classes, schema.functions, schema.enums) == ((), (), {}, ())


def test_newer_minor_version() -> None:
    """What a later minor version adds is left alone: keys anywhere, and items at the end of tuples."""
    data = sample(version="1.9", news=[1], notes={"a": None})
    data["types"][STRING]["weak"] = True
    data["classes"][1]["sealed"] = {"by": "nobody"}
    data["classes"][1]["fields"][0]["volatile"] = True
    data["classes"][1]["constructor"]["params"][1].append({"since": 2})
    data["functions"][0]["params"][0] += [None, 7]
    data["enums"][0]["flags"] = True
    schema = read(data)
    assert schema.version == (1, 9)
    made = schema.classes[1].constructor
    assert made is not None
    assert made.params[1] == SchemaParameter("width", F64, optional=True, default="1.5")
    assert schema.functions["find"].params[0] == SchemaParameter("name", STRING, optional=True)


def test_newer_major_version() -> None:
    """A later major version is refused before anything else is looked at, and the fix is not to build again."""
    error = refused({"version": "2.0", "types": 3})
    assert str(error) == "the schema is of version 2.0, and this wasmbind reads 1.x"
    assert error.fix == "upgrade wasmbind, or compile with the wasmbind that is installed here"


def test_older_major_version() -> None:
    """There was no version 0; building again makes a newer one."""
    error = refused(sample(version="0.9"))
    assert str(error) == "the schema is of version 0.9, and this wasmbind reads 1.x"
    assert error.fix == REBUILD


@pytest.mark.parametrize("version", ["", "1", "1.", ".1", "1.x", "-1.0", "1.0.0", "one", "1e3.0", "9" * 5_000])
def test_versions_that_are_none(version: str) -> None:
    """Whatever is not two numbers is quoted."""
    assert "the version of the schema is" in str(refused(sample(version=version)))


# --- what is not ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "section",
    [b"", b"{", b"\xff\xfe\xff", b"nul", b"{}x", b'{"version": "1.0', b"[" * 100_000, b"9" * 10_000, b'"\xff"'],
    ids=range(9),
)
def test_no_json(section: bytes) -> None:
    """Bytes that are no JSON, nested without end among them, are said to be none."""
    with pytest.raises(SchemaError, match="is no JSON"):
        read_schema(section)


@pytest.mark.parametrize("data", [None, True, 1, 1.5, "text", [], [{}], {}])
def test_no_object(data: Any) -> None:
    """JSON that is nothing like a schema is refused."""
    assert refused(data).fix == REBUILD


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (["asc"], 28, "schema.asc is no text"),
        (["runtime"], None, "schema has no runtime"),
        (["types"], {}, "schema.types is no list"),
        (["types", 0], 5, "schema.types[0] is no object"),
        (["types", 0], {}, "schema.types[0] is no type"),
        (["types", 1, "class"], "0", "schema.types[1].class is no number of 0 or more"),
        (["types", 1, "class"], True, "schema.types[1].class is no number of 0 or more"),
        (["types", 1, "class"], -1, "schema.types[1].class is no number of 0 or more"),
        (["types", 1, "class"], 1.0, "schema.types[1].class is no number of 0 or more"),
        (["types", 1, "nullable"], 1, "schema.types[1].nullable is neither true nor false"),
        (["types", 1, "class"], 7, "the schema refers to class 7 of 7"),
        (["types", 6, "enum"], 1, "the schema refers to enum 1 of 1"),
        (["types", 7, "class"], 1 << 70, f"the schema refers to class {1 << 70} of 7"),
        (["types", 7, "function", "params", 0], 11, "the schema refers to type 11 of 11"),
        (["types", 7, "function", "returns"], 99, "the schema refers to type 99 of 11"),
        (["types", 7, "function", "this"], 99, "the schema refers to type 99 of 11"),
        (["classes", 1, "internal"], None, "schema.classes[1] has no internal"),
        (["classes", 1, "base"], 7, "the schema refers to class 7 of 7"),
        (["classes", 1, "implements", 0], 8, "the schema refers to class 8 of 7"),
        (["classes", 2, "arguments", 0], 11, "the schema refers to type 11 of 11"),
        (["classes", 1, "abstract"], "yes", "schema.classes[1].abstract is neither true nor false"),
        (["classes", 1, "fields", 0, "type"], 11, "the schema refers to type 11 of 11"),
        (["classes", 1, "fields", 0, "access"], "secret", "schema.classes[1].fields[0].access is unknown"),
        (
            ["classes", 1, "methods", 0, "params", 0],
            ["other"],
            "schema.classes[1].methods[0].params[0] is no parameter",
        ),
        (["classes", 1, "methods", 0, "returns"], 11, "the schema refers to type 11 of 11"),
        (["classes", 1, "constructor", "params", 0, 1], 11, "the schema refers to type 11 of 11"),
        (["classes", 1, "constructor", "params", 1, 2], 5, "schema.classes[1].constructor.params[1][2] is no text"),
        (["classes", 1, "properties", 0, "type"], 11, "the schema refers to type 11 of 11"),
        (["classes", 1, "statics", 0, "type"], 11, "the schema refers to type 11 of 11"),
        (["classes", 1, "operators", "+"], [], "schema.classes[1].operators.+ is no text"),
        (["functions", 0, "params", 0, 1], 11, "the schema refers to type 11 of 11"),
        (["globals", 0, "value"], [], "schema.globals[0].value is no value"),
        (["globals", 0, "type"], 11, "the schema refers to type 11 of 11"),
        (["enums", 0, "values", "Red"], 0.5, "schema.enums[0].values.Red is no value of an enum"),
        (["enums", 0, "values", "Red"], True, "schema.enums[0].values.Red is no value of an enum"),
        (["imports", 0, "params", 0, 1], 11, "the schema refers to type 11 of 11"),
        (["imports", 1, "type"], 11, "the schema refers to type 11 of 11"),
        (["skipped", "Line#pick"], None, "schema.skipped.Line#pick is no text"),
        (["flags", "link"], 1, "schema.flags.link is neither true nor false"),
    ],
)
def test_one_wrong_value(path: list[str | int], value: Any, problem: str) -> None:
    """A value of the wrong kind, or an index that leads nowhere, is named with its place."""
    data = sample()
    place: Any = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    error = refused(data)
    assert (str(error), error.fix) == (problem, REBUILD)


@pytest.mark.parametrize(
    ("type_", "offset"),
    [(I32, 24), (I32, 21), (I32, 2), (F64, 4), (F64, 20), (F64, 24), (STRING, 22), (LINE, 1 << 40), (COLOR, 23)],
)
def test_fields_that_do_not_lie_in_their_class(type_: int, offset: int) -> None:
    """A field ends inside its class, at a multiple of its size."""
    data = sample()
    data["classes"][1]["fields"][0] = {"name": "text", "type": type_, "offset": offset}
    problem = f"assembly/index/Line.text does not lie at a place for it, byte {offset}"
    assert str(refused(data)) == problem


@pytest.mark.parametrize(("name", "size"), [("bool", 1), ("u8", 1), ("i16", 2), ("u32", 4), ("i64", 8), ("f32", 4)])
def test_fields_at_the_edge_of_their_class(name: str, size: int) -> None:
    """The last place of its size is one for a field, and the next is not."""
    data = sample()
    data["types"].append(name)
    field = {"name": "last", "type": len(data["types"]) - 1, "offset": 24 - size}
    data["classes"][1]["fields"].append(field)
    assert read(data).classes[1].fields["last"].offset == 24 - size
    field["offset"] = 24
    assert "does not lie at a place" in str(refused(data))


def test_classes_larger_than_any_object() -> None:
    """No object is larger than a gigabyte."""
    data = sample()
    data["classes"][1]["size"] = 1 << 31
    assert str(refused(data)) == f"assembly/index/Line is {1 << 31} bytes large"


@pytest.mark.parametrize(("what", "value"), [("internal", "assembly/index/Line"), ("export", "Line"), ("id", 5)])
def test_classes_that_nothing_tells_apart(what: str, value: object) -> None:
    """No two classes have one run-time id, one internal name or one export name."""
    data = sample()
    data["classes"][6][what] = value
    key = "prefix" if what == "export" else what
    assert str(refused(data)) == f"two classes of the schema have the {key} {value}"


def test_export_name_that_is_an_internal_one() -> None:
    """What members are called by belongs to one class, whether it is the name of an export or not."""
    data = sample()
    data["classes"][6]["export"] = data["classes"][2]["internal"]
    assert str(refused(data)) == "two classes of the schema have the prefix assembly/index/Box<assembly/index/Line>"


@pytest.mark.parametrize("bases", [{1: 1}, {1: 2, 2: 1}, {4: 1}, {0: 1, 4: 0}], ids=str)
def test_classes_that_derive_from_themselves(bases: dict[int, int]) -> None:
    """Following the bases of a class comes to an end."""
    data = sample()
    for index, base in bases.items():
        data["classes"][index]["base"] = base
    assert str(refused(data)).endswith(" derives from itself")


def test_classes_smaller_than_their_base() -> None:
    """A class holds the fields of its base, so it is as large at least; an interface holds none."""
    data = sample()
    box, base = data["classes"][2], data["classes"][4]
    base["size"] = 4
    assert read(data).classes[2].size == 4
    base["size"] = 8
    assert str(refused(data)) == f"{box['internal']} is smaller than ~lib/object/Object, which it derives from"
    box["size"] = 8
    data["classes"][3]["base"] = 4
    assert read(data).classes[3].is_interface
