"""Names: camelCase, identifiers for exports, and guesses."""

import string as letters

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmbind._names import camel_case, closest, link_name

IDENTIFIERS = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]*", fullmatch=True)
# Export names as asc writes them, and anything that a binary may hold.
EXPORTS = st.one_of(st.text(alphabet="aAfF0235_#:.~/<>$é☃", max_size=8), st.text(max_size=12))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("add_line", "addLine"),
        ("add", "add"),
        ("a_b_c", "aBC"),
        ("addLine", "addLine"),
        ("add__line", "addLine"),
        ("_private_name", "_privateName"),
        ("__dunder_name__", "__dunderName__"),
        ("trailing_", "trailing_"),
        ("from_", "from_"),
        ("line_2", "line2"),
        ("_", "_"),
        ("___", "___"),
        ("", ""),
        ("naïve_été", "naïveÉté"),
    ],
)
def test_camel_case(name: str, expected: str) -> None:
    """Inner underscores become humps, outer ones stay."""
    assert camel_case(name) == expected


@given(IDENTIFIERS)
def test_camel_case_gives_an_identifier_of_the_same_letters(name: str) -> None:
    """The result is an identifier, holds the same letters, and converting it again changes nothing."""
    found = camel_case(name)
    assert found.isidentifier()
    assert found.replace("_", "").lower() == name.replace("_", "").lower()
    assert camel_case(found) == found


def test_link_name_example() -> None:
    """An export name stays readable inside its identifier."""
    assert link_name("File#addLine") == "link_File_23_addLine"
    assert link_name("add") == "link_add"


@given(EXPORTS)
def test_link_name_is_an_identifier(export: str) -> None:
    """Whatever a binary calls its export, generated code can name it."""
    name = link_name(export)
    assert name.isidentifier()
    assert name.isascii()
    assert name.startswith("link_")


@given(EXPORTS, EXPORTS)
def test_link_name_is_injective(first: str, second: str) -> None:
    """Different exports have different link names."""
    assert (link_name(first) == link_name(second)) == (first == second)


@pytest.mark.parametrize(
    "pair",
    [
        ("A_b", "A__b"),
        ("a#b", "a_23_b"),
        ("a#b", "a_23b"),
        ("a_", "a__"),
        ("_5f_", "__"),
        ("get x", "get_x"),
        ("a##", "a#_23_"),
        ("é", "_e9_"),
        ("\u0001a", "\u001a"),
        ("#a", "\u023a"),
    ],
)
def test_link_name_separates_lookalikes(pair: tuple[str, str]) -> None:
    """Names that spell out another name's encoding are told apart."""
    assert link_name(pair[0]) != link_name(pair[1])


@given(st.text(alphabet="#_23ab", max_size=6), st.text(alphabet="#_23ab", max_size=6))
def test_link_name_is_injective_where_it_is_hard(first: str, second: str) -> None:
    """The same for names made of the characters that the encoding itself uses."""
    assert (link_name(first) == link_name(second)) == (first == second)


@pytest.mark.parametrize(
    ("name", "candidates", "expected"),
    [
        ("add_line", ["addLine", "addLines"], "addLine"),
        ("ADD", ["sub", "add"], "add"),
        ("addLine", ["add_line"], "add_line"),
        ("helloword", ["helloworld", "goodbye"], "helloworld"),
        ("xyz", ["helloworld", "goodbye"], None),
        ("anything", [], None),
    ],
)
def test_closest(name: str, candidates: list[str], expected: str | None) -> None:
    """Case and underscores are ignored first, then the most similar name wins, if any is similar."""
    assert closest(name, candidates) == expected


@given(st.text(alphabet=letters.ascii_letters + "_", max_size=10), st.lists(IDENTIFIERS, max_size=6))
def test_closest_returns_a_candidate(name: str, candidates: list[str]) -> None:
    """A guess is one of the candidates, and a candidate itself is its own best guess up to spelling."""
    found = closest(name, candidates)
    assert found is None or found in candidates
    for candidate in candidates:
        best = closest(candidate, candidates)
        assert best is not None
        assert best.replace("_", "").lower() == candidate.replace("_", "").lower()
