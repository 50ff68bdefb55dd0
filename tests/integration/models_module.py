"""The module whose live collections the models watch: what AssemblyScript itself does and sees, for each type."""

from __future__ import annotations

import functools
import types
from typing import Any

import wasmbind
from tests.compiling import compile_asc
from wasmbind import AscClass, AscModule, f64, i32, string, usize

__all__ = ["Item", "live_type", "models_class"]


class Item(AscClass):
    serial: i32


_ELEMENTS: dict[str, tuple[str, Any]] = {
    "i32": ("i32", i32),
    "f64": ("f64", f64),
    "string": ("string", string),
    "Item": ("Item", Item),
}
_MAPS = (("i32", "f64"), ("string", "i32"), ("f64", "i32"), ("Item", "string"))
_SETS = ("i32", "string", "f64", "Item")
_ARRAYS = ("i32", "string", "Item")

_SOURCE = """
export class Item { constructor(public serial: i32) {} }
export function item(serial: i32): Item { return new Item(serial); }
export function churn(count: i32): void { for (let i = 0; i < count; i++) new ArrayBuffer(512); }
"""


def _array_source(name: str) -> str:
    element = _ELEMENTS[name][0]
    kind, array = f"Array_{name}", f"Array<{element}>"
    return f"""
let kept_{kind}: {array} = [];
export function new_{kind}(): {array} {{ return []; }}
export function keep_{kind}(a: {array}): void {{ kept_{kind} = a; }}
export function back_{kind}(): {array} {{ return kept_{kind}; }}
export function size_{kind}(a: {array}): i32 {{ return a.length; }}
export function start_{kind}(a: {array}): usize {{ return a.dataStart; }}
export function at_{kind}(a: {array}, b: i32): {element} {{ return a[b]; }}
export function values_{kind}(a: {array}): {array} {{ return a.slice(0); }}
export function push_{kind}(a: {array}, b: {element}): void {{ a.push(b); }}
export function pop_{kind}(a: {array}): {element} {{ return a.pop(); }}
export function put_{kind}(a: {array}, b: i32, c: {element}): void {{ a[b] = c; }}
export function shift_{kind}(a: {array}): {element} {{ return a.shift(); }}
export function unshift_{kind}(a: {array}, b: {element}): void {{ a.unshift(b); }}
export function truncate_{kind}(a: {array}, b: i32): void {{ a.length = b; }}
export function splice_{kind}(a: {array}, b: i32, c: i32): void {{ a.splice(b, c); }}
export function reverse_{kind}(a: {array}): void {{ a.reverse(); }}
"""


def _array_members(name: str) -> dict[str, dict[str, Any]]:
    element = _ELEMENTS[name][1]
    live: Any = _generic("Array", element)
    copied: Any = _subscripted(list, element)
    return {
        f"{verb}_Array_{name}": annotations
        for verb, annotations in {
            "new": {"return": live},
            "keep": {"a": live, "return": None},
            "back": {"return": live},
            "size": {"a": live, "return": i32},
            "start": {"a": live, "return": usize},
            "at": {"a": live, "b": i32, "return": element},
            "values": {"a": live, "return": copied},
            "push": {"a": live, "b": element, "return": None},
            "pop": {"a": live, "return": element},
            "put": {"a": live, "b": i32, "c": element, "return": None},
            "shift": {"a": live, "return": element},
            "unshift": {"a": live, "b": element, "return": None},
            "truncate": {"a": live, "b": i32, "return": None},
            "splice": {"a": live, "b": i32, "c": i32, "return": None},
            "reverse": {"a": live, "return": None},
        }.items()
    }


def _map_source(key_name: str, value_name: str) -> str:
    key, value = _ELEMENTS[key_name][0], _ELEMENTS[value_name][0]
    kind, map_ = f"Map_{key_name}_{value_name}", f"Map<{key}, {value}>"
    return f"""
let kept_{kind}: {map_} = new {map_}();
export function new_{kind}(): {map_} {{ return new {map_}(); }}
export function keep_{kind}(a: {map_}): void {{ kept_{kind} = a; }}
export function back_{kind}(): {map_} {{ return kept_{kind}; }}
export function size_{kind}(a: {map_}): i32 {{ return a.size; }}
export function has_{kind}(a: {map_}, b: {key}): bool {{ return a.has(b); }}
export function get_{kind}(a: {map_}, b: {key}): {value} {{ return a.get(b); }}
export function put_{kind}(a: {map_}, b: {key}, c: {value}): void {{ a.set(b, c); }}
export function delete_{kind}(a: {map_}, b: {key}): bool {{ return a.delete(b); }}
export function clear_{kind}(a: {map_}): void {{ a.clear(); }}
export function keys_{kind}(a: {map_}): Array<{key}> {{ return a.keys(); }}
export function values_{kind}(a: {map_}): Array<{value}> {{ return a.values(); }}
"""


