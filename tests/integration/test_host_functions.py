"""Values of every type go into host functions and come out of them as they are."""

import math
import struct
from typing import Any

import pytest

from tests.integration.hosts_module import BUILDS, Build, Color, Hosts, Line, everywhere, hosts_class
from tests.integration.test_interrupts import use_native
from wasmbind import (
    Array,
    ArrayBuffer,
    Float64Array,
    LiftError,
    LowerError,
    LowerRangeError,
    LowerTypeError,
    Map,
    Set,
    _natives,
    i32,
    string,
)

INTEGERS = {
    name: (0 if name[0] == "u" else -(1 << bits - 1), (1 << bits - (name[0] != "u")) - 1)
    for name, bits in {
        **{f"{sign}{bits}": bits for sign in "iu" for bits in (8, 16, 32, 64)},
        "isize": 32,
        "usize": 32,
    }.items()
}
TEXTS = ["", "x", "ä€😀", "\ud800", "\udfff\ud800", "nul\0nul", "long" * 50_000]
LISTS: dict[str, list[Any]] = {
    "numbers": [[], [1.5], [0.0, -1.0, math.inf], [float(number) for number in range(10_000)]],
    "texts": [[], ["", "x", "\udfff"], ["long" * 5_000] * 20, [str(number) for number in range(3_000)]],
    "nested": [[], [[]], [[1], [], [2, 3]], [[number] * 10 for number in range(500)]],
    "maybe_numbers": [None, [], [2.5, -0.0]],
    "table": [{}, {"": 1.5}, {str(number): number / 2 for number in range(1_000)}],
    "tags": [set(), {-1, 0, 2**31 - 1}, set(range(1_000))],
    "data": [b"", b"\0\xff", bytes(range(256)) * 300],
}


@pytest.fixture(params=BUILDS, ids=str)
def hosts(request: pytest.FixtureRequest) -> Hosts:
    """An instance of each build."""
    return hosts_class(request.param)()


def seen(hosts: Hosts) -> object:
    """What a host function has got last; a type checker takes the attribute for what it was before."""
    return hosts.seen


def check(hosts: Hosts, name: str, value: object) -> None:
    """A value arrives in the host function as it is, and comes back so."""
    result = getattr(hosts, f"through_{name}")(value)
    assert (type(result), type(hosts.seen)) == (type(value), type(value))
    assert result == hosts.seen == value


