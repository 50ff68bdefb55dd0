"""The mypy plugin: `plugins = wasmbind.mypy` in mypy's configuration.

It lets declarations have bodies of `...`, lets Python's lists be passed where live arrays are declared, finds integer
literals that do not fit their type, and compares declarations with the `.wasm` that they name. It imports neither
wasmtime nor any module that is checked.
"""

from __future__ import annotations

from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, Final

from mypy.plugin import Plugin

from wasmbind._mypy.acceptance import accept_nested
from wasmbind._mypy.calls import Assignments, check_call, check_construction
from wasmbind._mypy.declarations import MARKER, call_again, complete
from wasmbind._mypy.findings import Findings
from wasmbind._mypy.guards import guarded
from wasmbind._mypy.integers import analyze_integer
from wasmbind._mypy.names import INTEGER_NAMES, LIVE, DeclaredClasses
from wasmbind._mypy.watched import KeptInputs, changed_binaries

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy.nodes import MypyFile
    from mypy.options import Options
    from mypy.plugin import (
        AnalyzeTypeContext,
        AttributeContext,
        ClassDefContext,
        FunctionContext,
        MethodSigContext,
        ReportConfigContext,
    )
    from mypy.types import FunctionLike, Type

__all__ = ["WasmbindPlugin", "plugin"]

#: A program that this module is not loaded for has nothing that the plugin looks at.
_USED: Final = "wasmbind"


class WasmbindPlugin(Plugin):
    """What mypy asks, and who answers."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._loaded: dict[str, MypyFile] = {}
        self._declared = DeclaredClasses(self.lookup_fully_qualified)
        self._assignments = Assignments()
        self._findings = Findings()
        self._kept = KeptInputs(options)

    def set_modules(self, modules: dict[str, MypyFile]) -> None:
        """Begin a build."""
        super().set_modules(modules)
        self._loaded = modules
        self._declared.forget()
        self._findings.begin(modules)

    def report_config_data(self, ctx: ReportConfigContext) -> str | None:
        """What a module depends on besides itself: mypy checks it again if that changes."""
        try:
            if ctx.is_check:
                return self._kept.state_of(ctx.path)
            return self._kept.keep(ctx.path, self._findings.inputs_of(ctx.path))
        except Exception:  # noqa: BLE001 - whatever it is, such as a folder that cannot be written: mypy can go on
            return None

    def get_type_analyze_hook(self, fullname: str) -> Callable[[AnalyzeTypeContext], Type] | None:
        """Integer types keep their names."""
        if fullname in INTEGER_NAMES:
            return guarded(partial(analyze_integer, fullname=fullname), _plain_integer)
        return None

    def get_base_class_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """A class that derives from a declared one."""
        if self._declared[fullname]:
            return guarded(self._declare, _nothing)
        return None

    def _declare(self, ctx: ClassDefContext) -> None:
        self._declared[ctx.cls.fullname] = True
        call_again(ctx)

    def get_class_decorator_hook_2(self, fullname: str) -> Callable[[ClassDefContext], bool] | None:
        """The same class, when its functions are analysed."""
        return self._complete if fullname == MARKER else None

    def _complete(self, ctx: ClassDefContext) -> bool:
        guarded(complete, _nothing)(ctx)
        guarded(self._findings.report, _nothing)(ctx)
        return True

    def get_method_signature_hook(self, fullname: str) -> Callable[[MethodSigContext], FunctionLike] | None:
        """A call of a declared function, or of a method of a live collection, or what is assigned to a live field."""
        if _USED not in self._loaded:
            return None
        owner, _, name = fullname.rpartition(".")
        if name == "__set__":
            return guarded(accept_nested, _same_signature) if fullname.startswith(LIVE) else None
        if self._declared[owner] or fullname.startswith(LIVE):
            return guarded(check_call, _same_signature)
        return None

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """The construction of an object."""
        if _USED in self._loaded and (self._declared[fullname] or fullname.startswith(LIVE)):
            return guarded(check_construction, _same_result)
        return None

    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        """A field of a declared class."""
        if _USED not in self._loaded:
            return None
        owner, _, name = fullname.rpartition(".")
        if self._declared[owner]:
            return guarded(partial(self._assignments.check, name=name), _same_attribute)
        return None


def _nothing(_: ClassDefContext) -> None:
    """Leave the class as it is."""


def _plain_integer(ctx: AnalyzeTypeContext) -> Type:
    return ctx.api.named_type("builtins.int", [])


def _same_signature(ctx: MethodSigContext) -> FunctionLike:
    return ctx.default_signature


def _same_result(ctx: FunctionContext) -> Type:
    return ctx.default_return_type


def _same_attribute(ctx: AttributeContext) -> Type:
    return ctx.default_attr_type


def plugin(version: str) -> type[Plugin]:  # noqa: ARG001 - mypy says its version; what is used here is in all we support
    """What mypy calls to load the plugin."""
    return WasmbindPlugin


def __getattr__(name: str) -> str:
    """The version of the plugin, which mypy's cache and its daemon ask for.

    The daemon starts anew when it is another one than before. So it is another one when a binary has changed.
    """
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        version = metadata.version("wasmbind")
    except metadata.PackageNotFoundError:
        version = "not installed"  # imported from its sources
    return f"{version}, changed binaries" if changed_binaries() else version
