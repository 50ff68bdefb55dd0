"""Class registries: the types of results that somebody gives once, compared with what a module has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wasmbind._names import closest
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["check_names", "is_declared", "read_registry"]


def is_declared(hint: object) -> bool:
    """Whether it is a class that derives from `AscClass`."""
    return isinstance(hint, type) and hasattr(hint, "__asc_fields__")


def read_registry(given: object) -> dict[str, Any]:
    """A registry whose form is right.

    Raises:
        DeclarationError: it is no mapping from names to types, or from names of classes to such mappings.
    """
    if given is None:
        return {}
    found = _read_names(given, "class_registry")
    for name, types in found.items():
        if isinstance(types, Mapping):
            found[name] = _read_names(types, f"class_registry[{name!r}]")
    return found


def _read_names(given: object, who: str) -> dict[str, Any]:
    fix = 'write a mapping from names to types, {"name": str, "File": {"size": i32}}'
    if not isinstance(given, Mapping):
        raise DeclarationError(who, f"is a {type(given).__name__}", fix=fix)
    for name, types in given.items():
        if not isinstance(name, str):
            raise DeclarationError(who, f"has the key {name!r:.60}, which is no name", fix=fix)
        if types is None:
            raise DeclarationError(f"{who}[{name!r}]", "is None, which is no type", fix="leave it out")
    return dict(given)


def check_names(
    registry: Mapping[str, Any],
    results: Collection[str],
    classes: Mapping[str, Collection[str]],
    others: Mapping[str, str],
) -> None:
    """Compare the names in a registry with those of a module.

    Args:
        registry: the registry.
        results: the names of functions and globals.
        classes: the members of each class that may have a type, by each of its names.
        others: what has a name but no type: `an enum`.

    Raises:
        DeclarationError: there is nothing of a name, or it is something else.
    """
    for name, hint in registry.items():
        who = f"class_registry[{name!r}]"
        if name in classes:
            if isinstance(hint, Mapping):
                _check_members(who, hint, classes[name])
            elif not is_declared(hint):
                fix = "give a mapping from its members to types, or the AscClass that declares it"
                raise DeclarationError(who, f"is a class, and {hint!r:.60} says nothing of its members", fix=fix)
        elif name in results:
            if isinstance(hint, Mapping):
                raise DeclarationError(who, "is no class, and has no members", fix="give the type of its result")
        elif name in others:
            fix = "name functions, globals and classes, which give results their types; dotted where they lie in one"
            raise DeclarationError(who, f"is {others[name]}", fix=fix)
        elif not (is_declared(hint) and hint.__asc_name__ == name):
            raise DeclarationError(who, "the binary exports nothing of that name", fix=_fix(name, {*results, *classes}))


def _check_members(who: str, given: Mapping[str, Any], known: Collection[str]) -> None:
    for member in given:
        if member not in known:
            problem = "the binary exports no member of that name that has a result"
            raise DeclarationError(f"{who}[{member!r}]", problem, fix=_fix(member, known))


def _fix(name: str, known: Collection[str]) -> str:
    near = closest(name, sorted(known))
    return f"did you mean {near!r}?" if near else "name an exported function, global, class or member"
