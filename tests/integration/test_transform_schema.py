"""What wasmbind's transform writes down, against its JSON Schema, its documentation, and the module itself."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.compilers import Configuration, each_compiler, each_configuration
from tests.compiling import ROOT, TRANSFORM, Compiler, compile_asc
from tests.integration.plain_host import read_schema, read_section
from tests.integration.transformed import FEATURES, LEGACY, features, run_asc

SCHEMA: Any = json.loads(TRANSFORM.with_name("schema.json").read_text(encoding="utf-8"))
LIBRARY = "~lib/"


@each_configuration
def test_schema_is_valid(configuration: Configuration) -> None:
    """What the transform writes is what the JSON Schema describes."""
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(read_schema(configuration.compile(FEATURES)))


def test_schema_is_compact() -> None:
    """No white space, nothing twice, nothing that has its usual value."""
    section = read_section(compile_asc(FEATURES, transform=True))
    schema = json.loads(section)
    assert section == json.dumps(schema, separators=(",", ":"), ensure_ascii=False).encode()
    assert len({json.dumps(each) for each in schema["types"]}) == len(schema["types"])
    for usual in (b":false", b":[]", b":{}"):
        assert usual not in section.replace(b'"params":[]', b'"params":0')


@each_compiler
def test_output_is_deterministic(compiler: Compiler, tmp_path: Path) -> None:
    """The same source gives the same bytes."""
    source = (ROOT / "tests" / "assembly" / FEATURES).read_text(encoding="utf-8")
    outputs: set[bytes] = set()
    for _ in range(2):
        assert run_asc(tmp_path, source, compiler=compiler).returncode == 0
        outputs.add((tmp_path / "main.wasm").read_bytes())
    assert len(outputs) == 1


def expected_exports(schema: Any) -> Iterator[str]:
    """The exports of the members that a schema lists."""
    for each in schema["classes"]:
        prefix = each.get("export", each["internal"])
        if "access" not in each.get("constructor", {"access": "none"}):
            yield f"{prefix}#constructor"
        for method in each.get("methods", []):
            if "access" not in method:
                yield f"{prefix}{'.' if 'static' in method else '#'}{method['name']}"
        for member in each.get("properties", []):
            if "access" not in member:
                separator = "." if "static" in member else "#"
                yield from (f"{prefix}{separator}{kind}:{member['name']}" for kind in ("get", "set") if kind in member)
        for field in each.get("fields", []):
            if "access" not in field and not each["internal"].startswith(LIBRARY):
                yield f"{prefix}#get:{field['name']}"
                if "readonly" not in field:
                    yield f"{prefix}#set:{field['name']}"
        yield from (f"{prefix}.{static['name']}" for static in each.get("statics", []) if "access" not in static)


@each_configuration
def test_members_are_exported(configuration: Configuration) -> None:
    """Exactly the public members that the schema lists are exported, and all exported functions and globals."""
    host = features(configuration)
    schema = host.schema
    expected = set(expected_exports(schema))
    assert expected <= host.names
    assert {name for name in host.names if "#" in name} == {name for name in expected if "#" in name}
    top_level = {each["name"] for each in (*schema["functions"], *schema["globals"])}
    values = {f"{each['export']}.{value}" for each in schema["enums"] if "export" in each for value in each["values"]}
    runtime = {name for name in host.names if name.startswith("__")} | {"memory", "table"}
    assert host.names - expected - runtime == top_level | values
    assert not host.names & set(schema["skipped"])


@each_configuration
def test_layouts_are_those_of_the_module(configuration: Configuration) -> None:
    """Ids, sizes and offsets are what headers, getters and setters say."""
    host = features(configuration)
    arguments = {"File": (host.call("__pin", host.new_string("name")),), "Vector": (1.5, -2.0), "Square": (2.0,)}
    for name in ("File", "Point", "Dog", "Puppy", "Square", "Circle", "Errand", "Vector", "StringMap", "Tags"):
        found = host.class_of(name)
        ptr = host.call_optional(f"{name}#constructor", 0, *arguments.get(name, ()), is_method=True)
        assert (host.rt_id(ptr), host.read(ptr - 4)) == (found["id"], found["size"])
        for field in found.get("fields", []):
            if "access" in field:
                continue
            type_ = host.type_of(field["type"])
            kind = type_ if isinstance(type_, str) else "i32" if "enum" in type_ else "u32"
            value = host.read(ptr + field["offset"], kind)
            got = host.call(f"{name}#get:{field['name']}", ptr)
            assert got == value or (got - value) % 2**32 == 0, (name, field)
            if "readonly" not in field and kind in ("i32", "f64", "f32", "bool"):
                host.call(f"{name}#set:{field['name']}", ptr, 1.0 if kind[0] == "f" else 1)
                assert host.read(ptr + field["offset"], kind) == 1


@each_configuration
def test_classes_match_run_time_type_information(configuration: Configuration) -> None:
    """Every run-time id has one class; one of them is an array of references for the root table."""
    host = features(configuration)
    base = host.get("__rtti_base")
    ids = [each["id"] for each in host.schema["classes"] if "id" in each]
    assert sorted(ids) == list(range(host.read(base)))
    stride = 8 if configuration.compiler in LEGACY else 4  # flags, and up to 0.22 the id of the base class
    flags = [host.read(base + 4 + rt_id * stride) for rt_id in range(len(ids))]
    static_array, managed = 1 << 2, 1 << 14
    assert any(each & static_array and each & managed for each in flags)


@each_compiler
def test_root_array_is_added(compiler: Compiler) -> None:
    """A program without arrays of references gets the class of one, under every runtime."""
    for runtime in ("incremental", "minimal", "stub"):
        wasm = compile_asc("export const x = 1;", "--runtime", runtime, compiler=compiler, transform=True)
        names = [each["internal"] for each in read_schema(wasm)["classes"]]
        assert [name for name in names if "StaticArray" in name] == [
            "~lib/staticarray/StaticArray<~lib/string/String|null>"
        ]


def class_shape(schema: Any, name: str) -> dict[str, Any]:
    """A class, with names in place of indices."""
    found = next(each for each in schema["classes"] if name in (each.get("export"), each["internal"]))

    def text(index: int | None) -> str:
        entry = "void" if index is None else schema["types"][index]
        if isinstance(entry, str):
            return entry
        if "enum" in entry:
            return str(schema["enums"][entry["enum"]]["internal"])
        if "function" in entry:
            function = entry["function"]
            return f"({', '.join(map(text, function['params']))}) => {text(function.get('returns'))}"
        return str(schema["classes"][entry["class"]]["internal"]) + (" | null" if "nullable" in entry else "")

    def signature(function: Any) -> str:
        params = [
            f"{each[0]}: {text(each[1])}" + (f" = {each[2]}" if len(each) > 2 else "")
            for each in function.get("params", [])
        ]
        return f"({', '.join(params)}): {text(function.get('returns'))}"

    return {
        "base": schema["classes"][found["base"]]["internal"] if "base" in found else None,
        "fields": {each["name"]: text(each["type"]) for each in found.get("fields", [])},
        "constructor": signature(found["constructor"]) if "constructor" in found else None,
        "methods": {each["name"]: signature(each) for each in found.get("methods", [])},
        "properties": {each["name"]: text(each["type"]) for each in found.get("properties", [])},
        "statics": {each["name"]: text(each["type"]) for each in found.get("statics", [])},
    }


@each_configuration
def test_types_are_those_of_the_source(configuration: Configuration) -> None:
    """Types, parameter names and default values of a class are as its source says."""
    string, line = "~lib/string/String", "features/Line"
    shape = class_shape(read_schema(configuration.compile(FEATURES)), "File")
    shape.pop("base")  # Object, or nothing in old versions
    assert shape == {
        "fields": {
            "name": string,
            "lines": f"~lib/array/Array<{line}>",
            "flag": "bool",
            "ratio": "f32",
            "big": "u64",
            "level": "features/Level",
            "parent": "features/File | null",
            "id": "u32",
            "secret": "i32",
            "guarded": "i64",
        },
        "constructor": f"(name: {string}, capacity: i32 = 8): void",
        "methods": {
            "addLine": f"(line: {line}): f64",
            "append": f'(text: {string}, times: i32 = 1, suffix: {string} = "!"): i32',
            "find": f"(text: {string}): {line} | null",
            "texts": f"(): ~lib/array/Array<{string}>",
            "touch": "(): this",
            "each": f"(visit: ({line}, i32) => i32): i32",
            "inherited": "(): i32",
            "hidden": "(): i32",
            "parse": f'(text: {string}, separator: {string} = "\\n"): features/File',
        },
        "properties": {"size": "i32", "title": string, "hiddenSize": "i32", "total": "i32"},
        "statics": {"count": "i32", "MAX": "i32", "newest": "features/File | null", "secrets": "i32"},
    }


@each_configuration
def test_constants_and_enums_have_values(configuration: Configuration) -> None:
    """Values of constants are exact; what the start function computes has none."""
    schema = read_schema(configuration.compile(FEATURES))
    assert {each["name"]: each.get("value") for each in schema["globals"] if "const" in each} == {
        "LIMIT": 42,
        "RATIO": 3.25,
        "HUGE": str(2**64 - 1),
        "LOWEST": str(-(2**63)),
        "UNSIGNED": 2**32 - 1,
        "ENABLED": True,
        "NOTHING": "NaN",
        "THIRD": 0.10000000149011612,
        "TITLE": None,
        "INLINED": 42,
        "geo.ORIGIN": 9,
    }
    assert {each["internal"].rpartition("/")[2]: each["values"] for each in schema["enums"]} == {
        "Level": {"Debug": 1, "Info": 2, "Warn": 10, "Off": -1},
        "Color": {"Red": 5, "Green": 6, "Blue": 16},
        "Computed": {"First": None, "Second": 4},
        "Unexported": {"No": 0, "Yes": 1},
        "geo.Axis": {"X": 0, "Y": 1},
    }


def test_all_compilers_say_the_same() -> None:
    """The oldest compiler's schema differs from the newest's in what the compilers differ in: ids, and `Object`."""

    def shapes(compiler: Compiler) -> dict[str, dict[str, Any]]:
        schema = read_schema(compile_asc(FEATURES, compiler=compiler, transform=True))
        names = [each["internal"] for each in schema["classes"]]
        return {name: class_shape(schema, name) | {"base": None} for name in names if "/object/" not in name}

    assert shapes("oldest") == shapes("modern")


def test_imports_lead_to_types() -> None:
    """What the host is given through an import is listed and reached."""
    schema = read_schema(compile_asc(FEATURES, transform=True))
    imports = {(each["module"], each["name"]): each for each in schema["imports"]}
    assert set(imports) == {("env", "abort"), ("host", "log"), ("host", "ask"), ("host", "scale")}
    assert [name for name, _ in imports["host", "log"]["params"]] == ["level", "message", "event"]
    assert schema["types"][imports["host", "scale"]["type"]] == "f64"
    assert list(class_shape(schema, "features/Event")["fields"]) == ["kind", "file"]


DOCUMENTED = """
/* No doc comment. */
export function plain(): void {}

