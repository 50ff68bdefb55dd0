"""Declarations that between them use every way of generating code, and the plans made of them."""

# mypy: disable-error-code="empty-body, assignment"

import enum
from collections.abc import Callable

from wasmbind import (
    Array,
    AscClass,
    AscModule,
    Float64Array,
    Map,
    Set,
    StaticArray,
    f32,
    f64,
    host,
    i8,
    i16,
    i32,
    i64,
    isize,
    string,
    u8,
    u16,
    u32,
    u64,
    usize,
)
from wasmbind import _descriptors as d
from wasmbind._accessors import FieldPlan
from wasmbind._annotations import resolve_annotation
from wasmbind._calls import CallPlan
from wasmbind._conversion import codec_for
from wasmbind._declarations import read_declaration
from wasmbind._dynamic.declaring import Declarer
from wasmbind._dynamic.hints import Hints
from wasmbind._dynamic.objects import Shown
from wasmbind._dynamic.retyping import Retyped
from wasmbind._emit import call_source
from wasmbind._handlers import HandlerPlan
from wasmbind._layout import compute_layout
from wasmbind._live.base import Live
from wasmbind._live.elements import element_sources
from wasmbind._plans import accessor_plans, global_plans, plan_function
from wasmbind._providers import _plan
from wasmbind._schema.model import FunctionType, ValueType
from wasmbind._scopes import Scope


class Color(enum.IntEnum):
    Red = 0
    Green = 5


class Line(AscClass):
    s: string


class Numbers(AscModule):
    def nothing(self) -> None: ...
    def take_i8(self, value: i8) -> i8: ...
    def take_u8(self, value: u8) -> u8: ...
    def take_i16(self, value: i16) -> i16: ...
    def take_u16(self, value: u16) -> u16: ...
    def take_i32(self, value: i32) -> i32: ...
    def take_u32(self, value: u32) -> u32: ...
    def take_i64(self, value: i64) -> i64: ...
    def take_u64(self, value: u64) -> u64: ...
    def take_isize(self, value: isize) -> isize: ...
    def take_usize(self, value: usize) -> usize: ...
    def take_f32(self, value: f32) -> f32: ...
    def take_f64(self, value: f64) -> f64: ...
    def take_bool(self, value: bool) -> bool: ...
    def take_color(self, value: Color) -> Color: ...
    def mix(self, a: i8, b: u64, c: f64, d: f32, e: bool) -> f64: ...


class References(AscModule):
    def text(self, value: string) -> string: ...
    def maybe_text(self, value: string | None) -> string | None: ...
    def line(self, value: Line) -> Line: ...
    def maybe_line(self, value: Line | None) -> Line | None: ...
    def numbers(self, value: list[f64]) -> list[f64]: ...
    def words(self, value: list[string]) -> list[string]: ...
    def maybe_numbers(self, value: list[f64] | None) -> list[f64] | None: ...
    def consume(self, line: Line, text: string, numbers: list[i32], count: i32) -> None: ...
    def many_texts(
        self,
        a: string,
        b: string,
        c: string,
        d: string,
        e: string,
        f: string,
        g: string,
        h: string,
        ninth: string,
    ) -> i32: ...


class Collections(AscModule):
    def live(self, lines: Array[Line], index: Map[string, i32] | None, samples: Float64Array = ...) -> Array[Line]: ...
    def maybe(self, tags: Set[string]) -> Map[string, Array[Line]] | None: ...
    def copied(self, words: dict[string, list[f64]], tags: set[string]) -> dict[string, i32]: ...
    def data(self, content: bytes) -> tuple[f64, f64]: ...


class Defaults(AscModule):
    def optional(self, a: i32, b: f64 = ..., c: i8 = ...) -> f64: ...
    def all_optional(self, a: string = ..., b: Line | None = ..., c: bool = ..., d: Color = ...) -> i32: ...
    def from_python(self, a: i32 = 7, b: string = "x", c: Line | None = None) -> string: ...
    def both(self, a: i32, b: i32 = 3, c: i32 = ...) -> i32: ...


class Members(AscClass):
    def __init__(self, name: string, size: i32 = ...) -> None: ...
    def method(self, other: "Members", by: f32) -> "Members": ...
    def nothing(self) -> None: ...
    def optional(self, by: i32 = ...) -> None: ...
    @property
    def count(self) -> u32: ...
    @count.setter
    def count(self, value: u32) -> None: ...
    @property
    def title(self) -> string: ...
    @title.setter
    def title(self, value: string) -> None: ...
    @staticmethod
    def parse(text: string) -> "Members": ...


class Plain(AscClass):
    def __init__(self) -> None: ...


class Collisions(AscModule):
    """Names of the user's that the generator, too, would use."""

    def status(self, runtime: i32, count: i32) -> i32: ...
    def plan(self, plan: string, scratch: string, me: i32) -> string: ...
    def attend(self, value: string) -> string: ...
    def call_slowly(self, get_ident: i32, handle: i32 = ...) -> i32: ...
    def twice(self, plan: i32, _plan: i32, __plan__: i32) -> i32: ...
    def pointers(self, a: Line, a_ptr: Line, type_of_a: i32) -> Line: ...
    def result(self, result: Color, number: Color, members: i32) -> Color: ...
    def defaults(self, a: i32 = 1, default_a: i32 = 2, OMITTED: i32 = ...) -> i32: ...
    def arguments(self, arg_i32: i32, arg_u32: u32, arg_f64: f64) -> None: ...


