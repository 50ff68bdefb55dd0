"""Modules that lie about their runtime, their types, their imports and their very bytes: only typed errors."""

# mypy: disable-error-code="empty-body"

import contextlib
import enum
import random

import pytest
import wasmtime

from tests.integration.apart import run_apart
from tests.integration.hostile_module import (
    FLAGS,
    NODE,
    NODE_SIZE,
    OBJECT,
    PAGE,
    RUNTIME,
    TABLE,
    as_data,
    attempt,
    hostile_binary,
    hostile_class,
    put_object,
    start,
    type_table,
    use_everything,
)
from wasmbind import (
    AscModule,
    BindError,
    InstanceError,
    LiftError,
    TrapError,
    WasmbindError,
    string,
)

# --- the module's own runtime --------------------------------------------------------------------------------


ADDRESSES = [1, 2, 4, 8, 16, 20, 24, OBJECT + 3, PAGE - 4, PAGE, 1 << 20, -1, -4, -16, -(1 << 31), 7]


@pytest.mark.parametrize("address", ADDRESSES)
def test_new_gives_any_address(address: int) -> None:
    """When `__new` starts to return nonsense or to trap (7), wasmbind raises typed errors or goes on."""
    module = start()
    use_everything(module)
    module.mode = address
    errors = use_everything(module)
    # Inside memory nothing can be told from a real address; wasm itself faults elsewhere.
    assert errors or 16 <= address < PAGE


@pytest.mark.parametrize("address", ["0", *map(str, ADDRESSES[:-1])])
def test_new_gives_any_address_from_the_start(address: str) -> None:
    """The same while the instance is made."""
    runtime = (
        '(global (export "__rtti_base") i32 (i32.const {base}))'
        f'(func (export "__new") (param i32 i32) (result i32) (i32.const {address}))'
        '(func (export "__pin") (param i32) (result i32) (local.get 0))'
        '(func (export "__unpin") (param i32)) (func (export "__collect"))'
    )
    with contextlib.suppress(WasmbindError):
        use_everything(start(runtime=runtime))


@pytest.mark.parametrize("name", ["__new", "__pin", "__unpin", "__collect"])
def test_the_runtime_traps(name: str) -> None:
    """A runtime function that traps is a TrapError; the instance is poisoned and says so."""
    functions = {
        "__new": "(param i32 i32) (result i32) (call $allocate (local.get 0) (local.get 1))",
        "__pin": "(param i32) (result i32) (local.get 0)",
        "__unpin": "(param i32)",
        "__collect": "",
    }
    functions[name] += " (if (global.get $mode) (then unreachable))"
    body = "".join(f'(func (export "{key}") {text})' for key, text in functions.items())
    module = start(runtime='(global (export "__rtti_base") i32 (i32.const {base}))' + body)
    node = module.give_node(put_object(module, NODE, NODE_SIZE, 1, 0, 0, 0))
    module.mode = 1

    def use() -> None:
        node.texts = ["x"]
        node.next = node
        module.runtime.collect()

    with pytest.raises(TrapError):
        use()
    with pytest.raises(InstanceError, match="poisoned"):
        module.take_text("x")


# --- the type table ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", [0, 1, 4, 16, 66, PAGE - 4, PAGE - 16, PAGE, 1 << 20, 0x7FFFFFFF, -4, -1])
def test_the_type_table_lies_elsewhere(base: int) -> None:
    """A `__rtti_base` that names no type table is a BindError that shows it."""
    with pytest.raises(BindError, match=r"rtti|type table"):
        hostile_class(hostile_binary(base=base))()


