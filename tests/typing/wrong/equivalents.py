"""Python's own collections where live ones are declared: the plugin lets them be passed, if their elements fit."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: ERA001 - comments quote the checkers

from wasmbind import Array, AscClass, AscModule, Float64Array, Map, Set, StaticArray, Uint8Array, f64, i32, string


class Line(AscClass):
    s: string

    def __init__(self, words: Array[string]) -> None: ...
    def add(self, words: Array[string]) -> None: ...
    @staticmethod
    def joined(lines: "Array[Line]") -> "Line": ...


class Table(AscClass):
    rows: Array[Array[f64]]
    maybe: Array[Array[f64]] | None
    by_word: Map[string, Array[Line]]


class Files(AscModule, wasm="files.wasm"):
    def total(self, values: Array[f64]) -> f64: ...
    def fixed(self, values: StaticArray[i32]) -> i32: ...
    def samples(self, values: Float64Array | None) -> f64: ...
    def bytes(self, values: Uint8Array) -> i32: ...
    def index(self, places: Map[string, i32]) -> None: ...
    def tags(self, names: Set[string]) -> None: ...
    def grid(self, rows: Array[Array[f64]]) -> f64: ...

    def twice(self, values: Array[f64]) -> f64:
        """A function of Python's own, which gets what it is given."""
        return 2 * self.total(values)


class MoreFiles(Files):
    # plugin says: Argument 1 of "fixed" is incompatible with supertype "Files"; supertype defines the argument type as
    # "StaticArray[int] | Iterable[int]" [override]
    def fixed(self, values: StaticArray[i32]) -> i32:
        """What a call of `Files.fixed` passes here may be a tuple."""
        return len(values)


def passed(files: Files, line: Line) -> None:
    """What the plugin lets pass, and the checkers without it do not."""
    # plugin says: nothing
    # mypy says: Argument 1 to "total" of "Files" has incompatible type "list[float]"; expected "Array[float]"
    # [arg-type]
    # pyright says: Argument of type "list[float | int]" cannot be assigned to parameter "values" of type
    # "Array[f64]" in function "total" "list[float | int]" is not assignable to "Array[f64]" (reportArgumentType)
    files.total([1.0, 2])
    # plugin says: nothing
    # mypy says: Argument 1 to "fixed" of "Files" has incompatible type "tuple[int, int]"; expected
    # "StaticArray[int]" [arg-type]
    # pyright says: Argument of type "tuple[Literal[1], Literal[2]]" cannot be assigned to parameter "values" of type
    # "StaticArray[i32]" in function "fixed" "tuple[Literal[1], Literal[2]]" is not assignable to "StaticArray[i32]"
    # (reportArgumentType)
    files.fixed((1, 2))
    # plugin says: nothing
    # mypy says: Argument 1 to "samples" of "Files" has incompatible type "list[float]"; expected "Float64Array |
    # None" [arg-type]
    # pyright says: Argument of type "list[float]" cannot be assigned to parameter "values" of type "Float64Array |
    # None" in function "samples" Type "list[float]" is not assignable to type "Float64Array | None" "list[float]" is
    # not assignable to "Float64Array" "list[float]" is not assignable to "None" (reportArgumentType)
    files.samples([0.5])
    # plugin says: nothing
    # mypy says: Argument 1 to "bytes" of "Files" has incompatible type "bytes"; expected "Uint8Array" [arg-type]
    # pyright says: Argument of type "Literal[b"\x00"]" cannot be assigned to parameter "values" of type "Uint8Array"
    # in function "bytes" "Literal[b"\x00"]" is not assignable to "Uint8Array" (reportArgumentType)
    files.bytes(b"\x00")
    # plugin says: nothing
    # mypy says: Argument 1 to "index" of "Files" has incompatible type "dict[str, int]"; expected "Map[str, int]"
    # [arg-type]
    # pyright says: Argument of type "dict[str, int]" cannot be assigned to parameter "places" of type "Map[string,
    # i32]" in function "index" (reportArgumentType)
    files.index({"a": 1})
    # plugin says: nothing
    # mypy says: Argument 1 to "tags" of "Files" has incompatible type "set[str]"; expected
    # "wasmbind._live.sets.Set[str]" [arg-type]
    # pyright says: Argument of type "set[str]" cannot be assigned to parameter "names" of type "Set[string]" in
    # function "tags" "set[str]" is not assignable to "Set[string]" (reportArgumentType)
    files.tags({"a"})
    # plugin says: nothing
    # mypy says: Argument 1 to "grid" of "Files" has incompatible type "list[list[float]]"; expected
    # "Array[Array[float]]" [arg-type]
    # pyright says: Argument of type "list[list[float]]" cannot be assigned to parameter "rows" of type
    # "Array[Array[f64]]" in function "grid" "list[list[float]]" is not assignable to "Array[Array[f64]]"
    # (reportArgumentType)
    files.grid([[1.0], [2.0]])
    # plugin says: nothing
    # mypy says: Argument 1 to "add" of "Line" has incompatible type "list[str]"; expected "Array[str]" [arg-type]
    # pyright says: Argument of type "list[str]" cannot be assigned to parameter "words" of type "Array[string]" in
    # function "add" "list[str]" is not assignable to "Array[string]" (reportArgumentType)
    line.add(["a"])
    # plugin says: nothing
    # mypy says: Argument 1 to "Line" has incompatible type "list[str]"; expected "Array[str]" [arg-type]
    # pyright says: Argument of type "list[str]" cannot be assigned to parameter "words" of type "Array[string]" in
    # function "__init__" "list[str]" is not assignable to "Array[string]" (reportArgumentType)
    files[Line](["a"])
    # plugin says: nothing
    # mypy says: Argument 1 to "joined" of "Line" has incompatible type "list[Line]"; expected "Array[Line]"
    # [arg-type]
    # pyright says: Argument of type "list[Line]" cannot be assigned to parameter "lines" of type "Array[Line]" in
    # function "joined" "list[Line]" is not assignable to "Array[Line]" (reportArgumentType)
    Line.joined([line])


