"""Binaries that somebody has changed where their interface is told: refused with a reason, before memory is touched."""

# mypy: disable-error-code="empty-body"

from collections.abc import Callable

import pytest

from tests.compiling import Compiler, compile_asc
from tests.integration.apart import run_apart
from tests.integration.binary_editor import Editor
from tests.integration.doctored_runtime import bind, content, image, new_memory, original, outcome
from tests.integration.variants_module import Variant, check_calling
from wasmbind import AscModule, BindError, Limits, Module, i32
from wasmbind._layout import COMPARTMENT, COMPARTMENTS

#: The run-time id of strings.
STRING_IDS: dict[Compiler, int] = {"modern": 2, "classic": 1}
COMPILERS: tuple[Compiler, ...] = ("modern", "classic")
each_compiler = pytest.mark.parametrize("compiler", COMPILERS)


def base(editor: Editor) -> int:
    """Where the type table lies."""
    found = editor.exported_global("__rtti_base").value
    assert found is not None
    return found


def table(*words: int | None) -> Callable[[Editor], object]:
    """Other words at the beginning of the type table."""

    def edit(editor: Editor) -> None:
        for index, word in enumerate(words):
            if word is not None:
                editor.set_word(base(editor) + 4 * index, word)

    return edit


def moved(by: int) -> Callable[[Editor], object]:
    """The type table elsewhere."""
    return lambda editor: editor.set_global("__rtti_base", base(editor) + by)


def like_old(editor: Editor) -> None:
    """The type table as asc 0.18 to 0.22 would have written it: with bases, and without `Object`."""
    flags = [editor.word(base(editor) + 4 * index) for index in range(2, 1 + editor.word(base(editor)))]
    table(len(flags), *(word for each in flags for word in (each, 0)))(editor)


def like_new(editor: Editor) -> None:
    """The type table as asc 0.23 or later would have written it."""
    flags = [editor.word(base(editor) + 4 + 8 * index) for index in range(editor.word(base(editor)))]
    table(len(flags) + 1, 0x20, *flags)(editor)


#: What is changed, and the reason for the refusal; of those that stand first not even the start function has run.
EXPORTS: dict[str, tuple[Callable[[Editor], object], str]] = {
    "__new of another type": (
        lambda editor: editor.retarget("__new", "__pin"),
        r"needs __new \(i32, i32\) -> i32, found \(i32\) -> i32",
    ),
    "__new without parameters": (lambda editor: editor.retarget("__new", "__collect"), r"found \(\) -> void"),
    "__pin is a global": (lambda editor: editor.retarget("__pin", "counter"), "found mutable i32"),
    "memory is a table": (lambda editor: editor.retarget("memory", "table"), "needs memory memory, found table"),
    "no __pin": (lambda editor: editor.drop("__pin"), "found no __pin"),
    "no __new": (lambda editor: editor.drop("__new"), "found no __new"),
    "no __rtti_base": (lambda editor: editor.drop("__rtti_base"), "found no __rtti_base"),
    "no runtime": (
        lambda editor: editor.drop("__new", "__pin", "__unpin", "__collect", "__rtti_base"),
        "found no __new, __pin, __unpin, __rtti_base",
    ),
    "__rtti_base can change": (lambda editor: editor.retarget("__rtti_base", "counter"), "found mutable i32"),
    "__retain beside __pin": (lambda editor: editor.alias("__pin", "__retain"), "found no __release"),
}
TABLES: dict[str, tuple[Callable[[Editor], object], str]] = {
    "counting exports": (
        lambda editor: editor.rename("__pin", "__retain").rename("__unpin", "__release"),
        r"the type table is that of asc 0\..*, and the exports \(__new, __retain, __release\) are those of asc 0\.17",
    ),
    "old counting exports": (
        lambda editor: editor.rename("__pin", "__retain").rename("__unpin", "__release").rename("__new", "__alloc"),
        r"the type table is that of asc 0\..*, and the exports \(__alloc, __retain, __release\) are those of asc 0\.7",
    ),
    "a table at 0": (lambda editor: editor.set_global("__rtti_base", 0), "__rtti_base is 0x0, outside memory"),
    "a table at an odd address": (moved(1), "outside memory"),
    "a table before memory": (lambda editor: editor.set_global("__rtti_base", -4), "outside memory"),
    "a table behind memory": (lambda editor: editor.set_global("__rtti_base", 100 << 16), "outside memory"),
    "a table at the end of memory": (
        lambda editor: editor.set_global("__rtti_base", (1 << 16) - 8),
        "__rtti_base lies at the end of memory",
    ),
    "a table one word later": (moved(4), "strings are objects|names base classes|the first classes"),
    "no class": (table(0), "claims 0 classes"),
    "one class": (table(1), "claims 1 classes"),
    "too many classes": (table(65_536), "claims 65536 classes"),
    "classes without end": (table(0xFFFF_FFFF), "claims 4294967295 classes"),
    "classes up to the end of memory": (table(16_380), "claims 16380 classes and ends outside memory"),
    "another first class": (table(None, 0x4102), "names base classes|the first classes"),
    "another second class": (table(None, None, 0x4102), "names base classes|the first classes"),
    "another third class": (table(None, None, None, 0x4102), "the first classes of the type table are not"),
    "the table of asc 0.9": (
        table(5, 0x10, 0, 0x10, 0, 0x10, 0, 0x2082, 2, 0x2082, 2),
        "the type table is that of asc 0.7 to 0.9|strings are objects of run-time id 1 by the type table",
    ),
    "the table of asc 0.17": (
        table(5, 0x20, 0, 0x20, 0, 0x20, 0, 0x4102, 2, 0x4102, 2),
        "the type table is that of asc 0.17|strings are objects of run-time id 1 by the type table",
    ),
}
OF_OTHERS: dict[Compiler, tuple[Callable[[Editor], None], str]] = {
    "modern": (like_old, "strings are objects of run-time id 1 by the type table, and of 2 in memory"),
    "classic": (like_new, "strings are objects of run-time id 2 by the type table, and of 1 in memory"),
}


