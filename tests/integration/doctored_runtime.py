"""A program whose binary is doctored, and everything that can be done with it."""

import ctypes
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from typing import Any

import wasmtime

import wasmbind
from tests.compiling import Compiler, compile_asc
from tests.integration.binary_editor import FUNCTION, Editor
from tests.integration.variants_module import SOURCE, Calling, Variant, name
from wasmbind import Limits, Module, WasmbindError
from wasmbind._schema.exposing import START, read_exposed
from wasmbind._store_abi import passable

#: Memory that others can look at, whatever becomes of the instance.
SHARED = ("--importMemory", "--sharedMemory", "--maximumMemory", "100", "--enable", "threads", "--exportTable")
PAGE = 1 << 16
#: How many of the doctored binaries have a shared memory, which has engines of its own.
_SHARED_PART = 0.3
#: And how many are used without declarations.
_DYNAMIC_PART = 0.2
RUNTIME = ("__new", "__pin", "__unpin", "__collect")


@cache
def original(compiler: Compiler, *options: str, transform: bool = False, shared: bool = True) -> bytes:
    """The binary as the compiler has written it."""
    memory = SHARED if shared else ("--exportTable",)
    return compile_asc(SOURCE, *memory, *options, compiler=compiler, transform=transform).read_bytes()