@pytest.mark.parametrize("count", [0, 1, 2, 16_380, PAGE - 1, PAGE, 1 << 20, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_the_type_table_claims_any_number_of_classes(count: int) -> None:
    """Too few classes and more than memory holds are a BindError."""
    with pytest.raises(BindError, match="type table"):
        hostile_class(hostile_binary(table=type_table(count=count)))()


def test_random_type_tables() -> None:
    """Whatever stands in the type table, there are only typed errors."""
    chance = random.Random(1)  # noqa: S311 - to be repeatable
    for _ in range(150):
        flags = [chance.choice([*FLAGS, chance.getrandbits(16), chance.getrandbits(32)]) for _ in range(10)]
        flags[:3] = chance.choice([flags[:3], list(FLAGS[:3])])
        attempt(hostile_binary(table=type_table(flags, chance.choice([None, 5, 9]))))


# --- exports of the wrong kind -------------------------------------------------------------------------------

WRONG = [
    ("__rtti_base", '(global (export "__rtti_base") i64 (i64.const 64))'),
    ("__rtti_base", '(global (export "__rtti_base") f64 (f64.const 64))'),
    ("__rtti_base", '(func (export "__rtti_base"))'),
    ("__new", '(func (export "__new") (param i64 i32) (result i32) unreachable)'),
    ("__new", '(func (export "__new"))'),
    ("__new", '(func (export "__new") (param v128) (result v128) (local.get 0))'),
    ("__new", '(global (export "__new") i32 (i32.const 0))'),
    ("__pin", '(func (export "__pin") (param i32))'),
    ("__pin", '(func (export "__pin") (param i32) (result i32 i32) (local.get 0) (local.get 0))'),
    ("__unpin", '(func (export "__unpin") (param f64))'),
    ("__collect", '(func (export "__collect") (param i32))'),
    ("__link", '(func (export "__link"))'),
    ("__setArgumentsLength", '(func (export "__setArgumentsLength") (param i64))'),
    ("__stack_pointer", '(func (export "__stack_pointer"))'),
    ("__stack_pointer", '(global (export "__stack_pointer") i32 (i32.const 0))'),
    ("__stack_pointer", '(global (export "__stack_pointer") (mut f64) (f64.const 0))'),
]


@pytest.mark.parametrize(("name", "text"), WRONG)
def test_runtime_exports_of_the_wrong_kind(name: str, text: str) -> None:
    """A runtime export that is no such function or global is a typed error, or is not used."""
    runtime = "".join({**RUNTIME, name: text}.values())
    run_apart("hostile_module", f"attempt({hostile_binary(runtime=runtime)!r})")


MEMORIES = ['(func (export "memory"))', '(memory (export "memory") i64 1)']


@pytest.mark.parametrize("memory", MEMORIES)
def test_memory_of_the_wrong_kind(memory: str) -> None:
    """Without a 32-bit memory under its name, references are a BindError."""
    offset = "i64" if "i64" in memory else "i32"
    data = f'(data ({offset}.const {TABLE}) "{as_data(type_table())}")' if "(memory" in memory else ""
    text = f"""(module {memory} {data} (func $allocate (param i32 i32) (result i32) (i32.const 8192))
      (func (export "give") (result i32) (i32.const 64)) {"".join(RUNTIME.values())})"""

    class NoMemory(AscModule, wasm=bytes(wasmtime.wat2wasm(text))):
        def give(self) -> string: ...

    with pytest.raises(BindError, match="memory"):
        NoMemory()


def test_values_out_of_range() -> None:
    """Results and globals that are no value of the declared type are LiftErrors."""
    text = """(module (memory (export "memory") 1)
      (global (export "color") (mut i32) (i32.const 3)) (func (export "paint") (result i32) (i32.const -1))
      (func (export "size") (result i32) (i32.const 2)))"""

    class Color(enum.IntEnum):
        Red = 0
        Green = 5

    class Paint(AscModule, wasm=bytes(wasmtime.wat2wasm(text))):
        color: Color

        def paint(self) -> Color: ...
        def size(self) -> bool: ...

    paint = Paint()
    with pytest.raises(LiftError, match="3 is no value of Color"):
        _ = paint.color
    with pytest.raises(LiftError, match="-1 is no value of Color"):
        paint.paint()
    assert paint.size() is True
    paint.color = Color.Green
    assert paint.color is Color.Green


@pytest.mark.parametrize("value", [1, OBJECT, 0x7FFFFFF0, -16, -1])
def test_globals_that_point_nowhere(value: int) -> None:
    """A global that is declared a reference and holds nonsense is a LiftError each time it is read."""
    runtime = "".join(RUNTIME.values()) + f'(global (export "line") (mut i32) (i32.const {value}))'

    class Global(AscModule, wasm=hostile_binary(runtime=runtime)):
        line: string

    module = Global()
    for _ in range(2):
        with pytest.raises(LiftError):
            _ = module.line
    module.line = "a real one"
    assert module.line == "a real one"
