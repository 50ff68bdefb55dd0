"""Wrong fields of records."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: B018, ERA001 - what is wrong need not be used; comments quote the checkers

from wasmbind import AscModule, AscRecord, f64, i32, string


class Point(AscRecord):
    x: f64
    y: f64 = 0.0


class Pixel(Point):
    tag: string = ""


class Unordered(Point):
    # mypy says: Attributes without a default cannot follow attributes with one [misc]
    # pyright says: Fields without default values cannot appear after fields with default values
    # (reportGeneralTypeIssues)
    depth: i32


class Points(AscModule, wasm="points.wasm"):
    def origin(self) -> Point: ...


points = Points()

# mypy says: Missing positional argument "x" in call to "Point" [call-arg]
# pyright says: Argument missing for parameter "x" (reportCallIssue)
points[Point]()
# mypy says: Too many arguments for "Point" [call-arg]
# pyright says: Expected 2 positional arguments (reportCallIssue)
points[Point](1, 2, 3)
# mypy says: Argument 1 to "Point" has incompatible type "str"; expected "float" [arg-type]
# pyright says: Argument of type "Literal['1']" cannot be assigned to parameter "x" of type "f64" in function
# "__init__" "Literal['1']" is not assignable to "float" (reportArgumentType)
points[Point]("1")
# mypy says: Unexpected keyword argument "z" for "Point" [call-arg]
# pyright says: No parameter named "z" (reportCallIssue)
points[Point](1, z=2)
# mypy says: "Point" gets multiple values for keyword argument "x" [misc]
# pyright says: Parameter "x" is already assigned (reportCallIssue)
points[Point](1, x=2)
# mypy says: Argument "y" to "Point" has incompatible type "str"; expected "float" [arg-type]
# pyright says: Argument of type "Literal['2']" cannot be assigned to parameter "y" of type "f64" in function
# "__init__" "Literal['2']" is not assignable to "float" (reportArgumentType)
points[Point](x=1, y="2")
# mypy says: Argument 3 to "Pixel" has incompatible type "int"; expected "str" [arg-type]
# pyright says: Argument of type "Literal[3]" cannot be assigned to parameter "tag" of type "string" in
# function "__init__" "Literal[3]" is not assignable to "str" (reportArgumentType)
points[Pixel](1, 2, 3)
# mypy says: Argument "tag" to "Pixel" has incompatible type "None"; expected "str" [arg-type]
# pyright says: Argument of type "None" cannot be assigned to parameter "tag" of type "string" in function
# "__init__" "None" is not assignable to "str" (reportArgumentType)
points[Pixel](1, tag=None)
# mypy says: Missing positional argument "x" in call to "Point" [call-arg]
# pyright says: Argument missing for parameter "x" (reportCallIssue)
Point(y=2)

# mypy says: "Point" has no attribute "z" [attr-defined]
# pyright says: Cannot access attribute "z" for class "Point" Attribute "z" is unknown
# (reportAttributeAccessIssue)
points.origin().z
# mypy says: Incompatible types in assignment (expression has type "str", variable has type "float")
# [assignment]
# pyright says: Cannot assign to attribute "x" for class "Point" "Literal['1']" is not assignable to "float"
# (reportAttributeAccessIssue)
points.origin().x = "1"
# mypy says: Incompatible types in assignment (expression has type "Point", variable has type "Pixel")
# [assignment]
# pyright says: Type "Point" is not assignable to declared type "Pixel" "Point" is not assignable to "Pixel"
# (reportAssignmentType)
pixel: Pixel = points.origin()
