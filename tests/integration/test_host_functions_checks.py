"""What a binary imports is compared with what is declared and given, before anything runs."""

# mypy: disable-error-code="empty-body"

import enum
import re
import types
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import wasmtime

from tests.compiling import compile_asc
from tests.integration.hosts_module import Build
from wasmbind import (
    AscClass,
    AscModule,
    BindError,
    DeclarationError,
    InstanceError,
    LowerRangeError,
    LowerTypeError,
    engine,
    f64,
    host,
    i32,
    i64,
    python,
    string,
    u32,
)

SOURCE = """
export enum Color { Red = 0, Green = 5 }
export class Line { constructor(public s: string) {} }
@external("env", "log") declare function log(message: string): void;
@external("env", "num") declare function num(a: i32, b: f64): i32;
@external("env", "line") declare function line(a: Line): Line;
@external("env", "limit") declare const limit: i32;
@external("other", "paint") declare function paint(c: Color, list: i32[]): bool;
export function say(s: string): void { log(s); }
export function count(x: i32): i32 { return num(x, 2.5) + limit; }
export function same(s: string): string { return line(new Line(s)).s; }
export function green(): bool { return paint(Color.Green, [1]); }
"""
STOCK, TRANSFORMED = Build(source=SOURCE), Build(source=SOURCE, transform=True)
both = pytest.mark.parametrize("build", [STOCK, TRANSFORMED, Build("classic", source=SOURCE)], ids=str)
LIMIT = {"env": {"limit": 3}}


class Line(AscClass):
    s: string


class Color(enum.IntEnum):
    Red = 0
    Green = 5


class Right(AscModule):
    def say(self, s: string) -> None: ...
    def count(self, x: i32) -> i32: ...
    def same(self, s: string) -> string: ...
    def green(self) -> bool: ...

    @host("env")
    def log(self, message: string) -> None:
        vars(self)["heard"] = message

    @host("env")
    def num(self, a: i32, b: f64) -> i32:
        return a + int(b)

    @host("env")
    def line(self, a: Line) -> Line:
        return a

    @host("other", "paint")
    def on_paint(self, c: Color, values: list[i32]) -> bool:
        return c is Color.Green and values == [1]


def bind(base: type, build: Build, **body: Any) -> Any:
    """A class for a build, derived from another."""
    return types.new_class(
        base.__name__, (base,), {"wasm": build}, lambda names: names.update(__module__=__name__, **body)
    )


def problems(start: Callable[[], object]) -> list[str]:
    """The mismatches that a start ends with, one text for each without the places of declarations."""
    with pytest.raises(BindError) as caught:
        start()
    for mismatch in caught.value.mismatches:
        assert not mismatch.where or re.search(r"test_host_functions_checks\.py:\d+", mismatch.where)
    return [f"{each.who}: declared {each.declared}, found {each.found}; {each.fix}" for each in caught.value.mismatches]


class Nothing(AscModule):
    def green(self) -> bool: ...


@both
def test_unprovided_imports_are_all_in_one_error(build: Build) -> None:
    """Functions and globals, each with what to give for it; what is given, or is a default, is not among them."""
    cls = bind(Nothing, build)
    of = "declared nothing that provides it, found an import of a"
    assert problems(cls) == [
        f"Nothing import env.log: {of} function (i32) -> void; pass imports={{'env': {{'log': ...}}}} to Nothing()",
        f"Nothing import env.num: {of} function (i32, f64) -> i32; pass imports={{'env': {{'num': ...}}}} to Nothing()",
        f"Nothing import env.line: {of} function (i32) -> i32; pass imports={{'env': {{'line': ...}}}} to Nothing()",
        (
            f"Nothing import other.paint: {of} function (i32, i32) -> i32;"
            " pass imports={'other': {'paint': ...}} to Nothing()"
        ),
        f"Nothing import env.limit: {of} global (constant i32); pass imports={{'env': {{'limit': 0}}}} to Nothing()",
    ]
    given = {"env": {"log": int, "num": max, "limit": 1}, "other": {"paint": bool}}
    assert [text.split(":")[0] for text in problems(lambda: cls(imports=given))] == ["Nothing import env.line"]


