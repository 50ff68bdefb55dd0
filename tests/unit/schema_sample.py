"""A schema with one of everything, as plain JSON."""

import copy
import json
from typing import Any

from wasmbind._schema.reader import read_schema
from wasmbind._schema.schema import Schema

#: The types, by what the classes and functions below call them.
I32, STRING, LINE, MAYBE_LINE, BOX, SHAPE, COLOR, CALLBACK, THIS, F64, LINES = range(11)

_SAMPLE: dict[str, Any] = {
    "version": "1.0",
    "asc": "0.28.20",
    "runtime": "incremental",
    "features": ["sign-extension", "bulk-memory"],
    "flags": {"link": True, "stackPointer": True, "finalize": False},
    "types": [
        "i32",
        {"class": 0},
        {"class": 1},
        {"class": 1, "nullable": True},
        {"class": 2},
        {"class": 3},
        {"enum": 0},
        {"function": {"params": [I32, LINE], "returns": F64}, "class": 5, "nullable": True},
        "this",
        "f64",
        {"class": 6},
    ],
    "classes": [
        {"internal": "~lib/string/String", "id": 2, "size": 0},
        {
            "internal": "assembly/index/Line",
            "export": "Line",
            "aliases": ["Row"],
            "id": 5,
            "base": 4,
            "implements": [3],
            "size": 24,
            "fields": [
                {"name": "text", "type": STRING, "offset": 4, "default": '"x"', "doc": "What it says."},
                {"name": "secret", "type": I32, "offset": 8, "access": "private"},
                {"name": "width", "type": F64, "offset": 16, "readonly": True},
            ],
            "constructor": {"params": [["text", STRING], ["width", F64, "1.5"], ["next", MAYBE_LINE, None]]},
            "methods": [
                {"name": "append", "params": [["other", LINE]], "returns": THIS},
                {"name": "parse", "params": [["text", STRING]], "returns": LINE, "static": True},
            ],
            "properties": [{"name": "area", "type": F64, "get": True, "set": True}],
            "statics": [{"name": "count", "type": I32}],
            "operators": {"+": "append"},
            "doc": "A line.",
        },
        {
            "internal": "assembly/index/Box<assembly/index/Line>",
            "id": 6,
            "base": 4,
            "size": 4,
            "generic": "assembly/index/Box",
            "arguments": [LINE],
            "fields": [{"name": "value", "type": LINE, "offset": 0}],
        },
        {"internal": "assembly/index/Shape", "kind": "interface", "id": 7},
        {"internal": "~lib/object/Object", "id": 0, "size": 0},
        {"internal": "~lib/function/Function<%28%29=>void>", "id": 8, "size": 8},
        {
            "internal": "~lib/array/Array<assembly/index/Line>",
            "generic": "~lib/array/Array",
            "arguments": [LINE],
            "id": 9,
            "size": 16,
        },
    ],
    "functions": [
        {"name": "find", "params": [["name", STRING], ["how", COLOR, "Color.Red"]], "returns": MAYBE_LINE},
        {"name": "each", "params": [["f", CALLBACK]]},
    ],
    "globals": [{"name": "PI", "type": F64, "const": True, "value": 3.25}, {"name": "total", "type": I32}],
    "enums": [{"internal": "assembly/index/Color", "export": "Color", "values": {"Red": 0, "Late": None}}],
    "imports": [
        {"module": "env", "name": "log", "params": [["text", STRING]]},
        {"module": "env", "name": "limit", "type": I32},
    ],
    "skipped": {"Line#pick": "generic"},
}


def sample(**changes: Any) -> dict[str, Any]:
    """A copy of the schema, with some of its keys replaced."""
    return {**copy.deepcopy(_SAMPLE), **changes}


def read(data: Any) -> Schema:
    """Read JSON as the section would hold it."""
    return read_schema(json.dumps(data).encode())
