"""Generated members of classes, and fields, do the same as their interpreted twins."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.twin_module import Color, World, interpret, start
from wasmbind.errors import AbortError, InstanceError, LowerError, LowerRangeError, LowerTypeError, LowerValueError

PATHS = ["generated", "interpreted"]


@pytest.fixture(params=PATHS)
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A fresh classic instance whose members are generated, or take the interpreted path."""
    if request.param == "interpreted":
        interpret(monkeypatch)
    found = start()
    yield found
    found.module.close()


@pytest.fixture(params=[(path, compiler) for path in PATHS for compiler in ("classic", "modern")], ids="-".join)
def fields(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The same for fields: through exported accessors of asc 0.19, and in memory of asc 0.28."""
    path, compiler = request.param
    if path == "interpreted":
        interpret(monkeypatch)
    found = start(compiler)
    yield found
    found.module.close()


def test_constructor(world: World) -> None:
    """A constructor makes an object with its arguments, AssemblyScript's defaults included."""
    assert (world.Line("x").s, world.Line("x").n, world.Line("x", 9).n) == ("x", 4, 9)
    long = "☃" * 5000
    assert world.Line(long).s == long


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((5,), LowerTypeError),
        (("x", "y"), LowerTypeError),
        (("x", 1 << 40), LowerRangeError),
        ((None, 1), LowerTypeError),
    ],
)
def test_constructor_refuses(world: World, arguments: tuple[Any, ...], error: type[LowerError]) -> None:
    """Bad arguments of a constructor are refused before it runs."""
    with pytest.raises(error) as caught:
        world.Line(*arguments)
    assert caught.value.path.startswith("Line.__init__(")


def test_constructor_that_throws(world: World) -> None:
    """An abort in a constructor leaves no object."""
    for _ in range(3):
        with pytest.raises(AbortError, match="no line"):
            world.Line("throw")
    assert world.Line("fine").s == "fine"


def test_constructing_twice_is_refused(world: World) -> None:
    """An object stands for one AssemblyScript object for life: calling `__init__` again is an error."""
    line = world.Line("first")
    with pytest.raises(InstanceError):
        line.__init__("second")
    assert line.s == "first"


def test_methods(world: World) -> None:
    """Methods get their object, and objects and strings as arguments."""
    line, other = world.Line("a"), world.Line("b")
    assert line.join(other, "-") == "a-b"
    assert line.join(line, "☃" * 600) == f"a{'☃' * 600}a"
    assert (line.add(), line.add(5)) == (14, 9)
    assert line.grow() is None
    assert line.n == 5


def test_methods_are_virtual(world: World) -> None:
    """A call through the base class runs the override of the object's own class."""
    longer = world.module.longer()
    assert type(longer).__name__ == "Longer"
    longer.grow()
    assert (longer.n, longer.s) == (104, "abab")
    made = world.Longer("x")
    made.grow()
    assert (made.n, made.s) == (104, "xx")


def test_properties_and_statics(world: World) -> None:
    """AssemblyScript getters and setters are properties, statics need no object."""
    line = world.Line.parse("  four  ")
    assert (line.s, line.size) == ("four", 4)
    line.size = 2
    assert line.s == "fo"
    with pytest.raises(LowerTypeError):
        line.size = "x"
    with pytest.raises(LowerTypeError):
        world.Line.parse(5)


def test_method_refuses(world: World) -> None:
    """A bad argument of a method is named with its method."""
    line = world.Line("a")
    for arguments, path in [((None, "-"), "Line.join(other)"), ((line, None), "Line.join(by)")]:
        with pytest.raises(LowerTypeError) as caught:
            line.join(*arguments)
        assert caught.value.path == path
    with pytest.raises(LowerRangeError):
        line.add(1 << 31)


def test_foreign_objects(world: World) -> None:
    """An object of another instance is refused, whichever way it is given."""
    other = start()
    foreign, line = other.Line("x"), world.Line("y")
    for use in (
        lambda: world.module.line(foreign),
        lambda: line.join(foreign, "-"),
        lambda: world.module.lines([line, foreign]),
        lambda: setattr(line, "next", foreign),
    ):
        with pytest.raises((InstanceError, LowerTypeError)):
            use()
    other.module.close()


def test_identity(world: World) -> None:
    """An object that comes back is the same Python object."""
    line = world.Line("x")
    assert world.module.line(line) is line
    assert world.module.maybeLine(line) is line
    assert all(found is line for found in world.module.lines([line, line]))