@both
def test_what_fits_is_bound(build: Build) -> None:
    """The right declarations are."""
    module = bind(Right, build)(imports=LIMIT)
    module.say("hello")
    assert (module.heard, module.count(5), module.same("x"), module.green()) == ("hello", 10, "x", True)


class Wrong(AscModule):
    @host("env")
    def logg(self, message: string) -> None:
        raise AssertionError(message)

    @host("other")
    def line(self, a: Line) -> Line:
        return a

    @host("env")
    def limit(self, a: i32) -> i32:
        return a

    @host("env")
    def num(self, a: i64) -> f64:
        return float(a)

    @host("other")
    def paint(self, c: Line, values: list[f64]) -> string: ...


_BODY = "(with @python below @host one that does nothing), or pass imports={'other': {'paint': ...}} to Wrong()"


def test_wrong_declarations_of_a_stock_binary() -> None:
    """The types of WebAssembly are compared, and the error says everything at once."""
    assert problems(lambda: bind(Wrong, STOCK)(imports={"env": {"limit": 1}})) == [
        "Wrong.logg: declared the import env.logg, found no such import; did you mean @host('env', 'log')?",
        "Wrong.line: declared the import other.line, found no such import; did you mean @host('env', 'line')?",
        (
            "Wrong.limit: declared (a: i32) -> i32, found an import of a global (constant i32);"
            " remove it, and pass the value in imports="
        ),
        "Wrong.num: declared (a: i64) -> f64, found an import (i32, f64) -> i32; declare 2 parameters instead of 1",
        (
            "Wrong import env.log: declared nothing that provides it, found an import of a function (i32) -> void;"
            " pass imports={'env': {'log': ...}} to Wrong()"
        ),
        (
            "Wrong import env.line: declared nothing that provides it, found an import of a function (i32) -> i32;"
            " pass imports={'env': {'line': ...}} to Wrong()"
        ),
        (
            "Wrong import other.paint: declared Wrong.paint, which has no body, found an import of a function"
            f" (i32, i32) -> i32; give Wrong.paint a body {_BODY}"
        ),
    ]


def test_wrong_declarations_of_a_transformed_binary() -> None:
    """The types of AssemblyScript are compared; of a function that does not fit nothing else is said."""
    found = problems(lambda: bind(Wrong, TRANSFORMED)(imports={"env": {"limit": 1}}))
    for expected in (
        (
            "Wrong.limit: declared (a: i32) -> i32, found an import of a global (constant i32);"
            " remove it, and pass the value in imports="
        ),
        "Wrong.num: declared (a: i64) -> f64, found (a: i32, b: f64) -> i32; add `b: f64`",
        "Wrong.paint(c): declared Line, found Color; annotate `c: Color`",
        "Wrong.paint(values): declared Array<f64>, found Array<i32>; annotate `values: list[i32]`",
        "Wrong.paint -> result: declared string, found bool; annotate `-> bool`",
    ):
        assert expected in found
    assert not [text for text in found if text.startswith("Wrong import other.paint")]


class WrongTypes(Right):
    @host("env")
    def log(self, message: f64) -> i32:  # type: ignore[override]  # the wrong type is the test
        return int(message)

    @host("env")
    def num(self, a: u32, b: i64) -> f64:  # type: ignore[override]  # the same
        return float(a + b)


def test_every_wrong_type_of_a_stock_binary() -> None:
    """Each parameter and result that another WebAssembly type carries is named."""
    assert problems(lambda: bind(WrongTypes, STOCK)(imports=LIMIT)) == [
        "WrongTypes.log(message): declared f64, found i32; declare a type that is i32",
        "WrongTypes.log -> result: declared i32, found void; declare `-> None`",
        "WrongTypes.num(b): declared i64, found f64; declare a type that is f64",
        "WrongTypes.num -> result: declared f64, found i32; declare a result that is i32",
    ]


