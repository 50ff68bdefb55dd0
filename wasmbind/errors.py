"""The exceptions wasmbind raises.

Every error is a :class:`WasmbindError` and also the built-in exception that fits it, carries its facts as
attributes and can be pickled::

    WasmbindError
    ├── DeclarationError (TypeError)      the Python declaration cannot mean anything
    ├── BindError (TypeError)             declaration and binary disagree: all mismatches at once
    ├── LowerError                        an argument cannot become an AssemblyScript value
    │   ├── LowerTypeError (TypeError)
    │   ├── LowerRangeError (OverflowError)
    │   └── LowerValueError (ValueError)
    ├── LiftError (ValueError)            the module produced something that is not what was declared
    │   └── HandleError                   a handle of an opaque value that stands for no Python object
    ├── AbortError (RuntimeError)         AssemblyScript `throw` or `abort`
    ├── TrapError (RuntimeError)          WebAssembly trapped
    ├── LimitError (RuntimeError)         a call went beyond one of its instance's `Limits`
    ├── ExitError (RuntimeError)          the module called `process.exit` or WASI's `proc_exit`
    ├── InstanceError (RuntimeError)      closed, poisoned, missing or foreign instance
    └── BuildError (RuntimeError)         asc refused a source, or what it needs is missing
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from wasmbind._frames import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AbortError",
    "BindError",
    "BuildError",
    "DeclarationError",
    "ExitError",
    "Frame",
    "HandleError",
    "InstanceError",
    "LiftError",
    "LimitError",
    "LowerError",
    "LowerRangeError",
    "LowerTypeError",
    "LowerValueError",
    "Mismatch",
    "TrapError",
    "WasmbindError",
]


def _restore(cls: type[WasmbindError], message: str, facts: dict[str, Any]) -> WasmbindError:
    error = cls.__new__(cls, message)
    error.args = (message,)
    error.__dict__.update(facts)
    return error


class WasmbindError(Exception):
    """The root of everything wasmbind raises on its own account."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the message and the facts, whatever the signature of the subclass."""
        return _restore, (type(self), str(self), self.__dict__.copy())


def _block(headline: str, *details: tuple[str, str | None]) -> str:
    """Join a headline with its indented `label  text` lines, leaving out those without text."""
    lines = [headline]
    for label, text in details:
        if text:
            first, *rest = text.splitlines()
            lines.append(f"  {label:<12} {first}")
            lines.extend(f"  {'':<12} {line}" for line in rest)
    return "\n".join(lines)


