"""Function values in both directions: parameters, results, fields, globals, elements, host functions; wrong ones."""

# mypy: disable-error-code="empty-body"

import functools
import operator
import traceback
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.compiling import compile_asc
from tests.integration.functions_module import (
    BUILDS,
    SOURCE,
    STOCK,
    TRANSFORMED,
    Color,
    Functions,
    Holder,
    Line,
    Op,
    everywhere,
    functions_class,
)
from tests.integration.hosts_module import Build
from tests.integration.test_interrupts import use_native
from wasmbind import (
    Array,
    AscModule,
    BindError,
    InstanceError,
    LiftError,
    LowerRangeError,
    LowerTypeError,
    Map,
    TrapError,
    _natives,
    f64,
    i32,
    string,
    u32,
)


@pytest.fixture(params=BUILDS, ids=str)
def module(request: pytest.FixtureRequest) -> Functions:
    """An instance of each build."""
    return functions_class(request.param)()


class OwnError(Exception):
    """Neither wasmbind's nor Python's."""


class Adder:
    """What adds a number, in several ways."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, a: int) -> int:
        return a + self.number

    def method(self, a: int) -> int:
        return a + 10 * self.number


# --- into the module -----------------------------------------------------------------------------------------


def giving(result: object) -> Callable[..., Any]:
    """A function that returns always the same."""

    def give(*_: Any) -> Any:
        return result

    return give


def test_python_callables(module: Functions) -> None:
    """Everything that can be called will do."""
    assert module.each(4, lambda a: 2 * a) == 12
    assert module.each(3, Adder(5)) == 18
    assert module.each(3, Adder(5).method) == 153
    assert module.each(4, abs) == 6
    assert module.each(4, functools.partial(operator.mul, 3)) == 18
    assert module.each(4, [7, 8, 9, 10].__getitem__) == 34
    assert module.each(4, bool) == 3
    assert module.each(2, module.call_current) == 3


def test_values_of_every_kind(module: Functions) -> None:
    """Arguments and results of callables are lifted and lowered like any other."""
    seen: list[object] = []

    def mixed(a: int, b: int, c: float, d: bool, e: str, line: Line) -> float:
        seen.extend([a, b, c, d, e, line.s])
        return -0.5

    assert module.mixed(mixed) == -0.5
    assert seen == [-8, 2**64 - 1, 0.5, True, "text", "line"]
    assert module.show(lambda a, line: f"{a}\ud800{line.s}") == "3\ud800x!"
    assert module.tell(lambda: seen.clear()) is None  # type: ignore[func-returns-value]  # noqa: PLW0108 - void
    assert seen == []
    assert module.lists(lambda values: values * 2) == [1, 2, 3, 1, 2, 3]
    assert module.maybes(lambda text: text) is None
    assert module.maybes(lambda text: f"{text}") == "None"
    assert module.apply(lambda g: g(4)) == 5


def test_callables_that_call_back(module: Functions) -> None:
    """They may use the instance, function values included, and make objects."""

    def outer(a: int) -> int:
        return module.each(a, lambda b: module.maybe(lambda c: b + c))

    assert module.each(3, outer) == 0 + 5 + 11


# --- out of the module, and back -----------------------------------------------------------------------------


def test_functions_of_the_module(module: Functions) -> None:
    """They are callables with the declared types, and the same object while it lives."""
    plus, adder = module.plus(), module.adder()
    assert (plus(4), adder(3, 4)) == (5, 7)
    assert plus is module.plus()
    assert plus == module.plus()
    assert plus != module.same(lambda a: a)
    assert hash(plus) == hash(module.plus())
    assert repr(plus) == "<function (i32) => i32 of Functions>"
    assert module.each(3, plus) == 6
    assert module.same(plus) is plus
    assert module.is_same(plus, module.plus())
    assert module.applied()(plus) == 5
    assert module.applied()(lambda a: 10 * a) == 30
    for wrong in ("x", None, 1.5, [1]):
        with pytest.raises(LowerTypeError, match=r"\(i32\) => i32\(0\).*i32 expects an int"):
            plus(wrong)  # type: ignore[arg-type]  # the wrong type is the test
    with pytest.raises(LowerRangeError):
        plus(1 << 31)
    for arguments in ((), (1, 2)):
        with pytest.raises(TypeError):
            plus(*arguments)
    assert plus(-1) == 0


def test_the_same_object(module: Functions) -> None:
    """A callable of Python comes back as itself, wherever it has been."""
    functions: list[Op] = [lambda a: a, Adder(1), Adder(2).method, abs, [1].__getitem__]
    for function in functions:
        assert module.same(function) == function
        assert module.maybe_back(function) == function
        module.put(0, function)
        assert module.look(0) == function
        module.current = function
        assert module.current == function
    adder = Adder(3)
    assert module.same(adder) is adder


def test_null(module: Functions) -> None:
    """It is None where the type has it."""
    assert module.maybe(None) == -1
    assert module.maybe(lambda a: a) == 5
    assert module.maybe_back(None) is None
    assert module.look(7) is None
    with pytest.raises(LowerTypeError, match=r"Functions\.same\(f\): \(i32\) => i32 expects a callable, got None"):
        module.same(None)  # type: ignore[arg-type]  # the wrong type is the test


def test_globals(module: Functions) -> None:
    """A global holds a function."""
    assert module.current(4) == 5
    assert module.nothing is None

    def double(a: int) -> int:
        return 2 * a

    module.current = module.nothing = double
    assert module.current is double
    assert module.nothing is double
    assert module.call_current(4) == 8
    module.current = module.plus()
    module.nothing = None
    assert (module.current, module.nothing) == (module.plus(), None)
    assert module.call_current(4) == 5


def test_elements(module: Functions) -> None:
    """Arrays and maps have them, by value and live."""

    def double(a: int) -> int:
        return 2 * a

    assert module.all([double, module.plus(), lambda a: a, double]) == 20 + 11 + 10 + 20
    assert module.all([]) == 0
    assert module.mapped({"a": double}) == 2
    module.current = double
    assert module.some() == [module.plus(), double]
    names = module.names()
    names["one"] = double
    names["two"] = module.plus()
    assert names["one"] is double
    assert dict(names) == {"one": double, "two": module.plus()}
    live = module[Array[Op]]([double, abs])
    assert live[0] is double
    live[1] = module.plus()
    live.append(abs)
    assert list(live) == [double, module.plus(), abs]
    assert module.all([*live]) == 20 + 11 + 10
    assert dict(module[Map[string, Op]]({"x": abs})) == {"x": abs}
    with pytest.raises(LowerTypeError, match=r"Functions\.all\(fs\[1\]\): \(i32\) => i32 expects a callable, got 5"):
        module.all([abs, 5])  # type: ignore[list-item]  # the wrong type is the test


@pytest.mark.parametrize("build", [TRANSFORMED, Build("oldest", transform=True, source=SOURCE)], ids=str)
def test_fields(build: Build) -> None:
    """A field holds one."""
    module = functions_class(build)()
    holder = module[Holder]()
    assert holder.maybe is None
    assert (holder.always(3), holder.call(3)) == (4, -1)
    assert holder.always is module.plus()
    adder = Adder(7)
    holder.maybe = adder
    assert (holder.maybe, holder.call(3)) == (adder, 10)
    holder.maybe = module.plus()
    assert (holder.maybe, holder.call(3)) == (module.plus(), 4)
    holder.maybe = None
    assert (holder.maybe, holder.call(3)) == (None, -1)
    with pytest.raises(LowerTypeError, match=r"Holder\.always: \(i32\) => i32 expects a callable, got None"):
        holder.always = None  # type: ignore[assignment]  # the wrong type is the test


def test_host_functions(module: Functions) -> None:
    """Host functions take and give them."""
    assert module.by_host(module.plus(), 10)(1) == 12
    assert module.by_host(lambda a: 3 * a, 10)(2) == 16
    assert module.by_host(lambda a: 3 * a, 0)(2) == 6


def test_optional_parameters_of_the_modules_functions() -> None:
    """All the arguments that the type has count, wherever the compiler lets a host say how many there are."""
    for build in BUILDS:
        if build.transform:
            module = functions_class(build)()
            optionals = module.optionals()
            assert [optionals(1, 2), module.adder()(5, 6), optionals(3, 4), optionals(0, -1)] == [102, 11, 304, -1]


def test_nested_instances_of_a_type(module: Functions) -> None:
    """Many callables of one type at once, each with its own place."""
    functions = [functools.partial(operator.add, number) for number in range(700)]
    for at, function in enumerate(functions):
        module.put(at, function)
    assert [module.run(at, 1) for at in range(700)] == [number + 1 for number in range(700)]
    assert [module.look(at) for at in range(700)] == functions


# --- what goes wrong -----------------------------------------------------------------------------------------


@pytest.fixture(params=["Fast", "Public"])
def _native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test both ways into wasmtime."""
    monkeypatch.setattr(_natives, "_native_class", None)
    use_native(request.param)


