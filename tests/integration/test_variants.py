"""Memories and tables as asc's options make them: imported, hidden, shared, of other sizes; and what is refused."""

# mypy: disable-error-code="empty-body"

import threading
from typing import Any

import pytest
import wasmtime

import wasmbind
from tests.compiling import Compiler, compile_asc
from tests.integration.apart import run_apart
from tests.integration.variants_module import SOURCE, Calling, Compiled, Variant, check, check_calling, load, name
from wasmbind import (
    AbortError,
    AscModule,
    BindError,
    InstanceError,
    LimitError,
    Limits,
    TrapError,
    _natives,
    i32,
    string,
    u32,
)
from wasmbind._abi import FastNative
from wasmbind._natives import PublicNative

COMPILERS: tuple[Compiler, ...] = ("modern", "oldest", "classic")
SHARED = ("--sharedMemory", "--maximumMemory", "200", "--enable", "threads")
PAGE = 1 << 16
each_compiler = pytest.mark.parametrize("compiler", COMPILERS)


def mismatches(start: Any) -> list[tuple[str, str, str]]:
    """What a start is refused for: declared, found and fix of each mismatch."""
    with pytest.raises(BindError) as raised:
        start()
    return [(found.declared, found.found, found.fix) for found in raised.value.mismatches]


# --- what works --------------------------------------------------------------------------------------------------


@each_compiler
@pytest.mark.parametrize(
    "options",
    [
        ("--importMemory",),
        ("--importMemory", "--noExportMemory"),
        ("--importMemory", "--zeroFilledMemory"),
        ("--importMemory", "--initialMemory", "3", "--maximumMemory", "200"),
        ("--importMemory", "--memoryBase", "70000"),
        ("--noExportMemory",),
        ("--memoryBase", "70000"),
        ("--initialMemory", "5", "--maximumMemory", "200"),
        ("--runtime", "minimal"),
        ("--runtime", "minimal", "--importMemory"),
        ("--runtime", "stub"),
        ("--runtime", "stub", "--importMemory", "--noExportMemory"),
        ("--stackSize", "4096"),
        SHARED,
        (*SHARED, "--importMemory"),
        (*SHARED, "--importMemory", "--noExportMemory", "--runtime", "stub"),
    ],
    ids=" ".join,
)
def test_memories(compiler: Compiler, options: tuple[str, ...]) -> None:
    """Strings, collections, objects, host functions, growth and collecting: all as with a memory of its own."""
    wasm = compile_asc(SOURCE, *options, compiler=compiler)
    check(load(wasm))
    check(load(wasm, limits=Limits(memory=200 * PAGE)))


@pytest.mark.parametrize("compiler", ["0.17", "0.10"])
@pytest.mark.parametrize(
    "options",
    [
        ("--importMemory",),
        ("--importMemory", "--noExportMemory", "--memoryBase", "70000"),
        ("--noExportMemory",),
        ("--runtime", "stub"),
        ("--explicitStart",),
        (*SHARED, "--importMemory"),
    ],
    ids=" ".join,
)
def test_memories_of_old(compiler: Compiler, options: tuple[str, ...]) -> None:
    """The same where references are counted."""
    check(load(compile_asc(SOURCE, *options, compiler=compiler)))


@each_compiler
@pytest.mark.parametrize(
    "options",
    [
        ("--importTable",),
        ("--importTable", "--exportTable"),
        ("--exportTable", "--tableBase", "100"),
        ("--importTable", "--tableBase", "100", "--importMemory", "--noExportMemory"),
    ],
    ids=" ".join,
)
def test_tables(compiler: Compiler, options: tuple[str, ...]) -> None:
    """Function values work with a table that wasmbind makes, one that is exported or not, and one that begins later."""
    check_calling(load(compile_asc(SOURCE, *options, compiler=compiler), Calling))


def test_tables_of_old() -> None:
    """The same where references are counted."""
    check_calling(load(compile_asc(SOURCE, "--importTable", compiler="0.17"), Calling))


