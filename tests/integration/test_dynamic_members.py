"""The attributes of a module without declarations: functions, classes, globals, enums and namespaces."""

import enum
import gc

import pytest
import wasmtime

from tests.compiling import Compiler, compile_asc
from tests.integration.dynamic_modules import ALL, BARE, CLASSES, STOCK, Variant, load, variants
from wasmbind import DeclarationError, InstanceError, LimitError, Limits, LowerTypeError, Module, auto_resolve, engine

MEMBERS = """
export enum Color { Red, Green = 5, None }
export namespace shapes {
  export function area(x: i32): i32 { return x * x; }
  export const SIDES: i32 = 4;
  export let count: i32 = 3;
}
export const LIMIT: i32 = 10;
export let level: i32 = 1;
export let title: string = "abc";
export let ratio: f64 = 0.5;
export function close(): i32 { return 77; }
export function resolve(): i32 { return 78; }
export function lambda(): i32 { return 79; }
export function nextLevel(): i32 { return ++level; }
export function getTitle(): string { return title; }
"""
CLASSES_SOURCE = """
export class Shape {
  static made: i32 = 0;
  private side: i32 = 1;
  constructor(public name: string = "shape", public x: i32 = 5) { Shape.made++; }
  area(): i32 { return 0; }
  scaled(by: i32, plus: i32 = 1): i32 { return this.x * by + plus; }
  get double(): i32 { return this.x * 2; }
  set only(v: i32) { this.x = v; }
  static unit(): Shape { return new Shape("unit", 1); }
}
export class Square extends Shape {
  constructor(x: i32) { super("square", x); }
  area(): i32 { return this.x * this.x; }
}
export function areaOf(shape: Shape): i32 { return shape.area(); }
export function some(big: bool): Shape { return big ? new Square(9) : new Shape(); }
export function opt(a: i32, b: i32 = 7): i32 { return a + b; }
export function all(a: i32 = 1, b: i32 = 2): i32 { return a + b; }
export function none(a: i32, b: i32): i32 { return a * b; }
export function callsOpt(a: i32): i32 { return opt(a) + opt(a, 1); }
"""


@variants(STOCK)
def test_completion(variant: Variant) -> None:
    """`dir()` gives all that is exported, and what a `Module` itself has."""
    found = dir(load(variant, MEMBERS))
    for name in ("Color", "shapes", "LIMIT", "level", "title", "ratio", "close_", "resolve_", "lambda_", "nextLevel"):
        assert name in found
    assert {"close", "resolve", "alloc_array", "runtime"} <= {*found}
    assert not [name for name in found if name.startswith("_") and not name.startswith("__")]
    shapes = load(variant, MEMBERS).shapes
    assert dir(shapes) == ["SIDES", "area", "count"]


@variants([*STOCK, "schema"])
def test_names_that_are_taken(variant: Variant) -> None:
    """Members of `Module` itself and keywords are reached by another name, or by the export's."""
    module = load(variant, MEMBERS)
    assert (module.close_(), module.resolve_(), module.lambda_()) == (77, 78, 79)
    assert module["close"]() == 77
    module.close()
    with pytest.raises(InstanceError, match="closed"):
        module.close_()


@variants(ALL)
def test_globals(variant: Variant) -> None:
    """Globals are read as they are now, and assigned."""
    module = load(variant, MEMBERS)
    assert module.LIMIT == 10
    assert module.ratio == 0.5
    assert module.nextLevel() == module.level == 2
    module.level = 5
    assert module.nextLevel() == 6
    module.title = "other"
    module.collect()
    assert module.getTitle(as_=str) == "other"
    assert module.resolve(module.title) == "other"
    for name in ("LIMIT", "nextLevel", "nothing"):
        with pytest.raises(AttributeError):
            setattr(module, name, 1)


@variants(BARE)
def test_resolved_globals(variant: Variant) -> None:
    """Globals are results as those of functions are."""
    module = load(variant, MEMBERS, value_handler=auto_resolve)
    assert (module.title, module.level) == ("abc", 1)
    module.title = "new"
    assert module.title == "new"
    assert load(variant, MEMBERS, class_registry={"title": str}).title == "abc"


@variants(ALL)
def test_enums(variant: Variant) -> None:
    """An enum is an `IntEnum`."""
    module = load(variant, MEMBERS)
    color = module.Color
    assert [member.value for member in color] == [0, 5, 6]
    assert color.Green == 5
    assert module["Color.Green"] is color.Green
    assert color.None_ == 6
    assert issubclass(color, enum.IntEnum)


