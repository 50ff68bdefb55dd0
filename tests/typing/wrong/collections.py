"""Wrong uses of live and by-value collections."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: ERA001 - comments quote the checkers

from wasmbind import Array, AscClass, AscModule, Float64Array, Map, Set, StaticArray, f64, i32, string


class Line(AscClass):
    s: string


class File(AscClass):
    lines: Array[Line]
    index: Map[string, i32]
    tags: Set[string]


class Files(AscModule, wasm="files.wasm"):
    def lines(self) -> Array[Line]: ...
    def widths(self) -> StaticArray[i32]: ...
    def samples(self) -> Float64Array: ...
    def index(self) -> Map[string, i32]: ...
    def count(self, words: dict[string, list[f64]]) -> dict[string, i32]: ...
    def data(self, content: bytes) -> bytes: ...
    def join(self, words: Array[string]) -> string: ...


def wrong_arrays(files: Files) -> None:
    """Elements have a type, and fixed arrays a length."""
    # mypy says: Argument 1 to "append" of "Array" has incompatible type "str"; expected "Line" [arg-type]
    # pyright says: Argument of type "Literal['x']" cannot be assigned to parameter "value" of type "Line" in function
    # "append" "Literal['x']" is not assignable to "Line" (reportArgumentType)
    files.lines().append("x")
    # mypy says: "Line" has no attribute "length" [attr-defined]
    # pyright says: Cannot access attribute "length" for class "Line" Attribute "length" is unknown
    # (reportAttributeAccessIssue)
    assert files.lines()[0].length
    # mypy says: "StaticArray[int]" has no attribute "append" [attr-defined]
    # pyright says: Cannot access attribute "append" for class "StaticArray[i32]" Attribute "append" is unknown
    # (reportAttributeAccessIssue)
    files.widths().append(1)
    # mypy says: No overload variant of "__setitem__" of "LiveSequence" matches argument types "int", "str"
    # [call-overload]
    # pyright says: No overloads for "__setitem__" match the provided arguments (reportCallIssue)
    # pyright says: Argument of type "Literal['x']" cannot be assigned to parameter "value" of type "float" in
    # function "__setitem__" "Literal['x']" is not assignable to "float" (reportArgumentType)
    files.samples()[0] = "x"
    # mypy says: Argument 1 to "join" of "Files" has incompatible type "Array[Line]"; expected "Array[str]" [arg-type]
    # plugin says: Argument 1 to "join" of "Files" has incompatible type "Array[Line]"; expected "Array[str] |
    # Iterable[str]" [arg-type]
    # pyright says: Argument of type "Array[Line]" cannot be assigned to parameter "words" of type "Array[string]" in
    # function "join" "Array[Line]" is not assignable to "Array[string]" Type parameter "T@Array" is invariant, but
    # "Line" is not the same as "string" (reportArgumentType)
    files.join(files.lines())


def wrong_maps(files: Files) -> None:
    """Keys and values have types."""
    # mypy says: Invalid index type "int" for "Map[str, int]"; expected type "str" [index]
    # pyright says: Argument of type "Literal[1]" cannot be assigned to parameter "key" of type "string" in function
    # "__getitem__" "Literal[1]" is not assignable to "str" (reportArgumentType)
    files.index()[1]
    # mypy says: Incompatible types in assignment (expression has type "str", target has type "int") [assignment]
    # pyright says: Argument of type "Literal['b']" cannot be assigned to parameter "value" of type "i32" in function
    # "__setitem__" "Literal['b']" is not assignable to "int" (reportArgumentType)
    files.index()["a"] = "b"
    # mypy says: List item 0 has incompatible type "str"; expected "float" [list-item]
    # pyright says: Argument of type "dict[str, list[str]]" cannot be assigned to parameter "words" of type
    # "dict[string, list[f64]]" in function "count" "Literal['x']" is not assignable to "float" (reportArgumentType)
    files.count({"a": ["x"]})
    # mypy says: "int" has no attribute "upper" [attr-defined]
    # pyright says: Cannot access attribute "upper" for class "i32" Attribute "upper" is unknown
    # (reportAttributeAccessIssue)
    files.count({"a": [0.5]})["a"].upper()
    # mypy says: Argument 1 to "data" of "Files" has incompatible type "str"; expected "bytes" [arg-type]
    # pyright says: Argument of type "Literal['text']" cannot be assigned to parameter "content" of type "bytes" in
    # function "data" "Literal['text']" is not assignable to "bytes" (reportArgumentType)
    files.data("text")


def wrong_fields(file: File) -> None:
    """What is assigned to a live field has to be a collection of its elements."""
    # mypy says: List item 0 has incompatible type "str"; expected "Line" [list-item]
    # pyright says: Cannot assign to attribute "lines" for class "File" "Literal['x']" is not assignable to "Line"
    # (reportAttributeAccessIssue)
    file.lines = ["x"]
    # mypy says: Dict entry 0 has incompatible type "str": "str"; expected "str": "int" [dict-item]
    # pyright says: Cannot assign to attribute "index" for class "File" Type "dict[str, str]" is not assignable to
    # type "Map[string, i32] | Mapping[string, i32]" "dict[str, str]" is not assignable to "Map[string, i32]"
    # "dict[str, str]" is not assignable to "Mapping[string, i32]" Type parameter "_VT_co@Mapping" is covariant, but
    # "str" is not a subtype of "i32" "str" is not assignable to "int" (reportAttributeAccessIssue)
    file.index = {"a": "b"}
    # mypy says: Incompatible types in assignment (expression has type "int", variable has type
    # "wasmbind._live.sets.Set[str] | Iterable[str]") [assignment]
    # pyright says: Cannot assign to attribute "tags" for class "File" Type "Literal[3]" is not assignable to type
    # "Set[string] | Iterable[string]" "Literal[3]" is not assignable to "Set[string]" "Literal[3]" is incompatible
    # with protocol "Iterable[string]" "__iter__" is not present (reportAttributeAccessIssue)
    file.tags = 3
