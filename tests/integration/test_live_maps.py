"""Live maps and sets that somebody changes in the middle of everything, what they take for a key, and lies.

At each point where Python may run a signal handler or a finaliser, the module is called, moves the entries,
collects, and writes over what it has freed.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.apart import run_apart
from tests.integration.live_maps_module import Line, Maps, new_maps
from tests.integration.test_interrupts import use_native
from tests.integration.test_live_disturbed import visited_everywhere
from tests.integration.test_live_queues import drain_last
from wasmbind import InstanceError, LiftError, LowerTypeError, LowerValueError


@pytest.fixture(scope="module", params=["stock", "schema"])
def maps(request: pytest.FixtureRequest) -> Iterator[Maps]:
    """An instance of each build, shared by all tests."""
    with new_maps(transform=request.param == "schema") as module:
        yield module


# --- in the middle of everything -----------------------------------------------------------------------------


def text_of(value: Any) -> Any:
    """The text of a line, or of a string."""
    return value.s if isinstance(value, Line) else value


WORKS: dict[str, Callable[[Any, Any, Any], object]] = {
    "[]": lambda m, key, _: m[key],
    "get": lambda m, key, _: m.get(key),
    "in": lambda m, key, _: key in m,
    "set": lambda m, key, value: m.__setitem__(key, value),
    "del": lambda m, key, _: m.__delitem__(key),
    "pop": lambda m, key, _: m.pop(key),
    "popitem": lambda m, _, __: m.popitem(),
    "setdefault": lambda m, key, value: m.setdefault(key, value),
    "items": lambda m, _, __: dict(itertools.islice(m.items(), 3)),
    "copy": lambda m, _, __: m.copy(),
}


def disturb_everywhere(maps: Maps, name: str, *, lines: bool) -> None:
    """Do something with a map, disturbed at each point, and look at it from both sides."""
    kind: Any = (maps.lines, maps.shakeLines, maps.showLines, maps.hasLine)
    make, shake, show, has = kind if lines else (maps.texts, maps.shakeTexts, maps.showTexts, maps.hasText)
    extra: Any = maps.line("new 2") if lines else "new 2"
    key: Any = 2 if lines else "key 2"
    results: list[Any] = []

    def work(subject: Any) -> None:
        with contextlib.suppress(RuntimeError):  # changed size during iteration
            results.append(WORKS[name](subject, key, extra))

    def disturb(subject: Any) -> None:
        shake(subject)
        maps.runtime.collect()
        maps.fill()

    def check(subject: Any) -> None:
        maps.runtime.collect()
        maps.fill()
        pairs = [(each, text_of(value)) for each, value in subject.items()]
        shown = ",".join(str(each) for each, _ in pairs) + "=" + ",".join(value for _, value in pairs)
        assert show(subject) == (shown if lines else f"{len(pairs)}{shown}")
        for each, value in pairs:
            assert has(subject, each)
            assert text_of(subject[each]) == value
            assert value in (f"old {str(each).split()[-1]}", f"new {str(each).split()[-1]}")
        result: Any = results.pop() if results else None
        if name in ("[]", "get", "pop", "setdefault"):
            assert text_of(result) in ("old 2", "new 2")
        if name == "popitem":
            assert text_of(result[1]).split()[-1] == str(result[0]).split()[-1]
            assert not has(subject, result[0])
            pairs.append((result[0], ""))
        expected = set(range(5)) - ({2} if name in ("del", "pop") else set())
        assert {int(str(each).split()[-1]) for each, _ in pairs if int(str(each).split()[-1]) < 100} == expected
        assert len(pairs) in (len(expected), len(expected) + 40)

    assert visited_everywhere(maps, lambda: make(5), work, disturb, check) > 5


@pytest.mark.parametrize("lines", [False, True], ids=["texts", "objects"])
@pytest.mark.parametrize("name", WORKS)
def test_disturbed(name: str, maps: Maps, *, lines: bool) -> None:
    """Whatever happens meanwhile, both sides see the same afterwards, and results are what was there."""
    disturb_everywhere(maps, name, lines=lines)


def disturb_public() -> None:
    """The same through wasmtime's public API."""
    use_native("public")
    with new_maps(transform=False) as maps:
        disturb_everywhere(maps, "[]", lines=True)
        texts = maps.texts(3)
        assert (texts.pop("key 0"), texts.popitem()) == ("old 0", ("key 2", "old 2"))
        assert texts.setdefault("key 1", "new") == "old 1"


def test_disturbed_public() -> None:
    """Two results come through wasmtime's public API as well."""
    run_apart("test_live_maps", "disturb_public()")


