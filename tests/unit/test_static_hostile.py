"""Sources written to do harm: nothing of them runs, and reading them ends, soon."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.compiling import ROOT
from tests.unit.static_sources import IMPORTS, load_files
from wasmbind import DeclarationError
from wasmbind._annotations import is_template
from wasmbind._checking import check_module
from wasmbind._declared import declaration_of
from wasmbind._scopes import UnresolvedError
from wasmbind._static import StaticLoader, StaticModule
from wasmbind._static.finding import SourceFinder

#: Everywhere that Python runs code while it imports a file, there is some that leaves a mark.
RUNS = """
import sys
from wasmbind import *
import enum
from typing import *

def run(*args, **kwargs):
    open({mark!r}, "w").close()
    return i32

run()
value = run()
[run() for _ in range(3)]
class Meta(type):
    def __new__(cls, *args, **kwargs):
        run()
        return super().__new__(cls, *args)
    def __prepare__(*args):
        return run() or {{}}
    def __getattr__(cls, name):
        return run()
    def __or__(cls, other):
        return run()
    def __instancecheck__(cls, other):
        return run()
class Hook(metaclass=Meta):
    def __init_subclass__(cls, **options):
        run()
    def __class_getitem__(cls, item):
        return run()
    def __set_name__(self, owner, name):
        run()
    def __mro_entries__(self, bases):
        return (run(),)
    def __eq__(self, other):
        return run()
    def __hash__(self):
        return run()
    def __repr__(self):
        return run()
    def __bool__(self):
        return run()
    def __fspath__(self):
        return run()
class Sub(Hook, option=run()): ...
@run
class Decorated(AscClass):
    a: run()
    b: i32 = run()
    c: "run()"
    d: Annotated[i32, run()]
    e: Hook[i32]
    f: "Hook | None"
    g: Hook()
    h: i32[run()]
    i: [run() for _ in range(3)]
    j: (lambda: run())()
    k: f"{{run()}}"
    def __init_subclass__(cls, **options):
        run()
    def __class_getitem__(cls, item):
        return run()
    def __new__(cls, *args):
        return run()
    @run
    def method(self, a: run() = run(), *b: run()) -> run(): ...
    @property
    def shown(self) -> i32:
        return run()
    @host("env", "x")
    def hosted(self, a: i32 = run()) -> None:
        run()
    run()
    if run():
        l: i32
class Derived(Decorated, name=run()): ...
class Other(Decorated): ...
class Color(enum.IntEnum):
    Red = run()
class Shade(enum.IntEnum):
    Dark = 0
    def __init__(self, *args):
        run()
    @classmethod
    def _missing_(cls, value):
        return run()
class Tint(enum.IntEnum):
    def _generate_next_value_(*args):
        return run()
    Light = enum.auto()
T = TypeVar("T", bound=run())
class Box(AscClass, Generic[T]):
    value: T
    def __class_getitem__(cls, item):
        return run()
class Files(AscModule, wasm=run(), classes=[run(), Box[i32], Other], limits=run(), start="x"):
    color: Shade
    box: Box[i32]
    hook: Hook
    @host("env", "y")
    def hosted(self, a: i32 = run()) -> i32:
        return run()
    def all(self, other: Other) -> Box[Other]: ...
    def __init_subclass__(cls):
        run()
