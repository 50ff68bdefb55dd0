"""Classes as sources define them: by wasmbind's own metaclasses, with the code of the source, none of it run."""

import ast
import enum
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.static_sources import field_types, load, load_files, named
from wasmbind import AscClass, AscRecord, DeclarationError, i32
from wasmbind import _descriptors as d
from wasmbind._declarations import Function
from wasmbind._declared import declaration_of, is_view
from wasmbind._source import compile_definitions
from wasmbind._static.functions import UNKNOWN_DEFAULT

I32 = d.INTEGERS["i32"]


def functions(cls: type) -> dict[str, Function]:
    """The functions that a class declares, by name and kind."""
    return {f"{each.name} {each.kind}": each for each in declaration_of(cls).functions}


def test_members(tmp_path: Path) -> None:
    """Every kind of member is what it is at run time; Python methods are none."""
    module = load(
        tmp_path,
        """
        from wasmbind import export as ex
        import wasmbind as w
        class File(AscClass, name="assembly/File", rename="camel"):
            line_count: i32
            def __init__(self, name: string = ...) -> None: ...
            def add_line(self, a: i32, b: w.i64 = 5, *, c: i32 = 1) -> string: ...
            @ex("other")
            def named(self) -> i32: ...
            @property
            def first(self) -> i32: ...
            @first.setter
            def first(self, value: i32) -> None: ...
            @property
            def python(self) -> int:
                return 1
            @staticmethod
            def parse(text: string) -> "File": ...
            def refused(self) -> i32:
                raise NotImplementedError
            def documented(self) -> i32:
                "Does something."
            def summary(self) -> str:
                return f"{self.line_count}"
            @w.python
            def ignored(self) -> None: ...
            def __add__(self, other: "File") -> "File": ...
            def __eq__(self, other: object) -> bool: ...
        """,
    )
    (cls,) = module.classes
    assert issubclass(cls, AscClass)
    assert (cls.__name__, cls.__qualname__, cls.__module__) == ("File", "File", "app")
    found: Any = cls
    assert found.__asc_name__ == "assembly/File"
    assert sorted(found.__asc_stubs__) == sorted(
        ["__init__", "add_line", "named", "first", "parse", "refused", "documented", "__add__", "__eq__"]
    )
    del found.__asc_stubs__["add_line"]  # which has a parameter that AssemblyScript cannot have
    members = functions(cls)
    assert [each.export for each in declaration_of(cls).fields] == ["lineCount"]
    assert members["named method"].export == "other"
    assert members["first getter"].result == I32
    assert members["first setter"].parameters[0].type == I32
    assert members["parse static"].result == d.ObjectOf(cls)
    assert members["__init__ constructor"].parameters[0].optional
    assert members["__eq__ method"].parameters[0].type == d.ObjectOf(cls)


def test_defaults(tmp_path: Path) -> None:
    """Defaults are constants, members of enums, and names of these; with any other the member is not known."""
    module = load(
        tmp_path,
        """
        LIMIT = 1 << 4
        class Color(enum.IntEnum):
            Red = 3
        class M(AscModule):
            def constant(self, a: i32 = -1, b: f64 = 1.5, c: string = "x") -> None: ...
            def named(self, a: i32 = LIMIT, b: Color = Color.Red) -> None: ...
            def optional(self, a: i32 = ...) -> None: ...
            def unknown(self, a: i32 = compute()) -> None: ...
            def python(self, a: int = compute()) -> int:
                return a
        """,
    )
    (cls,) = module.modules
    members = functions(cls)
    assert [each.default for each in members["constant function"].parameters] == [-1, 1.5, "x"]
    assert [each.default for each in members["named function"].parameters] == [16, 3]
    assert [each.optional for each in members["optional function"].parameters] == [True]
    assert [(each.who, each.line) for each in module.left_out] == [("M.unknown", 13)]
    assert "M.unknown" not in {each.who for each in members.values()}


