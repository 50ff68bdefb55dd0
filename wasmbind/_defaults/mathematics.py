"""JavaScript's `Math`, as `--use Math=JSMath` and `bindings/dom` import it.

Where ECMAScript says exactly what comes out, this is what comes out: signed zeros, NaN and infinities instead of
Python's exceptions. Where it leaves the last digits to the engine (`sin`, `exp`, `pow` and their like), they are those
of the C library.
"""

import math
import os
import struct

from wasmbind.types import f32, f64

__all__ = ["DEFAULTS"]

_NAN, _INFINITY = math.nan, math.inf
_SINGLE = struct.Struct("<f")
#: From here on every double is an integer.
_ALL_INTEGERS = 2.0**52
_MASK, _SIGN = 0xFFFFFFFF, 0x80000000
#: The bits of a double's fraction, of which `random` makes its results.
_FRACTION = 53


def abs_(x: f64) -> f64:
    """The magnitude."""
    return abs(x)


def acos(x: f64) -> f64:
    """The arc cosine, NaN outside of -1 to 1."""
    return math.acos(x) if -1.0 <= x <= 1.0 else _NAN


def acosh(x: f64) -> f64:
    """The inverse hyperbolic cosine, NaN below 1."""
    return math.acosh(x) if x >= 1.0 else _NAN


def asin(x: f64) -> f64:
    """The arc sine, NaN outside of -1 to 1."""
    return math.asin(x) if -1.0 <= x <= 1.0 else _NAN


def asinh(x: f64) -> f64:
    """The inverse hyperbolic sine."""
    return math.asinh(x)


def atan(x: f64) -> f64:
    """The arc tangent."""
    return math.atan(x)


def atan2(y: f64, x: f64) -> f64:
    """The angle of the point (x, y)."""
    return math.atan2(y, x)


def atanh(x: f64) -> f64:
    """The inverse hyperbolic tangent: an infinity at -1 and 1, NaN beyond."""
    if -1.0 < x < 1.0:
        return math.atanh(x)
    return math.copysign(_INFINITY, x) if abs(x) == 1.0 else _NAN


def cbrt(x: f64) -> f64:
    """The cube root, exact where it is an integer."""
    if x == 0.0 or not math.isfinite(x):
        return x
    mantissa, exponent = math.frexp(x)
    thirds = exponent // 3
    scaled = math.ldexp(mantissa, exponent - 3 * thirds)
    root = math.cbrt(scaled)
    # glibc's may be three units off in the last place, so that the root of 27 is more than 3: a step of Newton's.
    root -= (root * root * root - scaled) / (3.0 * root * root)
    return math.ldexp(root, thirds)


def ceil(x: f64) -> f64:
    """The integer above, -0 above a negative fraction."""
    return math.copysign(math.ceil(x), x) if abs(x) < _ALL_INTEGERS else x


def clz32(x: f64) -> f64:
    """The zeros before the first one in 32 bits."""
    return float(32 - _bits32(x).bit_length())


def cos(x: f64) -> f64:
    """The cosine, NaN of an infinity."""
    return math.cos(x) if math.isfinite(x) else _NAN


def cosh(x: f64) -> f64:
    """The hyperbolic cosine."""
    try:
        return math.cosh(x)
    except OverflowError:
        return _INFINITY


def exp(x: f64) -> f64:
    """E to the power of x."""
    try:
        return math.exp(x)
    except OverflowError:
        return _INFINITY


def expm1(x: f64) -> f64:
    """E to the power of x, minus 1."""
    try:
        return math.expm1(x)
    except OverflowError:
        return _INFINITY


def floor(x: f64) -> f64:
    """The integer below."""
    return math.copysign(math.floor(x), x) if abs(x) < _ALL_INTEGERS else x


def fround(x: f64) -> f32:
    """The nearest single."""
    try:
        single: float = _SINGLE.unpack(_SINGLE.pack(x))[0]
    except OverflowError:
        return math.copysign(_INFINITY, x)
    return single


def hypot(value1: f64, value2: f64) -> f64:
    """The length of a vector, infinite where a part is, even beside NaN."""
    return math.hypot(value1, value2)


def imul(a: f64, b: f64) -> f64:
    """The product in 32 bits, signed."""
    product = _bits32(a) * _bits32(b) & _MASK
    return float((product ^ _SIGN) - _SIGN)


def log(x: f64) -> f64:
    """The natural logarithm, minus infinity at 0, NaN below."""
    if x > 0.0:
        return math.log(x)
    return -_INFINITY if x == 0.0 else _NAN


def log10(x: f64) -> f64:
    """The logarithm to base 10, minus infinity at 0, NaN below."""
    if x > 0.0:
        return math.log10(x)
    return -_INFINITY if x == 0.0 else _NAN


def log1p(x: f64) -> f64:
    """The natural logarithm of 1 + x, minus infinity at -1, NaN below."""
    if x > -1.0:
        return math.log1p(x)
    return -_INFINITY if x == -1.0 else _NAN


