"""What classes declare, read when it is first needed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from wasmbind._annotations import is_template
from wasmbind._declarations import read_declaration
from wasmbind._generics import settle

if TYPE_CHECKING:
    from wasmbind._declarations import ClassDeclaration, Function

__all__ = ["declaration_of", "declared_bases", "is_view", "nearest_init", "writing"]

#: Held by whoever writes onto Python classes: they are shared by all bindings, which have locks of their own.
writing = threading.RLock()


def declared_bases(cls: type[Any]) -> list[type]:
    """The declared classes among `cls` and its bases, most derived first; roots and templates are none."""
    return [base for base in cls.__mro__ if "__asc_scope__" in base.__dict__ and not is_template(base)]


def declaration_of(cls: type[Any]) -> ClassDeclaration:
    """What `cls` declares, resolved once."""
    found: ClassDeclaration | None = cls.__dict__.get("__asc_declaration__")
    if found is not None:
        return found
    with writing:
        found = cls.__dict__.get("__asc_declaration__")
        if found is None:
            found = read_declaration(cls)
            cls.__asc_declaration__ = found
            cls.__asc_scope__.frames.clear()
            template = cls.__dict__.get("__asc_template__")
            if template is not None:
                settle(template)
        made: ClassDeclaration = found
    return made


def is_view(cls: type[Any]) -> bool:
    """Whether a class declares nothing besides what its base does, and has no name of its own."""
    declaration = declaration_of(cls)
    named: bool = cls.__dict__["__asc_named__"]
    return len(declared_bases(cls)) > 1 and not (named or declaration.fields or declaration.functions)


def nearest_init(cls: type[Any]) -> Function | None:
    """The `__init__` that a class declares or inherits, None without one."""
    for base in declared_bases(cls):
        for function in declaration_of(base).functions:
            if function.kind == "constructor":
                return function
    return None
