"""Generic classes: templates, their parametrisations, and what each declares."""

# mypy: disable-error-code="empty-body"

from typing import Any, Generic

import pytest

from tests.unit.generic_classes import I32, Box, K, Line, Pair, T, V, field, function, made
from wasmbind import AscClass, AscModule, AscRecord, DeclarationError, f64, i32, string
from wasmbind import _descriptors as d
from wasmbind._annotations import is_template
from wasmbind._classes import reach
from wasmbind._declared import declaration_of, declared_bases


def problem_of(cls: Any) -> str:
    """The first line of the error for a class that cannot be declared."""
    with pytest.raises(DeclarationError) as caught:
        declaration_of(cls)
    return str(caught.value).splitlines()[0]


# --- making parametrisations ---------------------------------------------------------------------------------


def test_parametrisations_are_classes() -> None:
    """`Box[i32]` is a subclass of `Box`, with a name of its own and the docstring of the template."""
    cls = made(Box, i32)
    assert isinstance(cls, type)
    assert issubclass(cls, Box)
    assert issubclass(cls, AscClass)
    assert (cls.__name__, cls.__qualname__, cls.__module__) == ("Box[i32]", "Box[i32]", Box.__module__)
    assert cls.__doc__ == "Holds one value."
    assert is_template(Box)
    assert not is_template(cls)


def test_parametrisations_are_made_once() -> None:
    """The same arguments give the same class, for each template and argument."""
    assert made(Box, i32) is made(Box, i32)
    assert made(Box, i32) is not made(Box, f64)
    assert made(Box, i32) is not made(Box, string)
    assert made(Pair, i32, string) is made(Pair, i32, string)
    assert made(Pair, i32, string) is not made(Pair, string, i32)
    assert made(Box, Line) is made(Box, Line)
    assert made(Box, made(Box, Line)) is made(Box, made(Box, Line))


def test_python_names_of_types() -> None:
    """`str` and `float` are `string` and `f64`."""
    assert made(Box, str) is made(Box, string)
    assert made(Box, float) is made(Box, f64)
    assert made(Pair, str, float) is made(Pair, string, f64)
    assert field(made(Box, str), "value") == d.STRING


def test_different_parametrisations_are_unrelated() -> None:
    """No parametrisation is a subclass of another, nor of another template."""
    numbers, texts = made(Box, i32), made(Box, string)
    assert not issubclass(numbers, texts)
    assert not issubclass(texts, numbers)
    assert not issubclass(made(Pair, i32, i32), Box)


def test_what_is_bound() -> None:
    """Only parametrisations are bound to a binary, and templates are not."""
    assert declared_bases(made(Box, i32)) == [made(Box, i32)]
    found, _ = reach([], [made(Pair, i32, made(Box, Line))])
    assert found == [made(Pair, i32, made(Box, Line)), made(Box, Line), Line]


# --- deriving ------------------------------------------------------------------------------------------------


class Crate(Box[T], Generic[T]):
    label: T

    def unpack(self) -> list[T]: ...


class Swapped(Pair[V, K], Generic[K, V]):
    count: i32


class Numbers(Box[i32]):
    total: i32

    def add(self, value: i32) -> i32: ...


def test_template_that_derives_from_a_template() -> None:
    """`Crate[i32]` derives from `Box[i32]`, and has its members with the same type."""
    cls = made(Crate, i32)
    assert issubclass(cls, made(Box, i32))
    assert issubclass(cls, Crate)
    assert declared_bases(cls) == [cls, made(Box, i32)]
    assert (field(cls, "label"), field(made(Box, i32), "value")) == (I32, I32)
    assert function(cls, "unpack").result == d.ListOf(I32)
    assert not issubclass(made(Crate, i32), made(Box, string))
    assert cls.__mro__.index(cls) < cls.__mro__.index(Crate) < cls.__mro__.index(Box)


def test_template_that_changes_the_order_of_its_variables() -> None:
    """A base gets the arguments by the variables that it is written with."""
    assert declared_bases(made(Swapped, i32, string)) == [made(Swapped, i32, string), made(Pair, string, i32)]


def test_class_that_derives_from_a_parametrisation() -> None:
    """`class Numbers(Box[i32])` is a plain class, which binds its own members and its base's."""
    assert issubclass(Numbers, made(Box, i32))
    assert not is_template(Numbers)
    assert declared_bases(Numbers) == [Numbers, made(Box, i32)]
    assert [found.name for found in declaration_of(Numbers).fields] == ["total"]
    assert [found.name for found in declaration_of(Numbers).functions] == ["add"]


def test_class_that_derives_from_a_bare_template() -> None:
    """A base without its type is refused where the class is written."""
    with pytest.raises(DeclarationError, match=r"Bare: derives from Box, which is generic, without a type") as caught:

        class Bare(Box):  # type: ignore[type-arg]  # the point of the test
            pass

    assert caught.value.fix == "derive it from Box[T], such as Box[i32]"


