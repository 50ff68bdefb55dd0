"""What the exports of a binary without a schema are taken for."""

import pytest

from wasmbind._dynamic.exports import plain_name, read_exports
from wasmbind._schema.model import Binary, Export, FunctionType, GlobalType

_FUNCTION = FunctionType(("i32",), ("i32",))


def _binary(*functions: str, **constants: int | None) -> Binary:
    exports = {name: Export(name, _FUNCTION) for name in functions}
    for name, value in constants.items():
        export = name.replace("__", ".")
        exports[export] = Export(export, GlobalType("i32", value is None, 0 if value is None else value))
    return Binary("test.wasm", (), exports)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("File", "File"),
        ("Map<~lib/string/String,i32>", "Map<string,i32>"),
        ("Map<~lib/string/String, ~lib/array/Array<~lib/string/String>>", "Map<string,Array<string>>"),
        ("Box<assembly/index/Line>", "Box<Line>"),
        ("Box<assembly/deep.er/in-dex/String>", "Box<string>"),
        ("Strings<f64>", "Strings<f64>"),
    ],
)
def test_plain_names(name: str, plain: str) -> None:
    """Generics are known by the names that people write."""
    assert plain_name(name) == plain


def test_members_make_classes() -> None:
    """A class is what has members; its id, statics and static fields belong to it."""
    binary = _binary(
        "File#constructor",
        "File#get:size",
        "File#set:size",
        "File#add",
        "File.parse",
        "plain",
        File=5,
        File__count=None,
    )
    found = read_exports(binary)
    (cls,) = found.classes.values()
    assert (cls.name, cls.rt_id) == ("File", 5)
    assert set(cls.members) == {"constructor", "get:size", "set:size", "add"}
    assert set(cls.statics) == {"parse"}
    assert set(cls.values) == {"count"}
    assert set(found.functions) == {"plain"}
    assert found.globals == {}


def test_constants_make_enums() -> None:
    """Constants under one name are an enum, unless something else is there too."""
    found = read_exports(_binary("ns.f", Color__Red=0, Color__Green=5, ns__K=4, ns__v=None, ui__Mode__On=1))
    assert found.enums == {"Color": {"Red": 0, "Green": 5}, "ui.Mode": {"On": 1}}
    assert set(found.globals) == {"ns.K", "ns.v"}
    assert found.namespaces == {"ns": ["f", "K", "v"]}


def test_the_runtime_is_no_member() -> None:
    """What belongs to AssemblyScript's runtime is left out, and so is the start function."""
    found = read_exports(_binary("__new", "__pin", "", "_start", real=1))
    assert (found.functions, set(found.globals)) == ({}, {"real"})


def test_an_id_that_is_none() -> None:
    """A class whose global is variable, or that has none, has no known id."""
    assert read_exports(_binary("A#m", "B#m", A=None)).classes["A"].rt_id is None
    assert read_exports(_binary("A#m")).classes["A"].rt_id is None
