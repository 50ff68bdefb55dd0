"""What stores and engines are set up with, where wasmtime-py's public API has no way to it.

Beside `_abi` the only file that touches wasmtime-py's private parts: the epoch callback, a cheap way to refuel, the
size of the stack, the end of stores, and shared memories as imports. Where a private part is missing or has changed,
the public way takes its place, or there is none.
"""

from __future__ import annotations

import ctypes
import functools
from typing import TYPE_CHECKING, Any, Final

import wasmtime

from wasmbind._endings import Ending

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["EpochCallback", "PassableMemory", "epoch_callback", "new_store", "passable", "refueler", "set_stack"]

#: Errors kept ready for calls that do not go on.
_SPARE_ERRORS: Final = 4
_NO_FINALIZER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
#: Where the callback leaves after how many epochs it is to be called again. A type of its own: by it the generator
#: below tells the address from the other arguments.
_Delta = ctypes.POINTER(ctypes.c_uint64)
_PARAMETERS: Final = (ctypes.c_void_p, ctypes.c_void_p, _Delta)
_inner_type = ctypes.CFUNCTYPE(None, *_PARAMETERS)
_outer_type = ctypes.CFUNCTYPE(ctypes.c_size_t, *_PARAMETERS)
# Keeps the GIL: the callee takes it anyway.
_inner_call_type = ctypes.PYFUNCTYPE(ctypes.c_int, *_PARAMETERS)


class EpochCallback:
    """Runs Python code on the thread that is inside a store's WebAssembly code, when the engine's epoch advances.

    A ctypes callback whose Python function raises returns whatever lies on the stack, and wasmtime frees that as an
    error. Signal handlers run in this code and may raise at any place of it. So two callbacks stand around it, with
    nothing but C code between them: the inner one resumes a generator that waits inside its `try`, and what the outer
    one returns is popped from a list: 0, pushed when all went well, or else an error made beforehand.

    `max` stands for a function written in C that hands each of several arguments to another function written in C.

    Attributes:
        raised: what was raised in it, after which the code does not go on.
    """

    def __init__(self, answer: Callable[[], bool], stop: Callable[[], None]) -> None:
        """Set it up. It has to last for as long as a store calls it.

        Args:
            answer: whether the code may go on. Must not keep this object alive.
            stop: called when it does not because something was raised; the same holds for it.
        """
        from wasmtime import _ffi as ffi  # noqa: PLC0415 - private; absent or changed means: no callback

        self._ffi: Any = ffi
        self._outcomes: list[int] = []
        self.raised: list[BaseException] = []
        self._refill()
        self._generator: Any = _answers(answer, stop, self.raised, self._outcomes)
        next(self._generator)
        self._inner = _inner_type(functools.partial(max, key=self._generator.send))
        inner_call = _inner_call_type(ctypes.cast(self._inner, ctypes.c_void_p).value or 0)
        inner_call.restype = functools.partial(next, iter(self._outcomes.pop, object()))
        self._outer = _outer_type(inner_call)
        self._ending = Ending(_delete_errors, self._ffi, self._outcomes)

    def register(self, store: wasmtime.Store) -> None:
        """Take the place of what a store calls. The first call comes one epoch after the present one."""
        register = self._ffi.wasmtime_store_epoch_deadline_callback
        given = self._ffi.dll.wasmtime_store_epoch_deadline_callback.argtypes[1]
        register(store.ptr(), ctypes.cast(self._outer, given), None, _NO_FINALIZER())
        store.set_epoch_deadline(1)

    @property
    def is_running(self) -> bool:
        """Whether Python code runs in it. Being the generator's state, it is never behind, not even in a handler."""
        running: bool = self._generator.gi_running
        return running

    def take_stop(self) -> bool:
        """Whether code has been stopped since the last time. It is known by the errors that are left."""
        stopped = len(self._outcomes) < _SPARE_ERRORS
        self._refill()
        return stopped

    @property
    def is_usable(self) -> bool:
        """Whether it will answer again. Too many exceptions at once, or too little stack, end the generator."""
        return self._generator.gi_frame is not None

    def _refill(self) -> None:
        """Make errors for the next calls that do not go on."""
        while len(self._outcomes) < _SPARE_ERRORS:
            error = self._ffi.wasmtime_error_new(b"stopped by wasmbind")
            self._outcomes.insert(0, ctypes.cast(error, ctypes.c_void_p).value or 0)


def _answers(
    answer: Callable[[], bool], stop: Callable[[], None], raised: list[BaseException], outcomes: list[int]
) -> Generator[int, Any, None]:
    """Gets the arguments of the callback, one after the other.

    CPython lets signal handlers run where a function begins, after a call of C code, and where a loop jumps back: at no
    other place can anything be raised here.
    """
    while True:
        goes_on = False
        try:
            while True:
                try:
                    if goes_on:
                        outcomes.append(0)
                    given = yield 0
                    goes_on = given.__class__ is _Delta and not raised and answer()
                    if goes_on:
                        given[0] = 1
                except GeneratorExit:
                    return
                except BaseException as error:  # noqa: BLE001 - raised again by the call that was running
                    raised.append(error)
                    goes_on = False
                    while outcomes and not outcomes[-1]:  # a handler can raise right after the append
                        outcomes.pop()
                    stop()
        except BaseException as error:  # noqa: BLE001 - one more, from a handler that came while the first was kept
            raised.append(error)


