"""The compatibility matrix: what Python binds of `features.ts`, on every compiler, runtime and optimisation.

By default the newest and the oldest compiler; `make matrix` runs all of it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.compilers import CONFIGURATIONS, Configuration
from tests.integration.features_module import (
    Box,
    Circle,
    Color,
    Dog,
    Errand,
    File,
    Level,
    Line,
    Named,
    Names,
    Pair,
    Place,
    Point,
    Puppy,
    Square,
    StringMap,
    Vector,
    features_class,
    imports,
)
from wasmbind import AbortError, BindError, LowerRangeError, i32, string

THROWS = 5_000


@pytest.fixture(params=CONFIGURATIONS, ids=str, scope="module")
def configuration(request: pytest.FixtureRequest) -> Configuration:
    """How the binary was compiled."""
    found: Configuration = request.param
    return found


@pytest.fixture(scope="module")
def made(configuration: Configuration) -> Any:
    """The module class of the binary."""
    return features_class(configuration.compile(Path("features.ts")))


@pytest.fixture
def features(made: Any) -> Iterator[Any]:
    """An instance."""
    with made(imports=imports([])) as instance:
        yield instance


def test_schema_says_how_it_was_compiled(made: Any, configuration: Configuration) -> None:
    """The section names the compiler and the runtime."""
    instance = made(imports=imports([]))
    schema = instance.runtime.binary.schema
    assert schema.runtime == configuration.runtime
    if configuration.compiler not in ("modern", "oldest"):
        assert schema.asc.startswith(f"{configuration.compiler}.")


def test_functions_and_globals(features: Any) -> None:
    """Numbers, text, null, optional arguments, constants and mutable globals, enums."""
    assert (features.add(1, -2), features.plus(2, 2), features.helloworld("michael")) == (-1, 4, "hello, michael")
    assert [features.optional(1), features.optional(1, 5), features.optional(1, c="y", b=0)] == [
        "1,2,x",
        "1,5,x",
        "1,0,y",
    ]
    assert [features.nullable(text) for text in (None, "", "a")] == ["null", None, "a"]
    assert features.small(-128, 255, -300, 100, True) == -128 + 255 - 300 + 100 + 1
    assert features.wide(-1, 2**64 - 1, 0.5, 0.25, 2**32 - 1) == -1 + float(2**64 - 1) + 0.75 + float(2**32 - 1)
    with pytest.raises(LowerRangeError):
        features.small(128, 0, 0, 0, False)
    assert (features.LIMIT, features.UNSIGNED, features.TITLE) == (42, 2**32 - 1, "features")
    features.counter = 10
    assert (features.tick(), features.counter) == (11, 11)
    assert (features.level, features.paint(Color.Red), features.paint(Color.Blue)) == (
        Level.Info,
        Level.Debug,
        Level.Off,
    )
    assert features.distance(3, 5) == features.distance(2) == 2
    assert features.scaled(2) == 5.0


def test_classes(features: Any) -> None:
    """Constructors, fields of every kind, methods, accessors, statics, Python views and records."""
    file = features[File]("notes")
    assert (file.name, file.flag, file.ratio, file.big, file.level, file.id) == (
        "notes",
        True,
        1.5,
        2**64 - 1,
        Level.Info,
        12,
    )
    assert file.parent is None
    file.parent = parent = features[Named]("parent", 3)
    assert file.parent is parent
    assert file.addLine(features[Line]("one")) == 1.0
    assert (file.append("x"), file.append("y", 2), file.append("z", 1, "?")) == (2, 4, 5)
    assert file.texts() == ["one", "x!", "y!", "y!", "z?"]
    assert (file.size, file.find("one"), file.find("none")) == (11, features.lineOf(file, 0), None)
    file.title = "UPPER"
    assert (file.name, file.title) == ("upper", "UPPER")
    assert file.touch() is file
    assert not file.flag
    assert [line.text for line in features[File].parse("a b", " ").lines] == ["a", "b"]
    before = features.count
    assert features[File].total() == before
    features[File].set_total(100)
    assert features.count == 100
    assert features.current is None
    features.current = file
    assert features.current is file
    with pytest.raises(AttributeError):
        file.id = 13
    file.lines = [features[Line]("new")]
    assert parent.summary() == "parent: 0"
    assert file.texts() == ["new"]
    assert repr(features[Point](3)) == "Point(x=3.0, y=-1.5)"
    place = features[Place]("here")
    assert (place.doubled(), place.name) == ("herehere", "here")


def test_virtual_methods(features: Any) -> None:
    """Calls through the base run the override, three levels deep; unknown subclasses become their nearest base."""
    animals = [features.adopt(kind) for kind in range(4)]
    assert [type(animal).__name__ for animal in animals] == ["Animal", "Dog", "Puppy", "Animal"]
    assert [animal.speak(1) for animal in animals] == ["...", "woof", "yipwoof", "grr"]
    # Defaults are those of the class whose method is called, as where AssemblyScript calls it through the base.
    assert [animal.speak() for animal in animals] == ["...", "woof", "yipwoof", "grr"]
    assert [animal.kind for animal in animals] == ["animal", "dog", "dog", "animal"]
    assert [animal.walk() for animal in animals] == [4, 4, -3, 4]
    puppy = features[Puppy]()
    assert (puppy.good, features.listen(puppy)) == (True, "yipwoof")
    assert isinstance(puppy, Dog)
    assert features[Dog](5).walk() == 5


def test_interfaces_and_abstract_classes(features: Any) -> None:
    """An interface is a parameter and a result; its fields and methods reach those of each class."""
    square, circle = features[Square](3), features[Circle]()
    assert (features.areaOf(square), features.areaOf(circle)) == (9.0, 3.0)
    square.scale = 2
    circle.scale = 2
    assert (square.area(), circle.area(), circle.radius) == (18.0, 12.0, 2.0)
    assert (square.name, circle.name) == ("square", "circle")
    assert (type(features.makeShape(True)), type(features.makeShape(False))) == (Circle, Square)
    task = features.makeTask()
    assert (type(task), task.run(), task.run(2), task.done, task.cost(1)) == (Errand, 41, 82, True, 41)


def test_generic_classes(features: Any) -> None:
    """Each parametrisation is its AssemblyScript class."""
    box = features.boxOf(7)
    assert (type(box), box.get(), box.value) == (Box[i32], 7, 7)
    box.set(8)
    assert box.value == 8
    assert features[Box[i32]](-1).get() == -1
    file = features.openFile("f")
    pair = features.pairOf("first", file)
    assert (pair.first, pair.second.value is file) == ("first", True)
    assert type(pair) is Pair[string, Box[File]]
    with pytest.raises(BindError, match="only Box<"):
        _ = features[Box[string]]


def test_classes_of_the_library(features: Any) -> None:
    """Subclasses of Map and Array are complete classes."""
    strings = features[StringMap]()
    strings.set("a", "1")
    strings.set("b", "2")
    assert (strings.size, strings.get("a"), strings.has("b"), strings.has("c")) == (2, "1", True, False)
    assert (strings.keys(), strings.values(), strings.delete("a"), strings.size) == (["a", "b"], ["1", "2"], True, 1)
    with pytest.raises(AbortError):
        strings.get("a")
    strings.clear()
    assert strings.size == 0
    names = features[Names]()
    assert [names.push("a"), names.push("long")] == [1, 2]
    assert (names.longest(), names.pop(), names.length) == (4, "long", 1)


def test_lists(features: Any) -> None:
    """Lists in and out, of numbers, of references, nested, with null."""
    assert features.sum([1, 2.5]) == 3.5
    assert features.squares(4) == [0, 1, 4, 9]
    assert features.nested() == [["a", "b"], [], ["c"]]
    assert features.sparse() == ["a", None]


def test_operators(features: Any) -> None:
    """Static and instance operators, of one and two operands."""
    vector = features[Vector]
    a, b = vector(1, 2), vector(3, 5)
    assert a + b == vector(4, 7)
    assert b - a == vector(2, 3)
    assert a != b
    assert a != 1
    assert a < b
    assert -a == vector(-1, -2)
    a[1] = 9
    assert (a[0], a[1]) == (1.0, 9.0)


def test_throws_cost_nothing(features: Any) -> None:
    """After thousands of throws the instance works, and the shadow stack has not shrunk."""
    for _ in range(THROWS):
        with pytest.raises(AbortError, match="no"):
            features.failDeep(3, "no")
    assert features.helloworld("again") == "hello, again"
    assert features.runtime.read_stack_pointer() == features.runtime.idle_stack_pointer


def test_objects_survive_collections(features: Any, configuration: Configuration) -> None:
    """What Python holds, and what its objects refer to, is there after garbage and full collections."""
    kept = [features[File](f"file {index}") for index in range(50)]
    for file in kept:
        file.parent = features[File]("parent of " + file.name)
        file.lines = [features[Line](file.name), features[Line]("second")]
    for _ in range(3):
        features.litter(2_000)
        features.litterFiles(200)
        if configuration.runtime != "stub":
            features.runtime.collect()
    assert [file.parent.name for file in kept] == [f"parent of file {index}" for index in range(50)]
    assert [file.texts() for file in kept] == [[f"file {index}", "second"] for index in range(50)]


def test_memory_stays_flat(features: Any, configuration: Configuration) -> None:
    """Objects that Python drops are collected."""
    if configuration.runtime == "stub":
        pytest.skip("it never frees")
    make, runtime = features[Line], features.runtime
    for _ in range(2_000):
        make("x" * 100)
    runtime.collect()
    pages = runtime.size
    for _ in range(3):
        for _ in range(2_000):
            make("x" * 100)
        runtime.collect()
    assert runtime.size == pages


def test_imports(made: Any) -> None:
    """Imported functions are called, with numbers."""
    told: list[Any] = []
    with made(imports=imports(told)) as instance:
        instance.tell("something")
        assert [numbers[0] for numbers in told] == [10]
        assert instance.consult("?") == "nothing"