/** One line. */
export function one(): void {}

/**
 * Two lines,
 *   of which one is indented.
 */
// @ts-ignore: decorator
@inline
export function two(): void {}

/** Of something else. */

export function apart(): void {}

export const before = 1; /** Behind that. */
export const after = 2;

/** The class. */
export abstract class Documented {
  /** In a row. */ a: i32 = 1; /** Also. */ readonly b: i32 = 2;
  constructor(/** A parameter property. */ public c: i32) {}
  // Not a doc comment.
  static d: i32 = 3;
  /** Between. */
  @inline
  protected
  static
  e(): void {}
  @inline
  /** Below a decorator. */
  f(): void {}
  /** Not empty: /* */
  get g(): i32 { return 1; }
}
"""


@each_compiler
def test_doc_comments(compiler: Compiler) -> None:
    """A doc comment belongs to what it stands directly before, and to nothing else."""
    schema = read_schema(compile_asc(DOCUMENTED, compiler=compiler, transform=True))
    found = next(each for each in schema["classes"] if each.get("export") == "Documented")
    members = [*found["fields"], *found["statics"], *found["methods"], *found["properties"], *schema["functions"]]
    assert {each["name"]: each["doc"] for each in (*members, *schema["globals"]) if "doc" in each} == {
        "one": "One line.",
        "two": "Two lines,\n  of which one is indented.",
        "a": "In a row.",
        "b": "Also.",
        "c": "A parameter property.",
        "e": "Between.",
        "f": "Below a decorator.",
    }
    assert found["doc"] == "The class."


SECTIONS: Mapping[str, str] = {
    "Top level": "",
    "Classes": "class",
    "Fields": "field",
    "Properties": "property",
    "Functions": "function",
    "Globals": "global",
    "Enums": "enum",
    "Imports": "import",
    "Flags": "flags",
}


def documented_keys(text: str) -> set[str]:
    """The keys in the first column of a section's table, or in its first sentence, but for what brackets say."""
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", text, re.MULTILINE)
    first_sentence = re.sub(r"\([^()]*\)", "", text).strip().partition(". ")[0].partition(".\n")[0]
    return set(re.findall(r"`(\w+)`", " ".join(rows) or first_sentence))


@pytest.mark.parametrize("section", SECTIONS)
def test_documentation_and_json_schema_agree(section: str) -> None:
    """docs/schema.md and schema.json name the same keys."""
    text = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^##+ (.+)\n([^#]*(?:#(?!#)[^#]*)*)", text, re.MULTILINE))
    described = SCHEMA["$defs"][SECTIONS[section]] if SECTIONS[section] else SCHEMA
    assert documented_keys(parts[section]) == set(described["properties"])
