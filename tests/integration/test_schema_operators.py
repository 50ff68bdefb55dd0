"""Binaries with a schema: Python's operators run AssemblyScript's overloads."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: PLW1641 - classes that compare are not hashable, which is tested

import operator
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.lazy_binary import LazyBinary
from tests.integration.mismatches import facts
from tests.integration.operators_module import BINARY, COMPARE, OPERATING, SOURCE, UNARY, Member, Static
from wasmbind import AbortError, AscClass, AscModule, BindError, export, i32, string

STOCK = LazyBinary("stock.wasm", SOURCE)


class Vector(AscClass):
    x: i32
    y: i32

    def __init__(self, x: i32, y: i32) -> None: ...
    def __eq__(self, other: object) -> bool: ...
    def __mul__(self, by: i32) -> "Vector": ...
    def __sub__(self, other: "Vector") -> "Vector": ...
    def __lt__(self, other: "Vector") -> bool: ...
    def __getitem__(self, index: i32) -> i32: ...
    def __setitem__(self, index: i32, value: i32) -> None: ...

    def __rmul__(self, by: int) -> "Vector":
        return self * by

    def __len__(self) -> int:
        return 2


class Deep(Vector):
    z: i32

    def __init__(self, x: i32) -> None: ...


class Names(AscClass):
    def __init__(self) -> None: ...
    def __getitem__(self, key: string) -> string | None: ...
    def __setitem__(self, key: string, value: string) -> None: ...
    def __ne__(self, other: object) -> bool: ...


class Operating(AscModule, wasm=OPERATING, classes=[Static, Member, Deep, Names]):
    def equal(self, a: Vector, b: Vector) -> bool: ...


@pytest.fixture(scope="module")
def module() -> Operating:
    """One instance for all tests of the file."""
    return Operating()


# --- every operator ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", [Static, Member])
@pytest.mark.parametrize(("name", "sign"), [each for each in BINARY.items() if each[1] not in COMPARE])
def test_arithmetic(cls: Any, name: str, sign: str, module: Operating) -> None:
    """Each operator runs its overload with the operands in order, static or not."""
    compute: Callable[[Any, Any], Any] = getattr(operator, name)
    found = compute(module[cls]("a"), module[cls]("b"))
    assert (type(found), found.text) == (cls, f"(a{sign}b)")


@pytest.mark.parametrize("cls", [Static, Member])
@pytest.mark.parametrize("name", [name for name, sign in BINARY.items() if sign in COMPARE])
def test_comparisons(cls: Any, name: str, module: Operating) -> None:
    """Each comparison gives what AssemblyScript says of the operands in order."""
    compare: Callable[[Any, Any], Any] = getattr(operator, name)
    for first, second in [("a", "b"), ("b", "a"), ("a", "a")]:
        assert compare(module[cls](first), module[cls](second)) is compare(first, second)


@pytest.mark.parametrize("cls", [Static, Member])
@pytest.mark.parametrize(("name", "sign"), UNARY.items())
def test_unary(cls: Any, name: str, sign: str, module: Operating) -> None:
    """The operators of one operand."""
    compute: Callable[[Any], Any] = getattr(operator, name)
    assert compute(module[cls]("a")).text == f"{sign.removeprefix('prefix ')}a"


def test_every_operator_is_declared() -> None:
    """The classes above leave none of the binary and unary operators out."""
    stubs: list[Any] = [vars(cls)["__asc_stubs__"] for cls in (Static, Member)]
    assert all({*BINARY, *UNARY} <= set(each) for each in stubs)


# --- equality ------------------------------------------------------------------------------------------------


def test_equality_is_by_value(module: Operating) -> None:
    """Different objects are equal where AssemblyScript says so; `!=` is the contrary without an overload."""
    first, same, other = module[Vector](1, 2), module[Vector](1, 2), module[Vector](2, 1)
    assert first == same
    assert not first != same  # noqa: SIM202 - `!=` is tested
    assert first != other
    assert module.equal(first, same)
    assert same in [other, first]
    assert [other, same].index(first) == 1


@pytest.mark.parametrize("other", [None, 3, "text", (1, 2), [], object(), Vector, AscClass])
def test_equality_with_values_of_python(other: object, module: Operating) -> None:
    """What is no object of the class is unequal, never an error, from both sides."""
    vector = module[Vector](1, 2)
    assert not vector == other  # noqa: SIM201 - `==` is tested
    assert vector != other
    assert not other == vector  # noqa: SIM201 - `==` is tested
    assert other != vector


def test_equality_with_other_classes_and_instances(module: Operating) -> None:
    """Objects of other classes and of other instances are unequal; a subclass's are compared."""
    vector, deep = module[Vector](1, 1), module[Deep](1)
    assert vector == deep
    assert deep == vector
    assert vector != module[Static]("a")
    assert module[Static]("a") != vector
    with Operating() as second:
        assert vector != second[Vector](1, 1)
        assert second[Vector](1, 1) == second[Vector](1, 1)
        assert deep != second[Deep](1)
    assert vector == module[Vector](1, 1)


def test_equality_with_an_object_that_answers_itself(module: Operating) -> None:
    """Python's protocol holds: the other operand is asked where AssemblyScript cannot tell."""

    class Anything:
        def __eq__(self, other: object) -> bool:
            return True

    assert module[Vector](1, 2) == Anything()
    assert Anything() == module[Vector](1, 2)


def test_hashing(module: Operating) -> None:
    """A class that declares `__eq__` is not hashable; one that declares none still is."""
    with pytest.raises(TypeError, match="unhashable type: 'Vector'"):
        hash(module[Vector](1, 2))
    with pytest.raises(TypeError, match="unhashable type: 'Deep'"):
        hash(module[Deep](1))
    assert isinstance(hash(module[Names]()), int)