def test_every_wrong_type_of_a_transformed_binary() -> None:
    """There a u32 is no i32 either."""
    assert problems(lambda: bind(WrongTypes, TRANSFORMED)(imports=LIMIT)) == [
        "WrongTypes.log(message): declared f64, found string; annotate `message: string`",
        "WrongTypes.log -> result: declared i32, found void; annotate `-> None`",
        "WrongTypes.num(a): declared u32, found i32; annotate `a: i32`",
        "WrongTypes.num(b): declared i64, found f64; annotate `b: f64`",
        "WrongTypes.num -> result: declared f64, found i32; annotate `-> i32`",
    ]


# --- precedence ----------------------------------------------------------------------------------------------


class Declares(Right):
    @host("env")
    def log(self, message: string) -> None: ...


class Silent(Right):
    @host("env")
    @python
    def log(self, message: string) -> None: ...


def test_without_a_body() -> None:
    """A host function without a body declares the types of what `imports=` has to give, annotated or not."""
    cls = bind(Declares, TRANSFORMED)
    assert problems(lambda: cls(imports=LIMIT)) == [
        (
            "Declares import env.log: declared Declares.log, which has no body, found an import of a function"
            " (i32) -> void; give Declares.log a body (with @python below @host one that does nothing), or pass"
            " imports={'env': {'log': ...}} to Declares()"
        )
    ]
    heard: list[object] = []
    cls(imports={"env": {"limit": 1, "log": heard.append}}).say("text")
    cls(imports={"env": {"limit": 1, "log": heard.append}}).say("more")
    assert heard == ["text", "more"]
    bind(Silent, TRANSFORMED)(imports=LIMIT).say("unheard")


def test_precedence() -> None:
    """`imports=` win over host methods, which win over defaults; each instance has its own."""
    source = """
    @external("env", "seed") declare function seed(): f64;
    @external("env", "console.log") declare function log(s: string): void;
    export function get(): f64 { return seed(); }
    export function say(): void { log("said"); }
    """

    class Defaults(AscModule, wasm=compile_asc(source)):
        def get(self) -> f64: ...
        def say(self) -> None: ...

    class Methods(Defaults):
        @host("env", "seed")
        def one(self) -> f64:
            return 1.0

        @host("env", "console.log")
        def two(self, text: string) -> None:
            vars(self)["heard"] = text

    heard: list[object] = []
    given = Methods(imports={"env": {"seed": lambda: 2.0, "console.log": heard.append}})
    assert Defaults().get() not in (1.0, 2.0)
    methods = Methods()
    methods.say()
    given.say()
    assert (methods.get(), given.get(), vars(methods)["heard"], heard) == (1.0, 2.0, "said", ["said"])


class Overrides(Right):
    """In Python's way: a method of the same name, which need not repeat the types."""

    def log(self, message: str) -> None:
        super().log(message + "!")

    @host("env")
    def num(self, a: i32, b: f64) -> i32:
        return 100 * a + int(b)


def test_overriding() -> None:
    """A subclass overrides the method, with or without saying so again; its `super()` is the base's method."""
    module = bind(Overrides, TRANSFORMED)(imports=LIMIT)
    module.say("x")
    assert (module.heard, module.count(5)) == ("x!", 505)


def test_decorating_afterwards() -> None:
    """What is put around a host method later is called, although decorators copy attributes."""
    cls = bind(Right, TRANSFORMED)
    plain = cls.num
    calls: list[int] = []

    def counted(self: Any, a: int, b: float) -> int:
        calls.append(a)
        found: int = plain(self, a, b)
        return found

    counted.__dict__.update(plain.__dict__)
    counted.__wrapped__ = plain  # type: ignore[attr-defined]  # as functools.wraps does
    cls.num = counted
    assert cls(imports=LIMIT).count(5) == 10
    assert calls == [5]


# --- what is given -------------------------------------------------------------------------------------------


def typed_log(message: string) -> None:
    """Of the right type."""
    HEARD.append(message)


def wrong_log(message: f64) -> None:
    """Of the wrong type."""


def partly(message: string, *, end: i32) -> None:
    """Has more parameters than positional ones."""


def widthless(message: int, other: string) -> None:
    """A Python type among AssemblyScript's."""


async def waiting(message: string) -> None:
    """Cannot be called from AssemblyScript."""
    HEARD.append(message)


