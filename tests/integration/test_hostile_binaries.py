"""Modules that lie about their imports, their start and their very bytes: only typed errors."""

# mypy: disable-error-code="empty-body"

import contextlib
import random
from typing import Any

import pytest
import wasmtime

from tests.integration.apart import run_apart
from tests.integration.hostile_module import (
    FLAGS,
    GIVERS,
    OBJECT,
    PAGE,
    RUNTIME,
    attempt,
    hostile_binary,
    start,
)
from wasmbind import AbortError, AscModule, BindError, LiftError, TrapError, WasmbindError, i32, string, u32

# --- imports, start functions, abort -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ("(func (param i32 f64) (result i64))", "function"),
        ("(func (param v128))", "function"),
        ("(memory i64 1)", "64-bit memory"),
        ("(table 1 (ref null $f))", "table"),
        ("(global i32)", "i32"),
        ("(global (mut externref))", "externref"),
        ("(tag (param i32))", "tag"),
    ],
)
def test_imports_that_nobody_provides(item: str, kind: str) -> None:
    """Each import without a provider is named, with its kind, in the BindError."""
    text = f'(module (type $f (func)) (import "some" "thing" {item}))'

    class Wanting(AscModule, wasm=bytes(wasmtime.wat2wasm(text))):
        pass

    with pytest.raises(BindError, match=r"Wanting import some\.thing") as caught:
        Wanting()
    assert kind in str(caught.value)


@pytest.mark.parametrize(
    "item", ["(func (param v128))", "(func (result i32 i32))", "(memory 1)", "(table 1 funcref)", "(global i32)"]
)
def test_imports_that_no_function_fits(item: str) -> None:
    """A Python function for an import that it cannot be is a typed error."""

    class Wanting(AscModule, wasm=bytes(wasmtime.wat2wasm(f'(module (import "some" "thing" {item}))'))):
        pass

    with pytest.raises(WasmbindError):
        Wanting(imports={"some": {"thing": lambda *_: 0}})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("unreachable", TrapError),
        ("(i32.store (i32.const -1) (i32.const 0))", TrapError),
        ("(call $start)", TrapError),
        ("(call $abort (i32.const -16) (i32.const 65535) (i32.const -1) (i32.const -1))", AbortError),
    ],
)
@pytest.mark.parametrize("how", ["(start $start)", '(export "_start" (func $start))'])
def test_start_functions_that_fail(body: str, error: type[WasmbindError], how: str) -> None:
    """A start function that traps, overflows the stack or aborts is that error."""
    text = f"""(module (import "env" "abort" (func $abort (param i32 i32 i32 i32))) (memory (export "memory") 1)
      (func $start {body}) {how})"""

    class Starting(AscModule, wasm=bytes(wasmtime.wat2wasm(text))):
        pass

    with pytest.raises(error):
        Starting()


def test_abort_and_trace_with_nonsense() -> None:
    """An abort leaves out messages that point nowhere; a trace of one is an error out of the call."""
    imports = """(import "env" "abort" (func $abort (param i32 i32 i32 i32)))
      (import "env" "trace" (func $trace (param i32 i32 f64 f64 f64 f64 f64)))"""
    zeros = "(f64.const nan)" * 5
    more = f"""(func (export "fail") (param i32) (result i32)
        (call $abort (local.get 0) (local.get 0) (i32.const -5) (i32.const 0)) (i32.const 0))
      (func (export "trace") (param i32 i32) (call $trace (local.get 0) (local.get 1) {zeros}))"""

    class Noisy(AscModule, wasm=hostile_binary(imports=imports, runtime="".join(RUNTIME.values()) + more)):
        def fail(self, ptr: u32) -> string: ...
        def trace(self, ptr: u32, count: i32) -> None: ...

    noisy = Noisy()
    for ptr in (1, 8, OBJECT, PAGE - 2, PAGE, 0x80000000, 0xFFFFFFFF):
        with pytest.raises(AbortError) as caught:
            noisy.fail(ptr)
        assert (caught.value.message, caught.value.file) == (None, None)
        for count in (-(1 << 31), -1, 0, 5, 6, (1 << 31) - 1):
            with pytest.raises(LiftError, match=r"env\.trace"):
                noisy.trace(ptr, count)


# --- bytes ---------------------------------------------------------------------------------------------------


def test_truncated_binaries() -> None:
    """Every beginning of a binary is a BindError, but for the one that lacks no more than the names in it."""
    binary = hostile_binary()
    outcomes = [attempt(binary[:size]) for size in range(len(binary))]
    assert outcomes.count(BindError) >= len(binary) - 1


def damage_every_byte() -> None:
    """Bind a binary with one byte changed, for every byte and some changes."""
    binary = hostile_binary()
    for at in range(len(binary)):
        for byte in {0x00, 0xFF, binary[at] ^ 0x01, binary[at] ^ 0x80, (binary[at] + 1) & 0xFF} - {binary[at]}:
            try:
                attempt(binary[:at] + bytes([byte]) + binary[at + 1 :])
            except BaseException as error:
                error.add_note(f"byte {at} was changed from {binary[at]:#x} to {byte:#x}")
                raise


def test_damaged_binaries() -> None:
    """Whatever one byte is changed to, there are only typed errors."""
    run_apart("test_hostile_binaries", "damage_every_byte()")


# --- at random -----------------------------------------------------------------------------------------------


def rampage(seed: int, rounds: int) -> None:
    """Fill memory with nonsense that looks nearly right, and read it as everything."""
    chance = random.Random(seed)  # noqa: S311 - to be repeatable
    module = start()
    places = [OBJECT + 16 * n for n in range(32)]
    words = [0, 1, 4, 7, PAGE - 8, PAGE, 0x7FFFFFFF, 0xFFFFFFFF, *range(len(FLAGS)), 16, 32, *places]
    node: Any = None
    for _ in range(rounds):
        for address in range(OBJECT - 32, OBJECT + 600, 4):
            module.poke(address, chance.choice(words))
        for giver in GIVERS:
            with contextlib.suppress(WasmbindError):
                found = getattr(module, giver)(chance.choice(words))
                node = found if giver == "give_node" else node
        if node is not None:
            repr(node)
            for name, value in (("name", "text"), ("next", node), ("texts", ["a", "b"]), ("number", 5)):
                with contextlib.suppress(WasmbindError):
                    getattr(node, name)
                if chance.random() < 0.2:
                    with contextlib.suppress(WasmbindError):
                        setattr(node, name, value)
        if module.runtime.ended:
            module, node = start(), None


def test_random_memory() -> None:
    """A process that reads nonsense as everything ends well."""
    for seed in range(5):
        rampage(seed, 20)
    run_apart("test_hostile_binaries", "rampage(99, 1_000)")
