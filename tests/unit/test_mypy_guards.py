"""Mistakes of the mypy plugin become notes."""

from types import SimpleNamespace
from typing import Any

from wasmbind._mypy.guards import guarded


def broken(ctx: Any) -> str:
    """A hook with a mistake in it."""
    raise KeyError(ctx.name)


def plain(ctx: Any) -> str:
    """What mypy would have done."""
    return f"plain {ctx.name}"


class Notes(list[tuple[str, object]]):
    """Takes notes."""

    def note(self, text: str, at: object) -> None:
        """Take one."""
        self.append((text, at))


def test_a_hook_that_works_is_asked() -> None:
    """Its answer is the answer."""
    assert guarded(plain, broken)(SimpleNamespace(name="a")) == "plain a"


def test_a_mistake_leaves_things_as_they_are() -> None:
    """Where a hook fails, mypy gets what it had, and the user a note at that place."""
    notes = Notes()
    assert guarded(broken, plain)(SimpleNamespace(name="x", api=notes, context="here")) == "plain x"
    assert notes == [("wasmbind.mypy left something unchecked here, by a mistake of its own: KeyError('x')", "here")]


def test_a_class_is_a_place() -> None:
    """A hook for classes has no `context`: the note stands at the class."""
    notes = Notes()
    assert guarded(broken, plain)(SimpleNamespace(name="x", api=notes, cls="class")) == "plain x"
    assert [at for _, at in notes] == ["class"]


def test_nobody_to_tell_is_no_mistake() -> None:
    """What plugins see of mypy has no notes by contract, so there may be none."""
    assert guarded(broken, plain)(SimpleNamespace(name="x", api=SimpleNamespace())) == "plain x"