def refused(binary: bytes, reason: str, *, used: bool = False) -> bytes:
    """Make sure that a binary is refused for a reason; the memory that it has left."""
    memory = new_memory(used=used)
    with pytest.raises(BindError, match=reason) as caught:
        bind(binary, memory, limits=Limits(timeout=10))
    assert all(found.fix for found in caught.value.mismatches)
    return content(memory)


@each_compiler
def test_what_nobody_has_changed(compiler: Compiler) -> None:
    """Taken apart and put together a binary is the same, and does all that it should."""
    data = original(compiler)
    assert Editor(data).assemble() == data
    check_calling(bind(data, new_memory()))
    assert image(data) != bytes(1 << 16)  # so that to be equal to it says something


@each_compiler
@pytest.mark.parametrize("name", EXPORTS)
def test_exports(compiler: Compiler, name: str) -> None:
    """Exports that are not what the runtime's are refuse the binary; the module is not even instantiated."""
    change, reason = EXPORTS[name]
    editor = Editor(original(compiler))
    change(editor)
    assert not any(refused(editor.assemble(), reason))


@each_compiler
def test_numbers_without_a_runtime(compiler: Compiler) -> None:
    """What is not exported is not missed by what does not need it, as in a binary compiled without --exportRuntime."""

    class Numbers(
        AscModule,
        wasm=Editor(original(compiler)).drop("__new", "__pin", "__unpin", "__collect", "__rtti_base").assemble(),
    ):
        counter: i32

        def add(self, a: i32, b: i32) -> i32: ...

    numbers = Numbers(imports={"host": {"name": lambda: 0}})
    assert (numbers.counter, numbers.add(2, 3)) == (7, 5)


@each_compiler
@pytest.mark.parametrize("name", TABLES)
def test_type_tables(compiler: Compiler, name: str) -> None:
    """A type table that is none, or that exports contradict, is refused; memory is as the start function left it."""
    change, reason = TABLES[name]
    editor = Editor(original(compiler))
    change(editor)
    assert refused(editor.assemble(), reason) == image(editor.assemble())


@each_compiler
def test_tables_of_other_collectors(compiler: Compiler) -> None:
    """The exports of asc 0.19 and 0.28 are alike, their tables not: the strings in memory tell whose table it is."""
    change, reason = OF_OTHERS[compiler]
    editor = Editor(original(compiler))
    change(editor)
    assert refused(editor.assemble(), reason) == image(editor.assemble())


@each_compiler
def test_allocators_that_are_none(compiler: Compiler) -> None:
    """A function of the right type that makes no object is found out by the first one, which nobody writes to."""
    editor = Editor(original(compiler)).retarget("__new", "add")
    assert refused(editor.assemble(), "where no object can lie|but its header says") == image(editor.assemble())


@each_compiler
def test_pins_that_are_none(compiler: Compiler) -> None:
    """A function of the right type that gives something else than it got is not `__pin`."""
    binary = Editor(original(compiler, "--runtime", "minimal")).retarget("__pin", "hello").assemble()
    left = refused(binary, "pinning the object at 0x[0-9a-f]+ gave 0x[0-9a-f]+ instead of its address", used=True)
    size = COMPARTMENT * COMPARTMENTS
    assert left == image(binary, lambda new, pin: pin(new(size, STRING_IDS[compiler] - 1)))


