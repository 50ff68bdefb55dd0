"""Declarations that type checkers refuse; what only binding can refuse is not here."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: ERA001, F821 - comments quote the checkers; one name is undefined

from wasmbind import AscClass, AscModule, export, f64, i32, string


class Base(AscClass):
    size: i32

    def area(self) -> f64: ...
    def grow(self, by: i32) -> None: ...


class Derived(Base):
    # mypy says: Incompatible types in assignment (expression has type "str", base class "Base" defined the
    # type as "int") [assignment]
    # pyright says: "size" overrides symbol of same name in class "Base" Variable is mutable so its type is
    # invariant Override type "string" is not the same as base type "i32" (reportIncompatibleVariableOverride)
    size: string

    # mypy says: Return type "str" of "area" incompatible with return type "float" in supertype "Base"
    # [override]
    # pyright says: Method "area" overrides class "Base" in an incompatible manner Return type mismatch: base
    # method returns type "f64", override returns type "string" "str" is not assignable to "float"
    # (reportIncompatibleMethodOverride)
    def area(self) -> string: ...
    # mypy says: Argument 1 of "grow" is incompatible with supertype "Base"; supertype defines the argument
    # type as "int" [override]
    # pyright says: Method "grow" overrides class "Base" in an incompatible manner Parameter 2 type mismatch:
    # base parameter is type "i32", override parameter is type "string" "int" is not assignable to "str"
    # (reportIncompatibleMethodOverride)
    def grow(self, by: string) -> None: ...


class Mistaken(AscModule, wasm="mistaken.wasm"):
    # mypy says: Incompatible default for parameter "a" (default has type "str", parameter has type "int")
    # [assignment]
    # pyright says: Expression of type "Literal['1']" cannot be assigned to parameter of type "i32"
    # "Literal['1']" is not assignable to "int" (reportArgumentType)
    def first(self, a: i32 = "1") -> i32: ...
    # mypy says: Argument 1 to "export" has incompatible type "int"; expected "str" [arg-type]
    # pyright says: Argument of type "Literal[2]" cannot be assigned to parameter "name" of type "str" in
    # function "export" "Literal[2]" is not assignable to "str" (reportArgumentType)
    @export(2)
    def second(self) -> i32: ...
    # mypy says: Name "i33" is not defined [name-defined]
    # plugin says: Name "i33" is not defined [name-defined]
    # plugin says: Mistaken.third(a): the annotation 'i33' uses the name 'i33', which is not defined
    # [wasmbind-declaration]
    # pyright says: "i33" is not defined (reportUndefinedVariable)
    def third(self, a: i33) -> i32: ...
