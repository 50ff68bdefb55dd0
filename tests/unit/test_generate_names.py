"""Python names for AssemblyScript's."""

import ast
import keyword

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wasmbind._generate.names import (
    RESERVED,
    MemberNames,
    class_identifier,
    identifier,
    member_identifier,
    module_name,
    name_problem,
    quote,
    snake_case,
)
from wasmbind._names import camel_case


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("addLine", "add_line"),
        ("HTTPServer", "http_server"),
        ("parseURL", "parse_url"),
        ("x", "x"),
        ("LIMIT", "LIMIT"),
        ("already_snake", "already_snake"),
        ("utf8Length", "utf8_length"),
    ],
)
def test_snake_case(name: str, snake: str) -> None:
    """Humps become underscores; what is in capitals is a constant."""
    assert snake_case(name) == snake


def test_snake_case_comes_back() -> None:
    """`rename="camel"` makes AssemblyScript's name of the Python one, wherever that is possible."""
    for name in ("addLine", "x", "utf8Length", "lineOfText"):
        assert camel_case(snake_case(name)) == name


@given(st.text(max_size=12))
@example("\U00010858")  # a number in words, but in no identifier
def test_identifiers(text: str) -> None:
    """Whatever a binary calls a thing, its Python name is one, and public."""
    for name in (identifier(text), class_identifier(text)):
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert not name.startswith("_")


@given(st.text(max_size=12))
def test_quoted(text: str) -> None:
    """Whatever a binary says, as a literal it is one string on one line."""
    assert ast.literal_eval(quote(text)) == text
    assert "\n" not in quote(text)


@pytest.mark.parametrize(("text", "literal"), [("a", '"a"'), ('a"b', "'a\"b'"), ("it's", '"it\'s"'), ("\\", '"\\\\"')])
def test_quotes(text: str, literal: str) -> None:
    """Double quotes, unless single ones save backslashes."""
    assert quote(text) == literal


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("Red", "Red"),
        ("None", "None_"),
        ("value", "value_"),
        ("real", "real_"),
        ("_x_", None),
        ("__x", None),
        ("$", None),
    ],
)
def test_members_of_enums(name: str, member: str | None) -> None:
    """What Python's enums have already gets an underscore; what they cannot have has no name."""
    assert member_identifier(name) == member


@pytest.mark.parametrize(
    ("stem", "taken", "name"),
    [
        ("files", [], "Files"),
        ("text-files", [], "TextFiles"),
        ("files", ["Files"], "FilesModule"),
        ("9", [], "Export_9"),
        ("map", [], "MapModule"),
    ],
)
def test_modules(stem: str, taken: list[str], name: str) -> None:
    """A module's class is named for its binary, and for nothing else."""
    assert module_name(stem, taken) == name


def test_members_hide_nothing() -> None:
    """No member has a name that annotations are written with, that wasmbind has, or that a class has."""
    names = MemberNames({"Line"}, None, {})
    chosen = [names.choose(name, name) for name in (*sorted(RESERVED), "Line", "close", "default", "runtime")]
    assert not {*chosen} & {*RESERVED, "Line", "close", "default", "runtime"}
    assert len({*chosen}) == len(chosen)


def test_members_keep_the_names_of_their_base() -> None:
    """What overrides a member has its name, and what only looks like it has another one."""
    base = MemberNames(set(), None, {})
    assert base.choose(("from", False), "from") == "from_"
    derived = MemberNames(set(), None, base.chosen)
    assert derived.choose(("from", False), "from") == "from_"
    assert derived.choose(("from_", False), "from_") == "from__"


def test_renamed_members() -> None:
    """With snake_case, the class turns names back by itself where it can."""
    names = MemberNames(set(), "snake", {})
    assert names.choose("addLine", "addLine") == "add_line"
    assert names.says("add_line", "addLine")
    assert not names.says("http_server", "HTTPServer")


def test_parameters() -> None:
    """Parameters differ from each other and from `self`."""
    assert MemberNames(set(), None, {}).parameters(["a", "$a", "self", "in"]) == ["a", "a1", "self_", "in_"]


def test_names_for_modules() -> None:
    """Names are judged as Python reads them: some letters are only another form of others."""
    assert name_problem("Api") is None
    assert name_problem("type") is None
    assert name_problem("\uff49\uff13\uff12") == "is a name that declarations are written with"
    assert name_problem("None") == "is a keyword of Python"
    assert name_problem("my-files") == name_problem("_Files") == "is no name for a class"