def generating(message: string) -> Any:
    """The same."""
    yield message


HEARD: list[str] = []
OTHERS: Mapping[str, Any] = {"num": max, "line": int, "limit": 1}


class Given(AscModule):
    def say(self, s: string) -> None: ...


def give(build: Build, log: object) -> Any:
    """An instance with a log function."""
    return bind(Given, build)(imports={"env": {**OTHERS, "log": log}, "other": {"paint": bool}})


@both
def test_given_functions_with_types(build: Build) -> None:
    """Functions and methods with AssemblyScript's types in their annotations get and give values of these."""

    class Log:
        def method(self, message: string) -> None:
            HEARD.append(message + "?")

    HEARD.clear()
    give(build, typed_log).say("one")
    give(build, Log().method).say("two")
    assert HEARD == ["one", "two?"]
    pointers: list[object] = []
    give(build, pointers.append).say("three")
    assert isinstance(pointers[0], int), "without annotations they are numbers"


def test_given_functions_that_cannot_be() -> None:
    """They are refused before anything runs."""
    assert problems(lambda: give(STOCK, wrong_log)) == [
        "Given.wrong_log(message): declared f64, found i32; declare a type that is i32"
    ]
    assert problems(lambda: give(TRANSFORMED, wrong_log)) == [
        "Given.wrong_log(message): declared f64, found string; annotate `message: string`"
    ]
    assert problems(lambda: give(STOCK, 5)) == [
        (
            "imports['env']['log']: declared int 5, found an import of a function (i32) -> void;"
            " give a function, which takes and returns what the import does"
        )
    ]
    for log, message in {
        partly: r"imports\['env'\]\['log'\]\(end\): end is not a positional parameter",
        widthless: r"imports\['env'\]\['log'\]\(message\): int has no width",
    }.items():
        with pytest.raises(DeclarationError, match=message):
            give(STOCK, log)
    wrong: Any
    for wrong in (5, {"env": None}, {"env": 5}, [("env", {})]):
        with pytest.raises(TypeError, match="imports= takes functions by module and name"):
            bind(Given, STOCK)(imports=wrong)


@pytest.mark.parametrize("log", [waiting, generating])
def test_what_cannot_be_waited_for(log: Any) -> None:
    """Coroutines and generators would run nothing; they are refused wherever they are given."""
    assert problems(lambda: give(STOCK, log)) == [
        (
            "imports['env']['log']: declared an asynchronous function or a generator, found an import of a function"
            " (i32) -> void; give one that returns its result; AssemblyScript cannot wait"
        )
    ]

    method = types.FunctionType(log.__code__.replace(co_varnames=("self",), co_argcount=1), globals(), "note")
    method.__annotations__ = {"return": None}
    with pytest.raises(DeclarationError, match=r"Given\.log: is asynchronous or a generator"):
        bind(Given, STOCK, log=host("env")(method))()


@pytest.mark.parametrize("wrap", [staticmethod, classmethod, property])
def test_host_functions_are_methods(wrap: Any) -> None:
    """What makes something else of a method is refused on either side of @host."""

    def log(message: string) -> None:
        """Never called."""

    with pytest.raises(DeclarationError, match=rf"@host\('env'\): stands above a {wrap.__name__}"):
        host("env")(wrap(log))
    with pytest.raises(DeclarationError, match=rf"Right\.log: is a @host function below @{wrap.__name__}"):
        bind(Right, STOCK, log=wrap(host("env")(log)))


def test_host_functions_are_the_modules() -> None:
    """A class has none."""

    def log(message: string) -> None:
        """Never called."""

    with pytest.raises(DeclarationError, match=r"Lost\.log: is a @host function of a class"):
        types.new_class("Lost", (AscClass,), {}, lambda body: body.update(log=host("env")(log)))


def test_given_numbers() -> None:
    """A global is given as a number of its type."""
    cls = bind(Right, TRANSFORMED)
    assert cls(imports={"env": {"limit": -(2**31)}}).count(2**31 - 3) == -1
    with pytest.raises(LowerTypeError, match=r"imports\['env'\]\['limit'\]: i32 expects an int, got 'x'"):
        cls(imports={"env": {"limit": "x"}})
    with pytest.raises(LowerRangeError, match=r"imports\['env'\]\['limit'\]: i32 holds"):
        cls(imports={"env": {"limit": 1 << 31}})


