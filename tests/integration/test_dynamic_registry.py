"""Class registries: types that are given once, for binaries with a schema and without."""

import gc
import weakref
from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.dynamic_modules import BARE, CLASSES, STOCK, Variant, load, variants
from wasmbind import AscClass, DeclarationError, Module, asdict, f64, i32, wrap_opaque

REGISTRY = """
export class Line { constructor(public s: string) {} }
export class File {
  lines: Line[] = []; name: string = "f"; flag: bool = true; static made: i32 = 3;
  constructor() {}
  first(): Line { return this.lines[0]; }
  add(s: string): File { this.lines.push(new Line(s)); return this; }
  static named(s: string): File { let f = new File(); f.name = s; return f; }
}
export enum Mode { Read, Write = 4 }
export namespace ns {
  export class In { constructor(public q: i32) {} }
  export enum Kind { K = 2 }
  export function inner(): In { return new In(7); }
}
export let current: File = new File();
export function getFile(): File { return current; }
export function text(): string { return "t"; }
export function half(): f64 { return 0.5; }
export function mode(): i32 { return 4; }
export function kind(): i32 { return 2; }
"""


@variants(CLASSES)
def test_registered_types(variant: Variant) -> None:
    """A class registry gives types to functions, globals, fields, methods and statics."""
    registry: dict[str, Any] = {
        "getFile": "File",
        "current": "File",
        "File": {"lines": "list[Line]", "name": str, "flag": bool, "first": "Line", "add": "File", "named": "File"},
        "Line": {"s": str},
    }
    module = load(variant, REGISTRY, class_registry=registry)
    file = module.getFile()
    assert (file.name, file.flag, file.lines) == ("f", True, [])
    assert type(file.lines) is list
    assert file.add("x").first().s == "x"
    file.name = "other"
    assert module.current.name == "other"
    assert module.current == file
    assert module.File.named("n").name == "n"
    assert module.File.made == 3
    module.File.made = 4
    assert module.File.made == 4
    assert repr(file) == "File(lines=[Line(s='x')], name='other', flag=True)"
    assert asdict(file) == {"lines": [{"s": "x"}], "name": "other", "flag": True}
    assert file.first(as_=module.Line).s == "x"


@variants(CLASSES)
def test_enums_and_dotted_names(variant: Variant) -> None:
    """Types may name enums, and what lies in namespaces; keys name the latter as exports do."""
    registry = {"mode": "Mode", "kind": "ns.Kind", "ns.inner": "ns.In", "ns.In": {"q": int}}
    module = load(variant, REGISTRY, class_registry=registry)
    assert module.mode() is module.Mode.Write
    assert module.kind() is module.ns.Kind.K
    assert module.ns.inner().q == 7
    assert module.resolve(module.ns.In(3), as_="ns.In").q == 3


@variants(STOCK)
def test_static_fields(variant: Variant) -> None:
    """A static field is a member of its class in a registry, too."""
    assert load(variant, REGISTRY, class_registry={"File": {"made": bool}}).File.made is True


@variants(["modern", "schema"])
def test_registered_declarations(variant: Variant) -> None:
    """A declared class says where its fields lie where no members are exported, and is the one that objects are of."""

    class Point(AscClass):
        x: i32
        y: f64

    source = "class Point { x: i32 = 3; y: f64 = 0.5; } export function at(): Point { return new Point(); }"
    module = load(variant, source, class_registry={"at": Point, "Point": Point})
    assert (module.at().x, module.at().y) == (3, 0.5)
    assert isinstance(module.at(), module.Point)
    assert type(module.at()) is Point
    assert module.at(as_="Point") != module.at()


@variants(["0.10", "classic", "schema"])
@pytest.mark.parametrize(
    "arguments",
    [{}, {"value_handler": wrap_opaque}, {"class_registry": {"text": str, "getFile": "File", "File": {"name": str}}}],
    ids=["plain", "wrapped", "registered"],
)
def test_instances_go_with_their_modules(variant: Variant, arguments: dict[str, Any]) -> None:
    """Neither types nor what is made for them keeps an instance alive."""
    gc.collect()
    gc.disable()
    try:
        module = load(variant, REGISTRY, **arguments)
        file = module.File()
        assert module.getFile(as_=module.File | None) != file
        assert (module.text(as_=str), file.name == 0, module.ns.inner() == 0) == ("t", False, False)
        runtime = weakref.ref(module.runtime)
        del module, file
        assert runtime() is None
    finally:
        gc.enable()