@pytest.mark.usefixtures("_native")
@pytest.mark.parametrize("kind", [OwnError, StopIteration, KeyboardInterrupt, GeneratorExit, SystemExit])
def test_exceptions(kind: type[BaseException]) -> None:
    """What a callable raises comes out as itself, through the module and through its functions."""
    module, error = functions_class(TRANSFORMED)(), kind("mine")

    def fail(_: int) -> int:
        raise error

    calls: list[Callable[[], object]] = [
        lambda: module.each(2, fail),
        lambda: module.applied()(fail),
        lambda: module.each(1, lambda _: module.each(1, fail)),
        lambda: module.by_host(fail, 1)(2),
    ]
    for call in calls:
        for _ in range(20):
            with pytest.raises(kind) as caught:
                call()
            assert caught.value is error
            assert traceback.extract_tb(caught.tb)[-1].name == "fail"
            error.__traceback__ = None
        assert module.each(2, abs) == 1


def test_wrong_results(module: Functions) -> None:
    """The path begins with the callback's type, and says where in the result the wrong value is."""
    cases: list[tuple[Callable[[Any], object], str, object]] = [
        (lambda f: module.each(1, f), "a callback (i32) => i32 -> result", "x"),
        (lambda f: module.each(1, f), "a callback (i32) => i32 -> result", None),
        (lambda f: module.each(1, f), "a callback (i32) => i32 -> result", 1 << 31),
        (module.show, "a callback (i32, Line) => string -> result", 5),
        (module.lists, "a callback (Array<i32>) => Array<i32> -> result[1]", [1, "x"]),
    ]
    for function, path, problem in cases:
        with pytest.raises((LowerTypeError, LowerRangeError)) as caught:
            function(giving(problem))
        assert caught.value.path == path
    with pytest.raises(TypeError, match="takes 0 positional arguments but 1 was given"):
        module.each(1, lambda: 1)  # type: ignore[arg-type, misc]  # the wrong type is the test
    assert module.each(3, abs) == 3


