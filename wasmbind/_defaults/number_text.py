"""Numbers as JavaScript writes them."""

from __future__ import annotations

import math

__all__ = ["number_text"]

#: ECMAScript writes numbers with this many digits before the point, or zeros after it, without an exponent.
_MOST_DIGITS, _MOST_ZEROS = 21, 6


def number_text(value: float) -> str:
    """A double as JavaScript's consoles show it: `1`, `0.1`, `-0`, `1e+21`, `Infinity`.

    Python finds the same shortest digits and only lays them out differently.
    """
    if math.isnan(value):
        return "NaN"
    sign = "-" if math.copysign(1.0, value) < 0.0 else ""
    if math.isinf(value):
        return f"{sign}Infinity"
    if value == 0.0:
        return f"{sign}0"
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = f"{whole}{fraction}".lstrip("0")
    # The point stands after this many of the digits.
    point = len(whole) + int(exponent or 0) - (len(whole) + len(fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= _MOST_DIGITS:
        return f"{sign}{digits:0<{point}}"
    if 0 < point <= _MOST_DIGITS:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -_MOST_ZEROS < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{point - 1:+d}"