class DeclarationError(WasmbindError, TypeError):
    """A Python declaration that cannot be bound to any binary.

    Attributes:
        who: the declared thing, such as ``Files.sum(values)``.
        problem: what is wrong with it.
        where: ``file:line`` of the declaration, where it is known.
        fix: what to write instead.
    """

    def __init__(self, who: str, problem: str, *, fix: str | None = None, where: str | None = None) -> None:
        self.who, self.problem, self.fix, self.where = who, problem, fix, where
        super().__init__(_block(f"{who}: {problem}", ("declared at", where), ("fix", fix)))


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One disagreement between a declaration and a binary.

    Attributes:
        who: the declared thing, such as ``File.addLine``.
        declared: what the Python declaration says.
        found: what the binary says.
        fix: how to make them agree.
        where: ``file:line`` of the declaration, where it is known.
    """

    who: str
    declared: str
    found: str
    fix: str
    where: str | None = None

    def __str__(self) -> str:
        """The mismatch as a headline and its indented details."""
        return _block(
            f"{self.who}: declared {self.declared}, found {self.found}",
            ("declared at", self.where),
            ("fix", self.fix),
        )


class BindError(WasmbindError, TypeError):
    """A declaration and a binary disagree.

    Attributes:
        module: the name of the declaring class.
        binary: the name of the binary.
        mismatches: every disagreement found, in declaration order.
    """

    def __init__(self, module: str, binary: str, mismatches: Sequence[Mismatch]) -> None:
        self.module, self.binary, self.mismatches = module, binary, tuple(mismatches)
        count = "1 mismatch" if len(self.mismatches) == 1 else f"{len(self.mismatches)} mismatches"
        text = "\n".join(str(mismatch) for mismatch in self.mismatches)
        super().__init__(f"{module} does not fit {binary}: {count}\n{text}")


class LowerError(WasmbindError):
    """A Python value cannot become the declared AssemblyScript value.

    Attributes:
        path: where the value stands, such as ``Files.sum(values[3])``.
        declared: the declared AssemblyScript type.
        value: ``repr`` of the value, shortened; empty where no value is to blame.
    """

    #: Stands for the value where none is to blame.
    NO_VALUE = object()

    def __init__(self, path: str, declared: str, value: object, problem: str) -> None:
        self.path, self.declared = path, declared
        self.value = "" if value is LowerError.NO_VALUE else shorten(value)
        blame = "" if value is LowerError.NO_VALUE else f", got {self.value} ({type(value).__name__})"
        super().__init__(f"{path}: {problem}{blame}")

    def at(self, path: str) -> Self:
        """The same error about a value that stands elsewhere."""
        message = path + str(self)[len(self.path) :]
        return cast("Self", _restore(type(self), message, {**self.__dict__, "path": path}))


class LowerTypeError(LowerError, TypeError):
    """The value is of the wrong Python type."""


class LowerRangeError(LowerError, OverflowError):
    """The number does not fit the declared type. wasmbind never wraps."""


class LowerValueError(LowerError, ValueError):
    """The value is of the right type and still not acceptable."""


class LiftError(WasmbindError, ValueError):
    """The module produced a value that is not what was declared: a bad pointer, header, length or number.

    Attributes:
        problem: what was found.
        ptr: the address concerned, in bytes, or None.
    """

    def __init__(self, problem: str, ptr: int | None = None) -> None:
        self.problem, self.ptr = problem, ptr
        super().__init__(problem if ptr is None else f"{problem} (at address {ptr:#x})")


class HandleError(LiftError):
    """The module gave a handle of an opaque value that stands for no object.

    Attributes:
        handle: the number.
        reason: ``"expired"`` (the object, held weakly, is no more), ``"released"``, ``"gone"`` (either, long ago), or
            ``"unknown"`` (never given out).
    """

    def __init__(self, problem: str, handle: int, reason: str) -> None:
        self.handle, self.reason = handle, reason
        super().__init__(problem)


class AbortError(WasmbindError, RuntimeError):
    """AssemblyScript called `abort`, as `throw new Error(...)` and a failed `assert` do.

    The instance can be used again.

    Attributes:
        message: the AssemblyScript message, or None.
        file: the AssemblyScript file name, or None.
        line: 1-based line, 0 where unknown.
        column: 1-based column, 0 where unknown.
        frames: the WebAssembly frames, innermost first; the traceback shows them.
    """

    def __init__(
        self,
        message: str | None,
        file: str | None,
        line: int,
        column: int,
        frames: Sequence[Frame] = (),
        note: str | None = None,
    ) -> None:
        self.message, self.file, self.line, self.column = message, file, line, column
        self.frames = tuple(frames)
        place = f" ({file or '<unknown>'}:{line}:{column})" if file or line else ""
        text = f"{'abort' if message is None else message}{place}"
        super().__init__(text if note is None else f"{text}\n{note}")


class TrapError(WasmbindError, RuntimeError):
    """WebAssembly trapped.

    Attributes:
        code: the trap code, such as ``"integer_division_by_zero"``, or None.
        reason: wasmtime's message.
        frames: the WebAssembly frames, innermost first; the traceback shows them.
        poisoned: whether the instance is unusable from now on.
    """

    def __init__(self, code: str | None, reason: str, frames: Sequence[Frame], *, poisoned: bool) -> None:
        self.code, self.reason, self.frames, self.poisoned = code, reason, tuple(frames), poisoned
        text = f"wasm trap: {reason}" if code is None else f"wasm trap: {code}: {reason}"
        if poisoned:
            text += "\n  the heap of this instance may be torn: start a fresh instance of the module"
        super().__init__(text)


class ExitError(WasmbindError, RuntimeError):
    """The module asked to end the process, which only ends the call.

    The instance can be used again.

    Attributes:
        status: what it wanted to exit with; 0 stands for success.
        function: what it called, ``"process.exit"`` or WASI's ``"proc_exit"``.
    """

    def __init__(self, status: int, function: str) -> None:
        self.status, self.function = status, function
        super().__init__(f"the module called {function}({status})")


class LimitError(WasmbindError, RuntimeError):
    """A call went beyond one of the `Limits` of its instance, which cannot be used afterwards.

    Attributes:
        limit: ``"memory"``, ``"timeout"``, ``"fuel"`` or ``"stack"``.
        allowed: that limit, in the unit of `Limits`.
        frames: the WebAssembly frames, innermost first.
    """

    _PROBLEMS: ClassVar = {
        "memory": "needs more memory than its {:,} bytes",
        "timeout": "took longer than its {:g} seconds",
        "fuel": "used up its {:,} units of fuel",
        "stack": "recursed deeper than its {:,} bytes of stack",
    }

    def __init__(self, who: str, limit: str, allowed: float, frames: Sequence[Frame] = ()) -> None:
        self.limit, self.allowed, self.frames = limit, allowed, tuple(frames)
        fix = f"start a fresh instance, with Limits({limit}=...) if it needs more"
        super().__init__(f"{who} {self._PROBLEMS[limit].format(allowed)}\n  {fix}")


class InstanceError(WasmbindError, RuntimeError):
    """There is no usable instance: none is active, it was closed, it is poisoned, or an object is foreign.

    Attributes:
        reason: ``"missing"``, ``"closed"``, ``"poisoned"``, ``"foreign"``, ``"busy"``, ``"failed"`` to start, or
            ``"interrupted"`` before a host function began.
    """

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class BuildError(WasmbindError, RuntimeError):
    """asc refused a source, or what is needed to run asc is missing.

    Attributes:
        problem: what went wrong, in one line.
        looked: each place that was looked at, with what was found there.
        fix: what to do, where that is known.
        status: the exit status of the program that failed, or None if none was run.
        diagnostics: what that program printed.
        command: the command line of that program.
    """

    def __init__(
        self,
        problem: str,
        *,
        looked: Sequence[str] = (),
        fix: str | None = None,
        status: int | None = None,
        diagnostics: str = "",
        command: Sequence[str] = (),
    ) -> None:
        self.problem, self.looked, self.fix = problem, tuple(looked), fix
        self.status, self.diagnostics, self.command = status, diagnostics, tuple(command)
        text = _block(problem, ("looked at", "\n".join(looked)), ("fix", fix))
        super().__init__(f"{text}\n{diagnostics}".rstrip())


def shorten(value: object, limit: int = 60) -> str:
    """`repr(value)` cut to `limit` characters; a broken `__repr__` is named instead of raised."""
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - an error message must not fail because of the value it shows
        text = f"<{type(value).__name__} whose repr raised {type(error).__name__}>"
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
