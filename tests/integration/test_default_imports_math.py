"""The default `Math`, `Date` and number texts give what Node.js gives.

ECMAScript says exactly what most of `Math` returns. The others, `sin` and its like, may differ in their last digits
between engines, and do.
"""

import inspect
import itertools
import json
import math
import random
import struct
import subprocess
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from tests.compiling import find_node
from wasmbind import _defaults
from wasmbind._defaults.number_text import number_text

#: Functions that ECMAScript lets engines approximate, and how many units in the last place they may lie apart.
APPROXIMATED = frozenset(
    {
        *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "exp", "expm1", "hypot"),
        *("log", "log10", "log1p", "log2", "pow", "sin", "sinh", "tan", "tanh"),
    }
)
ULPS = 2
CONSTANTS = ("E", "LN10", "LN2", "LOG10E", "LOG2E", "PI", "SQRT1_2", "SQRT2")
#: Edges of the functions, of 32 bits, of integers, of singles and of doubles.
EDGES_TEXT = """
    0 5e-324 2.2250738585072014e-308 1e-9 0.1 0.49999999999999994 0.5 0.75 0.9999999999999999 1 1.0000000000000002
    1.5 2 2.5 3 4 10 22 27 100 307 308 709.78 710 711 745.2 1074 2147483647 2147483648 2147483648.5 4294967295
    4294967296 4294967297.5 4503599627370495.5 4503599627370496 9007199254740991 9007199254740993 1e21 1e300
    1.7976931348623157e308 3.4028234663852886e38 3.4028235677973362e38 3.4028235677973366e38 1.401298464324817e-45
    7e-46 inf nan
"""
EDGES = tuple(float(edge) for edge in EDGES_TEXT.split())
SCRIPT = """
const calls = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const view = new DataView(new ArrayBuffer(8));
const read = text => { view.setBigUint64(0, BigInt("0x" + text)); return view.getFloat64(0); };
const show = value => { view.setFloat64(0, value); return view.getBigUint64(0).toString(16).padStart(16, "0"); };
const one = ([name, ...rest]) => name == "text" ? require("node:util").format("%s", read(rest[0]))
  : show(name.split(".").reduce((object, member) => object[member], globalThis)(...rest.map(read)));
console.log(JSON.stringify(calls.map(one)));
"""


def _bits(value: float) -> str:
    return struct.pack(">d", value).hex()


def _value(bits: str) -> float:
    value: float = struct.unpack(">d", bytes.fromhex(bits))[0]
    return value


def _node(calls: Iterable[tuple[str, *tuple[float, ...]]]) -> list[str]:
    """What Node.js gives for calls of functions by name: the bits of a number, or a number as text for `text`."""
    sent = json.dumps([[name, *map(_bits, values)] for name, *values in calls])
    command = [find_node(), "-e", SCRIPT]
    result = subprocess.run(command, input=sent, capture_output=True, encoding="utf-8", check=True)
    answers: list[str] = json.loads(result.stdout)
    return answers


def _ordinal(value: float) -> int:
    """The place of a double among all of them in order; both zeros are 0."""
    bits: int = struct.unpack(">q", struct.pack(">d", value))[0]
    return bits if bits >= 0 else -(bits & 0x7FFF_FFFF_FFFF_FFFF)


def _same(mine: float, theirs: float, ulps: int) -> bool:
    if math.isnan(mine) or math.isnan(theirs):
        return math.isnan(mine) and math.isnan(theirs)
    return math.copysign(1, mine) == math.copysign(1, theirs) and abs(_ordinal(mine) - _ordinal(theirs)) <= ulps


def _samples(count: int, arity: int) -> list[tuple[float, ...]]:
    """Random arguments: any bits, everyday numbers, halves and integers."""
    chance = random.Random(5)  # noqa: S311 - test data
    kinds: Sequence[Callable[[], float]] = (
        lambda: _value(f"{chance.getrandbits(64):016x}"),
        lambda: chance.uniform(-10, 10),
        lambda: chance.uniform(-1, 1),
        lambda: chance.uniform(-1000, 1000),
        lambda: chance.randrange(-2000, 2000) / 2,
        lambda: float(chance.randrange(-(2**54), 2**54)),
        lambda: chance.choice((-1, 1)) * math.exp(chance.uniform(-50, 50)),
    )
    return [tuple(chance.choice(kinds)() for _ in range(arity)) for _ in range(count)]


