"""Which names the exports of a module have: those of namespaces, of classes in them, and of what Python has already."""

import copy
import enum
import inspect
import pickle
from typing import Any

import pytest

from tests.integration.dynamic_modules import ALL, CLASSES, STOCK, Variant, load, variants
from wasmbind import InstanceError, LowerTypeError, Module

NAMESPACES = """
export namespace ns {
  export class P { constructor(public x: i32) {} }
  export enum E { A = 3 }
  export namespace inner { export enum E { B = 4 } export function g(): i32 { return 2; } }
}
export namespace only { export class Q { constructor(public q: i32) {} } }
export class P { constructor(public z: i32) {} }
export enum E { C = 5 }
export function make(): ns.P { return new ns.P(1); }
export function plain(): P { return new P(2); }
export function code(): ns.E { return ns.E.A; }
"""


@variants(CLASSES)
def test_same_names_in_namespaces(variant: Variant) -> None:
    """An attribute is what is exported under its name; what a namespace exports belongs to the namespace."""
    module = load(variant, NAMESPACES)
    assert module.P(7).z == 7
    assert module.ns.P(8).x == 8
    assert module.make(as_=module.ns.P).x == module.make(as_="ns.P").x == 1
    assert module.plain(as_=module.P).z == module.plain(as_="P").z == 2
    assert repr(module.ns.P(1)) == "ns.P(x=1)"
    assert not [name for name in dir(module) if name.endswith("_") and not name.startswith("__")]
    assert module["ns.P"] == module.ns.P != module.P == module["P"]


@variants(CLASSES)
def test_enums_in_namespaces(variant: Variant) -> None:
    """Enums lie where AssemblyScript has them, and types may name them."""
    module = load(variant, NAMESPACES)
    assert [module.E.C, module.ns.E.A, module.ns.inner.E.B] == [5, 3, 4]
    assert repr(module.E.C) == "<E.C: 5>"
    assert module["ns.E.A"] is module.ns.E.A
    assert module["ns.inner.E"] is module.ns.inner.E
    assert module.code(as_="ns.E") is module.code(as_=module.ns.E) is module.ns.E.A
    assert dir(module.ns) == ["E", "P", "inner"]
    assert module.ns.inner.g() == 2


@variants(CLASSES)
def test_namespaces_of_classes(variant: Variant) -> None:
    """A namespace with nothing but classes in it is no enum of their ids."""
    module = load(variant, NAMESPACES)
    assert module.only.Q(3).q == module["only.Q"](3).q == 3
    assert not isinstance(module.only, type)
    assert repr(module.only) == "<namespace only>"


INSIDE = """
class Hidden { constructor(public x: i32) {} static n: i32 = 3; static make(): Hidden { return new Hidden(4); } }
export class Box<T> { constructor(public v: T) {} static s: i32 = 9; }
class Named { constructor(public a: i32) {} }
export { Named as Alpha, Named as Beta }
export enum Code { None, Some }
export namespace ns {
  export class C { static st: i32 = 6; x: i32 = 1; static go(): i32 { return 7; } }
  export let lambda: i32 = 5;
}
export function hidden(): Hidden { return new Hidden(1); }
export function box(): Box<i32> { return new Box<i32>(5); }
export function ns_C(): i32 { return 50; }
"""


def test_names_with_a_schema() -> None:
    """Classes that are not exported, generic ones and those with several names have their statics, too."""
    module = load("schema", INSIDE)
    own = [name for name in dir(module) if name not in dir(Module)]
    assert own == ["Alpha", "Beta", "BoxI32", "Code", "Hidden", "box", "hidden", "ns", "ns_C"]
    assert (module.hidden().x, module.Hidden.n, module.Hidden.make().x) == (1, 3, 4)
    assert module.Alpha == module.Beta == module["Beta"]
    assert module.box().v == module["Box<i32>"](5).v == 5
    assert (module.ns.C.st, module["ns.C.st"], module["ns.C.go"](), module.ns.lambda_) == (6, 6, 7, 5)
    module.ns.lambda_ = 8
    module.ns.C.st = 9
    assert (module.ns.lambda_, module.ns.C.st) == (8, 9)
    assert module["Code.None"] is module.Code.None_


TAKEN = """
function f0(): i32 { return 0; } function f1(): i32 { return 1; } function f2(): i32 { return 2; }
function f3(): i32 { return 3; } function f4(): i32 { return 4; } function f5(): i32 { return 5; }
export { f0 as close, f1 as close_, f2 as _members, f3 as _pointers, f4 as __init__, f5 as lambda }
"""