@variants([*STOCK, "schema"])
def test_namespaces(variant: Variant) -> None:
    """What a namespace exports is reached by its names."""
    module = load(variant, MEMBERS)
    assert module.shapes.area(3) == 9
    assert module["shapes.area"](2) == 4
    assert module.shapes.SIDES == 4
    assert module.shapes.count == 3
    module.shapes.count = 8
    assert module.shapes.count == 8
    with pytest.raises(AttributeError, match="no member 'volume'"):
        _ = module.shapes.volume
    with pytest.raises(AttributeError):
        module.shapes.area = 1
    assert repr(module.shapes) == "<namespace shapes>"


@variants(ALL)
def test_missing(variant: Variant) -> None:
    """What there is not is an error that knows what was meant."""
    module = load(variant, MEMBERS)
    with pytest.raises(AttributeError, match="did you mean 'getTitle'"):
        _ = module.get_title
    with pytest.raises(KeyError, match="volume"):
        _ = module["volume"]
    assert not hasattr(module, "__wrapped__")


@variants(CLASSES)
def test_classes(variant: Variant) -> None:
    """Constructors, methods, accessors, statics, inheritance and virtual calls."""
    module = load(variant, CLASSES_SOURCE)
    shape, square = module.Shape("s", 2), module.Square(3)
    assert issubclass(module.Square, module.Shape)
    assert isinstance(square, module.Shape)
    assert (shape.area(), square.area(), module.areaOf(square)) == (0, 9, 9)
    assert (shape.double, shape.scaled(10)) == (4, 21)
    with pytest.raises(AttributeError):
        shape.double = 5
    shape.set_only(6)
    assert shape.x == 6
    assert module.Shape.made == 2
    assert module.Shape.unit(as_=module.Shape).x == 1
    found = [module.some(big, as_=module.Shape) for big in (True, False)]
    assert [type(each).__name__ for each in found] == ["Square", "Shape"]
    assert [each.area() for each in found] == [81, 0]
    assert module["Shape"] == module.Shape
    assert "made" in dir(module.Shape)
    with pytest.raises(AttributeError, match="no static field"):
        module.Shape.other = 1


@variants(ALL)
def test_optional_arguments(variant: Variant) -> None:
    """AssemblyScript's defaults are taken where it has one; everything else has to be given."""
    module = load(variant, CLASSES_SOURCE)
    assert (module.opt(1), module.opt(1, 2)) == (8, 3)
    assert (module.all(), module.all(3), module.all(3, 5)) == (3, 5, 8)
    assert module.callsOpt(1) == 10
    for function, arguments in ((module.opt, ()), (module.none, (1,)), (module.callsOpt, ()), (module.opt, (1, 2, 3))):
        with pytest.raises(TypeError, match="argument"):
            function(*arguments)


@variants(CLASSES)
def test_optional_arguments_of_members(variant: Variant) -> None:
    """The same for constructors and methods."""
    module = load(variant, CLASSES_SOURCE)
    assert [module.Shape().x, module.Shape("a").x, module.Shape("a", 3).x] == [5, 5, 3]
    assert (module.Shape().scaled(2), module.Shape().scaled(2, 2)) == (11, 12)
    with pytest.raises(TypeError, match="argument"):
        module.Shape().scaled()
    with pytest.raises(TypeError, match="argument"):
        module.Square()


def test_no_runtime() -> None:
    """A module that exports no runtime takes and gives numbers, and says what references would need."""
    module = Module(
        bytes(
            wasmtime.wat2wasm("""(module
      (func (export "sum") (param i32 i64 f32 f64) (result f64) (local.get 3))
      (func (export "same") (param i32) (result i32) (local.get 0))
      (func (export "two") (result i32 i32) (i32.const 1) (i32.const 2))
      (func (export "vector") (param v128)))""")
        )
    )
    assert module.sum(1, 2, 3, 4.5) == 4.5
    assert module.same(None) == 0
    with pytest.raises(LowerTypeError, match="exportRuntime"):
        module.same("x")
    with pytest.raises(TypeError, match=r"exportRuntime|no __new"):
        module.same(1, as_=str)
    with pytest.raises(DeclarationError, match="returns 2 values"):
        _ = module.two
    with pytest.raises(DeclarationError, match="takes a value of type"):
        _ = module.vector