def test_globals(world: World) -> None:
    """Globals read and write, constants only read."""
    module = world.module
    assert (module.counter, module.name, module.LIMIT) == (7, "start", 2.5)
    module.counter, module.name = -5, "☃" * 600
    assert (module.counter, module.name) == (-5, "☃" * 600)
    with pytest.raises(LowerTypeError) as caught:
        module.name = None
    assert caught.value.path == "Module.name"
    with pytest.raises(LowerRangeError):
        module.counter = 1 << 31
    with pytest.raises(AttributeError):
        module.LIMIT = 1.0
    assert (module.counter, module.name) == (-5, "☃" * 600)


FIELDS: list[tuple[str, list[Any]]] = [
    ("s", ["", "☃", "x" * 5000]),
    ("flag", [True, False]),
    ("tiny", [-128, 127]),
    ("word", [0, 65535]),
    ("n", [-(2**31), 2**31 - 1]),
    ("u", [0, 2**32 - 1]),
    ("long", [-(2**63), 2**63 - 1]),
    ("ulong", [0, 2**64 - 1]),
    ("ratio", [0.5, -1.5]),
    ("exact", [0.1, 1e300]),
    ("color", [Color.Red, Color.Green]),
    ("maybe", [None, "x", None]),
    ("numbers", [[], [0.5, 1.5], [float(x) for x in range(1000)]]),
    ("words", [[], ["a", "☃" * 600]]),
]


@pytest.mark.parametrize(("name", "values"), FIELDS)
def test_fields(fields: World, name: str, values: list[Any]) -> None:
    """A field holds what was assigned, and its neighbours stay as they are."""
    line = fields.module.make("text")
    others = {other: getattr(line, other) for other, _ in FIELDS if other != name}
    for value in values:
        setattr(line, name, value)
        found = getattr(line, name)
        assert found == value
        assert type(found) is type(value)
    assert {other: getattr(line, other) for other in others} == others


def test_reference_fields(fields: World) -> None:
    """A field of an object gives back the same object, and keeps it alive when Python lets go."""
    line = fields.module.make("first")
    assert line.next is None
    line.next = fields.module.make("second")
    line.next.next = line
    gc.collect()
    fields.module.runtime.collect()
    assert line.next.s == "second"
    assert line.next.next is line
    line.next = None
    assert line.next is None


REFUSED: list[tuple[str, Any, type[LowerError]]] = [
    ("s", None, LowerTypeError),
    ("s", 5, LowerTypeError),
    ("flag", 1, LowerTypeError),
    ("tiny", 128, LowerRangeError),
    ("tiny", 1.0, LowerTypeError),
    ("word", -1, LowerRangeError),
    ("n", "1", LowerTypeError),
    ("n", 1 << 31, LowerRangeError),
    ("u", -1, LowerRangeError),
    ("ulong", 1 << 64, LowerRangeError),
    ("ratio", "1", LowerTypeError),
    ("exact", None, LowerTypeError),
    ("exact", 10**400, LowerRangeError),
    ("color", 3, LowerValueError),
    ("color", "Red", LowerTypeError),
    ("maybe", 5, LowerTypeError),
    ("next", "x", LowerTypeError),
    ("numbers", None, LowerTypeError),
    ("numbers", [1.0, "x"], LowerTypeError),
    ("words", "abc", LowerTypeError),
]


@pytest.mark.parametrize(("name", "value", "error"), REFUSED)
def test_fields_refuse(fields: World, name: str, value: Any, error: type[LowerError]) -> None:
    """A value that does not fit is refused with the field's name, and the field keeps what it held."""
    line = fields.module.make("text")
    before = getattr(line, name)
    with pytest.raises(error) as caught:
        setattr(line, name, value)
    assert type(caught.value) is error
    assert caught.value.path.startswith(f"Line.{name}")
    assert getattr(line, name) == before


def test_fields_after_the_end(fields: World) -> None:
    """Reading or writing any field of a closed instance says that it is closed."""
    line = fields.module.make("text")
    fields.module.close()
    for name, values in FIELDS:
        with pytest.raises(InstanceError, match="already closed"):
            getattr(line, name)
        with pytest.raises(InstanceError, match="already closed"):
            setattr(line, name, values[0])
