"""Integer types that remember their width, and literals that do not fit them.

To mypy `u8` is `int`. The plugin makes it an `int` that carries the name `u8` along: the same type in every comparison
and message, but one that still tells its range where it has become a parameter, an element or a type argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from mypy.constant_fold import constant_fold_expr
from mypy.errorcodes import TYPE_ARG, ErrorCode
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import ConditionalExpr, DictExpr, Expression, ListExpr, SetExpr, StarExpr, TupleExpr
from mypy.types import AnyType, ExtraAttrs, Instance, NoneType, TupleType, TypeOfAny, UnionType, get_proper_type

from wasmbind._descriptors import INTEGERS, TYPED_ARRAYS, Integer
from wasmbind._mypy.names import INTEGER_NAMES, LIVE

if TYPE_CHECKING:
    from mypy.nodes import Context
    from mypy.plugin import AnalyzeTypeContext
    from mypy.types import Type

__all__ = ["RANGE", "analyze_integer", "check_range", "element_types", "integer_type", "typed_array_element"]

RANGE: Final = ErrorCode("wasmbind-range", "Check that integer literals fit their AssemblyScript type", "wasmbind")
#: What the name of the type is carried as; no attribute can be called that.
_MARK: Final = "wasmbind "
_ELEMENTS: Final = "typing.Iterable"
_ENTRIES: Final = "typing.Mapping"


class Reports(Protocol):
    """Where errors are told: mypy's semantic analyzer or its checker."""

    def fail(self, msg: str, ctx: Context, /, *, code: ErrorCode | None = None) -> object:
        """Report an error."""
        ...


def analyze_integer(ctx: AnalyzeTypeContext, fullname: str) -> Type:
    """What an annotation that is one of wasmbind's integer types means: `int`, and its name.

    Args:
        ctx: the annotation.
        fullname: the type's alias, a key of `INTEGER_NAMES`.
    """
    name = INTEGER_NAMES[fullname]
    if ctx.type.args:
        ctx.api.fail(f'"{name}" expects no type arguments, but {len(ctx.type.args)} given', ctx.context, code=TYPE_ARG)
        return AnyType(TypeOfAny.from_error)
    plain = ctx.api.named_type("builtins.int", [])
    return integer_type(plain, name, ctx.context)


def integer_type(plain: Instance, name: str, at: Context) -> Instance:
    """`int` as an AssemblyScript integer type.

    Args:
        plain: `int`.
        name: such as `u8`.
        at: where it is written.
    """
    made = Instance(plain.type, [], at.line, at.column, extra_attrs=ExtraAttrs({_MARK + name: NoneType()}))
    made.end_line, made.end_column = at.end_line, at.end_column
    return made


def integer_of(type_: Instance) -> Integer | None:
    """The AssemblyScript integer type that an `int` stands for, None if it is only an `int`."""
    if type_.extra_attrs is None:
        return None
    for key in type_.extra_attrs.attrs:
        if key.startswith(_MARK):
            return INTEGERS.get(key.removeprefix(_MARK))
    return None


def typed_array_element(type_: Instance) -> Integer | None:
    """The integers that a typed array or a buffer holds, None for any other type."""
    fullname = type_.type.fullname
    if not fullname.startswith(LIVE):
        return None
    name = fullname.rpartition(".")[2]
    element = TYPED_ARRAYS.get(name, INTEGERS["u8"] if name == "ArrayBuffer" else None)
    return element if isinstance(element, Integer) else None


def check_range(value: Expression, declared: Type, module: str, who: str, reports: Reports, verb: str = "is") -> None:
    """Report every integer literal in an expression that does not fit the type declared for it.

    Args:
        value: the argument, default or assigned value.
        declared: its declared type.
        module: the module that the expression stands in.
        who: what the value is, for the message.
        reports: where to tell.
        verb: what it has to do with the literal.
    """
    if isinstance(value, ConditionalExpr):
        check_range(value.if_expr, declared, module, who, reports, verb)
        check_range(value.else_expr, declared, module, who, reports, verb)
        return
    proper = get_proper_type(declared)
    if isinstance(proper, UnionType):
        for item in proper.items:
            check_range(value, item, module, who, reports, verb)
        return
    if isinstance(value, (ListExpr, TupleExpr, SetExpr)):
        for item_value, item_type in zip(value.items, _item_types(proper, len(value.items)), strict=False):
            if not isinstance(item_value, StarExpr):
                check_range(item_value, item_type, module, who, reports, "holds")
    elif isinstance(value, DictExpr):
        for pair in value.items:
            for part, part_type in zip(pair, element_types(proper, _ENTRIES), strict=False):
                if part is not None:  # the key of `**other`
                    check_range(part, part_type, module, who, reports, "holds")
    elif isinstance(proper, Instance):
        _check_number(value, proper, module, f"{who} {verb}", reports)


def _check_number(value: Expression, declared: Instance, module: str, who: str, reports: Reports) -> None:
    integer = integer_of(declared)
    if integer is None:
        return
    number = constant_fold_expr(value, module)
    if isinstance(number, int) and not isinstance(number, bool) and not integer.low <= number <= integer.high:
        shown = f"{integer.low} to {integer.high}"
        reports.fail(f"{who} {number}, which is no {integer.name} ({shown})", value, code=RANGE)


def _item_types(declared: Type, count: int) -> list[Type]:
    """What the items of a list, tuple or set are declared to be."""
    if isinstance(declared, TupleType):
        return list(declared.items)
    return element_types(declared, _ELEMENTS) * count


def element_types(declared: Type, base: str) -> list[Type]:
    """The type arguments that a type gives to a generic base, none where it does not derive from that.

    Args:
        declared: a type.
        base: the full name of the base.
    """
    if not isinstance(declared, Instance):
        return []
    integer = typed_array_element(declared)
    for info in declared.type.mro:
        if info.fullname == base:
            found = map_instance_to_supertype(declared, info).args
            return [_as_integer(each, integer, declared) for each in found]
    return []


def _as_integer(type_: Type, integer: Integer | None, at: Context) -> Type:
    proper = get_proper_type(type_)
    if integer is None or not isinstance(proper, Instance):
        return type_
    return integer_type(proper, integer.name, at)
