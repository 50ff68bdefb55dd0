"""Functions without a body: mypy refuses them anywhere, the plugin lets declarations have none."""

from wasmbind import AscClass, AscModule, f64, host, i32, python, string


class Line(AscClass):
    # plugin says: nothing
    # mypy says: Missing return statement [empty-body]
    def text(self) -> string: ...
    @property
    # plugin says: nothing
    # mypy says: Missing return statement [empty-body]
    def size(self) -> i32: ...
    @staticmethod
    # plugin says: nothing
    # mypy says: Missing return statement [empty-body]
    def parse(text: string) -> "Line": ...
    @python
    # mypy says: Missing return statement [empty-body]
    def shown(self) -> str: ...


class Bodies(AscModule, wasm="bodies.wasm"):
    # plugin says: nothing
    # mypy says: Missing return statement [empty-body]
    def total(self, values: list[f64], by: i32 = ...) -> f64: ...
    # plugin says: nothing
    # mypy says: Missing return statement [empty-body]
    # pyright says: Function with declared return type "i32" must return value on all code paths "None" is not
    # assignable to "int" (reportReturnType)
    def documented(self) -> i32:
        """Only this."""

    # plugin says: nothing
    # mypy says: Missing return statement [empty-body]
    # pyright says: Function with declared return type "i32" must return value on all code paths "None" is not
    # assignable to "int" (reportReturnType)
    def passing(self) -> i32:
        pass

    @host("env", "read")
    # plugin says: nothing
    # mypy says: Missing return statement [empty-body]
    def read(self, place: i32) -> i32: ...


class Ordinary:
    # mypy says: Missing return statement [empty-body]
    def text(self) -> str: ...