def _delete_errors(ffi: Any, outcomes: list[int]) -> None:
    while outcomes:
        address = outcomes.pop()
        if address:
            ffi.wasmtime_error_delete(ctypes.cast(address, ctypes.POINTER(ffi.wasmtime_error_t)))


def epoch_callback(
    store: wasmtime.Store, owner: object, answer: Callable[[], bool], stop: Callable[[], None]
) -> EpochCallback | None:
    """An epoch callback for a store, None where wasmtime-py has changed too much for it.

    Args:
        store: the store. It keeps the callback, and its owner, for as long as it calls that.
        owner: what `answer` and `stop` belong to. It must not refer to the store.
        answer, stop: see `EpochCallback`.
    """
    try:
        made = EpochCallback(answer, stop)
        # An interrupt may come before the store has taken it, or after: both are kept meanwhile.
        _keep_with(store, getattr(store, "_kept_by_wasmbind", None), owner, made)
        made.register(store)
        _keep_with(store, owner, made)
    except (AttributeError, ImportError, TypeError, ctypes.ArgumentError):
        return None
    return made


def refueler(store: wasmtime.Store, fuel: int) -> Callable[[], object]:
    """A function that sets the fuel of a store whose engine consumes fuel."""
    try:
        from wasmtime import _ffi  # noqa: PLC0415 - private; absent or changed means: the public way

        ffi: Any = _ffi
        address = ctypes.cast(ffi.dll.wasmtime_context_set_fuel, ctypes.c_void_p).value
        context = ctypes.byref(store._context().contents)
    except (AttributeError, ImportError):
        return functools.partial(store.set_fuel, fuel)
    # No argtypes, so that ctypes converts nothing. It fails only where the engine consumes no fuel.
    return functools.partial(ctypes.PYFUNCTYPE(ctypes.c_int64)(address or 0), context, ctypes.c_uint64(fuel))


def set_stack(config: wasmtime.Config, size: int) -> None:
    """Set the bytes of stack that WebAssembly code may use.

    Raises:
        AttributeError: wasmtime-py has no way to do so.
    """
    if hasattr(type(config), "max_wasm_stack"):
        config.max_wasm_stack = size
        return
    from wasmtime import _ffi as ffi  # noqa: PLC0415 - private; wasmtime-py 40 to 42 have no public name for it

    ffi.wasmtime_config_max_wasm_stack_set(config.ptr(), size)


class _Store(wasmtime.Store):
    """A store that ends with the last reference to it, see `_endings`."""

    def __init__(self, engine: wasmtime.Engine) -> None:
        from wasmtime import _ffi as ffi  # noqa: PLC0415 - private; absent or changed means: a store of wasmtime-py

        delete = ffi.wasmtime_store_delete
        super().__init__(engine)
        self._ending = Ending(delete, self.ptr())

    def close(self) -> None:
        self._ending.cancel()
        super().close()

    def __del__(self) -> None:
        """Leave it to the ending."""


def new_store(engine: wasmtime.Engine) -> wasmtime.Store:
    """A store that lasts for as long as anything can refer to it, `__del__` methods in cycles included."""
    try:
        return _Store(engine)
    except (AttributeError, ImportError):
        return wasmtime.Store(engine)


def _keep_with(store: wasmtime.Store, *kept: object) -> None:
    """Keep these objects, and no others, for as long as a store is kept, whoever made the store.

    An attribute would not do: of a cycle the collector ends generators before the last `__del__` method has run.
    """
    holder: Any = store
    holder._kept_by_wasmbind = Ending(_let_go, *kept)


def _let_go(*_: object) -> None:
    """Do no more than to have been given something."""


class PassableMemory(wasmtime.SharedMemory):
    """A shared memory that can be an import. wasmtime-py's own gives a pointer to the pointer that is wanted."""

    def _as_extern(self) -> Any:
        try:
            from wasmtime import _ffi as ffi  # noqa: PLC0415 - private; absent or changed means: it cannot be passed

            # ctypes refuses a pointer of another type than the structure has.
            return ffi.wasmtime_extern_t(
                ffi.WASMTIME_EXTERN_SHAREDMEMORY, ffi.wasmtime_extern_union(sharedmemory=self.ptr())
            )
        except (AttributeError, ImportError, TypeError):
            raise wasmtime.WasmtimeError("this version of wasmtime-py cannot pass a shared memory") from None


def passable(memory: wasmtime.SharedMemory) -> PassableMemory:
    """A shared memory of wasmtime-py as one that can be an import. It is the same object."""
    memory.__class__ = PassableMemory
    assert isinstance(memory, PassableMemory)
    return memory