def test_what_is_no_function(module: Functions) -> None:
    """It is refused before the call, and so is what would never run."""

    async def waiting(a: int) -> int:
        return a

    def generating(a: int) -> Iterator[int]:
        yield a

    class Methods:
        async def method(self, a: int) -> int:
            return a

    for wrong in (5, "x", [], object()):
        with pytest.raises(LowerTypeError, match=r"Functions\.each\(f\): \(i32\) => i32 expects a callable"):
            module.each(1, wrong)  # type: ignore[arg-type]  # the wrong type is the test
    for wrong in (waiting, generating, Methods().method):
        with pytest.raises(LowerTypeError, match=r"Functions\.each\(f\): .*cannot wait for asynchronous"):
            module.each(1, wrong)  # type: ignore[arg-type]  # the wrong type is the test


def test_functions_of_another_type(module: Functions) -> None:
    """A function of the module of another type is refused."""
    with pytest.raises(LowerTypeError, match=r"Functions\.each\(f\): expected \(i32\) => i32, this function is of ano"):
        module.each(1, module.adder())  # type: ignore[arg-type]  # the wrong type is the test


def test_functions_of_another_instance() -> None:
    """A function belongs to its instance; a callable of Python belongs to nobody."""
    cls = functions_class(TRANSFORMED)
    one, two = cls(), cls()
    with pytest.raises(InstanceError, match="belongs to another instance") as caught:
        one.each(1, two.plus())
    assert caught.value.reason == "foreign"
    with pytest.raises(InstanceError, match="belongs to another instance"):
        one[Holder]().maybe = two.plus()
    assert one.each(1, lambda a: two.plus()(a)) == 1  # noqa: PLW0108 - which wraps it
    plus = two.plus()
    two.close()
    with pytest.raises(InstanceError, match="already closed"):
        plus(1)
    assert one.plus() != plus


def test_no_function_comes_out(module: Functions) -> None:
    """Null, other objects and wild pointers are typed errors."""
    with pytest.raises(LiftError, match=r"null found where `\(i32\) => i32` is declared"):
        module.null_function()
    if module.runtime.binary.schema is not None:
        with pytest.raises(LiftError, match=r"\(i32\) => i32 expected, found"):
            module.not_a_function()
    else:
        with pytest.raises(LiftError, match=r"\(i32\) => i32 expected, found an object of 4 bytes"):
            module.not_a_function()
    for address in (1, 4, 20, 1 << 20, 0xFFFFFFF0, 0xFFFFFFFF):
        with pytest.raises(LiftError):
            module.wrong(address)
    assert module.plus()(1) == 2


def test_nonsense_in_a_function(module: Functions) -> None:
    """A function object with an index of nothing, or of a function of another type, fails when it is called."""
    codes = {
        0: {"indirect_call_to_null", "bad_signature"},
        1 << 20: {"table_out_of_bounds"},
        0xFFFFFFFF: {"table_out_of_bounds"},
    }
    for index, expected in codes.items():
        function = module.nonsense(index)
        with pytest.raises(TrapError) as caught:
            function(1)
        assert caught.value.code in expected
        assert module.each(3, abs) == 3, "the instance goes on"
    module.tell(lambda: None)
    assert module.runtime.functions is not None
    index = next(at for at, entry in module.runtime.functions._by_index.items() if not entry.codec.type.results)
    with pytest.raises(TrapError) as caught:
        module.nonsense(index)(1)
    assert caught.value.code == "bad_signature"
    assert module.each(3, abs) == 3
    free = module.runtime.functions._free
    with pytest.raises(InstanceError, match="calls a function value that has died") as gone:
        module.nonsense(next(places[0][0] for (type_, _), places in free.items() if type_.results == ("i32",)))(1)
    assert gone.value.reason == "missing"
    assert module.each(3, abs) == 3


