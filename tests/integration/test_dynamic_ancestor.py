"""What the ancestor of the project could do and wanted to do, with every kind of binary."""

import gc
import typing
from pathlib import Path
from typing import Any

import pytest

from tests.compiling import compile_asc
from tests.integration.dynamic_modules import ALL, BARE, CLASSES, STOCK, Variant, load, variants
from wasmbind import (
    AscClass,
    AscObject,
    HandleError,
    InstanceError,
    LiftError,
    Module,
    OpaqueValue,
    auto_resolve,
    i32,
    u32,
    wrap_opaque,
)

#: As code of old has it.
List: Any = typing.List  # noqa: UP006 - see above

HELLO = """
export function helloworld(name: string): string { return "hello, " + name; }
export function same(s: string): string { return s; }
export function reverseBytes(input: ArrayBuffer): ArrayBuffer { return Uint8Array.wrap(input).reverse().buffer; }
export function sum(a: i32, b: i32): i32 { return a + b; }
"""
DIRECTORY = "export class Directory { constructor(public size: i32) {} }"
FILES = """
export class Line { constructor(public s: string) {} }
export class File {
  public lines: Line[] = [];
  constructor() {}
  addLine(line: Line): i32 { this.lines.push(line); return this.lines.length; }
}
"""
FOO = """
export class Foo { constructor() {} public bar: i32 = 42; }
export function getFoo(): Foo { return new Foo(); }
"""
LISTS = """
export class Foo { constructor(public x: u32) {} }
export function getS(): string { return "foo"; }
export function getBytes(): u8[] { return [1, 2, 6]; }
export function getFoos(): Foo[] { return [new Foo(1), new Foo(4), new Foo(8)]; }
"""
ARRAYS = """
export class Foo { constructor(public x: i32) {} }
export const Bytes = idof<Array<u8>>();
export const Strings = idof<string[]>();
export const Foos = idof<Foo[]>();
export const NoArray = idof<Foo>();
export function sum(arg: u8[]): i32 { let all = 0; for (let i = 0; i < arg.length; i++) all += arg[i]; return all; }
export function getItem(data: Foo[], index: i32): i32 { return data[index].x; }
export function joined(words: string[]): string { return words.join("-"); }
"""


@variants(ALL)
class TestStrings:
    """Strings and buffers, copied both ways."""

    def test_strings(self, variant: Variant) -> None:
        """A str becomes a string, and a string a str."""
        assert load(variant, HELLO).helloworld("michael", as_=str) == "hello, michael"

    def test_empty_string(self, variant: Variant) -> None:
        """An empty string comes back as one."""
        assert load(variant, HELLO).same("", as_=str) == ""

    def test_buffers(self, variant: Variant) -> None:
        """The Python bytes stay as they were."""
        given = b"\1\2\3"
        assert load(variant, HELLO).reverseBytes(given, as_=bytes) == b"\3\2\1"
        assert given == b"\1\2\3"

    def test_functions(self, variant: Variant) -> None:
        """Numbers need no hint."""
        assert load(variant, HELLO).sum(1, 2) == 3


