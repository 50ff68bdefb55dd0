"""Wrong operands, and operators that are not declared."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: B015, B018, ERA001, PLW1641 - what is wrong need not be used; comments quote the checkers

from wasmbind import AscClass, AscModule, f64, i32


class Vector(AscClass):
    x: f64

    def __init__(self, x: f64) -> None: ...
    def __add__(self, other: "Vector") -> "Vector": ...
    def __mul__(self, factor: f64) -> "Vector": ...
    def __eq__(self, other: object) -> bool: ...
    def __lt__(self, other: "Vector") -> bool: ...
    def __getitem__(self, index: i32) -> f64: ...


class Narrow(AscClass):
    # mypy says: Argument 1 of "__eq__" is incompatible with supertype "builtins.object"; supertype defines
    # the argument type as "object" [override]
    # mypy says: Argument 1 of "__eq__" is incompatible with supertype "wasmbind._declarative.AscClass";
    # supertype defines the argument type as "object" [override]
    # pyright says: Method "__eq__" overrides class "AscClass" in an incompatible manner Parameter 2 type
    # mismatch: base parameter is type "object", override parameter is type "Narrow" "object" is not
    # assignable to "Narrow" (reportIncompatibleMethodOverride)
    def __eq__(self, other: "Narrow") -> bool: ...


class Vectors(AscModule, wasm="vectors.wasm", classes=[Narrow]):
    def unit(self) -> Vector: ...


vector = Vectors().unit()

# mypy says: Unsupported operand types for + ("Vector" and "int") [operator]
# pyright says: Expression value is unused (reportUnusedExpression)
# pyright says: Operator "+" not supported for types "Vector" and "Literal[1]" (reportOperatorIssue)
vector + 1
# mypy says: Unsupported operand types for + ("int" and "Vector") [operator]
# pyright says: Expression value is unused (reportUnusedExpression)
# pyright says: Operator "+" not supported for types "Literal[1]" and "Vector" (reportOperatorIssue)
1 + vector
# mypy says: Unsupported left operand type for - ("Vector") [operator]
# pyright says: Expression value is unused (reportUnusedExpression)
# pyright says: Operator "-" not supported for types "Vector" and "Vector" (reportOperatorIssue)
vector - vector
# mypy says: Unsupported operand types for * ("Vector" and "str") [operator]
# pyright says: Expression value is unused (reportUnusedExpression)
# pyright says: Operator "*" not supported for types "Vector" and "Literal['2']" (reportOperatorIssue)
vector * "2"
# mypy says: Unsupported operand types for * ("int" and "Vector") [operator]
# pyright says: Expression value is unused (reportUnusedExpression)
# pyright says: Operator "*" not supported for types "Literal[2]" and "Vector" (reportOperatorIssue)
2 * vector
# mypy says: Unsupported operand type for unary - ("Vector") [operator]
# pyright says: Expression value is unused (reportUnusedExpression)
# pyright says: Operator "-" not supported for type "Vector" (reportOperatorIssue)
-vector
# mypy says: Unsupported operand types for < ("Vector" and "int") [operator]
# pyright says: Expression value is unused (reportUnusedExpression)
# pyright says: Operator "<" not supported for types "Vector" and "Literal[3]" (reportOperatorIssue)
vector < 3
# mypy says: Unsupported left operand type for <= ("Vector") [operator]
# pyright says: Expression value is unused (reportUnusedExpression)
# pyright says: Operator "<=" not supported for types "Vector" and "Vector" (reportOperatorIssue)
vector <= Vectors().unit()
# mypy says: Invalid index type "str" for "Vector"; expected type "int" [index]
# pyright says: Argument of type "Literal['x']" cannot be assigned to parameter "index" of type "i32" in
# function "__getitem__" "Literal['x']" is not assignable to "int" (reportArgumentType)
vector["x"]
# mypy says: Unsupported target for indexed assignment ("Vector") [index]
# pyright says: "__setitem__" method not defined on type "Vector" (reportIndexIssue)
vector[0] = 1
# mypy says: Argument 1 to "len" has incompatible type "Vector"; expected "Sized" [arg-type]
# pyright says: Argument of type "Vector" cannot be assigned to parameter "obj" of type "Sized" in function
# "len" "Vector" is incompatible with protocol "Sized" "__len__" is not present (reportArgumentType)
len(vector)
# mypy says: Incompatible types in assignment (expression has type "Vector", variable has type "float")
# [assignment]
# pyright says: Type "Vector" is not assignable to declared type "float" "Vector" is not assignable to "float"
# (reportAssignmentType)
number: float = vector + vector
