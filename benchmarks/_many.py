"""A module of many classes, declared anew for each start that is measured."""

import types
from collections.abc import Callable
from typing import Any

from benchmarks._modules import Source
from wasmbind import AscClass, AscModule, f64, i32, string

CLASSES = 20


def _class_source(number: int) -> str:
    return f"""
export class Item{number} {{
  id: i32 = {number};
  weight: f64 = 0.5;
  name: string = "item {number}";
  active: bool = true;
  tags: string[] = [];
  other: Item{(number or CLASSES) - 1} | null = null;
}}
export function make{number}(): Item{number} {{ return new Item{number}(); }}
export function total{number}(item: Item{number}): f64 {{ return item.weight + item.id; }}
"""


MANY = Source("".join(map(_class_source, range(CLASSES))))


def declare() -> type[AscModule]:
    """A new declaration, bound to nothing yet."""
    names: dict[str, Any] = {"None": None}  # filled as the classes are made: they refer to each other
    members: dict[str, Any] = {"__module__": __name__}
    for number in range(CLASSES):
        item = _item(number, names)
        members[f"make{number}"] = _stub(f"make{number}", {"return": item})
        members[f"total{number}"] = _stub(f"total{number}", {"item": item, "return": f64})
    module: type[AscModule] = _new_class("Many", AscModule, members, {"wasm": MANY})
    return module


def _item(number: int, names: dict[str, Any]) -> type[AscClass]:
    annotations = {
        "id": i32,
        "weight": f64,
        "name": string,
        "active": bool,
        "tags": list[string],
        "other": f"Item{(number or CLASSES) - 1} | None",
    }
    members = {"__annotations__": annotations, "__module__": __name__}
    name = f"Item{number}"
    item: type[AscClass] = _new_class(name, AscClass, members, {"namespace": names})
    names[name] = item
    return item


def _new_class(name: str, base: type, members: dict[str, Any], options: dict[str, Any]) -> Any:
    return types.new_class(name, (base,), options, lambda body: body.update(members))


def _stub(name: str, annotations: dict[str, Any]) -> Callable[..., Any]:
    """A method whose body says nothing, which makes it a declaration."""

    def alone(self: Any) -> Any: ...
    def with_item(self: Any, item: Any) -> Any: ...

    function: Any = with_item if "item" in annotations else alone
    function.__name__, function.__qualname__, function.__annotations__ = name, f"Many.{name}", annotations
    return function  # type: ignore[no-any-return]  # Any, so that its annotations can be set
