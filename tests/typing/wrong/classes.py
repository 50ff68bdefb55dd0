"""Wrong uses of classes, fields and instances."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: B018, ERA001 - what is wrong need not be used; comments quote the checkers

from wasmbind import AscClass, AscModule, f64, i32, string


class Line(AscClass):
    s: string
    next: "Line | None"

    def __init__(self, s: string) -> None: ...


class File(AscClass):
    lines: list[Line]
    size: i32

    def __init__(self) -> None: ...
    def addLine(self, line: Line) -> f64: ...
    @property
    def count(self) -> i32: ...
    @staticmethod
    def parse(text: string) -> "File": ...


class Sealed(AscClass):
    size: i32


class Files(AscModule, wasm="files.wasm"):
    def find(self, name: string) -> Line | None: ...


files = Files()
file = files[File]()
line = files[Line]("s")

# mypy says: Missing positional argument "s" in call to "Line" [call-arg]
# pyright says: Argument missing for parameter "s" (reportCallIssue)
files[Line]()
# mypy says: Argument 1 to "Line" has incompatible type "int"; expected "str" [arg-type]
# pyright says: Argument of type "Literal[1]" cannot be assigned to parameter "s" of type "string" in function
# "__init__" "Literal[1]" is not assignable to "str" (reportArgumentType)
files[Line](1)
# mypy says: Too many arguments for "Line" [call-arg]
# pyright says: Expected 1 positional argument (reportCallIssue)
files[Line]("a", "b")
# mypy says: Unexpected keyword argument "text" for "Line" [call-arg]
# pyright says: Argument missing for parameter "s" (reportCallIssue)
# pyright says: No parameter named "text" (reportCallIssue)
files[Line](text="a")
# mypy says: Too many arguments for "File" [call-arg]
# pyright says: Expected 0 positional arguments (reportCallIssue)
files[File]("a")
# mypy says: Argument 1 to "Line" has incompatible type "int"; expected "str" [arg-type]
# pyright says: Argument of type "Literal[2]" cannot be assigned to parameter "s" of type "string" in function
# "__init__" "Literal[2]" is not assignable to "str" (reportArgumentType)
Line(2)
# mypy says: Too few arguments for "Sealed" [call-arg]
# pyright says: Expected 1 more positional argument (reportCallIssue)
files[Sealed]()
# mypy says: Argument 1 to "Sealed" has incompatible type "int"; expected "Never" [arg-type]
# pyright says: Argument of type "Literal[1]" cannot be assigned to parameter "declare_an_init" of type
# "Never" in function "__init__" Type "Literal[1]" is not assignable to type "Never" (reportArgumentType)
Sealed(1)

# mypy says: Incompatible types in assignment (expression has type "str", variable has type "int")
# [assignment]
# pyright says: Cannot assign to attribute "size" for class "File" "Literal['3']" is not assignable to "int"
# (reportAttributeAccessIssue)
file.size = "3"
# mypy says: Incompatible types in assignment (expression has type "None", variable has type "int")
# [assignment]
# pyright says: Cannot assign to attribute "size" for class "File" "None" is not assignable to "int"
# (reportAttributeAccessIssue)
file.size = None
# mypy says: Incompatible types in assignment (expression has type "int", variable has type "str")
# [assignment]
# pyright says: Cannot assign to attribute "s" for class "Line" "Literal[1]" is not assignable to "str"
# (reportAttributeAccessIssue)
line.s = 1
# mypy says: Incompatible types in assignment (expression has type "None", variable has type "str")
# [assignment]
# pyright says: Cannot assign to attribute "s" for class "Line" "None" is not assignable to "str"
# (reportAttributeAccessIssue)
line.s = None
# mypy says: Incompatible types in assignment (expression has type "File", variable has type "Line | None")
# [assignment]
# pyright says: Cannot assign to attribute "next" for class "Line" Type "File" is not assignable to type "Line
# | None" "File" is not assignable to "Line" "File" is not assignable to "None" (reportAttributeAccessIssue)
line.next = file
# mypy says: List item 0 has incompatible type "str"; expected "Line" [list-item]
# pyright says: Cannot assign to attribute "lines" for class "File" "Literal['line']" is not assignable to
# "Line" (reportAttributeAccessIssue)
file.lines = ["line"]
# mypy says: Property "count" defined in "File" is read-only [misc]
# pyright says: Cannot assign to attribute "count" for class "File" "Literal[3]" is not assignable to
# "property" (reportAttributeAccessIssue)
file.count = 3
# mypy says: "File" has no attribute "length" [attr-defined]
# pyright says: Cannot assign to attribute "length" for class "File" Attribute "length" is unknown
# (reportAttributeAccessIssue)
file.length = 3

# mypy says: Argument 1 to "addLine" of "File" has incompatible type "str"; expected "Line" [arg-type]
# pyright says: Argument of type "Literal['line']" cannot be assigned to parameter "line" of type "Line" in
# function "addLine" "Literal['line']" is not assignable to "Line" (reportArgumentType)
file.addLine("line")
# mypy says: Argument 1 to "addLine" of "File" has incompatible type "File"; expected "Line" [arg-type]
# pyright says: Argument of type "File" cannot be assigned to parameter "line" of type "Line" in function
# "addLine" "File" is not assignable to "Line" (reportArgumentType)
file.addLine(file)
# mypy says: Argument 1 to "addLine" of "File" has incompatible type "Line | None"; expected "Line" [arg-type]
# pyright says: Argument of type "Line | None" cannot be assigned to parameter "line" of type "Line" in
# function "addLine" Type "Line | None" is not assignable to type "Line" "None" is not assignable to "Line"
# (reportArgumentType)
file.addLine(files.find("x"))
# mypy says: "File" has no attribute "removeLine" [attr-defined]
# pyright says: Cannot access attribute "removeLine" for class "File" Attribute "removeLine" is unknown
# (reportAttributeAccessIssue)
file.removeLine(line)
# mypy says: Argument 1 to "parse" of "File" has incompatible type "int"; expected "str" [arg-type]
# pyright says: Argument of type "Literal[1]" cannot be assigned to parameter "text" of type "string" in
# function "parse" "Literal[1]" is not assignable to "str" (reportArgumentType)
files[File].parse(1)
# mypy says: "type[File]" has no attribute "load" [attr-defined]
# pyright says: Cannot access attribute "load" for class "type[File]" Attribute "load" is unknown
# (reportAttributeAccessIssue)
files[File].load("text")

# mypy says: Incompatible types in assignment (expression has type "int", variable has type "str")
# [assignment]
# pyright says: Type "i32" is not assignable to declared type "str" "int" is not assignable to "str"
# (reportAssignmentType)
text: str = file.size
# mypy says: Incompatible types in assignment (expression has type "Line | None", variable has type "Line")
# [assignment]
# pyright says: Type "Line | None" is not assignable to declared type "Line" Type "Line | None" is not
# assignable to type "Line" "None" is not assignable to "Line" (reportAssignmentType)
found: Line = files.find("x")
# mypy says: Item "None" of "Line | None" has no attribute "s" [union-attr]
# pyright says: "s" is not a known attribute of "None" (reportOptionalMemberAccess)
files.find("x").s
# mypy says: Item "None" of "Line | None" has no attribute "s" [union-attr]
# pyright says: "s" is not a known attribute of "None" (reportOptionalMemberAccess)
line.next.s
# mypy says: "Line" has no attribute "size" [attr-defined]
# pyright says: Cannot access attribute "size" for class "Line" Attribute "size" is unknown
# (reportAttributeAccessIssue)
file.lines[0].size
# mypy says: Incompatible types in assignment (expression has type "File", variable has type "Line")
# [assignment]
# pyright says: Type "File" is not assignable to declared type "Line" "File" is not assignable to "Line"
# (reportAssignmentType)
parsed: Line = files[File].parse("text")

# mypy says: Invalid index type "str" for "Files"; expected type "type[Never]" [index]
# pyright says: Argument of type "Literal['File']" cannot be assigned to parameter "cls" of type
# "type[C@__getitem__]" in function "__getitem__" Type "Literal['File']" is not assignable to type
# "type[C@__getitem__]" (reportArgumentType)
files["File"]
# mypy says: Too many positional arguments for "Files" [call-arg]
# mypy says: Argument 1 to "Files" has incompatible type "str"; expected "Mapping[str, Mapping[str,
# Callable[..., Any] | float | SharedMemory]] | None" [arg-type]
# pyright says: Expected 0 positional arguments (reportCallIssue)
Files("files.wasm")
# mypy says: Argument "imports" to "Files" has incompatible type "list[Never]"; expected "Mapping[str,
# Mapping[str, Callable[..., Any] | float | SharedMemory]] | None" [arg-type]
# pyright says: Argument of type "list[Any]" cannot be assigned to parameter "imports" of type "Imports | None"
# in function "__init__" Type "list[Any]" is not assignable to type "Imports | None" "list[Any]" is not
# assignable to "Mapping[str, Mapping[str, ((...) -> Any) | float | SharedMemory]]" "list[Any]" is not assignable to
# "None" (reportArgumentType)
Files(imports=[])
with Files() as other:
    # mypy says: "Files" has no attribute "lines" [attr-defined]
    # pyright says: Cannot access attribute "lines" for class "Files" Attribute "lines" is unknown
    # (reportAttributeAccessIssue)
    other.lines()
