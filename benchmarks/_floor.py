"""The least that a call through ctypes costs: nothing is converted, checked or owned."""

import ctypes
from typing import Any

import wasmtime
from wasmtime import _ffi as ffi

from benchmarks._by_hand import ByHand
from benchmarks._timing import Contender, statement

__all__ = [
    "BARE_CALL",
    "BARE_CALLBACK",
    "BYREF_CALL",
    "STORED_CALL",
    "bare_call",
    "bare_callback",
    "byref_call",
    "stored_call",
]

#: `wasmtime_func_call_unchecked` and nothing else.
BARE_CALL = "bare ctypes call"
#: The same with the arguments stored into its block before and the result read from it after.
STORED_CALL = "ctypes call + values"
#: The bare call again, given pointers that ctypes passes on as they are, instead of `c_void_p` objects.
BYREF_CALL = "bare call, byref"
#: A ctypes callback of wasmtime's four arguments that looks at none of them.
BARE_CALLBACK = "bare ctypes callback"
_BYTES_PER_CELL = 16


def bare_call(by_hand: ByHand, export: str = "add") -> Contender:
    """Calls an export of two i32 parameters, whose block stays as it is."""
    names = _parts(by_hand, by_hand[export])
    return statement(BARE_CALL, "call(context, handle, block, 2, trap)", names)


def byref_call(by_hand: ByHand) -> Contender:
    """Calls `add`, whose block stays as it is, in the cheapest way that ctypes has."""
    parts = _parts(by_hand, by_hand["add"])
    for name in ("context", "handle", "block", "trap"):
        parts[name] = ctypes.byref(ctypes.c_char.from_address(parts[name].value))
    return statement(BYREF_CALL, "call(context, handle, block, 2, trap)", parts)


def stored_call(by_hand: ByHand) -> Contender:
    """Calls `add` with arguments."""
    code = "cells[0] = 2; cells[4] = 3; call(context, handle, block, 2, trap); result = cells[0]"
    return statement(STORED_CALL, code, _parts(by_hand, by_hand["add"]))


def _parts(by_hand: ByHand, function: wasmtime.Func) -> dict[str, Any]:
    function_pointer: Any = ffi.dll.wasmtime_func_call_unchecked
    symbol = ctypes.cast(function_pointer, ctypes.c_void_p).value
    block = (ctypes.c_uint8 * (2 * _BYTES_PER_CELL))()
    trap = ctypes.c_void_p()
    return {
        "keep": (by_hand, function, trap),
        "call": ctypes.CFUNCTYPE(ctypes.c_int64)(symbol or 0),
        "context": ctypes.c_void_p(ctypes.addressof(by_hand.store._context().contents)),
        "handle": ctypes.c_void_p(ctypes.addressof(function._func)),
        "block": ctypes.c_void_p(ctypes.addressof(block)),
        "cells": memoryview(block).cast("B").cast("i"),
        "trap": ctypes.c_void_p(ctypes.addressof(trap)),
    }


def bare_callback(by_hand: ByHand, calls: int) -> Contender:
    """Calls `callHost` where `twice` is a ctypes callback that returns without doing anything."""
    store = by_hand.store
    callback = ffi.wasmtime_func_unchecked_callback_t(_do_nothing)
    raw, i32 = ffi.wasmtime_func_t(), wasmtime.ValType.i32()
    signature = wasmtime.FuncType([i32], [i32])
    no_finalizer = ctypes.cast(0, ctypes.CFUNCTYPE(None, ctypes.c_void_p))
    ffi.wasmtime_func_new_unchecked(store._context(), signature.ptr(), callback, None, no_finalizer, ctypes.byref(raw))
    instance = by_hand.instantiate(store, twice=wasmtime.Func._from_raw(raw))
    names = {"call_host": instance.exports(store)["callHost"], "store": store, "times": calls, "keep": callback}
    return statement(BARE_CALLBACK, "call_host(store, times)", names, calls)


def _do_nothing(_env: int, _caller: int, _cells: int, _count: int) -> int:
    return 0