@variants(CLASSES)
class TestObjects:
    """Classes with constructors, properties and methods."""

    def test_properties(self, variant: Variant) -> None:
        """A field is read and written."""
        directory = load(variant, DIRECTORY).Directory(3)
        assert directory.size == 3
        directory.size = 10
        assert directory.size == 10

    def test_initialised_fields(self, variant: Variant) -> None:
        """A constructor initialises fields."""
        foo = load(variant, FOO).Foo()
        assert foo.bar == 42
        foo.bar = 13
        assert foo.bar == 13

    def test_typed_fields(self, variant: Variant) -> None:
        """A schema tells the types of fields; where there is none, a registry does."""
        source = "export class Line { constructor(public s: string, public only: bool = true) {} }"
        registry = {} if variant == "schema" else {"Line": {"s": str, "only": bool}}
        line = load(variant, source, class_registry=registry).Line("first")
        assert (line.s, line.only) == ("first", True)
        line.s = "second"
        assert repr(line) == "Line(s='second', only=True)"

    def test_returned_objects(self, variant: Variant) -> None:
        """A returned object becomes one of its class."""
        module = load(variant, FOO)
        foo = module.getFoo(as_=module.Foo)
        assert foo.bar == 42
        assert isinstance(foo, module.Foo)

    def test_objects_as_arguments(self, variant: Variant) -> None:
        """Objects are passed to methods."""
        module = load(variant, FILES)
        file = module.File()
        assert file.addLine(module.Line("line 1")) == 1
        assert file.addLine(module.Line("line 2")) == 2
        with pytest.raises(InstanceError, match="belongs to another instance"):
            file.addLine(load(variant, FILES).Line("line 3"))

    def test_generic_classes(self, variant: Variant) -> None:
        """A class that derives from Map is complete."""
        module = load(variant, "export class StringMap extends Map<string, string> {}")
        words = module.StringMap()
        words.set("one", "eins")
        words.set("two", "zwei")
        assert words.size == 2
        assert words.has("one") == 1
        assert words.get("two", as_=str) == "zwei"
        assert sorted(module.resolve(words.keys())) == ["one", "two"]
        assert sorted(module.resolve(words.values())) == ["eins", "zwei"]
        words.delete("one")
        assert words.size == 1
        words.clear()
        assert words.size == 0

    def test_addresses(self, variant: Variant) -> None:
        """An object has an address, and its class makes the object of it again."""
        module = load(variant, FOO)
        foo = module.Foo()
        pointer = module.get_pointer(foo)
        assert module.get_pointer(pointer) == pointer
        assert module.Foo.wrap(pointer) == foo
        with pytest.raises(LiftError):
            module.Foo.wrap(3)


@variants(STOCK)
def test_a_reference_is_a_number(variant: Variant) -> None:
    """Without a hint a reference stays the address that it is."""
    module = load(variant, f"{FOO} export class Numbers {{ constructor() {{}} get(): u32[] {{ return [9, 3, 1]; }} }}")
    assert isinstance(module.getFoo(), int)
    assert isinstance(module.Numbers().get(), int)


@variants(STOCK)
def test_concrete_generics(variant: Variant) -> None:
    """The generics that a binary exports are reached by the names that AssemblyScript gives them."""
    module = load(
        variant,
        """
        export { Map };
        export function getMap(): Map<string, i32> { let m = new Map<string, i32>(); m.set("a", 1); return m; }
        export function look(m: Map<string, i32>): i32 { return m.size + m.get("a"); }
        """,
    )
    cls = module["Map<string,i32>"]
    assert cls == module["Map<~lib/string/String,i32>"] == module.Map_string_i32
    found = module.getMap(as_=cls)
    assert found.get("a") == 1
    assert cls().size == 0
    assert module.resolve(module.getMap()) == {"a": 1}
    assert module.look({"a": 4}) == 5


class TestResolve:
    """Addresses become values: by a hint, or by what the object's header says."""

    @variants(ALL)
    def test_strings(self, variant: Variant) -> None:
        """A string is told by its header."""
        module = load(variant, LISTS)
        assert module.resolve(module.getS()) == "foo"

    @variants(ALL)
    def test_integers(self, variant: Variant) -> None:
        """An array is told, and the type of its elements."""
        module = load(variant, LISTS)
        assert module.resolve(module.getBytes()) == [1, 2, 6]

    @variants(CLASSES)
    def test_objects(self, variant: Variant) -> None:
        """A list of objects of a class."""
        module = load(variant, LISTS)
        found = module.resolve(module.getFoos(), as_=List[module.Foo])
        assert [foo.x for foo in found] == [1, 4, 8]

    @variants(CLASSES)
    def test_no_hint_at_all(self, variant: Variant) -> None:
        """Run-time type information does away with hints."""
        module = load(variant, LISTS, value_handler=auto_resolve)
        assert module.getS() == "foo"
        assert module.getBytes() == [1, 2, 6]
        assert [foo.x for foo in module.getFoos()] == [1, 4, 8]

    @variants(CLASSES)
    def test_wrapped(self, variant: Variant) -> None:
        """Every result is opaque, and says what it is when it is asked."""
        module = load(variant, LISTS, value_handler=wrap_opaque)
        assert module.getS().native() == "foo"
        assert module.getS().as_(str) == "foo"
        assert [foo.as_(module.Foo).x.native() for foo in module.getFoos().as_(list[object])] == [1, 4, 8]

    @variants(CLASSES)
    def test_class_registry(self, variant: Variant) -> None:
        """Types of results are given once."""
        module = load(variant, LISTS, class_registry={"getS": str, "getBytes": list[int], "getFoos": "list[Foo]"})
        assert module.getS() == "foo"
        assert module.getBytes() == [1, 2, 6]
        assert [foo.x for foo in module.getFoos()] == [1, 4, 8]

    @variants(CLASSES)
    def test_declared_classes(self, variant: Variant) -> None:
        """Classes are declared in Python, with types."""

        class Foo(AscClass):
            x: u32

            def __init__(self, x: u32) -> None: ...

        module = load(variant, LISTS, class_registry={"Foo": Foo, "getFoos": "list[Foo]"})
        assert [foo.x for foo in module.getFoos()] == [1, 4, 8]
        assert type(module.Foo(5)) is Foo