# --- Python's members ----------------------------------------------------------------------------------------


def test_python_members_are_inherited() -> None:
    """What has a body in the template is Python's, and every parametrisation has it."""
    cls = made(Box, i32)
    assert (cls.title(), cls.own_name(), cls.LIMIT) == ("box", "Box[i32]", 3)
    assert cls.shown is Box.shown
    assert cls.twice is Box.twice
    assert {found.name for found in declaration_of(cls).functions} == {"__init__", "get", "exchange", "best", "of"}


def test_members_of_parametrisations_are_their_own() -> None:
    """Stubs are replaced on each parametrisation, never on the template."""
    numbers, texts = made(Box, i32), made(Box, string)
    for name in ("get", "exchange", "best", "of"):
        assert name in numbers.__dict__
        assert name in texts.__dict__
    assert numbers.__dict__["of"] is not texts.__dict__["of"]


def test_equality_takes_hashing_away() -> None:
    """A generic class that declares `__eq__` is not hashable, as Python has it; others are."""

    class Equal(AscClass, Generic[T]):  # noqa: PLW1641 - the point of the test
        def __eq__(self, other: object) -> bool: ...

    assert made(Equal, i32).__hash__ is None
    assert made(Box, i32).__hash__ is AscClass.__hash__
    parameter = function(made(Equal, i32), "__eq__").parameters[0]
    assert parameter.type == d.ObjectOf(made(Equal, i32))


class Point(AscRecord, Generic[T]):
    x: T
    y: T
    tag: string = "none"


def test_generic_records() -> None:
    """A generic record has fields of its type, with the defaults that it says."""
    cls = made(Point, f64)
    assert issubclass(cls, AscRecord)
    assert [(found.name, found.type) for found in declaration_of(cls).fields] == [
        ("x", d.F64),
        ("y", d.F64),
        ("tag", d.STRING),
    ]
    assert declaration_of(cls).fields[2].default == "none"


# --- mistakes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "arguments", "problem", "fix"),
    [
        (Box, (i32, i32), "Box[...]: takes 1 types, 2 given", "give ~T"),
        (Pair, i32, "Pair[...]: takes 2 types, 1 given", "give ~K, ~V"),
        (Line, i32, "Line[...]: Line is not generic", "derive Line from typing.Generic[T] as well, or write Line"),
        (Numbers, i32, "Numbers[...]: Numbers is not generic", None),
        (made(Box, i32), i32, "Box[i32][...]: Box[i32] is not generic", None),
    ],
)
def test_wrong_subscripts(template: Any, arguments: Any, problem: str, fix: str | None) -> None:
    """The wrong number of types, or types for a class that takes none, are errors that say so."""
    with pytest.raises(DeclarationError) as caught:
        template[arguments]
    assert str(caught.value).splitlines()[0] == problem
    assert fix is None or caught.value.fix == fix


@pytest.mark.parametrize("argument", [int, object, None, list, dict[str, int], i32 | None, "Missing", 3, ()])
def test_arguments_that_are_no_types(argument: Any) -> None:
    """An argument without an AssemblyScript counterpart is a `DeclarationError`, when it is read at the latest."""
    with pytest.raises(DeclarationError):
        declaration_of(made(Box, argument))


def test_modules_are_no_types() -> None:
    """A module class is no type of AssemblyScript, as an argument or by itself."""

    class Module(AscModule, wasm=b""):
        pass

    class Holder(AscClass):
        module: Module

    assert problem_of(made(Box, Module)).startswith("Box[Module].value: Module has no AssemblyScript counterpart")
    assert problem_of(Holder).startswith("Holder.module: Module has no AssemblyScript counterpart")


def test_calling_a_template() -> None:
    """`Box(7)` says that it needs a type, wherever it is called."""
    with pytest.raises(DeclarationError, match=r"Box: is generic and has no type arguments") as caught:
        Box(7)
    assert caught.value.fix == "write Box[T], such as Box[i32]"


def test_bare_template_as_an_annotation() -> None:
    """A field of type `Box` says the same."""

    class Holder(AscClass):
        box: Box  # type: ignore[type-arg]  # the point of the test

    assert problem_of(Holder) == "Holder.box: Box is generic and has no type arguments"


def test_variables_outside_of_generic_classes() -> None:
    """A type variable that the class does not have stands for nothing."""

    class Loose(AscClass):
        value: T  # type: ignore[valid-type]  # pyright: ignore[reportGeneralTypeIssues]  # the point of the test

    assert problem_of(Loose) == "Loose.value: ~T stands for no type here"

    class Module(AscModule, wasm=b""):
        def get(self) -> Box[T]: ...  # pyright: ignore[reportInvalidTypeVarUse]

    with pytest.raises(DeclarationError, match="~T"):
        declaration_of(Module)
