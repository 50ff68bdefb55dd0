"""Mistakes with modules that have no declarations."""

# ruff: noqa: ERA001 - comments quote the checkers

from wasmbind import AscObject, Module


def mistakes(module: Module, handle: AscObject) -> None:
    """Members are anything; what has a type is checked."""
    # mypy says: Incompatible types in assignment (expression has type "str", variable has type "int") [assignment]
    # pyright says: Type "str" is not assignable to declared type "int" "str" is not assignable to "int"
    # (reportAssignmentType)
    text: int = module.resolve(3, as_=str)
    # mypy says: Incompatible types in assignment (expression has type "str", variable has type "int") [assignment]
    # pyright says: Type "str" is not assignable to declared type "int" "str" is not assignable to "int"
    # (reportAssignmentType)
    other: int = handle.as_(str)
    module.anything(text, other)