def refused(files: Files, line: Line) -> None:
    """What is wrong to all."""
    # plugin says: List item 0 has incompatible type "str"; expected "float" [list-item]
    # mypy says: Argument 1 to "total" of "Files" has incompatible type "list[str]"; expected "Array[float]"
    # [arg-type]
    # pyright says: Argument of type "list[str]" cannot be assigned to parameter "values" of type "Array[f64]" in
    # function "total" "list[str]" is not assignable to "Array[f64]" (reportArgumentType)
    files.total(["1"])
    # plugin says: Argument 1 to "total" of "Files" has incompatible type "float"; expected "Array[float] |
    # Iterable[float]" [arg-type]
    # mypy says: Argument 1 to "total" of "Files" has incompatible type "float"; expected "Array[float]" [arg-type]
    # pyright says: Argument of type "float" cannot be assigned to parameter "values" of type "Array[f64]" in
    # function "total" "float" is not assignable to "Array[f64]" (reportArgumentType)
    files.total(1.5)
    # plugin says: Argument 1 to "total" of "Files" has incompatible type "None"; expected "Array[float] |
    # Iterable[float]" [arg-type]
    # mypy says: Argument 1 to "total" of "Files" has incompatible type "None"; expected "Array[float]" [arg-type]
    # pyright says: Argument of type "None" cannot be assigned to parameter "values" of type "Array[f64]" in function
    # "total" "None" is not assignable to "Array[f64]" (reportArgumentType)
    files.total(None)
    # plugin says: List item 0 has incompatible type "float"; expected "int" [list-item]
    # mypy says: Argument 1 to "fixed" of "Files" has incompatible type "list[float]"; expected "StaticArray[int]"
    # [arg-type]
    # pyright says: Argument of type "list[float]" cannot be assigned to parameter "values" of type
    # "StaticArray[i32]" in function "fixed" "list[float]" is not assignable to "StaticArray[i32]" (reportArgumentType)
    files.fixed([1.5])
    # plugin says: List item 0 has incompatible type "str"; expected "int" [list-item]
    # mypy says: Argument 1 to "bytes" of "Files" has incompatible type "list[str]"; expected "Uint8Array" [arg-type]
    # pyright says: Argument of type "list[str]" cannot be assigned to parameter "values" of type "Uint8Array" in
    # function "bytes" "list[str]" is not assignable to "Uint8Array" (reportArgumentType)
    files.bytes(["1"])
    # plugin says: Dict entry 0 has incompatible type "int": "str"; expected "str": "int" [dict-item]
    # mypy says: Argument 1 to "index" of "Files" has incompatible type "dict[int, str]"; expected "Map[str, int]"
    # [arg-type]
    # pyright says: Argument of type "dict[int, str]" cannot be assigned to parameter "places" of type "Map[string,
    # i32]" in function "index" (reportArgumentType)
    files.index({1: "a"})
    # plugin says: Argument 1 to "index" of "Files" has incompatible type "list[str]"; expected "Map[str, int] |
    # Mapping[str, int]" [arg-type]
    # mypy says: Argument 1 to "index" of "Files" has incompatible type "list[str]"; expected "Map[str, int]"
    # [arg-type]
    # pyright says: Argument of type "list[str]" cannot be assigned to parameter "places" of type "Map[string, i32]"
    # in function "index" "list[str]" is not assignable to "Map[string, i32]" (reportArgumentType)
    files.index(["a"])
    # plugin says: List item 0 has incompatible type "int"; expected "str" [list-item]
    # mypy says: Argument 1 to "tags" of "Files" has incompatible type "list[int]"; expected
    # "wasmbind._live.sets.Set[str]" [arg-type]
    # pyright says: Argument of type "list[int]" cannot be assigned to parameter "names" of type "Set[string]" in
    # function "tags" "list[int]" is not assignable to "Set[string]" (reportArgumentType)
    files.tags([1])
    # plugin says: List item 0 has incompatible type "float"; expected "Iterable[float]" [list-item]
    # mypy says: Argument 1 to "grid" of "Files" has incompatible type "list[float]"; expected "Array[Array[float]]"
    # [arg-type]
    # pyright says: Argument of type "list[float]" cannot be assigned to parameter "rows" of type "Array[Array[f64]]"
    # in function "grid" "list[float]" is not assignable to "Array[Array[f64]]" (reportArgumentType)
    files.grid([1.0])
    # plugin says: List item 0 has incompatible type "Line"; expected "str" [list-item]
    # mypy says: Argument 1 to "add" of "Line" has incompatible type "list[Line]"; expected "Array[str]" [arg-type]
    # pyright says: Argument of type "list[Line]" cannot be assigned to parameter "words" of type "Array[string]" in
    # function "add" "list[Line]" is not assignable to "Array[string]" (reportArgumentType)
    line.add([line])
    # plugin says: Argument 1 to "Line" has incompatible type "int"; expected "Array[str] | Iterable[str]" [arg-type]
    # mypy says: Argument 1 to "Line" has incompatible type "int"; expected "Array[str]" [arg-type]
    # pyright says: Argument of type "Literal[5]" cannot be assigned to parameter "words" of type "Array[string]" in
    # function "__init__" "Literal[5]" is not assignable to "Array[string]" (reportArgumentType)
    files[Line](5)
    # plugin says: List item 0 has incompatible type "str"; expected "Line" [list-item]
    # mypy says: Argument 1 to "joined" of "Line" has incompatible type "list[str]"; expected "Array[Line]"
    # [arg-type]
    # pyright says: Argument of type "list[str]" cannot be assigned to parameter "lines" of type "Array[Line]" in
    # function "joined" "list[str]" is not assignable to "Array[Line]" (reportArgumentType)
    Line.joined(["a"])
    # mypy says: Argument 1 to "twice" of "Files" has incompatible type "list[float]"; expected "Array[float]"
    # [arg-type]
    # pyright says: Argument of type "list[float]" cannot be assigned to parameter "values" of type "Array[f64]" in
    # function "twice" "list[float]" is not assignable to "Array[f64]" (reportArgumentType)
    files.twice([1.0])