FUNCTIONS = sorted(
    name.removeprefix("Math.")
    for module, name in _defaults.names()
    if module == "env" and name.startswith("Math.") and callable(_defaults.find(module, name)) and name != "Math.random"
)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_math_is_javascripts(name: str) -> None:
    """At every edge, and at random, a function gives what Node.js gives, the sign of zeros and NaN included."""
    function: Any = _defaults.find("env", f"Math.{name}")
    arity = len(inspect.signature(function).parameters)
    signed = [value for edge in EDGES for value in (edge, -edge)]
    arguments = [*itertools.product(signed, repeat=arity), *_samples(3000, arity)]
    answers = _node((f"Math.{name}", *each) for each in arguments)
    wrong = [
        (each, mine, theirs)
        for each, theirs in zip(arguments, map(_value, answers), strict=True)
        if not _same(mine := function(*each), theirs, ULPS if name in APPROXIMATED else 0)
    ]
    assert wrong == []


def test_cube_roots_of_cubes() -> None:
    """The cube root of a cube is exact, which the C library's is not everywhere."""
    cbrt: Any = _defaults.find("env", "Math.cbrt")
    assert [number for number in range(-3000, 3000) if cbrt(float(number**3)) != number] == []


def test_functions_are_those_of_javascript() -> None:
    """There is every function that asc's bindings name, and each approximated one is known."""
    assert len(FUNCTIONS) == 34
    assert set(FUNCTIONS) > APPROXIMATED


def test_constants_are_javascripts() -> None:
    """A constant is the same double, under both names."""
    script = f"console.log(JSON.stringify({list(CONSTANTS)}.map(name => Math[name])))"
    result = subprocess.run([find_node(), "-e", script], capture_output=True, encoding="utf-8", check=True)
    theirs = json.loads(result.stdout)
    assert [_defaults.find("env", f"Math.{name}") for name in CONSTANTS] == theirs
    assert [_defaults.find("Math", name) for name in CONSTANTS] == theirs


def test_utc_is_javascripts() -> None:
    """`Date.UTC` of asc before 0.18.25 counts like JavaScript's, over the edge of every part and of time itself."""
    utc: Any = _defaults.find("Date", "UTC")
    chance = random.Random(6)  # noqa: S311 - test data
    usual = [
        (*(chance.randrange(-limit, limit) for limit in (300_000, 40, 50, 50, 100, 100)), chance.uniform(-2000, 2000))
        for _ in range(3000)
    ]
    large = [(*(chance.randrange(-(2**31), 2**31) for _ in range(6)), chance.uniform(-1e15, 1e15)) for _ in range(500)]
    last = (275760, 8, 13, 0, 0, 0)
    edges = [
        *((year, 0, 1, 0, 0, 0, 0.0) for year in (-1, 0, 1, 99, 100, 1969, 1970, 2000, 2100)),
        *((*last, millisecond) for millisecond in (-0.5, 0.0, 0.9, 1.0, math.nan, math.inf, -math.inf, 1e300)),
        (-271821, 3, 20, 0, 0, 0, 0.0),
        (-271821, 3, 20, 0, 0, 0, -1.0),
        (1970, 0, 1, 0, 0, 0, -0.5),
    ]
    arguments = [*usual, *large, *edges]
    answers = [_value(bits) for bits in _node(("Date.UTC", *map(float, each)) for each in arguments)]
    assert sum(math.isnan(answer) for answer in answers) > 400  # out of range, most of the large ones
    wrong = [
        (each, mine, theirs)
        for each, theirs in zip(arguments, answers, strict=True)
        if not _same(mine := utc(*each), theirs, 0)
    ]
    assert wrong == []


def test_numbers_are_written_as_javascript_writes_them() -> None:
    """A number in a trace looks as on a JavaScript console, whatever its size."""
    powers = [float(f"{digits}e{power}") for power in range(-330, 309) for digits in ("1", "1.5", "123.456")]
    values = [*powers, *(sign * edge for edge in EDGES for sign in (1, -1)), *(one for (one,) in _samples(3000, 1))]
    assert [number_text(value) for value in values] == _node(("text", value) for value in values)
