"""Opaque values of another type than is declared."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: B018, ERA001 - what is wrong need not be used; comments quote the checkers

from wasmbind import AscModule, Opaque, WeakOpaque


class Thing:
    name: str


class Carrier(AscModule, wasm="carrier.wasm"):
    last: Opaque[Thing]

    def take(self, v: Opaque[Thing]) -> Opaque[Thing]: ...
    def weak(self) -> WeakOpaque[Thing] | None: ...


carrier = Carrier()
thing = Thing()

# mypy says: Argument 1 to "take" of "Carrier" has incompatible type "int"; expected "Thing" [arg-type]
# pyright says: Argument of type "Literal[5]" cannot be assigned to parameter "v" of type "Opaque[Thing]" in function
# "take" "Literal[5]" is not assignable to "Thing" (reportArgumentType)
carrier.take(5)
# mypy says: Argument 1 to "take" of "Carrier" has incompatible type "None"; expected "Thing" [arg-type]
# pyright says: Argument of type "None" cannot be assigned to parameter "v" of type "Opaque[Thing]" in function "take"
# "None" is not assignable to "Thing" (reportArgumentType)
carrier.take(None)
# mypy says: "Thing" has no attribute "size" [attr-defined]
# pyright says: Cannot access attribute "size" for class "Opaque[Thing]" Attribute "size" is unknown
# (reportAttributeAccessIssue)
carrier.take(thing).size
# mypy says: Item "None" of "Thing | None" has no attribute "name" [union-attr]
# pyright says: "name" is not a known attribute of "None" (reportOptionalMemberAccess)
carrier.weak().name
# mypy says: Incompatible types in assignment (expression has type "str", variable has type "Thing") [assignment]
# pyright says: Cannot assign to attribute "last" for class "Carrier" "Literal['x']" is not assignable to "Thing"
# (reportAttributeAccessIssue)
carrier.last = "x"
