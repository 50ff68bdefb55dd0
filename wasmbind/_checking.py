"""Compares what a source file declares with binaries, executing nothing of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wasmbind._annotations import is_template
from wasmbind._declared import declaration_of
from wasmbind._places import locate, shown_file
from wasmbind._schema.exposing import read_exposed
from wasmbind._schema.format import BinaryFormatError
from wasmbind._schema.nodes import SchemaError
from wasmbind._scopes import UnresolvedError
from wasmbind._static import StaticLoader, StaticModule, binary_of
from wasmbind._verification import Verification
from wasmbind.errors import DeclarationError, Mismatch

if TYPE_CHECKING:
    from pathlib import Path

    from wasmbind._schema.model import Binary

__all__ = ["DECLARATION", "MISMATCH", "Checked", "Finding", "NotChecked", "check_file", "check_module"]

#: The codes of findings: declaration and binary disagree, or the declaration makes no sense for any binary.
MISMATCH: Final = "wasmbind-mismatch"
DECLARATION: Final = "wasmbind-declaration"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a declaration.

    Attributes:
        file: the file of the declaration, relative to the working directory if it is below that.
        line: its line.
        code: ``wasmbind-mismatch`` where the binary says otherwise, ``wasmbind-declaration`` where no binary could fit.
        who: the declared thing, such as ``File.addLine``.
        declared: what the declaration says; empty where no binary could fit.
        found: what the binary says, or what is wrong with the declaration.
        fix: what to write instead; may be empty.
        message: all of it but the fix, in one line.
    """

    file: str
    line: int
    code: str
    who: str
    declared: str
    found: str
    fix: str
    message: str


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A module class, or part of a declaration, that was not compared with anything.

    Attributes:
        file: the file of the declaration.
        line: its line.
        who: the declared thing.
        reason: why not.
    """

    file: str
    line: int
    who: str
    reason: str


@dataclass(slots=True)
class Checked:
    """What came of checking one file.

    Attributes:
        modules: how many module classes were compared with their binaries.
        findings: what is wrong.
        not_checked: what was not compared, and why.
    """

    modules: int
    findings: list[Finding]
    not_checked: list[NotChecked]


def check_file(loader: StaticLoader, path: Path, name: str, binary: Path | None = None) -> list[Finding]:
    """Everything in which the module classes of a file and their binaries disagree.

    Classes whose binaries are not known without running the file are left out.

    Args:
        loader: loads the file and what it imports.
        path: the file.
        name: the dotted name of its module.
        binary: what to compare all its module classes with, in place of what `wasm=` says.
    """
    return check_module(loader.load(path, name), binary).findings


def check_module(module: StaticModule, binary: Path | None = None) -> Checked:
    """Compare the module classes of a loaded file with their binaries, and its other classes with nothing.

    Args:
        module: the file.
        binary: what to compare all its module classes with, in place of what `wasm=` says.
    """
    check = _Check(module)
    check.run(binary)
    return check.result


class _Check:
    def __init__(self, module: StaticModule) -> None:
        self._module = module
        self.result = Checked(0, [], [])
        self._found: dict[Finding, None] = {}
        self._left_out: dict[NotChecked, None] = {}

    def run(self, binary: Path | None) -> None:
        """Compare everything."""
        module = self._module
        for line, error in module.errors:
            self._refused(error, line)
        self._read_classes()
        for cls in module.modules:
            line = cls.__dict__["__asc_place__"][1]
            file = binary or binary_of(cls)
            reason = _reason(cls) if file is None else self._compare(cls, file)
            if reason is None:
                self.result.modules += 1
            elif reason:
                self._leave_out(line, cls.__name__, reason)
        for left in module.left_out:
            self._leave_out(left.line, left.who, left.reason)
        self.result.findings += self._found
        self.result.not_checked += self._left_out

    def _compare(self, cls: type[Any], file: Path) -> str | None:
        """Compare one module class with its binary; why that is not possible, "" if that has been told, else None."""
        line: int = cls.__dict__["__asc_place__"][1]
        try:
            binary = _read(cls, file)
        except DeclarationError as error:
            self._refused(error, line)
            return ""
        except SchemaError as error:
            self._differs(Mismatch(cls.__name__, "a schema that this wasmbind can read", str(error), error.fix), line)
            return ""
        try:
            verification = Verification(cls, binary, getattr(cls, "__asc_classes__", ()))
        except DeclarationError as error:
            self._refused(error, line)
        except UnresolvedError as error:
            return str(error)
        except RecursionError:
            return "its types are nested too deeply"
        else:
            for mismatch in verification.mismatches:
                self._differs(mismatch, line)
        return None

    def _read_classes(self) -> None:
        """Tell what is wrong with each class of the file: a module class tells only the first of those it reaches."""
        classes: list[type[Any]] = [*self._module.classes, *self._module.modules]
        for cls in classes:
            if not is_template(cls):
                line: int = cls.__dict__["__asc_place__"][1]
                try:
                    declaration_of(cls)
                except DeclarationError as error:
                    self._refused(error, line)
                except (UnresolvedError, RecursionError) as error:
                    reason = "its types are nested too deeply" if isinstance(error, RecursionError) else str(error)
                    self._leave_out(line, cls.__name__, reason)

    def _leave_out(self, line: int, who: str, reason: str) -> None:
        self._left_out[NotChecked(_shown(self._module.path), line, who, reason)] = None

    def _refused(self, error: DeclarationError, line: int) -> None:
        file, at = self._place(error.where, line)
        message = f"{error.who}: {error.problem}"
        if error.where is None and any(each.message == message for each in self._found):
            return  # a module class meets it again, and knows less well where it is
        self._add(Finding(file, at, DECLARATION, error.who, "", error.problem, error.fix or "", message))

    def _differs(self, mismatch: Mismatch, line: int) -> None:
        file, at = self._place(mismatch.where, line)
        message = f"{mismatch.who}: declared {mismatch.declared}, found {mismatch.found}"
        code, who = MISMATCH, mismatch.who
        self._add(Finding(file, at, code, who, mismatch.declared, mismatch.found, mismatch.fix, message))

    def _add(self, finding: Finding) -> None:
        self._found[finding] = None

    def _place(self, where: str | None, line: int) -> tuple[str, int]:
        """File and line of `file:line`; the line of the module class where nobody knows."""
        if where is None:
            return _shown(self._module.path), line
        file, _, at = where.rpartition(":")
        return file, int(at)


def _shown(path: Path) -> str:
    """A file as messages show it: relative to the working directory if it is below that."""
    return shown_file(str(path))


def _reason(cls: type[Any]) -> str:
    """Why a module class has no binary here."""
    if hasattr(cls, "__asc_wasm__"):
        return "what wasm= gives cannot be known without running code; name the binary on the command line"
    return "it names no binary: give wasm=, or name it on the command line"


def _bytes_of(file: Path) -> bytes:
    """The content of a file, and of nothing else: reading a device may never end."""
    if file.exists() and not file.is_file():
        raise OSError(0, "it is no file")
    return file.read_bytes()


def _read(cls: type[Any], file: Path) -> Binary:
    """Read a binary as a binding does.

    Raises:
        DeclarationError: it cannot be read, or is no binary.
        SchemaError: its schema is none.
    """
    try:
        given = _bytes_of(file)
    except (OSError, ValueError) as error:
        fix = f"the path is relative to {file.parent}; build the module, or correct the path"
        problem = f"cannot read {file}: {getattr(error, 'strerror', None) or error}"
        raise DeclarationError(cls.__name__, problem, fix=fix, where=locate(cls, "")) from None
    try:
        return read_exposed(given, file.name)[0]
    except BinaryFormatError as error:
        shown = _shown(file)
        problem = f"{shown} is no WebAssembly module: {error}"
        raise DeclarationError(cls.__name__, problem, fix=error.fix(shown), where=locate(cls, "")) from None