class MoreFiles(Files, wasm={mark!r} + ".wasm"): ...
{mark!r}.__class__.__bases__[0].__subclasses__()
with run(): ...
for _ in run(): ...
while run(): ...
assert run()
raise run()
"""


def check_everything(module: StaticModule) -> None:
    """Do with a module all that anybody does who checks it."""
    check_module(module)
    check_module(module, ROOT / "examples" / "quickstart.wasm")
    assert module.names is not None
    for cls in (*module.classes, *module.modules):
        try:
            if not is_template(cls):
                declaration_of(cls)
        except (DeclarationError, UnresolvedError):
            continue


def test_nothing_runs(tmp_path: Path) -> None:
    """No code of a source runs: not while it is read, nor while it is compared with a binary."""
    mark = tmp_path / "mark"
    (tmp_path / "app.py").write_text(RUNS.format(mark=str(mark)))
    (tmp_path / "mark.wasm").write_bytes((ROOT / "examples" / "quickstart.wasm").read_bytes())
    before = set(sys.modules)
    loader = StaticLoader(SourceFinder([tmp_path]))
    module = loader.load(tmp_path / "app.py", "app")
    check_everything(module)
    assert [cls.__name__ for cls in module.modules] == ["Files", "MoreFiles"]
    assert not mark.exists()
    assert not {name for name in set(sys.modules) - before if not name.startswith(("wasmbind.", "difflib"))}


def many(line: str, count: int = 60) -> str:
    """A line for each number, which it has as `{i}`, and the one before as `{j}`."""
    return "\n".join(line.format(i=i, j=i - 1) for i in range(1, count))


DEEP = 3000
SLOW = {
    "numbers": "class C(AscModule):\n    def f(self, a: i32 = 2**10**10, b: i32 = 1 << (1 << 62)) -> None: ...\n",
    "squares": "a0 = 10\n" + many("a{i} = a{j} * a{j}"),
    "texts": "a0 = 'abc'\n" + many("a{i} = a{j} + a{j}"),
    "repeated": "a = 'abc' * 10**12\nclass C(AscModule):\n    def f(self, a: string = 'x' * 10**12) -> None: ...\n",
    "tuples": "a0 = (1, 2)\n"
    + many("a{i} = (a{j}, a{j})")
    + "\nb = {a59: 1}\nc = a59 == a59\nd = a59 | i32\ne = Name(a59)",
    "name": "a0 = ('x',)\n"
    + many("a{i} = (a{j}, a{j})")
    + "\nclass C(AscClass, name=a59, rename=a59):\n    x: i32 = a59\n",
    "types": "a0 = dict[string, i32]\n" + many("a{i} = dict[a{j}, a{j}]") + "\nclass C(AscClass):\n    x: a59\n",
    "aliases": "a0 = Array[i32]\n" + many("a{i} = Map[a{j}, a{j}]") + "\nclass C(AscClass):\n    x: a59\n",
    "unions": "a0 = Optional[string]\n" + many("a{i} = a{j} | list[a{j}]") + "\nclass C(AscClass):\n    x: a59\n",
    "calls": (
        "from typing import Callable\na0 = Callable[[i32], i32]\n"
        + many("a{i} = Callable[[a{j}, a{j}], a{j}]")
        + "\nclass C(AscClass):\n    x: a59\n"
    ),
    "metadata": "a0 = (1,)\n" + many("a{i} = (a{j}, a{j})") + "\nclass C(AscClass):\n    x: Annotated[i32, a59]\n",
    "generics": (
        "T = TypeVar('T')\nK = TypeVar('K')\n"
        "class Box(AscClass, Generic[T, K]):\n    x: T\n    y: 'Box[Box[T, K], Box[K, T]]'\n"
        "a0 = Box[i32, i32]\n"
        + many("a{i} = Box[a{j}, a{j}]")
        + "\nclass C(AscModule):\n    x: a59\n    y: Box[i32, i32]\n"
    ),
    "texts of types": many("A{j} = 'dict[A{i}, A{i}]'") + "\nclass C(AscClass):\n    x: A0\n    y: 'A0'\n",
    "itself": "A = 'A'\nB = 'C'\nC = 'B'\nclass D(AscClass):\n    x: A\n    y: B\n    z: 'list[A]'\n",
    "attributes": "x = i32" + ".a" * DEEP + "\nclass C(AscClass):\n    x: i32" + ".a" * DEEP + "\n",
    "sums": "x = 1" + " + 1" * DEEP + "\nclass C(AscClass):\n    x: i32" + " | i32" * DEEP + "\n",
    "subscripts": "x = list"
    + "[list" * 150
    + "]" * 150
    + "\nclass C(AscClass):\n    x: list"
    + "[list" * 90
    + "]" * 90
    + "\n",
    "quoted": "class C(AscClass):\n    x: '" + "-" * DEEP + "1'\n    y: '" + "(" * 199 + ")" * 199 + "'\n",
    "long text": "class C(AscClass):\n    x: '" + "a." * 100_000 + "a'\n",
    "blocks": "\n".join(" " * i + "if f():" for i in range(90)) + "\n" + " " * 90 + "class C(AscModule): ...\n",
    "statements": "x = 1\n" * 100_000,
    "loop": "for x in f():\n" + "    y = 1\n" * 50_000,
    "classes": "".join(f"class C{i}(AscClass):\n    x: i32\n" for i in range(500)),
    "bases": "class C0(AscClass): ...\n" + many("class C{i}(C{j}): ...", 150),
    "nested": "\n".join(" " * i + f"class C{i}(AscClass):" for i in range(90)) + "\n" + " " * 90 + "x: i32\n",
    "decorators": "class C(AscClass):\n" + "    @property\n" * 500 + "    def x(self) -> i32: ...\n",
    "body": "class C(AscClass):\n    def f(self) -> i32:\n        return 1" + " + f(1)" * DEEP + "\n",
    "enum": "class E(enum.IntEnum):\n" + "".join(f"    A{i} = {i}\n" for i in range(2000)),
    "enum text": "class E(enum.IntEnum):\n    A = '" + "9" * 100_000 + "'\n",
    "null": "class C(AscModule, wasm='\\0'): ...\nclass D(AscModule, wasm='/dev/zero'): ...\n",
    "surrogates": "class C(AscModule, wasm='\\ud800'):\n    x: Opaque[D['\\ud800\\0']]\n",
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
def test_reading_ends(tmp_path: Path, text: str) -> None:
    """What grows without bounds, nests without end or leads to itself is left out: otherwise this never ends."""
    module = load_files(tmp_path, {"app.py": IMPORTS + text})
    check_everything(module)


SOURCES = [
    *sorted((ROOT / "tests" / "typing").glob("right_*.py")),
    *sorted((ROOT / "tests" / "integration").glob("*_module.py")),
    ROOT / "examples" / "quickstart.py",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_torn_sources(tmp_path: Path, data: st.DataObject) -> None:
    """Sources with lines and words lost, doubled or exchanged are read without an error of the loader's own."""
    lines = data.draw(st.sampled_from(SOURCES)).read_text(encoding="utf-8").splitlines()
    for _ in range(data.draw(st.integers(1, 8))):
        first = data.draw(st.integers(0, len(lines) - 1))
        second = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["lose", "double", "exchange", "word"])):
            case "lose" if len(lines) > 1:
                del lines[first]
            case "double":
                lines.insert(first, lines[first])
            case "exchange":
                lines[first], lines[second] = lines[second], lines[first]
            case _:
                words = lines[first].split(" ")
                others = lines[second].split()
                place = data.draw(st.integers(0, len(words) - 1))
                words[place] = data.draw(st.sampled_from([*others, "None", "..."]))
                lines[first] = " ".join(words)
    (tmp_path / "app.py").write_text("\n".join(lines), encoding="utf-8")
    loader = StaticLoader(SourceFinder([tmp_path]))
    check_everything(loader.load(tmp_path / "app.py", "app"))
