"""Declarations: what cannot mean anything is refused with who, what, where and what to write."""

# mypy: disable-error-code="empty-body, no-untyped-def"

import inspect
import os

import pytest

from wasmbind import AscClass, AscModule, i32
from wasmbind._declarations import read_declaration
from wasmbind.errors import DeclarationError


def refusal(cls: type) -> DeclarationError:
    """The error that reading the declaration raises."""
    with pytest.raises(DeclarationError) as caught:
        read_declaration(cls)
    return caught.value


class NoAnnotation(AscModule):
    def f(self, a, b: i32) -> i32: ...  # noqa: ANN001  # pyright: ignore[reportUnknownParameterType, reportMissingParameterType]


class NoResult(AscModule):
    def f(self, a: i32): ...  # noqa: ANN201 - the mistake


class Starred(AscModule):
    def f(self, *args: i32) -> None: ...


class Keywords(AscModule):
    def f(self, **options: i32) -> None: ...


class KeywordOnly(AscModule):
    def f(self, *, a: i32) -> None: ...


class VoidParameter(AscModule):
    def f(self, a: None) -> None: ...


class VoidField(AscClass):
    nothing: None


class ClassMethod(AscClass):
    @classmethod
    def make(cls) -> i32: ...


class BadType(AscModule):
    def f(self, a: i32) -> int: ...


class BadOrder(AscModule):
    def f(self, a: i32 = ..., b: i32 = 3) -> None: ...


@pytest.mark.parametrize(
    ("cls", "who", "problem", "fix"),
    [
        (NoAnnotation, "NoAnnotation.f(a)", "has no annotation", "annotate it, such as `: i32`"),
        (NoResult, "NoResult.f", "has no return annotation", "annotate it, `-> None` for void"),
        (
            Starred,
            "Starred.f(args)",
            "*args is not a positional parameter",
            "declare each AssemblyScript parameter by name, in order",
        ),
        (
            Keywords,
            "Keywords.f(options)",
            "**options is not a positional parameter",
            "declare each AssemblyScript parameter by name, in order",
        ),
        (
            KeywordOnly,
            "KeywordOnly.f(a)",
            "a is not a positional parameter",
            "declare each AssemblyScript parameter by name, in order",
        ),
        (VoidParameter, "VoidParameter.f(a)", "a parameter cannot be None", "give it a type"),
        (VoidField, "VoidField.nothing", "a field cannot be None", "give it a type"),
        (
            ClassMethod,
            "ClassMethod.make",
            "AssemblyScript has no class methods",
            "declare an AssemblyScript static with @staticmethod",
        ),
        (
            BadType,
            "BadType.f -> result",
            "int has no width",
            "write i32, or i8, i16, i64, u8, u16, u32, u64",
        ),
        (
            BadOrder,
            "BadOrder.f(b)",
            "has a Python default after a, whose default is AssemblyScript's",
            "use `= ...` for every parameter that AssemblyScript has a default for",
        ),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_mistakes(cls: type, who: str, problem: str, fix: str) -> None:
    """A declaration that cannot mean anything says who, what, where and what to write."""
    error = refusal(cls)
    file, _, line = (error.where or "").rpartition(":")
    assert (error.who, error.problem, error.fix) == (who, problem, fix)
    assert file == os.path.relpath(__file__)
    first = inspect.getsourcelines(cls)[1]
    assert first < int(line) <= first + 2


def test_python_class_methods_stay() -> None:
    """A class method with a real body is Python's own."""

    class Fine(AscClass):
        value: i32

        @classmethod
        def name(cls) -> str:
            return cls.__name__

    assert read_declaration(Fine).functions == ()
    assert Fine.name() == "Fine"