def giving(result: object) -> Callable[..., Any]:
    """A function that returns always the same."""

    def give(*_: Any) -> Any:
        return result

    return give


@pytest.mark.parametrize(
    ("result", "found"), [(2**31, -(2**31) + 3), (2**32 - 1, 2), (True, 4), (-(2**31), -(2**31) + 3)]
)
def test_numbers_as_they_are(result: int, found: int) -> None:
    """An unsigned number is the signed one of the same bits, where nothing is declared."""
    given = {"env": {"limit": 3, "num": giving(result), "log": int, "line": int}, "other": {"paint": bool}}
    plain = types.new_class("Plain", (Numbers,), {"wasm": TRANSFORMED})(imports=given)
    assert plain.count(0) == found


class Numbers(AscModule):
    def count(self, x: i32) -> i32: ...


@pytest.mark.parametrize("result", [2**32, -(2**31) - 1, 1.0, None, "x", [1]])
def test_wrong_numbers(result: object) -> None:
    """What is no number of the width is an error that names the import."""
    given = {"env": {"limit": 3, "num": giving(result), "log": int, "line": int}, "other": {"paint": bool}}
    module = types.new_class("Plain", (Numbers,), {"wasm": TRANSFORMED})(imports=given)
    with pytest.raises(LowerTypeError, match=r"imports\['env'\]\['num'\] -> result: "):
        module.count(0)


# --- kinds of imports that cannot be --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("(memory i64 1)", "64-bit memory"),
        ("(func (param v128))", "function"),
        ("(func (result i32 i32))", "function"),
        ("(func (param funcref))", "function"),
        ("(global v128)", "global"),
        ("(global externref)", "global"),
    ],
)
def test_imports_that_nobody_could_provide(kind: str, found: str) -> None:
    """They are mismatches, whatever is given."""
    binary = bytes(wasmtime.wat2wasm(f'(module (import "env" "thing" {kind}))'))
    cls = types.new_class("Odd", (AscModule,), {"wasm": binary})
    texts = problems(lambda: cls(imports={"env": {"thing": 5}}))
    assert len(texts) == 1
    assert texts[0].startswith("Odd import env.thing: ")
    assert found in texts[0]


def test_an_export_without_a_name_is_no_start_function() -> None:
    """Only what was the start section is called when an instance starts."""
    for text in (
        '(module (memory (export "") 1))',
        '(module (func (export "") (param i32) unreachable))',
        '(module (func (export "") unreachable))',
        '(module (func (export "") unreachable) (func $start) (start $start))',
    ):
        types.new_class("Odd", (AscModule,), {"wasm": bytes(wasmtime.wat2wasm(text))})()


def test_start_section_of_a_compiled_module() -> None:
    """It runs while there is no instance: numbers pass, typed functions cannot be called yet, and the error says so."""
    text = """(module (import "env" "log" (func $log (param i32))) (import "env" "num" (func $num (result i32)))
      (global (export "found") (mut i32) (i32.const 0))
      (func $start (global.set 0 (call $num)) (if (global.get 0) (then (call $log (i32.const 0))))) (start $start))"""
    module = wasmtime.Module(engine(), bytes(wasmtime.wat2wasm(text)))

    class Compiled(AscModule, wasm=module):
        found: i32

    class Typed(Compiled):
        @host("env")
        def log(self, message: i32) -> None:
            raise AssertionError(message)

    assert Typed(imports={"env": {"num": lambda: 0}}).found == 0
    with pytest.raises(InstanceError, match="called while the module was being instantiated") as caught:
        Typed(imports={"env": {"num": lambda: 7}})
    assert caught.value.reason == "missing"
    assert str(caught.value).startswith("Typed.log: ")
    logged: list[int] = []
    assert Compiled(imports={"env": {"num": lambda: 7, "log": logged.append}}).found == 7
    assert logged == [0]