@variants(ALL)
def test_exact_names_come_first(variant: Variant) -> None:
    """What can have its own name has it; only others get a `_` behind theirs."""
    module = load(variant, TAKEN)
    assert [module.close__(), module.close_(), module._members(), module._pointers()] == [0, 1, 2, 3]
    assert (module.__init___(), module.lambda_()) == (4, 5)
    assert [module[name]() for name in ("close", "close_", "__init__")] == [0, 1, 4]
    assert not [name for name in dir(module) if "Module__" in name]
    assert not hasattr(module, "_Module__other")


STATICS = """
export class C {
  constructor(public x: i32, public y: i32 = 2) {}
  static wrap(a: i32): i32 { return a; }
  static declared: i32 = 4;
}
export function take(c: C): i32 { return c.x; }
export function same(c: C): C { return c; }
"""


@variants(CLASSES)
def test_statics_with_names_of_classes(variant: Variant) -> None:
    """Statics that are called like what a class of a module has itself are reached by another name, too."""
    module = load(variant, STATICS)
    assert module.C.wrap(module.get_pointer(module.C(5))).x == 5
    assert (module.C.wrap_(6), module.C.declared_) == (6, 4)
    module.C.declared_ = 8
    assert (module["C.wrap"](7), module["C.declared"]) == (7, 8)
    assert {"wrap_", "declared_"} <= {*dir(module.C)}
    with pytest.raises(TypeError, match=r"wrap\(\) expects an address"):
        module.C.wrap("x")  # pyright: ignore[reportArgumentType] - what the test is about


@variants(CLASSES)
def test_a_class_is_no_object(variant: Variant) -> None:
    """A class passed where an object belongs is refused by its name."""
    module = load(variant, STATICS)
    with pytest.raises(LowerTypeError, match="got <C of"):
        module.take(module.C)
    for function in (module.get_pointer, module.resolve, module.retain, module.get_type_of):
        with pytest.raises(TypeError, match="an object of the module expected, got ModuleClass"):
            function(module.C)
    assert not hasattr(module.C, "_asc_ptr")


@variants(CLASSES)
def test_what_python_asks_of_a_class(variant: Variant) -> None:
    """Unions, signatures and documentation are those of the class."""
    module = load(variant, STATICS)
    value: Any = module.C(3)
    for hint in (module.C | None, None | module.C):
        assert module.same(value, as_=hint) == value
        assert module.resolve(None, as_=hint) is None
    assert len(inspect.signature(module.C).parameters) == 2
    assert [each for each in inspect.signature(module.C.wrap_).parameters if each != "as_"] in (["a"], ["arg0"])
    assert "ModuleClass" not in str(module.C.__doc__)


@variants(["0.10", "schema"])
def test_copies(variant: Variant) -> None:
    """Neither an instance nor what belongs to it is copied: closing the copy would close the other."""
    module = load(variant, STATICS)
    for each in (module, module.C):
        for function in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="cannot be copied or pickled"):
                function(each)
    assert module.C(1).x == 1


@variants(["0.10", "schema"])
def test_containment(variant: Variant) -> None:
    """A module has members by their AssemblyScript names, and is no sequence."""
    module = load(variant, STATICS)
    assert [name in module for name in ("take", "C", "C.wrap", "nothing", "", 3, None)] == [*[True] * 3, *[False] * 4]
    anything: Any = module
    with pytest.raises(TypeError, match="not iterable"):
        list(anything)
    for wrong in (3, None, "nothing"):
        with pytest.raises(KeyError):
            anything[wrong]


@variants(CLASSES)
def test_another_instance(variant: Variant) -> None:
    """What belongs to another instance of the same binary is refused, whatever its class is called."""
    one, other = load(variant, STATICS), load(variant, STATICS)
    with pytest.raises(InstanceError, match="belongs to another instance"):
        one.take(other.C(3))
    for hint in (other.C, list[other.C], other.C | None):  # type: ignore[name-defined]  # no annotation
        with pytest.raises(TypeError, match="class of another instance"):
            one.same(one.C(1), as_=hint)
    with pytest.raises(TypeError, match="class of another instance"):
        one.resolve(one.C(1), as_=other.C)
    assert one.same(one.C(1), as_=one.C).x == 1


@variants(STOCK)
def test_enums_stay_enums(variant: Variant) -> None:
    """Constants under one name are an `IntEnum` still."""
    assert issubclass(load(variant, NAMESPACES).E, enum.IntEnum)
