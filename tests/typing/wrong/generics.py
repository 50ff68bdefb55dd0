"""Wrong uses of generic classes."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: B018, ERA001 - what is wrong need not be used; comments quote the checkers

from typing import Generic, TypeVar

from wasmbind import AscClass, AscModule, AscRecord, f64, i32, string

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class Box(AscClass, Generic[T]):
    value: T

    def __init__(self, value: T) -> None: ...
    def get(self) -> T: ...
    def put(self, value: T) -> "Box[T]": ...


class Pair(AscClass, Generic[K, V]):
    key: K
    value: V


class Numbers(Box[i32]):
    total: i32


class Point(AscRecord, Generic[T]):
    x: T
    y: T


class Boxes(AscModule, wasm="boxes.wasm", classes=[Numbers]):
    def ints(self) -> Box[i32]: ...
    def words(self) -> Box[string]: ...
    def pair(self) -> Pair[string, Box[i32]]: ...
    def total(self, box: Box[i32]) -> i32: ...


boxes = Boxes()

# mypy says: Argument 1 to "Box" has incompatible type "str"; expected "int" [arg-type]
# pyright says: Argument of type "Literal['text']" cannot be assigned to parameter "value" of type "i32" in
# function "__init__" "Literal['text']" is not assignable to "int" (reportArgumentType)
boxes[Box[i32]]("text")
# mypy says: Argument 1 to "Box" has incompatible type "int"; expected "str" [arg-type]
# pyright says: Argument of type "Literal[1]" cannot be assigned to parameter "value" of type "string" in
# function "__init__" "Literal[1]" is not assignable to "str" (reportArgumentType)
boxes[Box[string]](1)
# mypy says: Missing positional argument "value" in call to "Box" [call-arg]
# pyright says: Argument missing for parameter "value" (reportCallIssue)
boxes[Box[i32]]()
# mypy says: Too many arguments for "Box" [call-arg]
# pyright says: Expected 1 positional argument (reportCallIssue)
Box[i32](1, 2)
# mypy says: Argument 1 to "put" of "Box" has incompatible type "str"; expected "int" [arg-type]
# pyright says: Argument of type "Literal['text']" cannot be assigned to parameter "value" of type "i32" in
# function "put" "Literal['text']" is not assignable to "int" (reportArgumentType)
boxes.ints().put("text")
# mypy says: Incompatible types in assignment (expression has type "str", variable has type "int")
# [assignment]
# pyright says: Cannot assign to attribute "value" for class "Box[i32]" "Literal['text']" is not assignable to
# "int" (reportAttributeAccessIssue)
boxes.ints().value = "text"
# mypy says: Argument 1 to "total" of "Boxes" has incompatible type "Box[str]"; expected "Box[int]" [arg-type]
# pyright says: Argument of type "Box[string]" cannot be assigned to parameter "box" of type "Box[i32]" in
# function "total" "Box[string]" is not assignable to "Box[i32]" Type parameter "T@Box" is invariant, but
# "string" is not the same as "i32" (reportArgumentType)
boxes.total(boxes.words())
# mypy says: Argument 1 to "total" of "Boxes" has incompatible type "Box[str]"; expected "Box[int]" [arg-type]
# pyright says: Argument of type "Box[string]" cannot be assigned to parameter "box" of type "Box[i32]" in
# function "total" "Box[string]" is not assignable to "Box[i32]" Type parameter "T@Box" is invariant, but
# "string" is not the same as "i32" (reportArgumentType)
boxes.total(boxes[Box[string]]("a"))
# mypy says: Argument 1 to "Numbers" has incompatible type "str"; expected "int" [arg-type]
# pyright says: Argument of type "Literal['text']" cannot be assigned to parameter "value" of type "i32" in
# function "__init__" "Literal['text']" is not assignable to "int" (reportArgumentType)
boxes[Numbers]("text")
# mypy says: Argument 1 to "Point" has incompatible type "str"; expected "float" [arg-type]
# pyright says: Argument of type "Literal['a']" cannot be assigned to parameter "x" of type "f64" in function
# "__init__" "Literal['a']" is not assignable to "float" (reportArgumentType)
boxes[Point[f64]]("a", 1)
# mypy says: Missing positional argument "y" in call to "Point" [call-arg]
# pyright says: Argument missing for parameter "y" (reportCallIssue)
boxes[Point[i32]](1)
# mypy says: Incompatible types in assignment (expression has type "int", variable has type "str")
# [assignment]
# pyright says: Type "i32" is not assignable to declared type "str" "int" is not assignable to "str"
# (reportAssignmentType)
text: str = boxes.ints().get()
# mypy says: Incompatible types in assignment (expression has type "Box[int]", variable has type "Box[str]")
# [assignment]
# pyright says: Type "Box[i32]" is not assignable to declared type "Box[str]" "Box[i32]" is not assignable to
# "Box[str]" Type parameter "T@Box" is invariant, but "i32" is not the same as "str" (reportAssignmentType)
words: Box[str] = boxes.ints()
# mypy says: "int" has no attribute "upper" [attr-defined]
# pyright says: Cannot access attribute "upper" for class "i32" Attribute "upper" is unknown
# (reportAttributeAccessIssue)
boxes.pair().value.get().upper()
# mypy says: "Box[int]" has no attribute "text" [attr-defined]
# pyright says: Cannot access attribute "text" for class "Box[i32]" Attribute "text" is unknown
# (reportAttributeAccessIssue)
boxes.pair().value.text
# mypy says: Unsupported operand types for + ("str" and "int") [operator]
# pyright says: Expression value is unused (reportUnusedExpression)
# pyright says: Operator "+" not supported for types "string" and "Literal[1]" (reportOperatorIssue)
boxes.words().get() + 1


class Wrong(AscClass):
    # mypy says: "Pair" expects 2 type arguments, but 3 given [type-arg]
    # plugin says: "Pair" expects 2 type arguments, but 3 given [type-arg]
    # plugin says: Wrong.three: the annotation 'Pair[i32, i32, i32]' cannot be evaluated: Pair[...]: takes 2 types, 3
    # given fix give ~K, ~V [wasmbind-declaration]
    # pyright says: Too many type arguments provided for "Pair"; expected 2 but received 3
    # (reportInvalidTypeArguments)
    three: Pair[i32, i32, i32]
    # mypy says: "Pair" expects 2 type arguments, but 1 given [type-arg]
    # mypy says: Missing type arguments for generic type "Pair" [type-arg]
    # pyright says: Too few type arguments provided for "Pair"; expected 2 but received 1
    # (reportInvalidTypeArguments)
    one: Pair[i32]


# mypy says: "Numbers" expects no type arguments, but 1 given [type-arg]
# plugin says: "Numbers" expects no type arguments, but 1 given [type-arg]
# plugin says: Numbers[...]: Numbers is not generic [wasmbind-declaration]
# pyright says: Expected no type arguments for class "Numbers" (reportInvalidTypeArguments)
class Numb(Numbers[i32]):
    pass
