"""Every binary interface of AssemblyScript since 0.9: the same declarations, on what each compiler makes.

By default a few compilers; `make matrix` runs all, and writes what it finds into docs/compatibility.md.
"""

# mypy: disable-error-code="empty-body"

import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.compiling import Compiler, compile_asc
from tests.integration.abi_expected import COMPILERS, EXPECTED, Interface
from tests.integration.abi_module import (
    Base,
    Box,
    Derived,
    Interfaces,
    Item,
    WithFunctions,
    binary_of,
    interfaces,
    noted,
    with_functions,
)
from wasmbind import AbortError, AscModule, BindError, InstanceError, Map, Module, i32, string, u32


@pytest.fixture(params=COMPILERS, scope="module")
def compiler(request: pytest.FixtureRequest) -> Compiler:
    """The compiler."""
    found: Compiler = request.param
    return found


@pytest.fixture
def module(compiler: Compiler) -> Iterator[Interfaces]:
    """An instance."""
    with interfaces(compiler)() as instance:
        yield instance


def test_interface(compiler: Compiler, record_property: Callable[[str, object], None]) -> None:
    """The interface is recognised from the binary alone."""
    uses_functions = EXPECTED[compiler].functions == "object"
    with (with_functions if uses_functions else interfaces)(compiler)() as module:
        abi = module.runtime.binding.abi
    found = Interface(abi.name, abi.asc, abi.header, abi.functions)
    for name, value in found._asdict().items():
        record_property(name, value)
    assert found == EXPECTED[compiler]


def test_without_declarations(compiler: Compiler) -> None:
    """`Module` does the same: functions with text, classes with their members, a list behind an address."""

    def unused(_: int) -> int:
        return 0

    hosts = {"find": unused, "note": unused, "shout": unused}
    module = Module(binary_of(compiler), imports={"inline": hosts})
    assert (module.hello("you", as_=str), module.add(2, 3)) == ("hello you", 5)
    base = module.Base("text", 3)
    base.wide = 2**40
    assert (base.half, base.wide, module.nameOf(base, as_=str)) == (3, 2**40, "text")
    items = module.resolve(module.items(3))
    for _ in range(3):
        module.litter(300)
        assert [item.n for item in items] == [0, 1, 2]
    assert module.keep(items[2], as_=module.Item).twice() == 4


def test_text(module: Interfaces) -> None:
    """Strings of every length, in and out, and null."""
    for text in ("", "a", "äöü", "\U0001f600", "\ud800", "x" * 511, "x" * 512, "x" * 513, "y" * 100_000):
        assert module.hello(text) == f"hello {text}"
        assert module.echo(text) == text
    assert module.echo(None) is None
    assert module.TITLE == "interfaces"


def test_classes(module: Interfaces) -> None:
    """Constructors, fields of every size, methods, accessors, statics, inheritance, identity."""
    base = module[Base]("first")
    assert (base.flag, base.small, base.wide, base.half, base.name, base.single, base.item, base.real) == (
        True, -8, -1, 7, "first", 0.5, None, 2.5,
    )  # fmt: skip
    base.flag, base.small, base.wide, base.half, base.single, base.real = False, 127, 2**40, 9, -1.5, 1e300
    assert (base.flag, base.small, base.wide, base.half, base.single, base.real) == (False, 127, 2**40, 9, -1.5, 1e300)
    base.name = "second"
    assert (base.title, module.nameOf(base)) == ("second!", "second")
    base.title = "third"
    assert base.name == "third"
    base.item = item = module[Item](4)
    assert base.item is item
    assert (item.twice(), item.next) == (8, None)
    base.item = None
    assert (base.item, item.n) == (None, 4)
    assert (Base.parse("parsed").name, module[Base].parse("again").half) == ("parsed", 3)
    derived = module[Derived]()
    assert (derived.kind(), derived.more, derived.name, module.nameOf(derived)) == ("derived", 9, "derived", "derived")
    adopted = module.adopt(True)
    assert (type(adopted), adopted.kind(), type(module.adopt(False))) == (Derived, "derived", Base)
    assert module.keep(item) is item


def test_globals_and_numbers(module: Interfaces) -> None:
    """Mutable globals of numbers and references, and optional arguments."""
    assert (module.add(1), module.add(1, 1), module.counter, module.current) == (4, 2, 5, None)
    module.counter = 6
    assert module.counter == 6
    item = module[Item](3)
    module.current = item
    del item
    module.litter(100)
    assert module.current is not None
    assert module.current.n == 3
    module.current = module[Item](4)
    module.litter(100)
    assert module.current.n == 4
    module.current = None
    assert module.current is None