@pytest.mark.parametrize("name", INTEGERS)
def test_integers(hosts: Hosts, name: str) -> None:
    """Every integer keeps its value and its sign up to its limits."""
    low, high = INTEGERS[name]
    for value in {low, low + 1, -1 if low else 0, 0, 1, high // 2 + 1, high - 1, high}:
        check(hosts, name, value)


@pytest.mark.parametrize("name", INTEGERS)
def test_integers_that_do_not_fit(name: str) -> None:
    """An integer beyond the limits is no result, and neither is anything that is none."""
    hosts = hosts_class(BUILDS[1])()
    low, high = INTEGERS[name]
    for value in (low - 1, high + 1, 1 << 100, -(1 << 100)):
        hosts.give(**{name: value})
        with pytest.raises(LowerRangeError) as caught:
            getattr(hosts, f"through_{name}")(1)
        assert str(caught.value) == f"Hosts.on_{name} -> result: {name} holds {low} to {high}, got {value!s:.40} (int)"
    for wrong in (1.0, "1", None, [1], 1j):
        hosts.give(**{name: wrong})
        with pytest.raises(LowerTypeError) as error:
            getattr(hosts, f"through_{name}")(1)
        assert str(error.value).startswith(f"Hosts.on_{name} -> result: {name} expects an int")
    hosts.give()
    check(hosts, name, 1)


def test_integers_of_other_kinds() -> None:
    """What has `__index__` is an integer; a bool is one, too."""

    class Index:
        def __index__(self) -> int:
            return 7

    hosts = hosts_class(BUILDS[1])()
    for name in INTEGERS:
        for value, expected in ((Index(), 7), (True, 1), (Color.Green, 5)):
            hosts.give(**{name: value})
            result = getattr(hosts, f"through_{name}")(1)
            assert result == expected
            assert type(result) is int


@pytest.mark.parametrize("name", ["f32", "f64"])
def test_floats(hosts: Hosts, name: str) -> None:
    """Floats keep every bit that they have."""
    single = [0.0, -0.0, 1.5, -(2.0**127), 2.0**-149, math.inf, -math.inf, math.nan]
    double = [5e-324, 1.7976931348623157e308, 0.1]
    code = {"f32": "<f", "f64": "<d"}[name]
    for value in single + double * (name == "f64"):
        result = getattr(hosts, f"through_{name}")(value)
        assert isinstance(hosts.seen, float)
        assert struct.pack(code, result) == struct.pack(code, hosts.seen) == struct.pack(code, value)
    hosts.give(**{name: 3})
    assert str(getattr(hosts, f"through_{name}")(0.5)) == "3.0"
    for wrong in ("1", None, [1.0], 1j):
        hosts.give(**{name: wrong})
        with pytest.raises(LowerTypeError, match=rf"Hosts\.on_{name} -> result: {name} expects a float"):
            getattr(hosts, f"through_{name}")(0.5)
    hosts.give(**{name: 1 << 2000})
    with pytest.raises(OverflowError):
        getattr(hosts, f"through_{name}")(0.5)


def test_bools_and_enums(hosts: Hosts) -> None:
    """They are True, False and members, and nothing else is one."""
    for value in (True, False):
        check(hosts, "bool", value)
    for color in Color:
        check(hosts, "color", color)
    for name, wrongs in {"bool": (0, 1, None, "x", [True]), "color": (1, "Red", None, 5.0)}.items():
        for wrong in wrongs:
            hosts.give(**{name: wrong})
            with pytest.raises(LowerError, match=rf"Hosts\.on_{name} -> result: "):
                getattr(hosts, f"through_{name}")(Color.Red if name == "color" else True)


def test_texts(hosts: Hosts) -> None:
    """Strings of any length, whatever is in them; null is None where it may be."""
    for text in TEXTS:
        check(hosts, "text", text)
        check(hosts, "maybe_text", text)
    check(hosts, "maybe_text", None)
    for wrong in (None, 1, b"x", ["x"]):
        hosts.give(text=wrong, maybe_text=wrong or 1)
        with pytest.raises(LowerTypeError, match=r"Hosts\.on_text -> result: string expects a str"):
            hosts.through_text("x")
        with pytest.raises(LowerTypeError, match=r"Hosts\.on_maybe_text -> result: "):
            hosts.through_maybe_text("x")


@pytest.mark.parametrize("name", LISTS)
def test_collections_by_value(hosts: Hosts, name: str) -> None:
    """Lists, dicts, sets and bytes are copies on both ways."""
    for value in LISTS[name]:
        check(hosts, name, value)


@pytest.mark.parametrize(
    ("name", "wrong", "path"),
    [
        ("numbers", [1.0, "x"], "Hosts.on_numbers -> result[1]"),
        ("numbers", 5, "Hosts.on_numbers -> result"),
        ("texts", ["a", "b", 3], "Hosts.on_texts -> result[2]"),
        ("nested", [[1], [2, "x"]], "Hosts.on_nested -> result[1][1]"),
        ("nested", [[1 << 31]], "Hosts.on_nested -> result[0][0]"),
        ("table", {"a": "b"}, "Hosts.on_table -> result['a']"),
        ("table", {1: 2.0}, "Hosts.on_table -> result"),
        ("tags", {"x"}, "Hosts.on_tags -> result"),
        ("data", "text", "Hosts.on_data -> result"),
        ("line", "text", "Hosts.on_line -> result"),
        ("line", None, "Hosts.on_line -> result"),
        ("lines", ["x"], "Hosts.on_lines -> result"),
        ("function", 5, "Hosts.on_function -> result"),
    ],
)
def test_results_that_do_not_fit(name: str, wrong: object, path: str) -> None:
    """The error says where in the result the wrong value is; the instance goes on, and holds nothing of it."""
    hosts = hosts_class(BUILDS[1])()
    good = {"line": new_line(hosts, "x"), "data": b"", "table": {}, "tags": set(), "function": abs}
    value: Any = good.get(name, [])
    for _ in range(3):
        hosts.give(**{name: wrong})
        with pytest.raises(LowerError) as caught:
            getattr(hosts, f"through_{name}")(value)
        assert caught.value.path.startswith(path)
        assert str(caught.value).startswith(path)
        hosts.give()
        getattr(hosts, f"through_{name}")(value)
        hosts.runtime.collect()


def new_line(hosts: Hosts, text: str) -> Line:
    """An object that only the host has."""
    hosts.give()
    hosts.through_pairs(1)
    line = hosts.seen
    assert isinstance(line, Line)
    line.s = text
    return line


def test_objects(hosts: Hosts) -> None:
    """An object is the same Python object on both ways, and the module's the same object."""
    line = new_line(hosts, "x")
    assert hosts.through_line(line) is line
    assert hosts.seen is line
    assert hosts.through_maybe_line(line) is line
    assert hosts.through_maybe_line(None) is None
    assert seen(hosts) is None
    other = new_line(hosts, "other")
    hosts.give(line=other)
    assert hosts.through_line(line) is other
    foreign = new_line(type(hosts)(), "foreign")
    hosts.give(line=foreign)
    with pytest.raises(Exception, match=r"Hosts\.on_line -> result: .* belongs to another instance"):
        hosts.through_line(line)


def test_live_collections(hosts: Hosts) -> None:
    """They are references: the host sees what the module has, and the other way round."""
    lines = hosts[Array[Line]]([new_line(hosts, "a")])
    assert hosts.through_lines(lines) is lines
    assert hosts.seen is lines
    samples = hosts[Float64Array]([1.0, 2.0])
    assert hosts.through_samples(samples) is samples
    buffer = hosts[ArrayBuffer](b"abc")
    assert bytes(hosts.through_buffer(buffer)) == b"abc"
    assert seen(hosts) is buffer
    index = hosts[Map[string, i32]]({"a": 1})
    assert hosts.through_index(index) is index
    words = hosts[Set[string]](["a", "b"])
    assert list(hosts.through_words(words)) == ["a", "b"]
    # Python's own collections will do as results.
    hosts.give(lines=[lines[0], lines[0]], samples=[4.0], index={"x": 7}, words={"z"}, buffer=b"xyz")
    assert list(hosts.through_lines(lines)) == [lines[0], lines[0]]
    assert list(hosts.through_samples(samples)) == [4.0]
    assert dict(hosts.through_index(index)) == {"x": 7}
    assert list(hosts.through_words(words)) == ["z"]
    assert bytes(hosts.through_buffer(buffer)) == b"xyz"


def test_functions(hosts: Hosts) -> None:
    """Python callables come back as themselves; the host can call the module's own functions, and give them back."""

    def double(a: int) -> int:
        return 2 * a

    assert hosts.through_function(double) is double
    assert hosts.seen is double
    one, two = hosts.adder(1), hosts.adder(2)
    assert hosts.through_function(one)(5) == 6
    assert hosts.seen is one
    hosts.give(function=two)
    assert hosts.through_function(double)(5) == 7
    hosts.give(function=double)
    assert hosts.through_function(one) is double


def test_several_parameters(hosts: Hosts) -> None:
    """Parameters of all widths stand in order, and a function may have none."""
    assert hosts.through_mix() == "-8 18446744073709551615 c 0.5 True f -0.0"
    assert hosts.seen == (-8, 2**64 - 1, "c", 0.5, True, "f", 0.0)
    hosts.through_note()
    assert seen(hosts) == "noted"


def test_arguments_and_results_that_nothing_else_refers_to(hosts: Hosts) -> None:
    """No collection comes between the module's call and the host's hold on the arguments, or the other way round."""
    assert hosts.through_pairs(3_000) == 3_000


@pytest.mark.parametrize("native", ["Fast", "Public"])
def test_both_ways_into_wasmtime(native: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wasmtime's public API gives the same values."""
    monkeypatch.setattr(_natives, "_native_class", None)
    use_native(native)
    hosts = hosts_class(BUILDS[1])()
    for name, (low, high) in INTEGERS.items():
        check(hosts, name, low)
        check(hosts, name, high)
    test_texts(hosts)
    test_functions(hosts)
    assert hosts.through_pairs(500) == 500


@everywhere
def test_arguments_that_are_not_what_is_declared(build: Build) -> None:
    """The error names the host function, and says what was found; the instance goes on."""
    hosts = hosts_class(build)()
    for call, message in {
        hosts.null_line: r"Hosts\.on_line: .*null found where `Line` is declared",
        hosts.null_text: r"Hosts\.on_text: .*null found where `string` is declared",
        hosts.wrong_line: r"Hosts\.on_line: .*Line expected, found",
        hosts.wrong_color: r"Hosts\.on_color: .*77",
        hosts.wrong_texts: r"Hosts\.on_texts: .*null found where `string` is declared",
    }.items():
        for _ in range(3):
            vars(hosts)["seen"] = "nothing"
            with pytest.raises(LiftError, match=message):
                call()
            assert hosts.seen == "nothing", "the host function has not been called"
    assert hosts.through_text("x") == "x"
    hosts.runtime.collect()
    for address in (1, 5, 0xFFFFFFF0, 1 << 31):
        with pytest.raises(LiftError, match=r"Hosts\.on_line: "):
            hosts.wrong_address(address)