NAMES: list[tuple[Any, str]] = [
    ({"texts": str}, "did you mean 'text'"),
    ({"File": {"nam": str}}, r"class_registry\['File'\]\['nam'\].*\n.*did you mean 'name'"),
    ({"File": {"constructor": "File"}}, "no member of that name that has a result"),
    ({"File": str | None}, "is a class, and"),
    ({"File": ["name"]}, "is a class, and"),
    ({"text": {"a": str}}, "is no class"),
    ({"text": None}, "is no type"),
    ({"Mode": int}, "is an enum"),
    ({"ns": {"inner": "ns.In"}}, "is a namespace"),
    ({3: str}, "has the key 3, which is no name"),
    ({"File": {3: str}}, r"class_registry\['File'\]: has the key 3"),
    ([("text", str)], "class_registry: is a list"),
    ("text", "class_registry: is a str"),
]


@variants(["0.10", "classic", "schema"])
@pytest.mark.parametrize(("registry", "message"), NAMES, ids=str)
def test_mistaken_names(variant: Variant, registry: Any, message: str) -> None:
    """A registry that names what there is not, or in another form, is refused at once."""
    with pytest.raises(DeclarationError, match=message):
        load(variant, REGISTRY, class_registry=registry)


@variants(BARE)
def test_mistaken_types(variant: Variant) -> None:
    """A type that does not fit is an error of what has it, when that is used; everything else works."""
    registry: Mapping[str, Any] = {"half": str, "mode": "Nothing", "kind": int, "current": float}
    module = load(variant, REGISTRY, class_registry=registry)
    assert (module.kind(), module.text(as_=str)) == (2, "t")
    for name in ("half", "mode", "current"):
        with pytest.raises(TypeError, match=r"half|Nothing|current"):
            getattr(module, name)


@variants(STOCK)
def test_mistaken_types_of_members(variant: Variant) -> None:
    """The same for the members of classes."""
    registry = {"File": {"name": float, "first": "Nothing", "named": float, "flag": bool}}
    module = load(variant, REGISTRY, class_registry=registry)
    file = module.File()
    assert file.flag is True
    for use in (lambda: file.name, file.first, lambda: module.File.named("n")):
        with pytest.raises(DeclarationError, match=r"File\.(name|first|named)"):
            use()


MISTAKEN: list[dict[str, Any]] = [
    {"text": bytes},
    {"half": str},
    {"mode": "Nothing"},
    {"current": str},
    {"File": {"name": float}},
    {"File": {"add": str}},
    {"File": {"lines": "list[File]", "flag": str}},
]


@pytest.mark.parametrize("registry", MISTAKEN, ids=str)
def test_mistaken_types_with_a_schema(registry: dict[str, Any]) -> None:
    """A schema tells at once that a type is another one."""
    with pytest.raises(DeclarationError):
        load("schema", REGISTRY, class_registry=registry)


def test_a_registry_without_a_schema_of_classes() -> None:
    """Names of globals of a type that Python has nothing for are known, and stay what they are."""
    with pytest.raises(DeclarationError, match="binary exports nothing"):
        Module(b"\0asm\1\0\0\0", class_registry={"text": str})


@variants(CLASSES)
def test_names_that_nobody_knows(variant: Variant) -> None:
    """A name in a registry or in `as_=` that means nothing is refused, with what can be written instead."""
    advice = r"'Lime', which is not defined\n  fix +name a class that dir\(module\) shows"
    with pytest.raises(DeclarationError, match=advice):
        load(variant, REGISTRY, class_registry={"getFile": "list[Lime]"}).getFile()
    module = load(variant, REGISTRY)
    with pytest.raises(DeclarationError, match=advice):
        module.getFile(as_="Lime")