@pytest.mark.parametrize("native", [FastNative, PublicNative])
def test_both_ways_into_wasmtime(native: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """An imported shared memory and an imported table work with wasmtime's public API as well."""
    monkeypatch.setattr(_natives, "_native_class", native)
    module = load(compile_asc(SOURCE, *SHARED, "--importMemory", "--importTable"), Calling)
    assert type(module.runtime.native) is native
    check_calling(module)


def test_with_the_schema() -> None:
    """The transform's binaries are no exception."""
    options = ("--importMemory", "--noExportMemory", "--importTable")
    check_calling(load(compile_asc(SOURCE, *options, transform=True), Calling))


def test_errors_have_the_lines_of_the_source() -> None:
    """Exporting what was not exported moves the code; what is told of it stays right."""
    wasm = compile_asc(SOURCE, "--importMemory", "--noExportMemory", "--sourceMap")
    with pytest.raises(AbortError, match="no way") as caught:
        load(wasm).fail("no way")
    line = 1 + SOURCE[: SOURCE.index("throw new Error")].count("\n")
    assert caught.value.line == line
    assert (caught.value.frames[0].file or "").endswith("inline.ts")
    assert caught.value.frames[0].line == line


def test_a_compiled_module() -> None:
    """A `wasmtime.Module` gets its memory and table too; what it does not export cannot be reached."""
    plain = compile_asc(SOURCE, "--importMemory", "--exportTable").read_bytes()
    module = wasmtime.Module(wasmbind.engine(), plain)
    check_calling(load(module, Calling))
    hidden = compile_asc(SOURCE, "--importMemory", "--noExportMemory").read_bytes()
    found = mismatches(lambda: load(wasmtime.Module(wasmbind.engine(), hidden)))
    fix = "give the bytes of the binary as wasm=, or compile without --noExportMemory"
    assert [each[1:] for each in found] == [("no memory", fix)]


# --- sizes -------------------------------------------------------------------------------------------------------


class Sized(AscModule, wasm=Compiled(SOURCE, "--importMemory", "--maximumMemory", "100")):
    def pages(self) -> i32: ...
    def hello(self, who: string) -> string: ...
    def eat(self, pieces: i32) -> i32: ...


def sized(memory: object, **options: Any) -> Sized:
    """An instance with a memory of the user's choice."""
    imports: Any = {"host": {"name": name}, "env": {"memory": memory}}
    return Sized(imports=imports, **options)


def test_the_size_is_the_users_choice() -> None:
    """Bytes are rounded up to pages; the module's own maximum stays."""
    assert sized(20 * PAGE).pages() == 20
    assert sized(20 * PAGE + 1).pages() == 21
    assert sized(20 * PAGE).hello("x") == "hello, x"
    with pytest.raises(TrapError, match="unreachable"):  # the allocator's, at the module's own maximum
        sized(100 * PAGE, limits=Limits(memory=200 * PAGE)).eat(200)


def test_sizes_that_do_not_fit() -> None:
    """They are refused with what the import asks for."""
    asked = "an import of a memory of at least 65,536 and at most 6,553,600 bytes"
    fix = "give a size in between, or leave it out"
    for size in (0, -5, 100 * PAGE + 1, 1 << 70):
        assert mismatches(lambda size=size: sized(size)) == [(f"{size:,} bytes", asked, fix)]
    made = wasmtime.Memory(wasmtime.Store(wasmbind.engine()), wasmtime.MemoryType(wasmtime.Limits(1, 100)))
    fix = "leave it out, or give the number of bytes it is to have at first: wasmbind makes the memory"
    assert mismatches(lambda: sized(made)) == [("a wasmtime.Memory, which belongs to a store of its own", asked, fix)]
    assert mismatches(lambda: sized("big")) == [("str 'big'", asked, fix)]
    assert mismatches(lambda: sized(True)) == [("bool True", asked, fix)]


@pytest.mark.parametrize("options", [(), SHARED], ids=["plain", "shared"])
def test_limits_of_imported_memory(options: tuple[str, ...]) -> None:
    """A limit below what the import asks for, or met later, is a LimitError as for every memory."""
    wasm = compile_asc(SOURCE, "--importMemory", "--initialMemory", "4", *options)
    with pytest.raises(LimitError, match="memory") as caught:
        load(wasm, limits=Limits(memory=3 * PAGE))
    assert (caught.value.limit, caught.value.allowed) == ("memory", 3 * PAGE)
    module = load(wasm, limits=Limits(memory=20 * PAGE))
    assert module.hello("x") == "hello, x"
    with pytest.raises(LimitError):
        module.eat(50)


def test_a_size_beyond_the_limit() -> None:
    """What the user asks for counts, too."""
    with pytest.raises(LimitError):
        sized(50 * PAGE, limits=Limits(memory=40 * PAGE))


def test_tables_beyond_limits_and_beyond_all_measure() -> None:
    """A table that an import wants, and that cannot be, is a typed error."""
    for size, error in ((1_000_000, LimitError), (0xFFFF_FFFF, LimitError)):

        class Wide(AscModule, wasm=bytes(wasmtime.wat2wasm(f'(module (import "a" "t" (table {size} funcref)))'))): ...

        with pytest.raises(error):
            Wide(limits=Limits(memory=PAGE))

    class Huge(AscModule, wasm=bytes(wasmtime.wat2wasm('(module (import "a" "t" (table 0xffffffff funcref)))'))): ...

    with pytest.raises(InstanceError, match="cannot be instantiated"):
        Huge()


# --- shared memory -----------------------------------------------------------------------------------------------

COUNTING = """
export function count(times: i32): i32 {
  for (let i = 0; i < times; i++) atomic.add<i32>(1024, 1);
  return atomic.load<i32>(1024);
}
export function size(): i32 { return memory.size(); }
export function grow(by: i32): i32 { return memory.grow(by); }
"""


class Counting(
    AscModule,
    wasm=Compiled(COUNTING, *SHARED, "--importMemory", "--initialMemory", "1", "--memoryBase", "2048", "-O2"),
):
    def count(self, times: i32) -> i32: ...
    def size(self) -> i32: ...
    def grow(self, by: i32) -> i32: ...


def shared_memory(least: int = 1, most: int = 200, *, engine: wasmtime.Engine | None = None) -> wasmtime.SharedMemory:
    """A memory for several instances."""
    type_ = wasmtime.MemoryType(wasmtime.Limits(least, most), shared=True)
    return wasmtime.SharedMemory(engine or wasmbind.engine(shared=True), type_)


def test_instances_share_a_memory() -> None:
    """Several instances in several threads count in the memory that they were all given, and see it grow."""
    memory = shared_memory()
    instances = [Counting(imports={"env": {"memory": memory}}) for _ in range(4)]
    threads = [threading.Thread(target=instance.count, args=(100_000,)) for instance in instances]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {instance.count(0) for instance in instances} == {400_000}
    assert instances[0].grow(3) == 1
    assert [instance.size() for instance in instances] == [4] * 4
    for instance in instances:
        assert len(instance.runtime.memory) >= PAGE
        instance.runtime.refresh()
        assert int.from_bytes(instance.runtime.memory[1024:1028], "little") == 400_000
        assert len(instance.runtime.memory) == 4 * PAGE
        instance.close()
    assert memory.data_len() == 4 * PAGE
    assert memory.data_ptr()[1024] == 400_000 & 0xFF  # it outlives the instances


def test_each_instance_has_a_memory_of_its_own_by_default() -> None:
    """What nobody shares is not shared."""
    first, second = Counting(), Counting()
    assert (first.count(5), second.count(7)) == (5, 7)


def test_shared_memories_that_do_not_fit() -> None:
    """Size, kind, engine and limits are checked before anything runs."""

    def start(memory: object, **options: Any) -> Counting:
        imports: Any = {"env": {"memory": memory}}
        return Counting(imports=imports, **options)

    asked = "an import of a shared memory of at least 65,536 and at most 13,107,200 bytes"
    fix = "make it with wasmtime.MemoryType(wasmtime.Limits(1, 200), shared=True)"
    assert mismatches(lambda: start(shared_memory(0, 200))) == [
        ("a shared memory of 0 bytes, at most 13,107,200", asked, fix)
    ]
    assert mismatches(lambda: start(shared_memory(1, 201))) == [
        ("a shared memory of 65,536 bytes, at most 13,172,736", asked, fix)
    ]
    found = mismatches(lambda: sized(shared_memory()))
    assert found[0][::2] == ("a shared memory", "leave it out, or compile with --sharedMemory --enable threads")
    config = wasmtime.Config()
    config.shared_memory = True
    with pytest.raises(InstanceError, match="cannot be instantiated"):
        start(shared_memory(engine=wasmtime.Engine(config)))
    with pytest.raises(LimitError):
        start(shared_memory(), limits=Limits(memory=199 * PAGE))
    assert start(shared_memory(), limits=Limits(memory=200 * PAGE)).size() == 1
    assert start(3 * PAGE).size() == 3


def read_beyond_the_end() -> None:
    """Read where a shared memory has ended, in modules whose glue has got it several times."""
    source = f"{SOURCE}\nexport function peek(address: u32): i32 {{ return load<i32>(address); }}\n"
    for options in ((*SHARED, "--importMemory"), SHARED):
        for address in (0xFFFF_FFFC, 1 << 31, 300 * PAGE, 200 * PAGE):

            class Peeking(Variant, wasm=compile_asc(source, *options)):
                def peek(self, address: u32) -> i32: ...

            module = Peeking(imports={"host": {"name": name}})
            check(module)
            with pytest.raises(TrapError, match="out of bounds"):
                module.peek(address)


def test_accesses_beyond_a_shared_memory() -> None:
    """They are traps as anywhere; wasmtime would abort the process if they were found out by a fault."""
    run_apart("test_variants", "read_beyond_the_end()")


def test_wasmtime_that_cannot_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where code cannot be made to check accesses, modules with shared memory are refused."""
    monkeypatch.setattr("wasmbind._sources.can_share", lambda: False)
    found = mismatches(lambda: load(compile_asc(SOURCE, *SHARED)))
    fix = "install wasmtime 45 or later, or compile without --sharedMemory"
    declared = "a memory of its own"
    assert found == [(declared, "a shared memory, with which this wasmtime-py may end the process", fix)]


def test_compiled_modules_with_shared_memory() -> None:
    """They need the engine for it."""
    binary = compile_asc(SOURCE, *SHARED, "--importMemory", "--exportTable").read_bytes()
    check_calling(load(wasmtime.Module(wasmbind.engine(shared=True), binary), Calling))
    found = mismatches(lambda: load(wasmtime.Module(wasmbind.engine(), binary), Calling))
    assert found[0][2] == "pass the bytes of the binary, or compile it with wasmbind.engine(shared=True)"


def test_a_shared_memory_of_its_own_has_no_limit() -> None:
    """Wasmtime does not limit it, so a limit below its maximum is refused; one above it holds anyway."""
    wasm = compile_asc(SOURCE, *SHARED)
    assert mismatches(lambda: load(wasm, limits=Limits(memory=100 * PAGE))) == [
        (
            f"Limits(memory={100 * PAGE})",
            "a shared memory of its own, of up to 13,107,200 bytes, which wasmtime does not limit",
            "compile with --importMemory, or with --maximumMemory 100",
        )
    ]
    assert load(wasm, limits=Limits(memory=200 * PAGE)).hello("x") == "hello, x"


# --- several memories, other memories ----------------------------------------------------------------------------


def test_several_memories() -> None:
    """The one that is exported as `memory` counts; imported ones are made as well."""
    text = """(module (import "a" "m" (memory 2)) (import "a" "n" (memory 1 7))
      (import "a" "t" (table 2 externref)) (memory (export "memory") 3)
      (func (export "sizes") (result i32) (i32.add (i32.mul (memory.size 0) (i32.const 100))
        (i32.add (i32.mul (memory.size 1) (i32.const 10)) (memory.size 2)))))"""

    class Several(AscModule, wasm=bytes(wasmtime.wat2wasm(text))):
        def sizes(self) -> i32: ...

    module = Several()
    assert module.sizes() == 213
    assert len(module.runtime.memory) == 3 * PAGE


def test_memories_that_no_assemblyscript_has() -> None:
    """A memory of 64 bits, imported or exported, is refused by what it is."""

    class Imports(AscModule, wasm=bytes(wasmtime.wat2wasm('(module (import "a" "m" (memory i64 1)))'))): ...

    assert mismatches(Imports) == [("a 32-bit memory", "an import of a 64-bit memory", "compile for 32-bit memory")]
    runtime = """(func (export "__new") (param i32 i32) (result i32) (i32.const 0))
      (func (export "__pin") (param i32) (result i32) (i32.const 0)) (func (export "__unpin") (param i32))
      (global (export "__rtti_base") i32 (i32.const 64))
      (func (export "hello") (param i32) (result i32) (i32.const 0))"""

    class Exports(AscModule, wasm=bytes(wasmtime.wat2wasm(f'(module (memory (export "memory") i64 1) {runtime})'))):
        def hello(self, who: string) -> string: ...

    assert [each[1:] for each in mismatches(Exports)] == [
        ("64-bit memory", "compile for 32-bit memory; asc makes nothing else")
    ]


def test_a_table_of_its_own_needs_export_table() -> None:
    """The compiler relies on nobody else putting functions into a table that it does not export."""
    found = mismatches(lambda: load(compile_asc(SOURCE), Calling))
    assert found == [
        ("a function value", "no exported function table", "compile with --exportTable, or with `wasmbind build`")
    ]
    assert load(compile_asc(SOURCE), Variant).add(1, 2) == 3