def test_places(tmp_path: Path) -> None:
    """Places are those that errors name at run time, first decorators included."""
    module = load_files(
        tmp_path,
        {
            "app.py": """\
                from wasmbind import *
                class M(AscModule):
                    count: i32
                    @property
                    @export("x")
                    def y(self) -> i32: ...
                    def z(self) -> i32: ...
                """
        },
    )
    (cls,) = module.modules
    assert {key: each.where for key, each in functions(cls).items()} == {
        "y getter": f"{module.path}:4",
        "z function": f"{module.path}:7",
    }
    found: Any = cls
    assert found.__asc_place__ == (str(module.path), 2)


def test_hosts(tmp_path: Path) -> None:
    """Host functions keep their types, and whether they have a body, without their code being run."""
    module = load(
        tmp_path,
        """
        class M(AscModule):
            @host("env", "log")
            def log(self, message: string) -> None:
                print(message)
            @host("env")
            def ask(self, question: string) -> i32: ...
            @host("env")
            def nothing(self) -> None:
                return None
        """,
    )
    log, ask, nothing = declaration_of(module.modules[0]).hosts
    assert (log.module, log.name, log.has_body, log.function.parameters[0].type) == ("env", "log", True, d.STRING)
    assert (ask.name, ask.has_body, ask.function.result) == ("ask", False, I32)
    assert nothing.has_body


def test_enums(tmp_path: Path) -> None:
    """Enums are real, with literal, computed and automatic values, and an AssemblyScript name."""
    module = load(
        tmp_path,
        """
        BASE = 10
        class Color(enum.IntEnum):
            __asc_name__ = "ui.Color"
            Red = 0
            Green = enum.auto()
            Blue = BASE + 1
            Azure = Blue
            def brightness(self) -> int:
                return 1
        class Empty(enum.IntEnum): ...
        class Derived(Empty):
            One = 1
        class Unknown(enum.IntEnum):
            Red = compute()
        class Special(enum.IntEnum):
            @staticmethod
            def _generate_next_value_(*_): return 5
            Red = enum.auto()
        class M(AscModule):
            color: Color
            derived: Derived
            unknown: Unknown
            special: Special
        """,
    )
    color: Any = module.member("Color")
    assert issubclass(color, enum.IntEnum)
    assert {name: int(member) for name, member in color.__members__.items()} == {
        "Red": 0,
        "Green": 1,
        "Blue": 11,
        "Azure": 11,
    }
    assert color.__dict__["__asc_name__"] == "ui.Color"
    assert field_types(module.modules[0]) == {
        "color": d.Enumeration(color),
        "derived": d.Enumeration(module.member("Derived")),
    }
    assert [each.who for each in module.left_out] == ["M.unknown", "M.special"]
    assert "member Red cannot be known" in module.left_out[0].reason


def test_generics(tmp_path: Path) -> None:
    """Generic classes have parametrisations, as at run time, also of themselves and in their bases."""
    module = load(
        tmp_path,
        """
        T = TypeVar("T", bound="Whatever")
        K = TypeVar("K")
        class Box(AscClass, Generic[T]):
            value: T
            next: "Box[T] | None"
            def wrap(self) -> "Box[Box[T]]": ...
        class Pair(Box[K], Generic[K, T]):
            other: T
        class Number(Box["Number"]): ...
        class M(AscModule, classes=[Number, Box[i32], Pair[string, i32]]):
            box: Box[i32]
        """,
    )
    box: Any = module.member("Box")
    number: Any = named(module, "Number")
    assert field_types(box[i32]) == {
        "value": I32,
        "next": d.Nullable(d.ObjectOf(box[i32])),
    }
    assert field_types(number.__bases__[0])["value"] == d.ObjectOf(number)
    found: Any = module.modules[0]
    assert [each.__asc_name__ for each in found.__asc_classes__] == ["Number", "Box<i32>", "Pair<string,i32>"]
    pair = found.__asc_classes__[2]
    assert field_types(pair) == {"other": I32}
    assert field_types(pair.__mro__[2])["value"] == d.STRING