def test_compiled_modules() -> None:
    """A `wasmtime.Module` will do, where wasmbind's engine has compiled it."""
    compiled = wasmtime.Module(engine(), compile_asc(CLASSES_SOURCE, compiler="classic").read_bytes())
    module = Module(compiled)
    assert module.Square(3).area() == 9
    assert module.opt(1) == 8


def test_limits() -> None:
    """Limits hold as for declared modules."""
    module = load("modern", "export function forever(): void { while (true) {} }", limits=Limits(timeout=0.2))
    with pytest.raises(LimitError):
        module.forever()


def test_not_a_source() -> None:
    """What is no binary is refused."""
    with pytest.raises(TypeError):
        Module(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - what the test is about
    with pytest.raises(TypeError, match="cannot read"):
        Module("nowhere.wasm")
    with pytest.raises(TypeError, match="value_handler= takes"):
        Module("nowhere.wasm", value_handler="auto")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the same


def _instance(store: wasmtime.Store, source: str, compiler: Compiler) -> wasmtime.Instance:
    compiled = wasmtime.Module(store.engine, compile_asc(source, compiler=compiler).read_bytes())
    linker = wasmtime.Linker(store.engine)
    abort = wasmtime.FuncType([wasmtime.ValType.i32()] * 4, [])
    linker.define_func("env", "abort", abort, lambda *_: None)  # pyright: ignore[reportUnknownLambdaType] - any will do
    return linker.instantiate(store, compiled)


@pytest.mark.parametrize("compiler", ["0.10", "0.17", "classic", "modern"])
def test_instances(compiler: Compiler) -> None:
    """An instance that somebody else has started is wrapped in its store, which lives as long as the `Module`."""
    store = wasmtime.Store(engine())
    store.set_epoch_deadline(1 << 60)
    instance = _instance(store, MEMBERS, compiler)
    level: wasmtime.Global = instance.exports(store)["level"]  # type: ignore[assignment]  # it is one
    level.set_value(store, 7)
    module = Module(instance, store=store)
    assert module.nextLevel() == module.level == level.value(store) == 8
    assert module.getTitle(as_=str) == "abc"
    module.title = "other"
    module.collect()
    del instance, store
    assert module.getTitle(as_=str) == "other"
    assert module.Color.Green == 5
    module["close"]()
    module.close()
    with pytest.raises(InstanceError, match="closed"):
        module.nextLevel()


def test_instances_outlive_their_module() -> None:
    """What stops calls of a `Module` does nothing to calls of its instance when the `Module` is gone."""
    store = wasmtime.Store(engine())
    store.set_epoch_deadline(1 << 60)
    instance = _instance(store, MEMBERS, "modern")
    assert Module(instance, store=store).nextLevel() == 2
    gc.collect()
    for count in range(3, 6):
        engine().increment_epoch()
        call: wasmtime.Func = instance.exports(store)["nextLevel"]  # type: ignore[assignment]  # it is one
        assert call(store) == count


def test_instances_in_one_store() -> None:
    """One store tells one `Module` why a call is stopped; the next one may have it when that has been closed."""
    store = wasmtime.Store(engine())
    store.set_epoch_deadline(1 << 60)
    first, second = (_instance(store, MEMBERS, "modern") for _ in range(2))
    module = Module(first, store=store)
    with pytest.raises(DeclarationError, match="another Module has an instance in this store"):
        Module(second, store=store)
    module.close()
    other = Module(second, store=store)
    del module
    other.runtime.interrupt()
    gc.collect()
    for count in range(2, 5):
        engine().increment_epoch()
        assert other.nextLevel() == count


def test_instances_that_cannot_be_wrapped() -> None:
    """Without its store, in another engine, or with what can be given to a new instance only, one is refused."""
    store = wasmtime.Store(engine())
    store.set_epoch_deadline(1 << 60)
    instance = _instance(store, MEMBERS, "modern")
    with pytest.raises(DeclarationError, match="does not know its store"):
        Module(instance)
    with pytest.raises(DeclarationError, match="limits= cannot be given"):
        Module(instance, store=store, limits=Limits(timeout=1))
    other = wasmtime.Store(wasmtime.Engine())
    with pytest.raises(DeclarationError, match="another engine"):
        Module(_instance(other, MEMBERS, "modern"), store=other)
    with pytest.raises(TypeError, match="store= belongs to"):
        Module("nowhere.wasm", store=store)
