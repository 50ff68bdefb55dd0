"""Keeps what goes wrong in the plugin from ending the run of mypy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["guarded"]

C = TypeVar("C")
R = TypeVar("R")


def guarded(hook: Callable[[C], R], otherwise: Callable[[C], R]) -> Callable[[C], R]:
    """A hook that leaves everything as it is, and says so in a note, where the real one fails.

    Args:
        hook: answers mypy.
        otherwise: what mypy would have done without the plugin.
    """

    def guard(ctx: C) -> R:
        try:
            return hook(ctx)
        except Exception as error:  # noqa: BLE001 - whatever it is: the user's program is not to blame
            _tell(ctx, error)
            return otherwise(ctx)

    return guard


def _tell(ctx: Any, error: Exception) -> None:
    """A note where mypy stands."""
    note = getattr(ctx.api, "note", None)
    at = getattr(ctx, "context", None) or getattr(ctx, "cls", None)
    if note is not None and at is not None:
        note(f"wasmbind.mypy left something unchecked here, by a mistake of its own: {error!r}", at)