def test_records_views_and_mixins(tmp_path: Path) -> None:
    """Records have defaults; subclasses that declare nothing are views; classes of Python may be mixed in."""
    module = load(
        tmp_path,
        """
        from typing import Protocol
        class Shown(Protocol):
            def show(self) -> str: ...
        class Mixin:
            def show(self) -> str:
                return "x"
        class Point(AscRecord):
            x: f64
            y: f64 = 0.5
            z: f64 = ...
            w: f64 = compute()
        class View(Mixin, Point):
            def length(self) -> float:
                return 1.0
        """,
    )
    point, view = module.classes
    assert issubclass(point, AscRecord)
    fields = declaration_of(point).fields
    assert [field.default for field in fields[1:]] == [0.5, ..., UNKNOWN_DEFAULT]
    assert is_view(view)


def test_unknown_bases(tmp_path: Path) -> None:
    """A class with a base that nobody knows is not known; it is noted where it declares something."""
    module = load(
        tmp_path,
        """
        from elsewhere import Base, Files
        class Plain(Base): ...
        class Mixed(Base, AscClass):
            a: i32
        class Module(Files, wasm="x.wasm"): ...
        class Options(AscClass, **compute()): ...
        class Called(AscClass, name=compute()): ...
        class User(AscModule):
            mixed: Mixed
        """,
    )
    assert [cls.__name__ for cls in (*module.classes, *module.modules)] == ["User"]
    assert [each.who for each in module.left_out] == ["Mixed", "Module", "Options", "Called", "User.mixed"]


def test_unknown_classes_in_the_list(tmp_path: Path) -> None:
    """Classes listed for a module that nobody knows are noted, the others taken."""
    module = load(
        tmp_path,
        """
        from elsewhere import Other
        class Line(AscClass): ...
        class M(AscModule, classes=[Line, Other, *more, 5, f64]): ...
        LISTED = [Line]
        class N(AscModule, classes=LISTED): ...
        class O(AscModule, classes=5): ...
        """,
    )
    found: Any = module.modules[1]
    assert found.__asc_classes__ == (module.classes[0],)
    found = module.modules[0]
    assert found.__asc_classes__ == (module.classes[0],)
    assert [each.who for each in module.left_out] == ["Other", "*more", "5", "f64", "O"]


def test_what_wasmbind_refuses(tmp_path: Path) -> None:
    """What wasmbind refuses in a class statement is an error of the file, with the class's line."""
    module = load(
        tmp_path,
        """
        class M(AscModule):
            def __init__(self) -> None: ...
        class C(AscClass):
            async def run(self) -> i32: ...
        class D(AscClass):
            @export("x")
            @property
            def y(self) -> i32: ...
        class E(AscClass, rename="snake"): ...
        class F(AscClass):
            @host("env")
            def log(self) -> None: ...
        import functools
        class G(AscClass):
            @functools.cache
            def log(self) -> i32: ...
        T = TypeVar("T")
        class Box(AscClass, Generic[T]): ...
        class H(Box): ...
        Alias = Box[i32, i32]
        class I(AscModule, classes=[Box[i32, i32]]): ...
        class J(AscModule, wasm=Box[i32, i32]): ...
        """,
    )
    assert module.modules == []
    assert [(line, error.who) for line, error in module.errors] == [
        (6, "M.__init__"),
        (8, "C.run"),
        (10, "@export('x')"),
        (14, "E"),
        (15, "F.log"),
        (19, "G.log"),
        (24, "H"),
        (25, "Box[...]"),
        (26, "Box[...]"),
        (27, "Box[...]"),
    ]
    assert all(isinstance(error, DeclarationError) for _, error in module.errors)


def test_other_decorators(tmp_path: Path) -> None:
    """Decorators that nobody knows leave a declaration out; Python methods may have any."""
    module = load(
        tmp_path,
        """
        from typing import overload, final
        from elsewhere import logged
        @logged
        class M(AscModule):
            @logged
            def lost(self) -> i32: ...
            @logged
            def python(self) -> int:
                return 1
            @final
            def kept(self) -> i32: ...
            @overload
            def twice(self, a: i32) -> i32: ...
            @overload
            def twice(self, a: string) -> string: ...
            def twice(self, a):
                return a
        """,
    )
    assert list(functions(module.modules[0])) == ["kept function"]
    assert [each.who for each in module.left_out] == ["M.lost", "M.python"]