@variants(CLASSES)
def test_run_time_type_information(variant: Variant) -> None:
    """A class knows its base."""
    module = load(
        variant,
        """
        export class Foo { constructor() {} }
        export class Bar extends Foo { constructor() { super(); } }
        """,
    )
    foo, bar = module.get_type_of(module.Foo()), module.get_type_of(module.get_pointer(module.Bar()))
    assert bar.base_id == foo.id
    assert bar.id != foo.id
    assert (foo.name, bar.name) == ("Foo", "Bar")
    assert foo.flags == bar.flags


class TestArrays:
    """Arrays that Python makes."""

    @variants(ALL)
    def test_numbers(self, variant: Variant) -> None:
        """An array is indexed, sliced and passed, and what Python changes the module sees."""
        module = load(variant, ARRAYS)
        array = module.alloc_array(module.Bytes, [1, 2, 3])
        assert array[0] == 1
        assert array[1:3] == [2, 3]
        assert module.sum(array) == 6
        array[1:3] = [8, 5]
        assert module.sum(array) == 14

    @variants(BARE)
    def test_strings(self, variant: Variant) -> None:
        """An array holds its strings."""
        module = load(variant, ARRAYS)
        array = module.alloc_array(module.Strings, ["sdf", "foo"])
        module.collect()
        assert array.as_(list[str])[0] == "sdf"
        assert array[0].as_(str) == "sdf"
        assert array[1].as_(str) == "foo"
        assert module.joined(array, as_=str) == "sdf-foo"

    @variants(CLASSES)
    def test_references(self, variant: Variant) -> None:
        """An array holds objects."""
        module = load(variant, ARRAYS)
        array = module.alloc_array(module.Foos, [module.Foo(3), module.Foo(4)])
        module.collect()
        assert array[0].as_(module.Foo).x == 3
        assert len(array) == 2
        assert module.getItem(array, 0) == 3
        assert module.getItem(array, 1) == 4

    @variants(CLASSES)
    def test_no_array(self, variant: Variant) -> None:
        """The run-time id of another class makes no array."""
        module = load(variant, ARRAYS)
        with pytest.raises(TypeError, match="not that of an array"):
            module.alloc_array(module.NoArray, [1, 2, 3])

    @variants(ALL)
    def test_found_types(self, variant: Variant) -> None:
        """The type table has only one array that fits."""
        module = load(variant, ARRAYS)
        assert module.sum(module.alloc_array(None, [1, 2, 3])) == 6
        assert module.sum([4, 5]) == 9

    @variants(ALL)
    def test_returned_arrays_are_held(self, variant: Variant) -> None:
        """An array that the module made lives as long as Python has it."""
        module = load(variant, "export function getFoo(): i32[] { return [1, 4]; }", value_handler=auto_resolve)
        array = module.getFoo()
        module.collect()
        assert array == [1, 4]


