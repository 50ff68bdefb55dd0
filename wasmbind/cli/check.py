"""`wasmbind check`: declarations against binaries, without importing the declarations or running the binaries."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wasmbind._checking import DECLARATION, Finding, NotChecked, check_module
from wasmbind._places import shown_file
from wasmbind._schema.binary import read_binary
from wasmbind._schema.format import BinaryFormatError
from wasmbind._schema.nodes import SchemaError
from wasmbind._sourcemap import printable
from wasmbind._static import StaticLoader
from wasmbind._static.finding import SourceFinder, import_roots, module_name, source_files
from wasmbind.cli.group import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Report", "check_files", "command", "find_files", "summary"]

PATH = click.Path(path_type=Path)
JSON_VERSION = 1


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that is no Python source.

    Attributes:
        file: the file.
        line: the line that is wrong.
        reason: what is wrong with it.
    """

    file: str
    line: int
    reason: str


@dataclass(slots=True)
class Report:
    """What came of checking some files.

    Attributes:
        files: how many files were read.
        modules: how many module classes were compared with their binaries.
        findings: what is wrong with declarations.
        not_checked: what was not compared, and why.
        unreadable: files that could not be read.
        strict: whether what was not compared is a failure.
    """

    files: int = 0
    modules: int = 0
    findings: list[Finding] = field(default_factory=list)
    not_checked: list[NotChecked] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    strict: bool = False

    @property
    def status(self) -> int:
        """The exit status: 0 all fits, 1 something does not, 2 a file could not be read, or nothing was checked."""
        if self.findings or (self.strict and self.not_checked):
            return 1
        return 2 if self.unreadable or not self.modules else 0


@click.command(name="check", short_help="Compare declarations with binaries.")
@click.argument("target", metavar="TARGET")
@click.argument("wasm", type=PATH, metavar="[WASM]", required=False)
@click.option("--strict", is_flag=True, help="Fail if anything that is declared could not be checked.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
def command(target: str, wasm: Path | None, *, strict: bool, as_json: bool) -> None:
    """Compare the declarations in TARGET with binaries: a Python file, a folder, or a module by its dotted name.

    Each AscModule class is compared with the file that its `wasm=` names, or with WASM. Nothing of TARGET is
    imported, and no binary runs. What only running it could tell is listed as not checked, which --strict makes a
    failure. The exit status is 0 if all that was checked fits, 1 if something does not, and 2 if a file cannot be
    read or there is nothing to check.

    \b
    Examples:
      wasmbind check app/files.py
      wasmbind check app/files.py build/release.wasm
      wasmbind check app.files
      wasmbind check . --strict --json
    """
    if wasm is not None:
        _check_binary(wasm)
    report = check_files(find_files(target), wasm, strict=strict)
    if as_json:
        click.echo(json.dumps({"version": JSON_VERSION, "target": target, **dataclasses.asdict(report)}, indent=2))
    else:
        _show(report, target)
    click.get_current_context().exit(report.status)


def _check_binary(wasm: Path) -> None:
    """Refuse what is no binary, once and not for each class.

    Raises:
        Failure: it is not there, or is no binary.
    """
    if not wasm.is_file():
        raise Failure(f"{wasm}: no such file; build it first, or correct the path")
    try:
        read_binary(wasm.read_bytes(), wasm.name)
    except OSError as error:
        raise Failure(f"{wasm} cannot be read: {error.strerror}") from None
    except BinaryFormatError as error:
        raise Failure(f"{wasm} is no WebAssembly module: {error}\n  fix  {error.fix(str(wasm))}") from None
    except SchemaError as error:
        raise Failure(f"{wasm}: {error}\n  fix  {error.fix}") from None


def find_files(target: str) -> list[Path]:
    """The Python files that TARGET means.

    Raises:
        Failure: it means none.
    """
    path = Path(target)
    # Unlike those of paths, these functions have an answer for names that no file can have.
    if os.path.isdir(path):  # noqa: PTH112 - see above
        return list(source_files(path))
    if os.path.isfile(path):  # noqa: PTH113 - see above
        if path.suffix in (".py", ".pyi"):
            return [path]
        raise Failure(f"{target} is no Python file; name the declarations first, then the binary")
    finder = SourceFinder(import_roots())
    file, folder = finder(target), finder.folder(target)
    if file is not None and file.name != "__init__.py":
        return [file]
    if folder is not None:
        return list(source_files(folder))
    raise Failure(f"{target}: no such file, folder or module; modules are looked for in ., src and Python's path")


def check_files(files: Sequence[Path], binary: Path | None = None, *, strict: bool = False) -> Report:
    """Check the declarations in some files.

    Args:
        files: the files.
        binary: what to compare them with, in place of what `wasm=` says.
        strict: whether what was not compared is a failure.
    """
    report = Report(strict=strict)
    loaders: dict[Path, StaticLoader] = {}
    for file in files:
        root, name = module_name(file)
        loader = loaders.get(root)
        if loader is None:
            loader = loaders[root] = StaticLoader(SourceFinder([root, *import_roots()]))
        module = loader.load(file, name)
        report.files += 1
        if module.unreadable is not None:
            report.unreadable.append(Unreadable(shown_file(str(module.path)), *module.unreadable))
            continue
        checked = check_module(module, binary)
        report.modules += checked.modules
        report.findings += (finding for finding in checked.findings if finding not in report.findings)
        report.not_checked += checked.not_checked
    report.findings.sort(key=lambda finding: (finding.file, finding.line))
    report.not_checked.sort(key=lambda left: (left.file, left.line))
    return report


def _show(report: Report, target: str) -> None:
    """Print a report for people; colours are left out where no terminal shows them."""
    for finding in report.findings:
        _show_place(finding)
        code = click.style(f"[{finding.code}]", fg="red")
        click.echo(f" {code} {printable(finding.message)}")
        for line in finding.fix.splitlines():
            click.echo(f"    {click.style('fix:', fg='green')} {printable(line)}")
    for unreadable in report.unreadable:
        _show_place(unreadable)
        click.echo(f" {click.style('not read:', fg='red')} {printable(unreadable.reason)}")
    for left in report.not_checked:
        _show_place(left)
        click.echo(f" {click.style('not checked:', fg='yellow')} {printable(f'{left.who}: {left.reason}')}")
    click.echo(summary(report, target))


def _show_place(item: Any) -> None:
    click.echo(f"{click.style(printable(f'{item.file}:{item.line}'), bold=True)}:", nl=False)


def summary(report: Report, target: str) -> str:
    """The last line of a report: what was found, in how much."""
    wrong = sum(finding.code == DECLARATION for finding in report.findings)
    mismatches = len(report.findings) - wrong
    counts = [_count(mismatches, "mismatch", "es"), *([_count(wrong, "wrong declaration")] if wrong else [])]
    if not report.modules and not report.findings:
        counts = [f"nothing to check in {target}: no AscModule class whose binary is known"]
    read = f"{_count(report.modules, 'module class', 'es')} in {_count(report.files, 'file')} checked"
    others = [
        f"{len(items)} {what}"
        for items, what in ((report.unreadable, "not read"), (report.not_checked, "not checked"))
        if items
    ]
    failure = " (a failure, because of --strict)" if report.strict and report.not_checked else ""
    return f"{', '.join(counts)}; {', '.join([read, *others])}{failure}"


def _count(number: int, what: str, plural: str = "s") -> str:
    return f"{number} {what}{'' if number == 1 else plural}"