def test_no_code_of_the_source_is_in_a_class(tmp_path: Path) -> None:
    """Of functions with a body a class has the name alone, and of Python's hooks not even that."""
    module = load(
        tmp_path,
        """
        class C(AscClass):
            def __init_subclass__(cls, **options):
                raise SystemExit
            def __class_getitem__(cls, item):
                raise SystemExit
            def method(self):
                raise SystemExit
            @property
            def shown(self):
                raise SystemExit
            @classmethod
            def made(cls):
                raise SystemExit
        class D(C, extra=1): ...
        """,
    )
    first, second = module.classes
    assert issubclass(second, first)
    assert not {"__init_subclass__", "__class_getitem__"} & vars(first).keys()
    members: Any = first
    assert members.method(object()) is None
    assert members.shown.fget(object()) is None
    assert members.made() is None


class Parameter:
    """A type parameter as Python 3.12 parses it."""

    def __init__(self, name: str) -> None:
        self.name = name


def test_bracketed_type_parameters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`class Box[T]` is generic as `class Box(Generic[T])` is; older Pythons are given the tree of newer ones."""
    if sys.version_info >= (3, 12):
        module = load(tmp_path, "class Box[T](AscClass):\n    value: T\nclass M(AscModule):\n    box: Box[i32]\n")
    else:
        parse = ast.parse

        def with_parameters(*arguments: Any, **options: Any) -> Any:
            tree = parse(*arguments, **options)
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and node.name == "Box":
                    vars(node)["type_params"] = [Parameter("T")]
            return tree

        monkeypatch.setattr(ast, "parse", with_parameters)
        module = load(tmp_path, "class Box(AscClass):\n    value: T\nclass M(AscModule):\n    box: Box[i32]\n")
    (box,) = field_types(module.modules[0]).values()
    assert isinstance(box, d.ObjectOf)
    assert field_types(box.cls) == {"value": I32}


class TypeAlias(ast.stmt):
    """The statement `type X = ...` as Python 3.12 parses it."""

    def __init__(self, made: ast.Assign) -> None:
        super().__init__(lineno=made.lineno, col_offset=made.col_offset)
        self.name, self.value, self.type_params = made.targets[0], made.value, [Parameter("T")]


def test_alias_statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Aliases of the statement `type X = ...` may name what comes later, have parameters, and never end."""
    body = "class Line(AscClass):\n    lines: Lines\n    pairs: Pairs[i32]\n    loop: Loop[i32]\n"
    aliases = ["Lines[T] = Array[Line]", "Pairs[T] = Map[T, list[T]]", "Loop[T] = list[Loop[T]]"]
    if sys.version_info >= (3, 12):
        text = "\n".join(f"type {alias}" for alias in aliases).replace("Lines[T]", "Lines")
    else:
        parse = ast.parse

        def with_aliases(*arguments: Any, **options: Any) -> Any:
            tree = parse(*arguments, **options)
            for index, node in enumerate(tree.body if isinstance(tree, ast.Module) else ()):
                if isinstance(node, ast.Assign):
                    tree.body[index] = TypeAlias(node)
            return tree

        monkeypatch.setattr(ast, "parse", with_aliases)
        text = "\n".join(aliases).replace("[T] =", " =")
    module = load(tmp_path, f"{text}\n{body}")
    line = named(module, "Line")
    assert field_types(line) == {
        "lines": d.Collection("Array", (d.ObjectOf(line),)),
        "pairs": d.Collection("Map", (I32, d.ListOf(I32))),
    }
    assert [(left.who, left.reason) for left in module.left_out] == [("Line.loop", "it refers to itself")]


def test_definitions_are_compiled_whole() -> None:
    """The code of a source is found by name and first line, nested functions and classes included."""
    source = "class A:\n    @b\n    def c(self):\n        def d(): ...\n        return super().c()\n"
    codes = compile_definitions(ast.parse(source), "x.py")
    assert {("A", 1), ("c", 2), ("d", 4)} <= codes.keys()
    assert codes["c", 2].co_freevars == ("__class__",)
