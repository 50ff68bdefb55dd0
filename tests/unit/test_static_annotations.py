"""What annotations mean, wherever their text stands."""

# mypy: disable-error-code="empty-body"

import ast
from pathlib import Path

import pytest

from tests.unit.static_sources import field_types, load, load_files, named
from wasmbind import DeclarationError
from wasmbind import _descriptors as d
from wasmbind._declared import declaration_of
from wasmbind._static.annotations import annotation_text

I32 = d.INTEGERS["i32"]


@pytest.mark.parametrize(
    "text",
    [
        "Line",
        "None",
        "Line | None",
        "list[Line]",
        "list[Line] | None",
        "w.Array[w.i32]",
        "dict[string,list[Line|None]]",
        "A | B | None",
        "A | None | None | None | None | None",
        "'Line | None'",
        "Annotated[i32, Name('from')]",
        "Callable[[i32, string], None]",
        "tuple[i32, ...]",
        "x[None]",
    ],
)
def test_text_is_pythons(text: str) -> None:
    """The text that is kept of an annotation is what Python keeps of it."""
    node = ast.parse(text, mode="eval").body
    assert annotation_text(node) == ast.unparse(node)


FORMS = """
class Line(AscClass):
    s: string
Lines = Array[Line]
Later: TypeAlias = "Array[Line] | None"
Number = i32
class File(AscClass):
    plain: Line
    quoted: "Line"
    optional: Optional[Line]
    union: Line | None
    quoted_union: "Line | None"
    half: Optional["Line"]
    half_list: list["Line"]
    half_live: Array["Line"]
    half_map: Map[string, "Line | None"]
    half_function: Callable[["Line"], "Line"]
    alias: Lines
    alias_optional: Optional[Lines]
    later: Later
    number: Number
    named: Annotated["Line", Name("other")]
    deep: dict[string, list["list[Line]"]]
    pair: tuple["Line", ...]
    itself: "File | None"
    shared: ClassVar[int] = 5
    opaque: Opaque["Whatever"]
"""


@pytest.mark.parametrize("future", ["", "from __future__ import annotations\n"])
def test_forms(tmp_path: Path, future: str) -> None:
    """Text is found inside of types, aliases and `Annotated`, with and without postponed annotations."""
    imports = "from collections.abc import Callable\nfrom typing import *\nfrom wasmbind import *\n"
    module = load_files(tmp_path, {"app.py": f"{future}{imports}\nclass Whatever: ...\n{FORMS}"})
    line, file = d.ObjectOf(named(module, "Line")), named(module, "File")
    lines = d.Collection("Array", (line,))
    assert field_types(file) == {
        "plain": line,
        "quoted": line,
        "optional": d.Nullable(line),
        "union": d.Nullable(line),
        "quoted_union": d.Nullable(line),
        "half": d.Nullable(line),
        "half_list": d.ListOf(line),
        "half_live": lines,
        "half_map": d.Collection("Map", (d.STRING, d.Nullable(line))),
        "half_function": d.FunctionOf((line,), line),
        "alias": lines,
        "alias_optional": d.Nullable(lines),
        "later": d.Nullable(lines),
        "number": I32,
        "named": line,
        "deep": d.DictOf(d.STRING, d.ListOf(d.ListOf(line))),
        "pair": d.TupleOf(line, None),
        "itself": d.Nullable(d.ObjectOf(file)),
        "opaque": d.OpaqueOf(None),
    }
    assert {field.name: field.export for field in declaration_of(file).fields}["named"] == "other"
    assert module.left_out == []


def test_names_of_bodies(tmp_path: Path) -> None:
    """Annotations see the names of the classes around them and of their own class, innermost first."""
    module = load(
        tmp_path,
        """
        class Part(AscClass):
            a: i32
        class Outer(AscClass):
            class Part(AscClass):
                b: i32
            class Inner(AscClass):
                part: "Part"
            part: "Part"
        class Other(AscClass):
            part: "Part"
        """,
    )
    inner, outside = d.ObjectOf(named(module, "Outer.Part")), d.ObjectOf(named(module, "Part"))
    assert field_types(named(module, "Outer.Inner")) == {"part": inner}
    assert field_types(named(module, "Outer")) == {"part": inner}
    assert field_types(named(module, "Other")) == {"part": outside}


def test_a_method_hides_a_type(tmp_path: Path) -> None:
    """Postponed annotations see the methods of their class, as when they run: `string` is no type there."""
    text = "from __future__ import annotations\nfrom wasmbind import *\n"
    body = "class Text(AscClass):\n    value: string\n    def string(self) -> i32: ...\n"
    module = load_files(tmp_path, {"app.py": text + body})
    assert [left.who for left in module.left_out] == []
    with pytest.raises(DeclarationError, match="string"):
        declaration_of(named(module, "Text"))


