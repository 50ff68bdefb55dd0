"""What users get wrong about host functions, and about instances that were stopped, and what they are told."""

# mypy: disable-error-code="empty-body"

from typing import Any

import pytest

from tests.compiling import compile_asc
from wasmbind import (
    AscModule,
    BindError,
    DeclarationError,
    InstanceError,
    LimitError,
    Limits,
    LowerTypeError,
    host,
    i32,
)

SOURCE = """
@external("app", "stop") declare function stop(): void;
@external("app", "number") declare function number(a: i32): i32;
export function stopThen(n: i32): i32 { stop(); return n; }
export function useNumber(n: i32): i32 { return number(n); }
export function forever(): void { while (true) {} }
export function add(a: i32, b: i32): i32 { return a + b; }
"""


class Asking(AscModule, wasm=compile_asc(SOURCE, transform=True)):
    def stopThen(self, n: i32) -> i32: ...
    def useNumber(self, n: i32) -> i32: ...
    def forever(self) -> None: ...
    def add(self, a: i32, b: i32) -> i32: ...

    @host("app", "number")
    def number(self, a: i32) -> i32:
        return a

    @host("app", "stop")
    def stop(self) -> None:
        self.stopped = self.runtime.interrupt()


def test_an_interrupt_that_comes_too_late() -> None:
    """A call that ends by itself takes its interrupt with it; the next calls of the thread are left alone."""
    module = Asking()
    for _ in range(20):
        assert module.stopThen(4) == 4
        assert module.stopped
        for _ in range(200):
            assert module.add(1, 2) == 3


def test_an_error_that_is_swallowed() -> None:
    """A host function whose own call was stopped does not let the outer call go on in a torn heap."""

    class Swallowing(Asking):
        def stop(self) -> None:
            with pytest.raises(LimitError):
                self.forever()

    module = Swallowing(limits=Limits(timeout=0.1))
    with pytest.raises(InstanceError, match="took longer than its 0"):
        module.stopThen(4)
    assert repr(module).endswith("(poisoned)>")
    module.close()
    assert repr(module).endswith("(closed)>")
    with pytest.raises(InstanceError, match="already closed"):
        module.add(1, 2)


@pytest.mark.parametrize(
    ("imports", "meant"),
    [
        ({"app": {"nmuber": int}}, "imports['app']['number']"),
        ({"application": {"number": int}}, "imports['app']['number']"),
    ],
)
def test_misspelt_imports(imports: Any, meant: str) -> None:
    """What is given for nothing, and is spelled like an import, would have been meant for that."""
    with pytest.raises(BindError) as caught:
        Asking(imports=imports)
    (mismatch,) = caught.value.mismatches
    assert mismatch.fix == f"did you mean {meant}?"


def test_imports_of_other_modules() -> None:
    """One mapping may serve several modules."""

    def double(a: int) -> int:
        return 2 * a

    given: Any = {"app": {"number": double, "unknown": int}, "other": {"print": print}}
    assert Asking(imports=given).useNumber(4) == 8


def test_two_methods_for_one_import() -> None:
    """Only one can be it; a method that overrides another has its name."""

    class Twice(Asking):
        @host("app", "number")
        def another(self, a: i32) -> i32:
            return a

    with pytest.raises(BindError, match=r"found Asking\.number, which is for that too"):
        Twice()


def test_bodies_that_return() -> None:
    """`return None` is a body, although it compiles to the same as `...`."""

    class Returning(Asking):
        @host("app", "number")
        def number(self, a: i32) -> i32:  # noqa: ARG002 - the name is that of the method it overrides
            return None  # type: ignore[return-value]  # it is the mistake

        @host("app", "stop")
        def stop(self) -> None:
            """Does nothing."""
            return

    module = Returning()
    assert module.stopThen(3) == 3
    with pytest.raises(LowerTypeError, match=r"Returning\.number -> result: i32 expects an int, got None"):
        module.useNumber(1)


def test_attributes_of_python() -> None:
    """An annotation in the class declares a global; what else to do is said."""

    class Counting(Asking):
        hits: int = 0

    with pytest.raises(DeclarationError, match="assign it in __init__ and do not annotate it in the class"):
        Counting()


def test_limits_of_another_type() -> None:
    """Limits are a `Limits`."""
    with pytest.raises(TypeError, match=r"Asking: limits= takes a Limits, such as Limits\(timeout=1.0\), got dict"):
        Asking(limits={"timeout": 5})  # type: ignore[arg-type]  # it is the mistake