def test_lists_and_maps_by_value(module: Interfaces) -> None:
    """Python collections are copied in and out."""
    assert module.join(["a", "", "bc", "x" * 3000]) == "abc" + "x" * 3000
    assert module.join([]) == ""
    items = [module[Item](n) for n in range(5)]
    assert module.total([*items, *items]) == 20
    assert [item.n for item in items] == list(range(5))
    assert module.lengths([["a", "b"], [], ["c"]]) == [2, 0, 1]
    assert module.sum([1, 2.5]) == 3.5
    assert module.bytes(4) == [0, 1, 2, 3]
    assert [item.n for item in module.items(4)] == [0, 1, 2, 3]
    texts = {f"key {n}" * (n % 7): n for n in range(300)}
    for key in list(texts)[::29]:
        assert module.get(texts, key) == texts[key]
    assert module.get({"a": 1}, "b") == -1
    assert module.textOf({"a": "1", "": "2"}, "") == "2"
    assert module.has({"a", "b"}, "b")
    assert module.squares(40) == {n: n * n for n in range(40)}


def test_live_arrays(module: Interfaces) -> None:
    """What Python does to an array is what AssemblyScript sees, and the other way round."""
    chance = random.Random(1)  # noqa: S311 - to be repeatable
    box, model = module[Box](), list[int]()
    for step in range(300):
        item = module[Item](step)
        match chance.randrange(8):
            case 0 | 1 | 2:
                box.items.append(item)
                model.append(step)
            case 3 if model:
                at = chance.randrange(len(model))
                assert box.items.pop(at).n == model.pop(at)
            case 4 if model:
                at = chance.randrange(len(model))
                box.items[at] = item
                model[at] = step
            case 5:
                box.items[1:3] = [item, item, item]
                model[1:3] = [step] * 3
            case 6 if len(model) > 30:
                del box.items[::3]
                del model[::3]
            case _:
                module.grow(box, 2)
                model += [0, 1]
        module.litter(3)
        assert [each.n for each in box.items] == model
        assert module.totalOf(box) == sum(model)
    box.items.clear()
    box.names.extend(["a", "b"])
    box.names[0] = "z"
    box.numbers = [1.5, 2]
    box.numbers.append(0.25)
    assert (module.totalOf(box), list(box.names), list(box.numbers)) == (0, ["z", "b"], [1.5, 2, 0.25])


def test_live_maps(module: Interfaces) -> None:
    """Both sides find what the other has put into maps and sets, whatever the keys are."""
    chance = random.Random(2)  # noqa: S311 - to be repeatable
    box, model = module[Box](), dict[str, int]()
    for step in range(400):
        key, item = str(chance.randrange(40)), module[Item](step)
        match chance.randrange(6):
            case 0 | 1:
                box.byName[key] = item
                model[key] = step
            case 2:
                module.put(box, key, step)
                model[key] = step
            case 3 if model:
                key = chance.choice(list(model))
                assert box.byName.pop(key).n == model.pop(key)
            case 4 if model:
                found, value = box.byName.popitem()
                assert (found, value.n) == model.popitem()
            case _:
                if chance.random() < 0.1:
                    box.byName.clear()
                    model.clear()
        module.litter(3)
        assert module.itemNamed(box, key) == model.get(key, -1)
        number, real, byte = chance.randrange(-999, 999), chance.random() - 0.5, chance.randrange(-128, 128)
        box.byNumber[number], box.byReal[real], box.byByte[byte] = step, step, key
        assert (module.numberAt(box, number), module.realAt(box, real), module.byteAt(box, byte)) == (step, step, key)
        box.byItem[item] = step
        box.halves.add(200 * byte)
        word = "w" * chance.randrange(40)
        (box.words.add if step % 3 else box.words.discard)(word)
        assert (module.rankOf(box, item), module.hasHalf(box, 200 * byte)) == (step, True)
        assert module.hasWord(box, word) == (word in box.words) == bool(step % 3)
        if step % 2:
            del box.byItem[item]
            assert module.rankOf(box, item) == -1
        assert {name: each.n for name, each in box.byName.items()} == model


def test_host_functions(module: Interfaces) -> None:
    """Strings and objects go to Python and back; what a host function raises ends the call."""
    assert (module.ask("abc"), module.ask("none"), module.loud("a")) == (3, -1, "AB")
    module.current = module[Item](77)
    assert module.ask("current") == 77
    assert module.loud("nested") == "hello nestedB"
    noted.clear()
    for n in range(50):
        assert module.tell(n) == n
        module.litter(3)
    assert [item.n for item in noted] == list(range(50))
    noted.clear()
    for _ in range(20):
        with pytest.raises(KeyError):
            module.loud("raise")
    assert module.loud("x") == "XB"


