"""What opaque values are to a type checker: the Python types that they are declared with."""

# mypy: disable-error-code="empty-body"

from collections.abc import Callable
from typing import Annotated, assert_type

from wasmbind import Array, AscClass, AscModule, HandleError, Map, Opaque, WeakOpaque, host, string, u8, u64


class Thing:
    name: str


class Box(AscClass):
    value: Opaque[Thing] | None
    wide: Annotated[Opaque[Thing], u64]
    things: Array[Opaque[Thing]]


class Carrier(AscModule, wasm="carrier.wasm"):
    last: WeakOpaque[Thing] | None

    def take(self, v: Opaque[dict[str, int]]) -> Opaque[dict[str, int]]: ...
    def maybe(self, v: Opaque[Thing] | None) -> WeakOpaque[Thing] | None: ...
    def narrow(self, v: Annotated[Opaque[Thing], u8]) -> Annotated[WeakOpaque[Thing], u8]: ...
    def many(self, v: list[Opaque[Thing]]) -> dict[string, Opaque[Thing]]: ...
    def live(self) -> Map[string, Opaque[Thing]]: ...
    def each(self, f: Callable[[Opaque[Thing]], Opaque[str]], v: Opaque[Thing]) -> Opaque[str]: ...
    @host("env", "name")
    def name(self, v: Opaque[Thing]) -> string:
        return v.name


def uses(carrier: Carrier, box: Box, thing: Thing) -> None:
    assert_type(carrier.take({"a": 1}), dict[str, int])
    assert_type(carrier.maybe(thing), Thing | None)
    assert_type(carrier.narrow(thing), Thing)
    assert_type(carrier.many([thing, thing]), dict[str, Thing])
    assert_type(carrier.live()["a"], Thing)
    assert_type(carrier.each(lambda each: each.name, thing), str)
    assert_type(carrier.last, Thing | None)
    assert_type(carrier.name(thing), str)
    assert_type(box.value, Thing | None)
    assert_type(box.wide.name, str)
    box.value = None
    box.value = box.wide = thing
    assert_type(box.things[0], Thing)
    box.things = [thing]
    carrier.maybe(None)


def registry(carrier: Carrier, thing: Thing) -> None:
    opaque = carrier.runtime.opaque
    assert_type(opaque.release(thing), bool)
    assert_type(len(opaque), int)
    assert_type(thing in opaque, bool)
    with opaque.scope() as same:
        assert_type(len(same), int)
    opaque.clear()


def errors(error: HandleError) -> None:
    assert_type(error.handle, int)
    assert_type(error.reason, str)
