"""Leaves out the members of declared classes whose types are not known without running code."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

from wasmbind._places import locate
from wasmbind._scopes import Scope, UnresolvedError
from wasmbind._static.values import LeftOut
from wasmbind._stubs import function_annotations, is_field, stubs_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._static.source import Source

__all__ = ["prune"]


def prune(source: Source) -> None:
    """Leave out, and note, what nobody knows of the classes of a source, once all names are there."""
    for cls in (*source.object_classes, *source.module_classes):
        scope: Scope = cls.__dict__["__asc_scope__"]
        fields: dict[str, Any] = cls.__dict__["__annotations__"]  # noqa: RUF063 - the dict itself, to take fields out of it
        for name, annotation in list(fields.items()):
            reason = _unresolved([annotation], scope) if is_field(name, annotation) else None
            if reason is not None:
                del fields[name]
                _note(source, cls, name, reason)
        made = cls.__dict__.get("__asc_parametrised__", {}).values()
        members = {**cls.__dict__["__asc_stubs__"], **cls.__dict__["__asc_hosts__"]}
        for name, value in members.items():
            functions = [value] if isinstance(value, types.FunctionType) else stubs_of(value)
            annotations = [each for function in functions for each in function_annotations(function).values()]
            reason = _unresolved(annotations, scope)
            if reason is not None:
                for each in (cls, *made):
                    each.__dict__["__asc_stubs__"].pop(name, None)
                    each.__dict__["__asc_hosts__"].pop(name, None)
                _note(source, cls, name, reason)


def _unresolved(annotations: Iterable[object], scope: Scope) -> str | None:
    """Why nobody knows what one of some annotations means, or None."""
    assert scope.evaluate is not None
    for annotation in annotations:
        try:
            scope.evaluate(annotation)
        except UnresolvedError as error:
            return str(error)
        except Exception:  # noqa: BLE001, S112 - it is wrong then, which whoever needs the class is told
            continue
    return None


def _note(source: Source, cls: type[Any], name: str, reason: str) -> None:
    line = int((locate(cls, name) or ":1").rpartition(":")[2])
    source.left_out.append(LeftOut(line, f"{cls.__name__}.{name}", reason))