def new_memory(*, used: bool = False) -> wasmtime.SharedMemory:
    """A memory that the binary can import, with other bytes than zero from 8 KiB on if it has been `used`."""
    type_ = wasmtime.MemoryType(wasmtime.Limits(1, 100), shared=True)
    memory = wasmtime.SharedMemory(wasmbind.engine(shared=True), type_)
    if used:
        ctypes.memset(ctypes.addressof(memory.data_ptr().contents) + PAGE // 8, 0xAA, PAGE // 8 * 7)
    return memory


def content(memory: wasmtime.SharedMemory) -> bytes:
    """All bytes of a memory."""
    return bytes(memory.data_ptr()[: memory.data_len()])


def _nothing(*_: object) -> int:
    return 0


def image(binary: bytes, work: Callable[[Callable[..., int], Callable[..., int]], object] | None = None) -> bytes:
    """The memory of a binary that has started and done nothing else, without wasmbind.

    Args:
        binary: the binary.
        work: what it does besides, with its `__new` and `__pin`, in memory that has been used.
    """
    _, data = read_exposed(binary, "m.wasm")
    store = wasmtime.Store(wasmbind.engine(shared=True))
    store.set_epoch_deadline(1 << 60)
    module = wasmtime.Module(wasmbind.engine(shared=True), data)
    memory = passable(new_memory(used=work is not None))
    externs: list[Any] = []
    for wanted in module.imports:
        type_ = wanted.type
        externs.append(wasmtime.Func(store, type_, _nothing) if isinstance(type_, wasmtime.FuncType) else memory)
    exports: Any = wasmtime.Instance(store, module, externs).exports(store)
    exports[START](store)
    if work is not None:
        work(partial(exports["__new"], store), partial(exports["__pin"], store))
    return content(memory)


def bind(binary: bytes, memory: wasmtime.SharedMemory | None = None, base: type[Any] = Calling, **options: Any) -> Any:
    """Start an instance."""
    cls: Any = type("Doctored", (base,), {"__module__": __name__}, wasm=binary)
    imports: Any = {"host": {"name": name}} | ({} if memory is None else {"env": {"memory": memory}})
    return cls(imports=imports, **options)


def works(module: Any) -> Iterator[Callable[[], object]]:
    """All that the declarations allow, with results that are read to the end."""
    yield lambda: module.counter
    yield lambda: module.add(2, 3)
    yield lambda: module.hello("Bob" * 10)
    yield lambda: module.words(20)
    yield lambda: module.total(list(range(50)))
    yield lambda: [repr(line) for line in _chain(module.chain([f"line {index}" for index in range(10)]))]
    yield lambda: setattr(module.chain(["a", "b"]).next, "s", "changed")
    yield module.hosted
    yield lambda: module.eat(20)
    yield lambda: module.fail("why")
    yield module.runtime.collect
    if isinstance(module, Calling):
        yield lambda: module.twice(lambda value: value * 3, 2)
        yield lambda: module.doubler()(21)


def _chain(line: Any) -> Iterator[Any]:
    for _ in range(20):
        if line is None:
            return
        yield line.s
        line = line.next


def outcome(binary: bytes, base: type[Any] = Calling) -> set[type[BaseException]]:
    """Use a binary in every way. Anything but a typed error is raised; returns the types of those that came."""
    met: set[type[BaseException]] = set()
    try:
        module = bind(binary, base=base, limits=Limits(timeout=3, memory=100 * PAGE))
    except WasmbindError as error:
        return {type(error)}
    for _ in range(2):
        for work in works(module):
            try:
                work()
            except WasmbindError as error:
                met.add(type(error))
            except AttributeError as error:
                if "is readonly" not in str(error):  # as a field is whose setter has gone
                    raise
                met.add(AttributeError)
    module.close()
    return met


def outcome_without_declarations(binary: bytes) -> None:
    """Use what is left of a binary through `Module`. Anything but a typed error is raised."""
    try:
        module = Module(binary, imports={"host": {"name": name}}, limits=Limits(timeout=3, memory=100 * PAGE))
    except WasmbindError:
        return
    works: list[Callable[[], object]] = [
        lambda: module.counter,
        lambda: module.add(2, 3),
        lambda: module.hello("Bob" * 10, as_=str),
        lambda: list(module.resolve(module.words(20))),
        lambda: module.total(module.alloc_array(None, [1, 2, 3])),
        lambda: module.resolve(module.chain(module.words(3))),
        lambda: module.hosted(as_=str),
        lambda: str(module.Line()),
        lambda: module.eat(20),
        lambda: module.fail("why"),
    ]
    for _ in range(2):
        for work in works:
            with suppress(WasmbindError, AttributeError, TypeError):  # of exports that have gone, or are others
                work()
    module.close()


# --- at random ---------------------------------------------------------------------------------------------------


def doctor(editor: Editor, chance: random.Random) -> str:
    """Change one thing that somebody reads, and say what."""
    base = editor.exported_global("__rtti_base").value or 0  # no edit of exports takes it away
    functions = [each.name for each in editor.exports if each.kind == FUNCTION]
    words = [0, 1, 3, 4, 8, 0x10, 0x20, 0x21, 0x4102, 0x902, 0x7FFF_FFFF, 0xFFFF_FFFF, base, PAGE - 4, PAGE]
    some, other = chance.choice(functions), chance.choice(functions)
    runtime = chance.choice([each for each in functions if each in RUNTIME] or functions)
    match chance.randrange(9):
        case 0:
            editor.retarget(runtime, chance.choice(editor.same_type(runtime)))
            return f"{runtime} is another function of its type"
        case 1:
            editor.swap(some, other)
            return f"{some} and {other} are swapped"
        case 2:
            editor.retarget(runtime, other)
            return f"{runtime} is {other}"
        case 3:
            editor.rename(
                some, chance.choice(["__retain", "__release", "__alloc", "__link", "__setArgumentsLength", "_start"])
            )
            return f"{some} has a name of the runtime"
        case 4:
            editor.set_global(
                "__rtti_base", chance.choice([*words[:-1], base + 4, base - 4, base + 1, 2**31 - 4, -4]) & 0x7FFF_FFFF
            )
            return "__rtti_base lies elsewhere"
        case 5:
            at, value = chance.randrange(16), chance.choice(words)
            editor.set_word(base + 4 * at, value)
            return f"word {at} of the type table is {value:#x}"
        case 6:
            text, address = chance.choice(list(editor.static_texts(chance.choice([1, 2])).items()) or [("", 0)])
            at, value = chance.randrange(-5, 3), chance.choice(words)
            if address:
                editor.set_word(address + 4 * at, value)
            return f"word {at} of the static string {text!r} is {value:#x}"
        case 7:
            found = chance.choice([each for each in editor.globals if each.value is not None])
            found.value = chance.choice([0, 1, -1, base, PAGE, 2**31 - 1, -(2**31), 16, 1024])
            return f"a global starts as {found.value}"
        case _:
            segment = chance.choice(editor.segments)
            at = chance.randrange(max(1, len(segment.content)))
            segment.content[at] = chance.randrange(256)
            return f"byte {at} of the data at {segment.address} is another"


def rampage(compiler: Compiler, seed: int, rounds: int, *, transform: bool = False) -> None:
    """Doctor a binary in a few places, use it, and go on with the next."""
    chance = random.Random(seed)  # noqa: S311 - to be repeatable
    for _ in range(rounds):
        editor = Editor(original(compiler, transform=transform, shared=chance.random() < _SHARED_PART))
        done = [doctor(editor, chance) for _ in range(chance.choice([1, 1, 2, 3]))]
        try:
            # Up to asc 0.13 function values are no objects, which nothing tells.
            if chance.random() < _DYNAMIC_PART:
                outcome_without_declarations(editor.assemble())
            else:
                outcome(editor.assemble(), Variant if compiler == "0.10" else Calling)
        except BaseException as error:
            error.add_note("\n".join([f"{compiler}, seed {seed}:", *done]))
            raise