def test_function_values(compiler: Compiler) -> None:
    """Callables and AssemblyScript's own functions, where these are objects; else binding says that they are not."""
    check_function_values(with_functions(compiler), compiler)


def check_function_values(cls: type[WithFunctions], compiler: Compiler) -> None:
    """Use function values of what a compiler has made, where there are any."""
    if EXPECTED[compiler].functions != "object":
        with pytest.raises(BindError, match=r"a function value, which is an object.*index.*\n.*asc 0\.14 or later"):
            cls()
        return
    with cls() as module:
        assert module.call(lambda a: a + 1, 4) == 5
        assert module.mapped(["a", "b"], str.upper) == ["A", "B"]
        assert module.made(lambda n: module[Item](10 * n)) == 30
        double = module.double()
        assert (double(21), module.call(double, 8)) == (42, 16)
        module.store(lambda text: text + "!")
        assert [module.run(str(n)) for n in range(3)] == ["0!", "1!", "2!"]


def test_function_values_that_nothing_tells() -> None:
    """A field at offset 0 is called by the same optimised code as a function object: neither is taken for the other."""
    source = """
    export class A { f: (x: i32) => i32; constructor(f: (x: i32) => i32) { this.f = f; } }
    export function call(f: (x: i32) => i32, x: i32): i32 { return new A(f).f(x); }"""

    class Calls(AscModule, wasm=compile_asc(source, "-O2", "--exportTable", compiler="0.10")):
        def call(self, f: Callable[[i32], i32], x: i32) -> i32: ...

    with pytest.raises(BindError, match=r"a function value.*nothing that tells.*\n.*use one of the module's own"):
        Calls().call(lambda x: x + 1, 2)


def test_hashes_that_nothing_tells() -> None:
    """A program with a hash of its own that is that of older maps: its maps are not used with the wrong one."""
    source = """
    let words = new Map<string, i32>();
    export function all(): Map<string, i32> { words.set("a", 1); return words; }
    export function fnv(n: i32): u32 { return (2166136261 ^ n) * 16777619; }"""

    class Maps(AscModule, wasm=compile_asc(source, compiler="classic")):
        def all(self) -> Map[string, i32]: ...
        def fnv(self, n: i32) -> u32: ...

    with pytest.raises(BindError, match=r"a Map or Set, whose keys are hashed, found the hashes of asc 0\.18\.0"):
        Maps().all()["a"] = 2


def test_errors_leave_the_instance_whole(module: Interfaces) -> None:
    """After an abort it goes on; after the end it says so."""
    item = module[Item](1)
    for _ in range(100):
        with pytest.raises(AbortError, match="no good"):
            module.fail("no good")
        with pytest.raises(TypeError):
            module.join(["a", 1])  # type: ignore[list-item]  # the mistake that is tested
        with pytest.raises(TypeError):
            module.total([item, None])  # type: ignore[list-item]  # the same
    assert (module.fail("x"), module.join(["a", "b"]), module.total([item])) == ("x", "ab", 1)
    module.runtime.close()
    with pytest.raises(InstanceError):
        module.hello("x")
    with pytest.raises(InstanceError):
        _ = item.n


def test_objects_survive(module: Interfaces) -> None:
    """What Python holds is there after garbage and collections, and so is what that refers to."""
    kept = [module[Base](f"base {n}") for n in range(200)]
    for n, base in enumerate(kept):
        base.item = module[Item](n)
    for _ in range(5):
        module.litter(3000)
        module.runtime.collect()
    assert [base.name for base in kept] == [f"base {n}" for n in range(200)]
    assert [base.item.n for base in kept if base.item is not None] == list(range(200))


def test_calls_from_inside_a_conversion(module: Interfaces) -> None:
    """Python code that runs while a list is made may call the module, and drop what it has given."""

    class Values:
        def __iter__(self) -> Iterator[Any]:
            for n in range(50):
                yield [module.hello(str(n)), "x"]
                module.litter(5)

    for _ in range(3):
        assert module.lengths(Values()) == [2] * 50  # type: ignore[arg-type]  # iterable is enough at run time


def test_threads(module: Interfaces) -> None:
    """Several threads make and drop objects of one instance."""
    failed: list[BaseException] = []

    def work(seed: int) -> None:
        try:
            for n in range(300):
                item = module[Item](n + seed)
                assert module.keep(item) is not None
                assert (module.hello(str(n)), item.n) == (f"hello {n}", n + seed)
        except BaseException as error:  # noqa: BLE001 - raised again below
            failed.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
