"""Declarations against the binaries that they name, as errors on the lines that declare."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from mypy.errorcodes import ErrorCode
from mypy.nodes import ClassDef, Context, MypyFile, TypeInfo
from mypy.server.trigger import make_wildcard_trigger

from wasmbind._mypy.names import is_declared, is_module
from wasmbind._mypy.statements import all_statements
from wasmbind._mypy.watched import digest_of, watch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy.plugin import ClassDefContext

    from wasmbind._checking import Finding
    from wasmbind._mypy.watched import Inputs

__all__ = ["CODES", "Findings"]

CODES: Final = {
    code.code: code
    for code in (
        ErrorCode("wasmbind-mismatch", "Check declarations against the WebAssembly file they name", "wasmbind"),
        ErrorCode("wasmbind-declaration", "Check that declarations can mean something", "wasmbind"),
    )
}


_Stamps: TypeAlias = dict[str, tuple[int, int] | None]
"""Time and size of files."""


class _Checked(NamedTuple):
    """What was found in one file.

    Attributes:
        findings: everything.
        modules: the modules that its declarations come from.
        inputs: the files that the findings depend on besides it.
        stamps: when these and the file itself were written.
    """

    findings: Sequence[Finding]
    modules: Sequence[str]
    inputs: Inputs
    stamps: _Stamps

    @property
    def holds(self) -> bool:
        """Whether nothing has changed."""
        return all(_stamp(path) == stamp for path, stamp in self.stamps.items())


class Findings:
    """What is wrong with the declarations of each file.

    A file is checked as a whole, when mypy comes to its first declared class, and again when anything that it depends
    on has changed.
    """

    def __init__(self) -> None:
        self._modules: Mapping[str, MypyFile] = {}
        self._checked: dict[str, _Checked] = {}

    def begin(self, modules: Mapping[str, MypyFile]) -> None:
        """Look names of modules up among those that mypy has loaded."""
        self._modules = modules

    def inputs_of(self, path: str) -> Inputs:
        """What the findings in a file depend on besides it, empty where it has not been checked."""
        checked = self._checked.get(os.path.abspath(path))  # noqa: PTH100 - asked for each module
        return {} if checked is None else checked.inputs

    def report(self, ctx: ClassDefContext) -> None:
        """Report what is wrong in a declared class, and for a module class what is wrong in other files."""
        tree = self._modules.get(ctx.cls.info.module_name)
        if tree is None or not tree.path:
            return
        path = os.path.abspath(tree.path)  # noqa: PTH100 - as a key
        api: Any = ctx.api  # what plugins see of it has no notes
        checked = self._check(path, tree.fullname)
        if is_module(ctx.cls.info):
            self._depend(checked.modules, ctx)
        lines = _declared_lines(tree) if checked.findings else []
        for found in checked.findings:
            at = _place(found, path, ctx.cls, lines)
            if at is not None:
                elsewhere = "" if at is not ctx.cls else f" (declared at {found.file}:{found.line})"
                api.fail(f"{_one_line(found.message)}{elsewhere}", at, code=CODES[found.code])
                if found.fix:
                    api.note(_one_line(found.fix), at, code=CODES[found.code])

    def _depend(self, modules: Sequence[str], ctx: ClassDefContext) -> None:
        """Have a daemon come back to a class when a member of a class changes that its declarations may come to."""
        for module in modules:
            tree = self._modules.get(module)
            for symbol in tree.names.values() if tree is not None else ():
                info = symbol.node
                if isinstance(info, TypeInfo) and info.module_name == module and (info.is_enum or is_declared(info)):
                    ctx.api.add_plugin_dependency(make_wildcard_trigger(info.fullname))

    def _check(self, path: str, name: str) -> _Checked:
        known = self._checked.get(path)
        if known is not None and known.holds:
            return known
        # Programs that declare nothing do not pay for it.
        from wasmbind._mypy.checked import check_source  # noqa: PLC0415 - see above

        sources: dict[str, str] = {}

        def find(module: str) -> Path | None:
            """The source of a module, which is remembered."""
            imported = self._modules.get(module)
            if imported is None or not imported.path.endswith(".py"):
                return None
            found = os.path.abspath(imported.path)  # noqa: PTH100 - as a key
            sources[module] = found
            return Path(found)

        findings, binaries = check_source(Path(path), name, find)
        needed = sorted({*map(str, binaries), *sources.values()} - {path})
        inputs = {each: digest_of(each) for each in needed}
        watch(inputs)
        stamps = {each: _stamp(each) for each in [path, *needed]}
        checked = _Checked(findings, [*sources], inputs, stamps)
        self._checked[path] = checked
        return checked


def _place(found: Finding, path: str, defn: ClassDef, lines: Sequence[range]) -> Context | None:
    """Where to report a finding while a class is looked at; None where that is left to another class.

    Args:
        found: the finding.
        path: the file of the class.
        defn: the class.
        lines: the lines of all declared classes of the file.
    """
    if os.path.abspath(found.file) != path:  # noqa: PTH100 - as a key
        return defn if is_module(defn.info) else None
    if found.line not in _lines(defn) and (not is_module(defn.info) or any(found.line in each for each in lines)):
        return None
    return Context(found.line, defn.column if found.line == defn.line else defn.column + 4)


def _declared_lines(tree: MypyFile) -> list[range]:
    classes = [each for each in all_statements(tree.defs) if isinstance(each, ClassDef)]
    return [_lines(each) for each in classes if is_declared(each.info)]


def _lines(defn: ClassDef) -> range:
    return range(defn.line, (defn.end_line or defn.line) + 1)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except (OSError, ValueError):  # as in `digest_of`
        return None
    return found.st_mtime_ns, found.st_size
