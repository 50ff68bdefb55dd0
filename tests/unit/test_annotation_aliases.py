"""Aliases made by the statement `type X = ...`, which Python evaluates when they are needed."""

# mypy: disable-error-code="empty-body"

from typing import Annotated, Any, TypeVar

import pytest
from typing_extensions import TypeAliasType  # what the statement makes, for Pythons without it

from wasmbind import Array, AscClass, DeclarationError, Map, Name, i32, string
from wasmbind import _descriptors as d
from wasmbind._annotations import resolve_annotation
from wasmbind._declarations import read_declaration
from wasmbind._scopes import Scope

T = TypeVar("T")
I32 = d.INTEGERS["i32"]

Numbers = TypeAliasType("Numbers", Array[i32])
Text = TypeAliasType("Text", "string")
Twice = TypeAliasType("Twice", Numbers)
Pairs = TypeAliasType("Pairs", Map[T, T], type_params=(T,))
Origin = TypeAliasType("Origin", Annotated[i32, Name("from")])
make: Any = TypeAliasType
Endless = make("Endless", "Endless")
Deep = make("Deep", "list[Deep]")
Lost = make("Lost", "list[Nowhere]")


class Line(AscClass):
    numbers: Numbers
    text: Text
    twice: Twice | None
    pairs: Pairs[i32]
    inside: list[Numbers]
    origin: Origin


def test_aliases() -> None:
    """An alias means what it stands for: alone, inside of other types, with type arguments and with a name."""
    found = {field.export: field.type for field in read_declaration(Line).fields}
    numbers = d.Collection("Array", (I32,))
    assert found == {
        "numbers": numbers,
        "text": d.STRING,
        "twice": d.Nullable(numbers),
        "pairs": d.Collection("Map", (I32, I32)),
        "inside": d.ListOf(numbers),
        "from": I32,
    }
    assert string is not None  # the name that `Text` stands for


@pytest.mark.parametrize(
    ("alias", "problem"),
    [
        (Endless, "Endless is made of itself"),
        (Deep, "Deep is made of itself"),
        (Lost, "uses the name 'Nowhere', which is not defined"),
    ],
)
def test_aliases_of_nothing(alias: object, problem: str) -> None:
    """An alias that leads to itself, or to a name that is not there, is an error of the declaration."""
    with pytest.raises(DeclarationError, match=problem) as caught:
        resolve_annotation(alias, Scope(globals()), "Line.value")
    assert caught.value.who == "Line.value"