# --- declarations --------------------------------------------------------------------------------------------


class Wrong(AscModule):
    def each(self, n: i32, f: Callable[[i32, i32], i32]) -> i32: ...
    def show(self, f: Callable[[i32, string], string]) -> string: ...
    def adder(self) -> Callable[[i32, i32], f64]: ...
    def plus(self) -> Callable[[u32], i32]: ...
    def same(self, f: i32) -> Op: ...
    def maybe(self, f: Op) -> i32: ...
    def tell(self, f: Callable[[], i32]) -> None: ...


def wrong_class(build: Build) -> Any:
    """The wrong declarations for a build."""
    return types.new_class("Wrong", (Wrong,), {"wasm": build})


def test_wrong_types_of_a_transformed_binary() -> None:
    """The whole type is compared."""
    with pytest.raises(BindError) as caught:
        wrong_class(TRANSFORMED)(imports={"env": {"give": int}})
    found = [f"{each.who}: {each.declared}, {each.found}; {each.fix}" for each in caught.value.mismatches]
    assert found == [
        "Wrong.each(f): (i32, i32) => i32, ((i32) => i32); annotate `f: Callable[[i32], i32]`",
        "Wrong.show(f): (i32, string) => string, ((i32, Line) => string); annotate `f: Callable[[i32, Line], string]`",
        "Wrong.adder -> result: (i32, i32) => f64, ((i32, i32) => i32); annotate `-> Callable[[i32, i32], i32]`",
        "Wrong.plus -> result: (u32) => i32, ((i32) => i32); annotate `-> Callable[[i32], i32]`",
        "Wrong.same(f): i32, ((i32) => i32); annotate `f: Callable[[i32], i32]`",
        "Wrong.maybe(f): (i32) => i32, ((i32) => i32) | null; annotate `f: Callable[[i32], i32] | None`",
        "Wrong.tell(f): () => i32, (() => void); annotate `f: Callable[[], None]`",
    ]


def test_wrong_types_of_a_stock_binary() -> None:
    """Nothing tells of them before a call, which is a trap that leaves the instance whole."""
    module = wrong_class(STOCK)(imports={"env": {"give": int}})
    calls: list[Callable[[], object]] = [
        lambda: module.each(1, max),
        lambda: module.adder()(1, 2),
        lambda: module.tell(lambda: 1),
    ]
    for call in calls:
        for _ in range(3):
            with pytest.raises(TrapError) as caught:
                call()
            assert caught.value.code == "bad_signature"
    assert module.each(0, max) == 0


def test_a_binary_without_a_table() -> None:
    """The error says what to do, whatever mentions a function."""
    wasm = compile_asc(SOURCE)

    class Taking(AscModule, wasm=wasm):
        def each(self, n: i32, f: Op) -> i32: ...

    class Hosting(Functions, wasm=wasm):
        pass

    for cls in (Taking, Hosting):
        with pytest.raises(BindError) as caught:
            cls(imports={"env": {"give": int}})
        (mismatch,) = caught.value.mismatches
        assert (mismatch.declared, mismatch.found, mismatch.fix) == (
            "a function value",
            "no exported function table",
            "compile with --exportTable, or with `wasmbind build`",
        )

    class Plain(AscModule, wasm=wasm):
        def churn(self, count: i32) -> None: ...

    plain = Plain(imports={"env": {"give": int}})
    plain.churn(1)
    with pytest.raises(BindError, match="no exported function table"):
        plain[Holder]()


def test_a_declared_type_that_python_sees_in_two_ways() -> None:
    """A callable that was passed as one type and comes back as another is called through the module."""
    module = functions_class(TRANSFORMED)()

    def number(color: int) -> int:
        return color + 1

    through = module.color_op(number)
    assert through is not number
    assert through(Color.Green) == 6
    with pytest.raises(LowerTypeError):
        through("x")  # type: ignore[arg-type]  # the wrong type is the test


@everywhere
def test_calling_many_times(build: Build) -> None:
    """The count of what is in the table does not grow with the calls of one callable."""
    module = functions_class(build)()
    adder, numbers = Adder(1), [5, 4, 3, 2, 1, 0]
    for _ in range(500):
        assert module.maybe(adder) == 6
        assert module.maybe(adder.method) == 15
        assert module.maybe(numbers.__getitem__) == 0
    assert module.runtime.functions is not None
    assert len(module.runtime.functions) <= 3
