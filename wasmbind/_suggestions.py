"""The annotations that declarations should have, by the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmbind import _descriptors as d
from wasmbind._matching import kind_of
from wasmbind._schema.schema import STRING, ClassType, EnumType, FunctionType, NamedType, simple_name

if TYPE_CHECKING:
    from wasmbind._matching import Matcher
    from wasmbind._schema.schema import SchemaClass

__all__ = ["suggest_annotation"]

#: What to declare collections as that Python copies.
_BY_VALUE = {"Array": "list", "StaticArray": "list", "ArrayBuffer": "bytes", "Map": "dict", "Set": "set"}


def suggest_annotation(matcher: Matcher, type_: int | None, declared: d.Descriptor | None = None) -> str | None:
    """The annotation to write for an AssemblyScript type, None where there is none yet.

    Args:
        matcher: what knows the classes.
        type_: index of the type, None for void.
        declared: what is declared instead; live and opaque values stay what they are.
    """
    inner = declared.inner if isinstance(declared, d.Nullable) else declared
    return _annotation(matcher, type_, declared, live=isinstance(inner, d.Collection))


def _annotation(matcher: Matcher, type_: int | None, declared: d.Descriptor | None, *, live: bool) -> str | None:
    schema = matcher.schema
    if type_ is None:
        return "None"
    found = schema.types[type_]
    inner = declared.inner if isinstance(declared, d.Nullable) else declared
    match found:
        case NamedType(name=name):
            if isinstance(inner, d.OpaqueOf) and name in d.INTEGERS:
                opaque = f"Annotated[{'WeakOpaque' if inner.weak else 'Opaque'}[T], {name}]"
                return f"{opaque} | None" if inner is not declared else opaque
            plain = name in d.INTEGERS or name in ("f32", "f64", "bool")
            return {"void": "None", "this": "None"}.get(name, name if plain else None)
        case EnumType(index=index):
            return simple_name(schema.enums[index].internal).rpartition(".")[2]
        case ClassType(index=index):
            shown = _class_annotation(matcher, schema.classes[index], inner, live=live)
        case FunctionType(this=None):
            types = (*found.params, found.returns)
            parts = _annotations(matcher, types, inner if isinstance(inner, d.FunctionOf) else None, live=False)
            shown = None if None in parts else f"Callable[[{', '.join(map(str, parts[:-1]))}], {parts[-1]}]"
        case _:
            shown = None
    return f"{shown} | None" if shown and found.nullable else shown


def _annotations(
    matcher: Matcher, types: tuple[int | None, ...], declared: d.Descriptor | None, *, live: bool
) -> list[str | None]:
    """Those of the types that a type is made of."""
    parts: tuple[d.Descriptor | None, ...] = () if declared is None else d.parts(declared)
    if len(parts) != len(types):
        parts = (None,) * len(types)
    return [_annotation(matcher, type_, part, live=live) for type_, part in zip(types, parts, strict=True)]


def _class_annotation(matcher: Matcher, found: SchemaClass, declared: d.Descriptor | None, *, live: bool) -> str | None:
    if found.internal == STRING:
        return "string"
    kind = kind_of(found)
    if kind in d.TYPED_ARRAYS and not live:
        return f"list[{d.TYPED_ARRAYS[kind].name}]"
    arguments = _annotations(matcher, tuple(found.arguments), declared, live=live)
    if None in arguments:
        return None
    if kind is not None:
        name = kind if live else _BY_VALUE.get(kind, kind)
        return f"{name}[{', '.join(map(str, arguments))}]" if arguments else name
    if found.internal.startswith("~lib/"):
        return None
    cls = matcher.declared_for(found)
    if cls is not None:
        return cls.__name__
    name = (found.export or simple_name(found.internal)).rpartition(".")[2]
    return f"{name}[{', '.join(map(str, arguments))}]" if arguments else name