class TestLifetimes:
    """Objects live as long as Python refers to them."""

    @variants(["0.10", "0.17"])
    def test_counts(self, variant: Variant) -> None:
        """Where references are counted, the counts can be read and changed."""
        module = load(variant, FOO)
        foo = module.Foo()
        pointer = module.get_pointer(foo)
        assert module.get_refcount_of(pointer) == 1
        module.retain(pointer)
        assert module.get_refcount_of(foo) == 2
        module.release(pointer)
        assert module.get_refcount_of(foo) == 1

    @variants(["0.10", "0.17"])
    def test_counts_of_elements(self, variant: Variant) -> None:
        """An array counts what it holds, and Python's handles count besides."""
        module = load(variant, ARRAYS)
        array = module.alloc_array(module.Strings, ["sdf", "foo"])
        element = array[0]
        assert module.get_refcount_of(element) >= 2
        for each in (array, element):
            count = module.get_refcount_of(each)
            module.retain(each)
            assert module.get_refcount_of(each) == count + 1
            module.release(each)
            assert module.get_refcount_of(each) == count

    @variants(["classic", "schema"])
    def test_nothing_counts(self, variant: Variant) -> None:
        """Where a collector runs, there is no count."""
        module = load(variant, FOO)
        with pytest.raises(InstanceError, match="counts no references"):
            module.get_refcount_of(module.Foo())

    @variants(CLASSES)
    def test_retained(self, variant: Variant) -> None:
        """A retained object lives without a Python object until it is released."""
        module = load(variant, FOO)
        foo = module.Foo()
        foo.bar = 7
        pointer = module.retain(foo)
        kept = module.Foo()  # the result that the instance holds until the next one
        del foo
        gc.collect()
        module.collect()
        assert module.resolve(pointer, as_=module.Foo).bar == 7
        module.release(pointer)
        gc.collect()
        module.collect()
        with pytest.raises(LiftError):
            module.resolve(pointer, as_=module.Foo)
        assert kept.bar == 42

    @variants(CLASSES)
    def test_released_with_the_python_object(self, variant: Variant) -> None:
        """The memory of an object that Python has let go is used again."""
        module = load(variant, FOO)
        foo = module.Foo()
        pointer = module.get_pointer(foo)
        kept = module.Foo()  # the result that the instance holds until the next one
        del foo
        gc.collect()
        module.collect()
        assert module.get_pointer(module.Foo()) == pointer
        assert kept.bar == 42


@variants(ALL)
def test_opaque_values(variant: Variant) -> None:
    """Python objects pass through as numbers: dicts are kept alive, what can be referred to weakly is not."""
    module = load(variant, "export function take(val: i32): i32 { return val; }")
    mapping = {"x": 1}
    assert module.take(module.register_opaque_value(mapping), as_=OpaqueValue) is mapping
    assert module.register_opaque_value({"y": 2}).id == 2

    class Foo:
        x = 1

    value = Foo()
    assert module.take(module.register_opaque_value(value), as_=OpaqueValue) is value
    wrapped = module.register_opaque_value(Foo())
    gc.collect()
    with pytest.raises(HandleError, match="expired"):
        module.take(wrapped, as_=OpaqueValue)
    narrow = load(variant, "export function take(val: u8): u8 { return val; }")
    assert narrow.take(narrow.register_opaque_value(mapping), as_=OpaqueValue) is mapping


@variants(ALL)
def test_imports(variant: Variant) -> None:
    """A module imports Python functions."""
    source = """
    @external("env", "twice") declare function twice(x: i32): i32;
    export function four(): i32 { return twice(2); }
    """

    def twice(x: i32) -> i32:
        return 2 * x

    assert load(variant, source, imports={"env": {"twice": twice}}).four() == 4


@variants(CLASSES)
def test_classes_without_a_constructor(variant: Variant) -> None:
    """A class that declares no constructor is made with its initialisers, where the binary exports how."""
    module = load(variant, "export class Plain { a: i32 = 4; b: string = 'x'; }")
    plain = module.Plain()
    assert plain.a == 4
    assert module.resolve(plain.b) == "x"


@variants(STOCK)
def test_handles(variant: Variant) -> None:
    """An object of a class that nothing tells is a handle, which can be passed back."""
    module = load(
        variant,
        """
        class Hidden { constructor(public x: i32) {} }
        export function make(x: i32): Hidden { return new Hidden(x); }
        export function look(h: Hidden): i32 { return h.x; }
        """,
    )
    handle = module.resolve(module.make(5))
    assert type(handle) is AscObject
    module.collect()
    assert module.look(handle) == 5
    assert handle == module.resolve(module.get_pointer(handle))


@pytest.mark.parametrize("kind", [str, Path, bytes])
def test_sources(kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module is given as a path from the current directory, or as bytes."""
    wasm = compile_asc(HELLO)
    monkeypatch.chdir(wasm.parent)
    source = wasm.read_bytes() if kind is bytes else kind(wasm.name)
    with Module(source) as module:
        assert module.sum(1, 2) == 3
        assert "inline" in repr(module) or kind is bytes
    with pytest.raises(InstanceError, match="closed"):
        module.sum(1, 2)