class Globals(AscModule):
    counter: i32
    ratio: f64
    ready: bool
    name: string
    line: Line | None

    @property
    def LIMIT(self) -> f64: ...
    @property
    def current(self) -> Color: ...
    @current.setter
    def current(self, value: Color) -> None: ...


class Hosts(AscModule):
    @host("env")
    def nothing(self) -> None: ...
    @host("env")
    def numbers(self, a: i8, b: u16, c: i32, d: u64, e: f32, f: f64) -> f64: ...
    @host("env")
    def narrow(self, a: bool) -> u8: ...
    @host("env")
    def wide(self, a: i64) -> u32: ...
    @host("env")
    def truth(self, a: u32) -> bool: ...
    @host("env")
    def color(self, a: Color) -> Color: ...
    @host("env")
    def text(self, a: string, b: string | None) -> string: ...
    @host("env")
    def maybe_text(self, a: i32) -> string | None: ...
    @host("env")
    def line(self, a: Line, b: list[f64], c: Map[string, i32] | None) -> Line: ...
    @host("env")
    def callback(self, f: Callable[[i32], string]) -> Callable[[Line], None]: ...


class Fields(AscClass):
    flag: bool
    tiny: i8
    byte: u8
    short: i16
    word: u16
    number: i32
    unsigned: u32
    long: i64
    ulong: u64
    ratio: f32
    exact: f64
    color: Color
    text: string
    maybe_text: string | None
    line: Line
    maybe_line: Line | None
    numbers: list[f64]
    maybe_words: list[string] | None
    lines: Array[Line]
    maybe_index: Map[string, i32] | None
    counts: dict[string, i32]


CALLERS: list[type] = [Numbers, References, Collections, Defaults, Members, Plain, Collisions, Globals]


#: One live type for each way of generating its methods, by the name of the golden file.
LIVE: dict[str, object] = {
    "live_array_f64": Array[f64],
    "live_array_i8": Array[i8],
    "live_array_line": Array[Line | None],
    "live_static_array_bool": StaticArray[bool],
    "live_static_array_color": StaticArray[Color],
    "live_float64_array": Float64Array,
    "live_map_string_i32": Map[string, i32],
    "live_set_line": Set[Line],
}


def live_sources(annotation: object) -> list[str]:
    """Everything that is generated for a live type."""
    cls = codec_for(resolve_annotation(annotation, Scope({}), "live").type).cls
    assert cls is not None
    assert issubclass(cls, Live)
    codec = cls.__asc_codec__
    elements = {} if cls.__asc_kind__ in ("Map", "Set") else element_sources(cls.__asc_kind__, codec.element)
    return [*elements.values(), *map(call_source, cls.__asc_plans__)]


class Untold(AscModule):
    """A module that declares nothing; its functions are made of what WebAssembly says."""

    __asc_retype__ = Retyped


def dynamic_plans() -> list[CallPlan]:
    """Functions that nobody has declared: with a result that is looked at, with a known one, and without any."""
    found = []
    for shown in (Shown.RESULT, None):
        declarer = Declarer(Hints("untold", {}), refers=True, required={"some": 1}, shown=shown)
        types = {
            "add": FunctionType(("i32", "i64", "f64"), ("i32",)),
            "some": FunctionType(("i32", "i32"), ()),
        }
        found += [declarer.function(Untold, name, name, "function", type_) for name, type_ in types.items()]
    return [plan_function(function) for function in found]


def call_plans(cls: type) -> list[CallPlan]:
    """The plans of all that a class declares, in order; of its fields the exported accessors or the glue's."""
    declaration = read_declaration(cls)
    plans = [plan_function(function) for function in declaration.functions]
    accessors = global_plans if issubclass(cls, AscModule) else accessor_plans
    return plans + [plan for field in declaration.fields for plan in accessors(field)]


def handler_plans() -> list[HandlerPlan]:
    """The plans of all host functions, as methods."""
    plans = []
    for declared in read_declaration(Hosts).hosts:
        function = declared.function
        params: tuple[ValueType, ...] = tuple([d.wasm_type(each.type) or "i32" for each in function.parameters])
        result = d.wasm_type(function.result)
        plans.append(_plan(declared, function.who, FunctionType(params, () if result is None else (result,))))
    return plans


#: What functions of numbers are imported as.
PLAIN = [
    FunctionType((), ()),
    FunctionType(("i32",), ("i32",)),
    FunctionType(("i32", "i64", "f32", "f64"), ()),
    FunctionType(("f64", "f64"), ("f64",)),
    FunctionType((), ("i64",)),
]


def field_plans(cls: type = Fields) -> list[FieldPlan]:
    """The plans of the fields of a class, at their offsets."""
    fields = read_declaration(cls).fields
    offsets = compute_layout((field.name, field.type) for field in fields).offsets
    return [FieldPlan(field.name, field.who, codec_for(field.type), offsets[field.name]) for field in fields]