def _map_members(key_name: str, value_name: str) -> dict[str, dict[str, Any]]:
    key, value = _ELEMENTS[key_name][1], _ELEMENTS[value_name][1]
    live: Any = _generic("Map", key, value)
    return {
        f"{verb}_Map_{key_name}_{value_name}": annotations
        for verb, annotations in {
            "new": {"return": live},
            "keep": {"a": live, "return": None},
            "back": {"return": live},
            "size": {"a": live, "return": i32},
            "has": {"a": live, "b": key, "return": bool},
            "get": {"a": live, "b": key, "return": value},
            "put": {"a": live, "b": key, "c": value, "return": None},
            "delete": {"a": live, "b": key, "return": bool},
            "clear": {"a": live, "return": None},
            "keys": {"a": live, "return": _subscripted(list, key)},
            "values": {"a": live, "return": _subscripted(list, value)},
        }.items()
    }


def _set_source(name: str) -> str:
    element = _ELEMENTS[name][0]
    kind, set_ = f"Set_{name}", f"Set<{element}>"
    return f"""
let kept_{kind}: {set_} = new {set_}();
export function new_{kind}(): {set_} {{ return new {set_}(); }}
export function keep_{kind}(a: {set_}): void {{ kept_{kind} = a; }}
export function back_{kind}(): {set_} {{ return kept_{kind}; }}
export function size_{kind}(a: {set_}): i32 {{ return a.size; }}
export function has_{kind}(a: {set_}, b: {element}): bool {{ return a.has(b); }}
export function push_{kind}(a: {set_}, b: {element}): void {{ a.add(b); }}
export function delete_{kind}(a: {set_}, b: {element}): bool {{ return a.delete(b); }}
export function clear_{kind}(a: {set_}): void {{ a.clear(); }}
export function values_{kind}(a: {set_}): Array<{element}> {{ return a.values(); }}
"""


def _set_members(name: str) -> dict[str, dict[str, Any]]:
    element = _ELEMENTS[name][1]
    live: Any = _generic("Set", element)
    return {
        f"{verb}_Set_{name}": annotations
        for verb, annotations in {
            "new": {"return": live},
            "keep": {"a": live, "return": None},
            "back": {"return": live},
            "size": {"a": live, "return": i32},
            "has": {"a": live, "b": element, "return": bool},
            "push": {"a": live, "b": element, "return": None},
            "delete": {"a": live, "b": element, "return": bool},
            "clear": {"a": live, "return": None},
            "values": {"a": live, "return": _subscripted(list, element)},
        }.items()
    }


def live_type(kind: str) -> Any:
    """The live type that functions are about whose names end so: `Map[string, i32]` for `Map_string_i32`."""
    name, *arguments = kind.split("_")
    return _generic(name, *(_ELEMENTS[each][1] for each in arguments))


def _generic(name: str, *arguments: Any) -> Any:
    return _subscripted(getattr(wasmbind, name), *arguments)


def _subscripted(generic: Any, first: Any, *rest: Any) -> Any:
    return generic[(first, *rest)] if rest else generic[first]


def _declaration(name: str, annotations: dict[str, Any]) -> Any:
    """A method of parameters named from `a` on, whose body says nothing."""

    def none(self: Any) -> Any: ...
    def one(self: Any, a: Any) -> Any: ...
    def two(self: Any, a: Any, b: Any) -> Any: ...
    def three(self: Any, a: Any, b: Any, c: Any) -> Any: ...

    function: Any = (none, one, two, three)[len(annotations) - 1]
    function.__name__, function.__qualname__, function.__annotations__ = name, f"Models.{name}", annotations
    return function


@functools.cache
def models_class(*, transform: bool) -> Any:
    """The class of the module, of a stock build or of one with a schema; each use makes an instance."""
    source = _SOURCE + "".join(
        [*map(_array_source, _ARRAYS), *(_map_source(*each) for each in _MAPS), *map(_set_source, _SETS)]
    )
    members: dict[str, dict[str, Any]] = {
        "item": {"a": i32, "return": Item},
        "churn": {"a": i32, "return": None},
    }
    for element in _ARRAYS:
        members |= _array_members(element)
    for key, value in _MAPS:
        members |= _map_members(key, value)
    for element in _SETS:
        members |= _set_members(element)
    declared = {name: _declaration(name, annotations) for name, annotations in members.items()}
    wasm = compile_asc(source, transform=transform)
    return types.new_class("Models", (AscModule,), {"wasm": wasm}, lambda body: body.update(declared))