def nested(table: Table, line: Line) -> None:
    """Nested values for live fields: without the plugin, the elements have to be live ones."""
    table.rows = [table.rows[0]]
    # plugin says: nothing
    # mypy says: List item 0 has incompatible type "list[float]"; expected "Array[float]" [list-item]
    # mypy says: List item 1 has incompatible type "tuple[()]"; expected "Array[float]" [list-item]
    # pyright says: Cannot assign to attribute "rows" for class "Table" "list[float | int]" is not assignable to
    # "Array[f64]" "tuple[()]" is not assignable to "Array[f64]" (reportAttributeAccessIssue)
    table.rows = [[1.0, 2], ()]
    # plugin says: nothing
    # mypy says: List item 0 has incompatible type "list[float]"; expected "Array[float]" [list-item]
    # pyright says: Cannot assign to attribute "maybe" for class "Table" Type "list[list[float]]" is not assignable
    # to type "Array[Array[f64]] | None" "list[list[float]]" is not assignable to "Array[Array[f64]]"
    # "list[list[float]]" is not assignable to "None" (reportAttributeAccessIssue)
    table.maybe = [[1.0]]
    # plugin says: nothing
    # mypy says: Dict entry 0 has incompatible type "str": "list[Line]"; expected "str": "Array[Line]" [dict-item]
    # pyright says: Cannot assign to attribute "by_word" for class "Table" Type "dict[str, list[Line]]" is not
    # assignable to type "Map[string, Array[Line]] | Mapping[string, Array[Line]]" "dict[str, list[Line]]" is not
    # assignable to "Map[string, Array[Line]]" "dict[str, list[Line]]" is not assignable to "Mapping[string,
    # Array[Line]]" Type parameter "_VT_co@Mapping" is covariant, but "list[Line]" is not a subtype of "Array[Line]"
    # "list[Line]" is not assignable to "Array[Line]" (reportAttributeAccessIssue)
    table.by_word = {"a": [line]}
    # plugin says: List item 0 has incompatible type "str"; expected "float" [list-item]
    # mypy says: List item 0 has incompatible type "list[str]"; expected "Array[float]" [list-item]
    # pyright says: Cannot assign to attribute "rows" for class "Table" "list[str]" is not assignable to "Array[f64]"
    # (reportAttributeAccessIssue)
    table.rows = [["x"]]
    # plugin says: Dict entry 0 has incompatible type "str": "Line"; expected "str": "Iterable[Line]" [dict-item]
    # mypy says: Dict entry 0 has incompatible type "str": "Line"; expected "str": "Array[Line]" [dict-item]
    # pyright says: Cannot assign to attribute "by_word" for class "Table" Type "dict[str, Line]" is not assignable
    # to type "Map[string, Array[Line]] | Mapping[string, Array[Line]]" "dict[str, Line]" is not assignable to
    # "Map[string, Array[Line]]" "dict[str, Line]" is not assignable to "Mapping[string, Array[Line]]" Type parameter
    # "_VT_co@Mapping" is covariant, but "Line" is not a subtype of "Array[Line]" "Line" is not assignable to
    # "Array[Line]" (reportAttributeAccessIssue)
    table.by_word = {"a": line}