def test_namespace(tmp_path: Path) -> None:
    """Names that `namespace=` gives win; where it is not known, what is not defined may be in it."""
    module = load(
        tmp_path,
        """
        class Given(AscClass, namespace={"Number": i32, "string": f64}):
            a: "Number"
            b: "string"
        class Unknown(AscClass, namespace=globals()):
            a: "Number"
            b: "string"
        """,
    )
    assert field_types(named(module, "Given")) == {"a": I32, "b": d.F64}
    assert field_types(named(module, "Unknown")) == {"b": d.STRING}
    assert [(left.who, left.reason) for left in module.left_out] == [
        ("Unknown.a", "namespace= cannot be known without running it")
    ]


def test_names_for_type_checkers_alone(tmp_path: Path) -> None:
    """A name that only type checkers import is reported as it is when the class is bound."""
    module = load(
        tmp_path,
        """
        if TYPE_CHECKING:
            from collections.abc import Sequence
        class Sums(AscClass):
            def sum(self, values: "Sequence[f64]") -> f64: ...
        """,
    )
    with pytest.raises(DeclarationError, match="'Sequence', which is not defined") as caught:
        declaration_of(named(module, "Sums"))
    assert caught.value.who == "Sums.sum(values)"


def test_names_that_also_run(tmp_path: Path) -> None:
    """A name that the running code has as well is taken from what type checkers see."""
    module = load(
        tmp_path,
        """
        if TYPE_CHECKING:
            Number = i32
        else:
            Number = compute()
        if not TYPE_CHECKING:
            Other = compute()
        else:
            Other = f64
        class Numbers(AscClass):
            a: "Number"
            b: "Other"
        """,
    )
    assert field_types(named(module, "Numbers")) == {"a": I32, "b": d.F64}


def test_undefined_name(tmp_path: Path) -> None:
    """A name that nothing defines is an error of the declaration, with its place."""
    module = load(tmp_path, "class Bad(AscClass):\n    value: 'Nowhere'\n")
    with pytest.raises(DeclarationError, match="'Nowhere', which is not defined") as caught:
        declaration_of(named(module, "Bad"))
    assert (caught.value.where or "").endswith("app.py:6")


def test_unknown_types_leave_the_member_out(tmp_path: Path) -> None:
    """A member of a type that nobody knows is left out, and noted; all others stay."""
    module = load(
        tmp_path,
        """
        from elsewhere import Thing
        class Partly(AscClass):
            known: i32
            thing: Thing
            things: "list[Thing]"
            def make(self) -> Thing: ...
            def take(self, thing: "Thing | None") -> i32: ...
            def keep(self, number: i32) -> i32: ...
            @property
            def first(self) -> Thing: ...
        """,
    )
    partly = declaration_of(named(module, "Partly"))
    assert [field.name for field in partly.fields] == ["known"]
    assert [function.name for function in partly.functions] == ["keep"]
    assert [left.who.partition(".")[2] for left in module.left_out] == ["thing", "things", "make", "take", "first"]
    assert [left.line for left in module.left_out] == [9, 10, 11, 12, 14]
    assert {left.reason for left in module.left_out} == {"what elsewhere.Thing is cannot be known without running it"}


def test_parametrisations_leave_it_out_too(tmp_path: Path) -> None:
    """A parametrisation that was made before it was known that a member is not, does not have it."""
    module = load(
        tmp_path,
        """
        from elsewhere import Thing
        T = TypeVar("T")
        class Box(AscClass, Generic[T]):
            value: T
            def thing(self) -> "Thing": ...
            def get(self) -> T: ...
        class Boxes(AscModule):
            def box(self) -> Box[i32]: ...
        """,
    )
    (function,) = declaration_of(named(module, "Boxes")).functions
    assert isinstance(function.result, d.ObjectOf)
    box = declaration_of(function.result.cls)
    assert [(each.name, each.result) for each in box.functions] == [("get", I32)]
    assert field_types(function.result.cls) == {"value": I32}


def test_text_that_leads_to_itself(tmp_path: Path) -> None:
    """Text that never comes to an end is not known."""
    module = load(
        tmp_path, "Loop = 'list[Loop]'\nTwice = 'dict[Twice, Twice]'\nclass C(AscClass):\n    a: Loop\n    b: Twice\n"
    )
    assert [left.reason for left in module.left_out] == ["it is too long", "it is too long"]
