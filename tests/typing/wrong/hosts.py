"""Wrong host functions, imports and function values."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: ERA001 - comments quote the checkers

from collections.abc import Callable

from wasmbind import AscClass, AscModule, host, i32, string


class Line(AscClass):
    on_change: Callable[[string], None] | None

    def __init__(self) -> None: ...


class Hosts(AscModule, wasm="hosts.wasm"):
    handler: Callable[[i32], i32]

    def each(self, n: i32, f: Callable[[i32], i32]) -> i32: ...
    def adder(self) -> Callable[[i32, i32], i32]: ...
    def all(self, fs: list[Callable[[i32], i32]]) -> None: ...

    @host("env")
    def log(self, message: string) -> None: ...

    @host("env")
    def name(self, number: i32) -> string:
        # mypy says: Incompatible return value type (got "int", expected "str") [return-value]
        # pyright says: Type "i32" is not assignable to return type "string" "int" is not assignable to "str"
        # (reportReturnType)
        return number

    @host("env")
    def length(self, text: string) -> i32:
        # mypy says: Unsupported operand types for + ("int" and "str") [operator]
        # pyright says: Operator "+" not supported for types "int" and "string" (reportOperatorIssue)
        return len(text) + text


class Other(Hosts):
    @host("env")
    # mypy says: Argument 1 of "log" is incompatible with supertype "Hosts"; supertype defines the argument type as
    # "str" [override]
    # pyright says: Method "log" overrides class "Hosts" in an incompatible manner Parameter 2 type mismatch: base
    # parameter is type "string", override parameter is type "i32" "str" is not assignable to "int"
    # (reportIncompatibleMethodOverride)
    def log(self, message: i32) -> None: ...


# mypy says: Argument 1 to "host" has incompatible type "int"; expected "str" [arg-type]
# pyright says: Argument of type "Literal[1]" cannot be assigned to parameter "module" of type "str" in function "host"
# "Literal[1]" is not assignable to "str" (reportArgumentType)
@host(1)
def module_is_no_name() -> None: ...


hosts, line = Hosts(), Line()


def text(a: str) -> str:
    return a


async def waiting(a: int) -> int:
    return a


# mypy says: Argument 2 to "each" of "Hosts" has incompatible type "Callable[[str], str]"; expected "Callable[[int],
# int]" [arg-type]
# pyright says: Argument of type "(a: str) -> str" cannot be assigned to parameter "f" of type "(i32) -> i32" in
# function "each" Type "(a: str) -> str" is not assignable to type "(i32) -> i32" Parameter 1: type "i32" is
# incompatible with type "str" "int" is not assignable to "str" Function return type "str" is incompatible with type
# "i32" "str" is not assignable to "int" (reportArgumentType)
hosts.each(1, text)
# mypy says: Argument 2 to "each" of "Hosts" has incompatible type "Callable[[int], Coroutine[Any, Any, int]]"; expected
# "Callable[[int], int]" [arg-type]
# pyright says: Argument of type "(a: int) -> CoroutineType[Any, Any, int]" cannot be assigned to parameter "f" of type
# "(i32) -> i32" in function "each" Type "(a: int) -> CoroutineType[Any, Any, int]" is not assignable to type "(i32) ->
# i32" Function return type "CoroutineType[Any, Any, int]" is incompatible with type "i32" "CoroutineType[Any, Any,
# int]" is not assignable to "int" (reportArgumentType)
hosts.each(1, waiting)
# mypy says: Argument 2 to "each" of "Hosts" has incompatible type "Callable[[], int]"; expected "Callable[[int], int]"
# [arg-type]
# mypy says: Cannot infer type of lambda [misc]
# pyright says: Argument of type "() -> Literal[1]" cannot be assigned to parameter "f" of type "(i32) -> i32" in
# function "each" Type "() -> Literal[1]" is not assignable to type "(i32) -> i32" Function accepts too few positional
# parameters; expected 1 but received 0 (reportArgumentType)
hosts.each(1, lambda: 1)
# mypy says: Argument 2 to "each" of "Hosts" has incompatible type "None"; expected "Callable[[int], int]" [arg-type]
# pyright says: Argument of type "None" cannot be assigned to parameter "f" of type "(i32) -> i32" in function "each"
# Type "None" is not assignable to type "(i32) -> i32" (reportArgumentType)
hosts.each(1, None)
# mypy says: Argument 2 to "each" of "Hosts" has incompatible type "int"; expected "Callable[[int], int]" [arg-type]
# pyright says: Argument of type "Literal[5]" cannot be assigned to parameter "f" of type "(i32) -> i32" in function
# "each" Type "Literal[5]" is not assignable to type "(i32) -> i32" (reportArgumentType)
hosts.each(1, 5)
# mypy says: List item 0 has incompatible type "Callable[[str], str]"; expected "Callable[[int], int]" [list-item]
# pyright says: Argument of type "list[(a: str) -> str]" cannot be assigned to parameter "fs" of type "list[(i32) ->
# i32]" in function "all" Type "(a: str) -> str" is not assignable to type "(i32) -> i32" Parameter 1: type "i32" is
# incompatible with type "str" "int" is not assignable to "str" Function return type "str" is incompatible with type
# "i32" "str" is not assignable to "int" (reportArgumentType)
hosts.all([text])
# mypy says: Too few arguments [call-arg]
# pyright says: Expected 1 more positional argument (reportCallIssue)
hosts.adder()(1)
# mypy says: Argument 1 has incompatible type "str"; expected "int" [arg-type]
# pyright says: Argument of type "Literal['x']" cannot be assigned to parameter of type "i32" "Literal['x']" is not
# assignable to "int" (reportArgumentType)
hosts.adder()("x", 2)
# mypy says: Incompatible types in assignment (expression has type "Callable[[str], str]", variable has type
# "Callable[[int], int]") [assignment]
# pyright says: Cannot assign to attribute "handler" for class "Hosts" Type "(a: str) -> str" is not assignable to type
# "(i32) -> i32" Parameter 1: type "i32" is incompatible with type "str" "int" is not assignable to "str" Function
# return type "str" is incompatible with type "i32" "str" is not assignable to "int" (reportAttributeAccessIssue)
hosts.handler = text
# mypy says: Incompatible types in assignment (expression has type "None", variable has type "Callable[[int], int]")
# [assignment]
# pyright says: Cannot assign to attribute "handler" for class "Hosts" Type "None" is not assignable to type "(i32) ->
# i32" (reportAttributeAccessIssue)
hosts.handler = None
# mypy says: Incompatible types in assignment (expression has type "int", variable has type "Callable[[str], None] |
# None") [assignment]
# pyright says: Cannot assign to attribute "on_change" for class "Line" Type "Literal[5]" is not assignable to type
# "((string) -> None) | None" Type "Literal[5]" is not assignable to type "(string) -> None" "Literal[5]" is not
# assignable to "None" (reportAttributeAccessIssue)
line.on_change = 5
# mypy says: "None" not callable [misc]
# mypy says: Argument 1 has incompatible type "int"; expected "str" [arg-type]
# pyright says: Argument of type "Literal[1]" cannot be assigned to parameter of type "string" "Literal[1]" is not
# assignable to "str" (reportArgumentType)
# pyright says: Object of type "None" cannot be called (reportOptionalCall)
line.on_change(1)
# mypy says: Dict entry 0 has incompatible type "str": "str"; expected "str": "Mapping[str, Callable[..., Any] | float |
# SharedMemory]" [dict-item]
# pyright says: Argument of type "dict[str, str]" cannot be assigned to parameter "imports" of type "Imports | None" in
# function "__init__" Type "dict[str, str]" is not assignable to type "Imports | None" "dict[str, str]" is not
# assignable to "Mapping[str, Mapping[str, ((...) -> Any) | float | SharedMemory]]" Type parameter "_VT_co@Mapping" is
# covariant, but "str" is not a subtype of "Mapping[str, ((...) -> Any) | float | SharedMemory]" "str" is not assignable
# to "Mapping[str, ((...) -> Any) | float | SharedMemory]" "dict[str, str]" is not assignable to "None"
# (reportArgumentType)
Hosts(imports={"env": "log"})
# mypy says: Dict entry 0 has incompatible type "str": "str"; expected "str": "Callable[..., Any] | float |
# SharedMemory" [dict-item]
# pyright says: Argument of type "dict[str, dict[str, str]]" cannot be assigned to parameter "imports" of type "Imports
# | None" in function "__init__" Type "dict[str, dict[str, str]]" is not assignable to type "Imports | None" "dict[str,
# dict[str, str]]" is not assignable to "Mapping[str, Mapping[str, ((...) -> Any) | float | SharedMemory]]" Type
# parameter "_VT_co@Mapping" is covariant, but "dict[str, str]" is not a subtype of "Mapping[str, ((...) -> Any) | float
# | SharedMemory]" "dict[str, str]" is not assignable to "Mapping[str, ((...) -> Any) | float | SharedMemory]" Type
# parameter "_VT_co@Mapping" is covariant, but "str" is not a subtype of "((...) -> Any) | float | SharedMemory"
# "dict[str, dict[str, str]]" is not assignable to "None" (reportArgumentType)
Hosts(imports={"env": {"log": "text"}})
# mypy says: Argument "imports" to "Hosts" has incompatible type "int"; expected "Mapping[str, Mapping[str,
# Callable[..., Any] | float | SharedMemory]] | None" [arg-type]
# pyright says: Argument of type "Literal[5]" cannot be assigned to parameter "imports" of type "Imports | None" in
# function "__init__" Type "Literal[5]" is not assignable to type "Imports | None" "Literal[5]" is not assignable to
# "Mapping[str, Mapping[str, ((...) -> Any) | float | SharedMemory]]" "Literal[5]" is not assignable to "None"
# (reportArgumentType)
Hosts(imports=5)
# mypy says: Unexpected keyword argument "log" for "Hosts" [call-arg]
# pyright says: No parameter named "log" (reportCallIssue)
Hosts(log=print)
# mypy says: Argument 1 to "log" of "Hosts" has incompatible type "int"; expected "str" [arg-type]
# pyright says: Argument of type "Literal[5]" cannot be assigned to parameter "message" of type "string" in function
# "log" "Literal[5]" is not assignable to "str" (reportArgumentType)
hosts.log(5)
