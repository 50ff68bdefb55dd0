"""Schemas that do not say the truth: typed errors, and never a crash."""

# mypy: disable-error-code="empty-body"

import contextlib
import copy
import json
import random
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import pytest

from tests.integration.apart import run_apart
from tests.integration.doctored import doctored, liars, renamed_export, with_section
from wasmbind import (
    AbortError,
    AscClass,
    AscModule,
    BindError,
    Name,
    WasmbindError,
    f64,
    i32,
    string,
)
from wasmbind._schema.binary import read_binary
from wasmbind._schema.nodes import SECTION

T = TypeVar("T")


class Line(AscClass):
    size: i32
    text: string
    next: "Line | None"
    wide: f64
    parts: list[string]

    def __init__(self, text: string, size: i32 = ...) -> None: ...
    def longer(self, by: i32) -> i32: ...
    def chain(self) -> None: ...
    @property
    def shown(self) -> string: ...
    def __add__(self, other: "Line") -> "Line": ...
    @staticmethod
    def make() -> "Line": ...


class Long(Line):
    extra: i32

    def __init__(self) -> None: ...


class Box(AscClass, Generic[T]):
    value: T

    def __init__(self, value: T) -> None: ...


def module_class(binary: bytes) -> Any:
    """The declarations for a binary."""

    class Liars(AscModule, wasm=binary, classes=[Long]):
        total: Annotated[i32, Name("total")]

        def make(self, kind: i32) -> Line: ...
        def boxed(self, value: i32) -> Box[i32]: ...
        def lines(self, values: list[Line]) -> i32: ...
        def texts(self, values: list[string]) -> string: ...
        def all(self) -> list[Line]: ...
        def fail(self, depth: i32) -> string: ...

    return Liars


def use(module: Any) -> list[object]:
    """Do everything, whatever comes of it."""
    results: list[object] = []
    made: list[Any] = []

    def constructs() -> object:
        made.extend([module[Line]("a", 3), module[Long](), module.make(0), module.make(1), module.boxed(4)])
        return len(made)

    def fields() -> object:
        return [(each.size, each.text, each.next, each.wide, each.parts) for each in made[:4]]

    def writes() -> object:
        for each in made[:4]:
            each.size, each.text, each.next, each.wide, each.parts = 1, "b", made[0], 2.5, ["x", "y"]
        return [repr(each) for each in made]

    uses: list[Callable[[], object]] = [
        constructs,
        lambda: made.extend([module.make(0), module.make(1)]),
        fields,
        writes,
        fields,
        lambda: [each.longer(2) for each in made[:4]],
        lambda: [each.chain() for each in made[:4]],
        lambda: [each.shown for each in made[:4]],
        lambda: (made[0] + made[1]).text,
        lambda: module[Line].make().text,
        lambda: module.lines(made[:4]),
        lambda: module.texts(["a", "b"]),
        lambda: [each.text for each in module.all()],
        lambda: module.boxed(7).value,
        lambda: module[Box[i32]](3).value,
        lambda: module.total,
        lambda: module.fail(3),
        module.runtime.collect,
    ]
    for each in uses:
        try:
            results.append(each())
        except (WasmbindError, AttributeError, IndexError) as error:  # the last two: of what could not be made
            results.append(type(error))
    return results


def attempt(binary: bytes) -> list[object] | type[WasmbindError]:
    """Bind a binary and use everything, or the kind of error that binding ended with."""
    try:
        module = module_class(binary)()
    except WasmbindError as error:
        return type(error)
    return use(module)