def test_closed_instances(module: Operating) -> None:
    """Comparing with an object of a closed instance says no; comparing two of them is an error that says why."""
    second = Operating()
    gone, other = second[Vector](1, 2), second[Vector](1, 2)
    second.close()
    assert module[Vector](1, 2) != gone
    with pytest.raises(RuntimeError, match="closed"):
        operator.eq(gone, other)


def test_inequality_alone(module: Operating) -> None:
    """With only `__ne__` declared, `==` stays identity."""
    first, second = module[Names](), module[Names]()
    assert not first != second  # noqa: SIM202 - `!=` is tested
    assert not first == second  # noqa: SIM201 - `==` is tested
    second["a"] = "b"
    assert first != second
    assert first != 3
    assert first != None  # noqa: E711 - None is an operand here


# --- other types of operands ---------------------------------------------------------------------------------


def test_operands_of_other_types(module: Operating) -> None:
    """An operand may be a number; a wrong one is a typed error."""
    vector = module[Vector](1, 2)
    assert ((vector * 3).x, (vector * 3).y) == (3, 6)
    with pytest.raises(TypeError, match=r"Vector.__mul__\(by\)"):
        vector * "3"  # type: ignore[operator]  # pyright: ignore[reportUnusedExpression]  # it raises
    with pytest.raises(OverflowError):
        operator.mul(vector, 1 << 40)
    with pytest.raises(TypeError):
        vector - 3  # type: ignore[operator]  # the point of the test


def test_reflected_operators(module: Operating) -> None:
    """Reflected methods are Python's own to write; comparisons reflect by themselves."""
    vector = module[Vector](1, 2)
    assert (3 * vector).y == 6
    assert module[Vector](2, 0) > vector
    assert not vector > vector  # noqa: PLR0124 - with itself too - an object is not less than itself
    with pytest.raises(TypeError):
        3 - vector  # type: ignore[operator]  # the point of the test


def test_augmented_assignment(module: Operating) -> None:
    """`*=` and `-=` make new objects through the plain operators."""
    vector = before = module[Vector](1, 2)
    vector *= 4
    vector -= module[Vector](1, 1)
    assert (vector.x, vector.y, before.x) == (3, 7, 1)


def test_overrides(module: Operating) -> None:
    """A subclass's overload runs for its objects, through the base's declaration."""
    vector, deep = module[Vector](1, 2), module[Deep](50)
    assert (vector < deep, deep < vector, vector < vector) == (True, True, False)  # noqa: PLR0124 - with itself too
    assert (deep * 2).x == 100


def test_items(module: Operating) -> None:
    """Subscripts read and write, with keys of any type; what AssemblyScript throws comes out."""
    vector, names = module[Vector](1, 2), module[Names]()
    vector[1] = 9
    assert (vector[0], vector[1], vector.y, len(vector)) == (1, 9, 9, 2)
    with pytest.raises(AbortError, match="index"):
        vector[2]  # pyright: ignore[reportUnusedExpression]  # it raises
    with pytest.raises(TypeError):
        names[3]  # type: ignore[index]  # pyright: ignore[reportUnusedExpression]  # it raises
    found = [names["key"]]
    names["key"] = "value"
    assert [*found, names["key"]] == [None, "value"]


def test_operators_called_by_name(module: Operating) -> None:
    """A dunder is a method like any other, and another name may be given to the overload itself."""

    class Vector(AscClass):
        x: i32

        def __init__(self, x: i32, y: i32) -> None: ...
        @export("scale")
        def times(self, by: i32) -> "Vector": ...
        @export("__mul__")
        def stretched(self, by: i32) -> "Vector": ...

    vector = module[Vector](2, 0)
    assert vector.times(by=3).x == vector.stretched(3).x == 6


# --- what is not there ---------------------------------------------------------------------------------------


def test_operators_that_are_not_overloaded() -> None:
    """A declared operator without an overload, or with a private one, is told by its sign."""

    class Plain(AscClass):
        def __add__(self, other: "Plain") -> "Plain": ...
        def __invert__(self) -> "Plain": ...

    class Names(AscClass):
        def __eq__(self, other: object) -> bool: ...

    (add, invert) = facts(Operating, Plain)
    assert add[:3] == ("Plain.__add__", "method (other: Plain) -> Plain", "no operator + of Plain")
    assert add[3] == 'overload it with @operator("+"), or name a method with @export'
    assert invert[0] == "Plain.__invert__"
    assert '@operator.prefix("~")' in invert[3]
    ((who, _, found, _),) = facts(Operating, Names)
    assert (who, "no operator ==" in found or "private" in found) == ("Names.__eq__", True)


def test_named_method_for_an_operator(module: Operating) -> None:
    """A method that overloads nothing may stand for a Python operator by its name."""

    class Plain(AscClass):
        def __init__(self) -> None: ...
        @export("add")
        def __add__(self, other: "Plain") -> "Plain": ...

    plain = module[Plain]()
    assert plain + plain is plain


def test_stock_binaries() -> None:
    """Without a schema nothing says which method overloads what, and the use of it says so."""

    class Vector(AscClass):
        x: i32
        y: i32

        def __mul__(self, by: i32) -> "Vector": ...

    class Stock(AscModule, wasm=STOCK):
        def vector(self) -> Vector: ...

    vector = Stock().vector()
    assert (vector.x, vector.y) == (1, 2)
    with pytest.raises(BindError, match=r"Vector\.__mul__: declared"):
        operator.mul(vector, 3)