def log2(x: f64) -> f64:
    """The logarithm to base 2, minus infinity at 0, NaN below."""
    if x > 0.0:
        return math.log2(x)
    return -_INFINITY if x == 0.0 else _NAN


def max_(value1: f64, value2: f64) -> f64:
    """The larger; NaN if there is one; 0 is larger than -0."""
    if math.isnan(value1) or math.isnan(value2):
        return _NAN
    if value1 == value2:
        return value2 if math.copysign(1.0, value1) < 0.0 else value1
    return max(value1, value2)


def min_(value1: f64, value2: f64) -> f64:
    """The smaller; NaN if there is one; -0 is smaller than 0."""
    if math.isnan(value1) or math.isnan(value2):
        return _NAN
    if value1 == value2:
        return value1 if math.copysign(1.0, value1) < 0.0 else value2
    return min(value1, value2)


def pow_(base: f64, exponent: f64) -> f64:
    """The power. Unlike C's, 1 and -1 to the power of NaN or an infinity are NaN."""
    if exponent != 0.0 and abs(base) == 1.0 and not math.isfinite(exponent):
        return _NAN
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -_INFINITY if base < 0.0 and _is_odd(exponent) else _INFINITY
    except ValueError:  # 0 to a negative power, or a negative base to a fraction
        if base != 0.0:
            return _NAN
        return math.copysign(_INFINITY, base) if _is_odd(exponent) else _INFINITY


def random() -> f64:
    """A random number from 0 to less than 1, of the operating system."""
    return (int.from_bytes(os.urandom(7), "little") >> (56 - _FRACTION)) / (1 << _FRACTION)


def round_(x: f64) -> f64:
    """The nearest integer, halves towards positive infinity, -0 from -0.5 on."""
    if not abs(x) < _ALL_INTEGERS:
        return x
    below = math.floor(x)
    return math.copysign(below + 1 if x - below >= 0.5 else below, x)  # noqa: PLR2004 - what a half is


def sign(x: f64) -> f64:
    """1, -1, or x itself where that is a zero or NaN."""
    return math.copysign(1.0, x) if x < 0.0 or x > 0.0 else x


def sin(x: f64) -> f64:
    """The sine, NaN of an infinity."""
    return math.sin(x) if math.isfinite(x) else _NAN


def sinh(x: f64) -> f64:
    """The hyperbolic sine."""
    try:
        return math.sinh(x)
    except OverflowError:
        return math.copysign(_INFINITY, x)


def sqrt(x: f64) -> f64:
    """The square root, NaN of negative numbers, -0 of -0."""
    return math.sqrt(x) if x >= 0.0 else _NAN


def tan(x: f64) -> f64:
    """The tangent, NaN of an infinity."""
    return math.tan(x) if math.isfinite(x) else _NAN


def tanh(x: f64) -> f64:
    """The hyperbolic tangent."""
    return math.tanh(x)


def trunc(x: f64) -> f64:
    """The integer towards 0, with the sign of x."""
    return math.copysign(math.trunc(x), x) if abs(x) < _ALL_INTEGERS else x


def _is_odd(x: float) -> bool:
    """Whether it is an odd integer. Unlike `%`, `fmod` does not round."""
    return abs(math.fmod(x, 2.0)) == 1.0


def _bits32(x: float) -> int:
    """The last 32 bits of the integer part, 0 of what has none."""
    return int(x) & _MASK if math.isfinite(x) else 0


DEFAULTS: dict[str, object] = {
    "Math.E": math.e,
    "Math.LN2": 0.6931471805599453,
    "Math.LN10": 2.302585092994046,
    "Math.LOG2E": 1.4426950408889634,
    "Math.LOG10E": 0.4342944819032518,
    "Math.PI": math.pi,
    "Math.SQRT1_2": 0.7071067811865476,
    "Math.SQRT2": 1.4142135623730951,
    "Math.abs": abs_,
    "Math.acos": acos,
    "Math.acosh": acosh,
    "Math.asin": asin,
    "Math.asinh": asinh,
    "Math.atan": atan,
    "Math.atan2": atan2,
    "Math.atanh": atanh,
    "Math.cbrt": cbrt,
    "Math.ceil": ceil,
    "Math.clz32": clz32,
    "Math.cos": cos,
    "Math.cosh": cosh,
    "Math.exp": exp,
    "Math.expm1": expm1,
    "Math.floor": floor,
    "Math.fround": fround,
    "Math.hypot": hypot,
    "Math.imul": imul,
    "Math.log": log,
    "Math.log10": log10,
    "Math.log1p": log1p,
    "Math.log2": log2,
    "Math.max": max_,
    "Math.min": min_,
    "Math.pow": pow_,
    "Math.random": random,
    "Math.round": round_,
    "Math.sign": sign,
    "Math.sin": sin,
    "Math.sinh": sinh,
    "Math.sqrt": sqrt,
    "Math.tan": tan,
    "Math.tanh": tanh,
    "Math.trunc": trunc,
}
