"""JavaScript's `console`, and `trace`, on the logger `wasmbind.console`."""

import logging
from weakref import WeakKeyDictionary

from wasmbind._context import active_runtime
from wasmbind._defaults.clocks import performance_now
from wasmbind._defaults.number_text import number_text
from wasmbind._runtime import Runtime
from wasmbind.types import f64, i32, string

__all__ = ["DEFAULTS", "LOGGER"]

LOGGER = logging.getLogger("wasmbind.console")

#: What one instance may have Python remember: a module that nobody trusts names its timers too.
_MOST_TIMERS, _LONGEST_LABEL = 1000, 1000

#: When each timer of an instance was started, in milliseconds, by its label.
_timers: WeakKeyDictionary[Runtime, dict[str, float]] = WeakKeyDictionary()
#: The same for calls that come from no instance.
_timers_of_none: dict[str, float] = {}


def console_assert(condition: bool, message: string) -> None:  # noqa: FBT001 - as JavaScript has it
    """An error where a condition does not hold."""
    if not condition:
        _say(logging.ERROR, f"Assertion failed: {message}" if message else "Assertion failed")


def console_debug(text: string) -> None:
    """A line for debugging."""
    _say(logging.DEBUG, text)


def console_error(text: string) -> None:
    """An error."""
    _say(logging.ERROR, text)


def console_info(text: string) -> None:
    """A line of information."""
    _say(logging.INFO, text)


def console_log(text: string) -> None:
    """A line of information."""
    _say(logging.INFO, text)


def console_warn(text: string) -> None:
    """A warning."""
    _say(logging.WARNING, text)


def console_time(label: string) -> None:
    """Start a timer."""
    timers = _timers_of_instance()
    label = label[:_LONGEST_LABEL]
    if label in timers:
        _say(logging.WARNING, f"Label '{label}' already exists for console.time()")
    elif len(timers) >= _MOST_TIMERS:
        _say(logging.WARNING, f"More than {_MOST_TIMERS} timers for console.time()")
    else:
        timers[label] = performance_now()


def console_time_end(label: string) -> None:
    """Say how long a timer has run, and forget it."""
    if _say_time(label, "console.timeEnd()"):
        del _timers_of_instance()[label[:_LONGEST_LABEL]]


def console_time_log(label: string) -> None:
    """Say how long a timer has run."""
    _say_time(label, "console.timeLog()")


def trace(message: string, n: i32, a0: f64, a1: f64, a2: f64, a3: f64, a4: f64) -> None:
    """A line for debugging with up to five numbers, which are written as JavaScript writes them."""
    if LOGGER.isEnabledFor(logging.DEBUG):
        # A slice with a negative end means the same in JavaScript.
        _say(logging.DEBUG, " ".join([message, *map(number_text, (a0, a1, a2, a3, a4)[:n])]))


def _say(level: int, text: str) -> None:
    """Log a text of the current instance.

    The text is the whole message, without arguments, so nothing in it is formatted.
    """
    if LOGGER.isEnabledFor(level):
        runtime = active_runtime.get()
        name = None if runtime is None else runtime.name
        LOGGER.log(level, _printable(text), extra={"asc_module": name})


def _printable(text: str) -> str:
    """A text that every handler can encode: half a surrogate pair becomes U+FFFD, as on JavaScript's consoles."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _say_time(label: str, function: str) -> bool:
    """Say how long a timer has run, and whether there is one."""
    label = label[:_LONGEST_LABEL]
    started = _timers_of_instance().get(label)
    if started is None:
        _say(logging.WARNING, f"No such label '{label}' for {function}")
        return False
    _say(logging.INFO, f"{label}: {performance_now() - started:.3f}ms")
    return True


def _timers_of_instance() -> dict[str, float]:
    runtime = active_runtime.get()
    return _timers_of_none if runtime is None else _timers.setdefault(runtime, {})


DEFAULTS: dict[str, object] = {
    "console.assert": console_assert,
    "console.debug": console_debug,
    "console.error": console_error,
    "console.info": console_info,
    "console.log": console_log,
    "console.time": console_time,
    "console.timeEnd": console_time_end,
    "console.timeLog": console_time_log,
    "console.warn": console_warn,
    "trace": trace,
}