def by_name(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The class, field or method of a name."""
    return next(item for item in items if name in (item.get("export"), item.get("name")))


def test_the_truth() -> None:
    """Without a lie everything works, so what fails below is the lie's doing."""
    results = attempt(liars())
    assert isinstance(results, list)
    assert [each for each in results if isinstance(each, type)] == [AbortError]


# --- single lies ---------------------------------------------------------------------------------------------


def lies() -> dict[str, Callable[[dict[str, Any]], object]]:
    """Changes to a schema, by what they claim."""

    def field(name: str, **values: Any) -> Callable[[dict[str, Any]], object]:
        return lambda schema: by_name(by_name(schema["classes"], "Line")["fields"], name).update(values)

    def line(**values: Any) -> Callable[[dict[str, Any]], object]:
        return lambda schema: by_name(schema["classes"], "Line").update(values)

    def swapped(schema: dict[str, Any]) -> None:
        first, second = (by_name(schema["classes"], name) for name in ("Line", "Long"))
        first["id"], second["id"] = second["id"], first["id"]

    def shifted(schema: dict[str, Any]) -> None:
        for each in schema["classes"]:
            if "id" in each:
                each["id"] += 1

    def arrays(schema: dict[str, Any]) -> None:
        for each in schema["classes"]:
            if each.get("generic") == "~lib/array/Array":
                each["id"] = 1 << 33

    def bare_arrays(schema: dict[str, Any]) -> None:
        for each in schema["classes"]:
            if each.get("generic") == "~lib/array/Array":
                each.pop("arguments", None)

    def methods(schema: dict[str, Any]) -> None:
        for each in by_name(schema["classes"], "Line")["methods"]:
            each["params"] = []

    def operators(schema: dict[str, Any]) -> None:
        by_name(schema["classes"], "Line")["operators"] = {"+": "missing"}

    return {
        "two fields in one place": field("next", offset=4),
        "a number where a string is": field("size", offset=4),
        "a string where a number is": field("text", offset=0),
        "fields at the end": field("size", offset=24),
        "objects of a megabyte": line(size=1 << 20),
        "small objects": line(size=32),
        "id of String": line(id=2),
        "id of nothing": line(id=4_000),
        "id beyond all numbers": line(id=1 << 64),
        "no id": line(id=None),
        "unmanaged": line(unmanaged=True),
        "an interface": line(kind="interface"),
        "abstract": line(abstract=True),
        "its own base": line(base=0),
        "swapped ids": swapped,
        "shifted ids": shifted,
        "arrays of no id": arrays,
        "arrays of nothing": bare_arrays,
        "methods without parameters": methods,
        "an operator without a method": operators,
        "another export": line(export="Lint"),
        "no classes": lambda schema: schema.update(classes=[], types=[], functions=[], globals=[]),
        "no flags": lambda schema: schema.update(flags={}),
        "another runtime": lambda schema: schema.update(runtime="stub"),
        "no functions": lambda schema: schema.update(functions=[]),
    }


def tell(name: str) -> None:
    """Use everything of a binary with one lie in it."""
    found = attempt(doctored(liars(), lies()[name]))
    assert isinstance(found, list) or issubclass(found, WasmbindError)


@pytest.mark.parametrize("name", lies())
def test_lies(name: str) -> None:
    """Whatever is claimed, what comes of it is a typed error, or what memory says."""
    run_apart("test_schema_lies", f"tell({name!r})")


def test_ids_of_other_classes() -> None:
    """No two classes have one id."""
    with pytest.raises(BindError, match="two classes of the schema have the id 2"):
        module_class(doctored(liars(), lies()["id of String"]))()


def test_sizes_that_are_not_true() -> None:
    """A class is not smaller than its base."""
    with pytest.raises(BindError, match="inline/Long is smaller than inline/Line"):
        module_class(doctored(liars(), lies()["objects of a megabyte"]))()


@pytest.mark.parametrize(
    ("name", "other"),
    [("Line#longer", "Line#langer"), ("Line#constructor", "Line#Constructor"), ("Line#get:shown", "Line#get:shawn")],
)
def test_exports_that_were_taken_away(name: str, other: str) -> None:
    """A member that the schema has and the binary does not export says that the binary was changed."""
    with pytest.raises(BindError) as caught:
        module_class(renamed_export(liars(), name, other))()
    (mismatch,) = caught.value.mismatches
    assert mismatch.found == f"no export {name!r}"
    assert mismatch.fix == "the binary was changed after it was compiled: build it again, and keep all exports"


@pytest.mark.parametrize("content", [b"", b"{}", b"nonsense", b'{"version": "7.0"}', b"[" * 5_000, b"\xff\xfe"])
def test_sections_that_cannot_be_read(content: bytes) -> None:
    """A section that is no schema is one mismatch with what to do about it."""
    with pytest.raises(BindError) as caught:
        module_class(with_section(liars(), content))()
    (mismatch,) = caught.value.mismatches
    assert mismatch.declared == "a schema that this wasmbind can read"
    assert ("upgrade wasmbind" if b"7.0" in content else "wasmbind build") in mismatch.fix


def test_no_section() -> None:
    """Without the section the exports are those of a classic binary, in which nothing tells of generic classes."""
    with pytest.raises(BindError) as caught:
        module_class(with_section(liars(), None))()
    assert {each.who.partition(".")[0] for each in caught.value.mismatches} <= {"Box[i32]", "Line"}


# --- at random -----------------------------------------------------------------------------------------------


def rampage(seed: int, rounds: int) -> None:
    """Change numbers and keys of the schema at random, bind it and use everything."""
    chance = random.Random(seed)  # noqa: S311 - to be repeatable
    original = json.loads(read_binary(liars()).sections[SECTION])
    for round_ in range(rounds):
        schema = copy.deepcopy(original)
        for _ in range(chance.randint(1, 4)):
            _change(schema, chance)
        binary = with_section(liars(), json.dumps(schema).encode())
        try:
            attempt(binary)
        except BaseException as error:
            error.add_note(f"in round {round_} of seed {seed}")
            raise


def _change(schema: dict[str, Any], chance: random.Random) -> None:
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in items:
            places.append((value, key))
            walk(item)

    walk({key: value for key, value in schema.items() if key not in ("version", "asc", "features")})
    numbers = [(place, key) for place, key in places if type(place[key]) is int]
    place, key = chance.choice(numbers if chance.random() < 0.7 else places)
    if type(place[key]) is int:
        place[key] = chance.choice([0, 1, 2, 3, 4, 8, 12, 16, 24, chance.randrange(40), 1 << 20, 1 << 40])
    elif chance.random() < 0.5:
        with contextlib.suppress(TypeError, IndexError):
            del place[key]
    else:
        other, name = chance.choice(places)
        place[key] = copy.deepcopy(other[name])


def test_random_lies() -> None:
    """Schemas changed at random end in typed errors, in a process that ends well."""
    run_apart("test_schema_lies", "rampage(1, 150)")