@pytest.mark.parametrize("name", ["pop", "popitem", "set pop"])
def test_nothing_is_taken_twice(name: str, maps: Maps) -> None:
    """Somebody takes an entry in the middle of taking one: each is taken once."""
    taken: list[Any] = []

    def take(subject: Any) -> None:
        if name == "popitem":
            taken.append(subject.popitem()[0])
        elif name == "set pop":
            taken.append(subject.pop().s)
        else:
            with contextlib.suppress(KeyError):
                subject.pop(4)
                taken.append(4)

    def check(subject: Any) -> None:
        left = [text_of(each) for each in subject]
        assert len({*taken, *left}) == len(taken) + len(left) == 5
        taken.clear()

    make: Callable[[], Any] = (lambda: maps.group(5)) if name == "set pop" else (lambda: maps.lines(5))
    assert visited_everywhere(maps, make, take, take, check) > 5


# --- what a default is, and what no key is -------------------------------------------------------------------


def test_setdefault(maps: Maps) -> None:
    """As a dict's: the default is its value from then on, and matters only where there is no key."""
    texts = maps.texts(2)
    default = "a default".replace(" ", "_")
    assert texts.setdefault("key 1", default) == "old 1"
    assert texts.setdefault("key 7", default) == default
    assert texts["key 7"] == default
    anything: Any = texts
    assert anything.setdefault("key 1", 5) == "old 1"
    with pytest.raises(LowerTypeError) as caught:
        anything.setdefault("key 8", 5)
    assert caught.value.path == "Map<string,string>['key 8']"
    assert not maps.hasText(texts, "key 8")
    lines = maps.lines(1)
    line = maps.line("mine")
    assert lines.setdefault(5, line) is line
    assert lines.setdefault(5, maps.line("other")) is line


def test_pop(maps: Maps) -> None:
    """The value, the default, or KeyError; what can be no key is what it is everywhere."""
    texts: Any = maps.texts(3)
    assert texts.pop("key 1") == "old 1"
    assert texts.pop("key 1", None) is None
    with pytest.raises(KeyError):
        texts.pop("key 1")
    for use in (texts.pop, texts.__getitem__, texts.__delitem__):
        with pytest.raises(LowerTypeError):
            use(5)
    assert texts.pop(5, "default") == "default"
    lines = maps.lines(3)
    line = lines[1]
    assert lines.pop(1) is line
    assert line.s == "old 1"


def test_objects_of_another_instance_are_not_there(maps: Maps) -> None:
    """Nothing of another instance is in a collection; asking is no error, putting it in is."""
    with type(maps)() as others:
        foreign = others.line("foreign")
        group = maps.group(2)
        assert foreign not in group
        group.discard(foreign)
        for use in (group.remove, group.add):
            with pytest.raises(InstanceError, match="another instance"):
                use(foreign)
        live = maps.byLine()
        live[maps.line("mine")] = 1
        assert foreign not in live
        assert live.get(foreign, 7) == 7
        assert live.pop(foreign, 7) == 7
        for ask in (live.pop, live.__getitem__, live.__delitem__):
            with pytest.raises(InstanceError, match="another instance"):
                ask(foreign)
        gone = others.group(1)
    with pytest.raises(InstanceError, match="closed"):
        assert foreign not in gone


# --- size ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0xFFFFFFFF, 0x3FFFFFFF])
def test_a_count_that_lies(count: int, maps: Maps) -> None:
    """More entries than memory holds are an error before anybody makes room for them."""
    for subject in (maps.texts(3), maps.group(3)):
        runtime, word = subject._asc_runtime, (subject._asc_ptr >> 2) + 5
        kept = runtime.mem_u32[word]
        runtime.mem_u32[word] = count
        try:
            uses: list[Callable[[Any], object]] = [len, list, sorted, lambda each: each.copy(), drain_last]
            for use in uses:
                with pytest.raises(LiftError):
                    use(subject)
        finally:
            runtime.mem_u32[word] = kept
        assert len(list(subject)) == 3


def test_one_long_text_slows_nothing_else(maps: Maps, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a text that has to cross alone, many entries cross at once again."""
    calls: list[str] = []
    runtime = maps._asc_runtime
    run_member: Any = type(runtime).run_member

    def counted(self: Any, cls: type, name: str, *arguments: int) -> Any:
        calls.append(name)
        return run_member(self, cls, name, *arguments)

    monkeypatch.setattr(type(runtime), "run_member", counted)
    assert maps.take({"long": "x" * (1 << 21), **{f"key {index}": "v" for index in range(20_000)}}) == 20_001
    assert calls.count("fill") < 30


def test_too_many_are_counted_right(monkeypatch: pytest.MonkeyPatch, maps: Maps) -> None:
    """The error for more entries than AssemblyScript allocates names their number."""
    monkeypatch.setattr("wasmbind._codecs.buffers.OBJECT_MAXSIZE", 1_000)
    with pytest.raises(LowerValueError, match="100 elements are more"):
        maps.take({str(index): "" for index in range(100)})


def test_a_value_that_is_none(maps: Maps) -> None:
    """A null where none is declared is an error for every way to read it."""
    texts = maps.texts(1)
    maps.setNull(texts, "null")
    for use in (lambda: texts["null"], lambda: texts.get("null"), texts.popitem, lambda: texts.setdefault("null", "x")):
        with pytest.raises(LiftError, match="null"):
            use()
    assert maps.hasText(texts, "null")
    assert maps.hasText(texts, "key 0")