@pytest.mark.parametrize(
    ("compiler", "allocate", "other", "reason"),
    [
        ("0.17", "__new", "__alloc", r"its header is not one of 16 bytes"),
        ("0.10", "__alloc", "__new", r"its header is not one of 20 bytes"),
    ],
)
def test_allocators_of_other_versions(compiler: Compiler, allocate: str, other: str, reason: str) -> None:
    """Run-time id and size stand in the same place for all versions; what is before them tells the header's length."""
    with pytest.raises(BindError, match=reason):
        bind(Editor(original(compiler, shared=False)).rename(allocate, other).assemble(), base=Variant)


@pytest.mark.parametrize("compiler", ["0.10", "0.17"])
def test_counting_that_is_none(compiler: Compiler) -> None:
    """What gives back its argument and counts nothing, or too much, is not `__retain`."""
    editor = Editor(original(compiler, shared=False)).retarget("__retain", "Line#get:next")
    with pytest.raises(BindError, match=r"gave 0x[0-9a-f]+ instead of its address|made the count"):
        bind(editor.assemble(), base=Variant)


@pytest.mark.parametrize(
    ("compiler", "name", "found"),
    [
        ("0.17", "__alloc", r"needs __alloc \(i32, i32\) -> i32, found \(i32, i32\) -> void"),
        ("0.17", "__setArgumentsLength", r"needs __setArgumentsLength \(i32\) -> void, found \(i32, i32\)"),
        ("0.10", "__setArgumentsLength", r"needs __setArgumentsLength \(i32\) -> void, found \(i32, i32\)"),
    ],
)
def test_runtimes_without_declarations(compiler: Compiler, name: str, found: str) -> None:
    """`Module` says what has another type, and does not take the runtime for missing."""
    binary = Editor(original(compiler, shared=False)).rename("Line#set:next", name).assemble()
    with pytest.raises(BindError, match=found):
        Module(binary, imports={"host": {"name": lambda: 0}})


def test_setters_that_do_more() -> None:
    """A function of the right type that does more than to set a global is never told the number of arguments."""
    binary = Editor(original("0.17", shared=False)).alias("__release", "__setArgumentsLength").assemble()
    with pytest.raises(BindError, match="sets a global to its argument, found a function that does more"):
        bind(binary, base=Variant)


@each_compiler
@pytest.mark.parametrize("runtime", ["incremental", "minimal", "stub"])
def test_tables_without_known_texts(compiler: Compiler, runtime: str) -> None:
    """Where no message of the runtime is left, other static objects tell whose table it is."""
    source = (
        "export function hello(who: string): string { return who + '!'; } export function none(a: string[]): void {}"
    )
    options = ("-O3", "--noAssert", "--use", "abort=", "--runtime", runtime)
    editor = Editor(compile_asc(source, *options, compiler=compiler).read_bytes())
    OF_OTHERS[compiler][0](editor)
    with pytest.raises(BindError, match=r"memory has a static object of run-time id|strings are objects of"):
        Module(editor.assemble())


@each_compiler
@pytest.mark.parametrize("word", [-2, -1, 0])
@pytest.mark.parametrize("value", [0, 1, 3, 7, 0x7FFF_FFFF, 0xFFFF_FFF0, 0xFFFF_FFFF])
def test_headers_of_static_objects(compiler: Compiler, word: int, value: int) -> None:
    """Whatever the header of a string claims, calls that use it work or end in typed errors."""
    editor = Editor(original(compiler))
    address = editor.static_texts(STRING_IDS[compiler])["hello, "]
    editor.set_word(address + 4 * word, value)
    met = outcome(editor.assemble())
    typed = {"AbortError", "BindError", "InstanceError", "TrapError", "LiftError", "LowerError"}
    assert {error.__name__ for error in met} <= typed


@pytest.mark.parametrize("compiler", ["classic", "0.17"])
def test_setters_of_another_type(compiler: Compiler) -> None:
    """A setter that is none is found before a field is written."""
    editor = Editor(original(compiler)).swap("Line#set:s", "total")
    refused(
        editor.assemble(), r"Line\.s: declared a field, whose setter is \(i32, i32\) -> void, found a setter \(i32\)"
    )


@pytest.mark.parametrize("compiler", ["modern", "oldest", "classic", "0.17", "0.10"])
def test_at_random(compiler: Compiler) -> None:
    """In a process of its own hundreds of doctored binaries neither crash it nor hang it: all errors are typed."""
    run_apart("doctored_runtime", f"rampage({compiler!r}, 2020, 150)")


def test_at_random_with_a_schema() -> None:
    """The same where the schema says what the binary does not any more."""
    run_apart("doctored_runtime", "rampage('modern', 2021, 150, transform=True)")
