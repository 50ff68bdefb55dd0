"""Declarations and classes whose shape would corrupt memory if it were taken at its word."""

# mypy: disable-error-code="empty-body"

import weakref

import pytest

from tests.compiling import CompileAsc, Compiler
from wasmbind import AscClass, AscModule, BindError, DeclarationError, InstanceError, f64, i32, string

FIELDS = " ".join(f'n{index}: string = "";' for index in range(30))
SUBCLASS = f"""
export function make(): Names {{ return new Names(); }}
class Names extends Array<string> {{ {FIELDS} }}
class Junk {{ a: u64 = 0xdeadbee0deadbee0; b: u64 = 0xdeadbee0deadbee0; c: u64 = 0xdeadbee0deadbee0; }}
let kept: Array<string>[] = [];
let junk: Junk[] = [];
export function keep(a: string[]): void {{ kept.push(a); junk.push(new Junk()); }}
export function total(a: string[]): i32 {{ let n = 0; for (let i = 0; i < a.length; i++) n += a[i].length; return n; }}
"""


@pytest.mark.parametrize("compiler", ["modern", "classic"])
def test_a_class_derived_from_array(asc: CompileAsc, compiler: Compiler) -> None:
    """Lists and root slots survive collections where the type table cannot tell Array from a class derived from it."""

    class Module(AscModule, wasm=asc(SUBCLASS, compiler=compiler)):
        def keep(self, a: list[string]) -> None: ...
        def total(self, a: list[string]) -> i32: ...

    module = Module()
    for _ in range(300):
        module.keep(["a"])
    module.runtime.collect()
    assert module.total(["abc", "d"]) == 4


def test_a_field_that_nobody_can_place(asc: CompileAsc) -> None:
    """A field of a class that is not exported, derived from one that is, has no known offset and is refused."""
    source = """
    export class Base { a: i32 = 11; z: f64 = 2.5; }
    class Derived extends Base { b: i32 = 22; }
    export function make(): Derived { return new Derived(); }
    """

    class Base(AscClass):
        a: i32
        z: f64

    class Derived(Base):
        b: i32

    class Module(AscModule, wasm=asc(source, compiler="classic")):
        def make(self) -> Derived: ...

    with pytest.raises(BindError, match=r"Derived.b: declared i32, found no accessors"):
        Module()


def test_a_base_that_is_none(asc: CompileAsc) -> None:
    """A base that AssemblyScript's type table denies is a mismatch."""
    source = """
    export class C { x: i32 = 1; }
    export class D extends C { y: i32 = 2; }
    export class U { z: i32 = 3; b: f64 = 4; }
    export function make(): D { return new D(); }
    export function other(): U { return new U(); }
    """

    class U(AscClass):
        z: i32
        b: f64

    class D(U):
        y: i32

    class Module(AscModule, wasm=asc(source, compiler="classic")):
        def make(self) -> D: ...

    with pytest.raises(BindError, match="D: declared a subclass of U, found a class that does not derive from it"):
        Module()


def test_reserved_names() -> None:
    """A declaration cannot take the place of a member of AscModule."""

    class Module(AscModule, wasm=b"\0asm\1\0\0\0"):
        def close(self) -> None: ...

    with pytest.raises(DeclarationError, match=r'@export\("close"\)'):
        Module()


def test_functions_of_a_module_are_no_statics() -> None:
    """A module's function needs an instance."""

    class Module(AscModule, wasm=b"\0asm\1\0\0\0"):
        @staticmethod
        def add(a: i32, b: i32) -> i32: ...

    with pytest.raises(DeclarationError, match="without @staticmethod"):
        Module()


def test_the_start_function(asc: CompileAsc) -> None:
    """`start=` names the function that --exportStart made; a wrong name is a mismatch."""
    source = "function six(): i32 { return 6; } export let g: i32 = six() * 7; export function f(): void {}"
    wasm = asc(source, "--exportStart", "begin")

    class Module(AscModule, wasm=wasm, start="begin"):
        g: i32

    class Misspelt(AscModule, wasm=wasm, start="begn"):
        g: i32

    assert Module().g == 42
    with pytest.raises(BindError, match="did you mean 'begin'"):
        Misspelt()


def test_close_frees_the_store(asc: CompileAsc) -> None:
    """A closed instance holds no store, even while its module object and an object of it live."""

    class Line(AscClass):
        s: string

    source = 'export class Line { s: string = "x" }\nexport function f(): Line { return new Line(); }'

    class Module(AscModule, wasm=asc(source)):
        def f(self) -> Line: ...

    module = Module()
    line = module.f()
    native = weakref.ref(module.runtime.native)
    module.close()
    assert native() is None
    with pytest.raises(InstanceError, match="closed"):
        _ = line.s
