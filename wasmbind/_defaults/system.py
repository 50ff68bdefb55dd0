"""`process` and `crypto`: what a module may ask of the machine it runs on."""

import os

from wasmbind._live.typed_arrays import Uint8Array
from wasmbind.errors import ExitError, LowerValueError
from wasmbind.types import i32, u32

__all__ = ["DEFAULTS"]

#: As much as JavaScript gives at once. A module that nobody trusts might ask for all the memory there is.
_MOST_RANDOM_BYTES = 65_536


def process_exit(code: i32) -> None:
    """End the call, not the process.

    Raises:
        ExitError: always.
    """
    raise ExitError(code, "process.exit")


def proc_exit(code: u32) -> None:
    """The same for WASI, whose other functions are wasmtime's: this one, there, refuses a status above 125.

    Raises:
        ExitError: always.
    """
    raise ExitError(code, "proc_exit")


def get_random_values(n: u32) -> Uint8Array:
    """Random bytes of the operating system.

    Raises:
        LowerValueError: more than 65 536 of them.
    """
    if n > _MOST_RANDOM_BYTES:
        raise LowerValueError(
            "crypto.getRandomValues(array)", "Uint8Array", n, f"at most {_MOST_RANDOM_BYTES} bytes at once"
        )
    return os.urandom(n)  # type: ignore[return-value]  # bytes are taken wherever a Uint8Array is declared


DEFAULTS: dict[str, object] = {
    "crypto.getRandomValuesN": get_random_values,
    "proc_exit": proc_exit,
    "process.exit": process_exit,
}
