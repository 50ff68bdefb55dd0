"""Wrong calls, and wrong uses of results and globals."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: ERA001 - comments quote the checkers

import enum
from collections.abc import Sequence

from wasmbind import AscModule, f64, i32, string


class Color(enum.IntEnum):
    Red = 0


class Shade(enum.IntEnum):
    Red = 0


class Calls(AscModule, wasm="calls.wasm"):
    counter: i32

    @property
    def limit(self) -> f64: ...
    def add(self, a: i32, b: i32) -> i32: ...
    def opt(self, a: i32, b: i32 = ...) -> i32: ...
    def greet(self, name: string) -> string: ...
    def find(self, name: string) -> string | None: ...
    def stop(self) -> None: ...
    def total(self, values: Sequence[f64]) -> f64: ...
    def words(self, text: string) -> list[string]: ...
    def join(self, words: list[string]) -> string: ...
    def paint(self, c: Color) -> Color: ...


calls = Calls()

# mypy says: Argument 1 to "add" of "Calls" has incompatible type "str"; expected "int" [arg-type]
# pyright says: Argument of type "Literal['1']" cannot be assigned to parameter "a" of type "i32" in function
# "add" "Literal['1']" is not assignable to "int" (reportArgumentType)
calls.add("1", 2)
# mypy says: Argument 1 to "add" of "Calls" has incompatible type "float"; expected "int" [arg-type]
# pyright says: Argument of type "float" cannot be assigned to parameter "a" of type "i32" in function "add"
# "float" is not assignable to "int" (reportArgumentType)
calls.add(1.5, 2)
# mypy says: Missing positional argument "b" in call to "add" of "Calls" [call-arg]
# pyright says: Argument missing for parameter "b" (reportCallIssue)
calls.add(1)
# mypy says: Too many arguments for "add" of "Calls" [call-arg]
# pyright says: Expected 2 positional arguments (reportCallIssue)
calls.add(1, 2, 3)
# mypy says: Unexpected keyword argument "c" for "add" of "Calls" [call-arg]
# pyright says: Argument missing for parameter "b" (reportCallIssue)
# pyright says: No parameter named "c" (reportCallIssue)
calls.add(1, c=2)
# mypy says: Missing positional argument "a" in call to "opt" of "Calls" [call-arg]
# pyright says: Argument missing for parameter "a" (reportCallIssue)
calls.opt()
# mypy says: Argument 1 to "greet" of "Calls" has incompatible type "int"; expected "str" [arg-type]
# pyright says: Argument of type "Literal[1]" cannot be assigned to parameter "name" of type "string" in
# function "greet" "Literal[1]" is not assignable to "str" (reportArgumentType)
calls.greet(1)
# mypy says: Argument 1 to "greet" of "Calls" has incompatible type "None"; expected "str" [arg-type]
# pyright says: Argument of type "None" cannot be assigned to parameter "name" of type "string" in function
# "greet" "None" is not assignable to "str" (reportArgumentType)
calls.greet(None)
# mypy says: Argument 1 to "greet" of "Calls" has incompatible type "bytes"; expected "str" [arg-type]
# pyright says: Argument of type "Literal[b"bytes"]" cannot be assigned to parameter "name" of type "string"
# in function "greet" "Literal[b"bytes"]" is not assignable to "str" (reportArgumentType)
calls.greet(b"bytes")
# mypy says: Argument 1 to "greet" of "Calls" has incompatible type "str | None"; expected "str" [arg-type]
# pyright says: Argument of type "string | None" cannot be assigned to parameter "name" of type "string" in
# function "greet" Type "string | None" is not assignable to type "string" "None" is not assignable to "str"
# (reportArgumentType)
calls.greet(calls.find("x"))
# mypy says: Argument 1 to "total" of "Calls" has incompatible type "str"; expected "Sequence[float]"
# [arg-type]
# pyright says: Argument of type "Literal['text']" cannot be assigned to parameter "values" of type
# "Sequence[f64]" in function "total" "Literal['text']" is not assignable to "Sequence[f64]" Type parameter
# "_T_co@Sequence" is covariant, but "str" is not a subtype of "f64" "str" is not assignable to "float"
# (reportArgumentType)
calls.total("text")
# mypy says: Argument 1 to "total" of "Calls" has incompatible type "float"; expected "Sequence[float]"
# [arg-type]
# pyright says: Argument of type "float" cannot be assigned to parameter "values" of type "Sequence[f64]" in
# function "total" "float" is not assignable to "Sequence[f64]" (reportArgumentType)
calls.total(1.5)
# mypy says: List item 0 has incompatible type "int"; expected "str" [list-item]
# pyright says: Argument of type "list[int]" cannot be assigned to parameter "words" of type "list[string]" in
# function "join" "Literal[1]" is not assignable to "str" (reportArgumentType)
calls.join([1])
# mypy says: Argument 1 to "paint" of "Calls" has incompatible type "Shade"; expected "Color" [arg-type]
# pyright says: Argument of type "Literal[Shade.Red]" cannot be assigned to parameter "c" of type "Color" in
# function "paint" "Literal[Shade.Red]" is not assignable to "Color" (reportArgumentType)
calls.paint(Shade.Red)
# mypy says: Argument 1 to "paint" of "Calls" has incompatible type "int"; expected "Color" [arg-type]
# pyright says: Argument of type "Literal[0]" cannot be assigned to parameter "c" of type "Color" in function
# "paint" "Literal[0]" is not assignable to "Color" (reportArgumentType)
calls.paint(0)
# mypy says: "Calls" has no attribute "subtract" [attr-defined]
# pyright says: Cannot access attribute "subtract" for class "Calls" Attribute "subtract" is unknown
# (reportAttributeAccessIssue)
calls.subtract(1, 2)

# mypy says: Incompatible types in assignment (expression has type "str", variable has type "int")
# [assignment]
# pyright says: Type "string" is not assignable to declared type "int" "str" is not assignable to "int"
# (reportAssignmentType)
number: int = calls.greet("x")
# mypy says: Incompatible types in assignment (expression has type "str | None", variable has type "str")
# [assignment]
# pyright says: Type "string | None" is not assignable to declared type "str" Type "string | None" is not
# assignable to type "str" "None" is not assignable to "str" (reportAssignmentType)
found: str = calls.find("x")
# mypy says: Incompatible types in assignment (expression has type "list[str]", variable has type "list[int]")
# [assignment]
# pyright says: Type "list[string]" is not assignable to declared type "list[int]" "list[string]" is not
# assignable to "list[int]" Type parameter "_T@list" is invariant, but "string" is not the same as "int"
# Consider switching from "list" to "Sequence" which is covariant (reportAssignmentType)
words: list[int] = calls.words("a b")
# mypy says: Incompatible types in assignment (expression has type "Color", variable has type "Shade")
# [assignment]
# pyright says: Type "Color" is not assignable to declared type "Shade" "Color" is not assignable to "Shade"
# (reportAssignmentType)
color: Shade = calls.paint(Color.Red)
# mypy says: "stop" of "Calls" does not return a value (it only ever returns None) [func-returns-value]
# mypy says: Incompatible types in assignment (expression has type "None", variable has type "int")
# [assignment]
# pyright says: Type "None" is not assignable to declared type "int" "None" is not assignable to "int"
# (reportAssignmentType)
nothing: int = calls.stop()
# mypy says: Argument 1 to "len" has incompatible type "int"; expected "Sized" [arg-type]
# pyright says: Argument of type "i32" cannot be assigned to parameter "obj" of type "Sized" in function "len"
# "int" is incompatible with protocol "Sized" "__len__" is not present (reportArgumentType)
length = len(calls.add(1, 2))
# mypy says: Item "None" of "str | None" has no attribute "upper" [union-attr]
# pyright says: "upper" is not a known attribute of "None" (reportOptionalMemberAccess)
upper = calls.find("x").upper()

# mypy says: Incompatible types in assignment (expression has type "str", variable has type "int")
# [assignment]
# pyright says: Cannot assign to attribute "counter" for class "Calls" "Literal['1']" is not assignable to
# "int" (reportAttributeAccessIssue)
calls.counter = "1"
# mypy says: Incompatible types in assignment (expression has type "None", variable has type "int")
# [assignment]
# pyright says: Cannot assign to attribute "counter" for class "Calls" "None" is not assignable to "int"
# (reportAttributeAccessIssue)
calls.counter = None
# mypy says: Property "limit" defined in "Calls" is read-only [misc]
# pyright says: Cannot assign to attribute "limit" for class "Calls" "float" is not assignable to "property"
# (reportAttributeAccessIssue)
calls.limit = 2.5
# mypy says: "Calls" has no attribute "unknown" [attr-defined]
# pyright says: Cannot assign to attribute "unknown" for class "Calls" Attribute "unknown" is unknown
# (reportAttributeAccessIssue)
calls.unknown = 1
