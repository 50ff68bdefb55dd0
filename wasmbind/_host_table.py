"""The host functions that a module class declares, by import, compared with what a binary imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmbind._verify_imports import misspelt_import, second_host, verify_host

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wasmbind._conformance import Conformance
    from wasmbind._declarations import Host
    from wasmbind._schema.model import Binary, Import
    from wasmbind.errors import Mismatch

__all__ = ["HostTable"]


class HostTable:
    """The declared host functions of one module class.

    Attributes:
        hosts: by module and name of the import; those of derived classes win.
        unfit: imports for which a host function of the wrong type is declared, once they have been verified.
    """

    def __init__(self, hosts: Iterable[Host], binary: Binary, conformance: Conformance | None) -> None:
        """Collect host functions, those of derived classes last."""
        self._binary, self._conformance = binary, conformance
        self._twice: list[Mismatch] = []
        self.hosts: dict[tuple[str, str], Host] = {}
        self.unfit: set[tuple[str, str]] = set()
        for host in hosts:
            before = self.hosts.get((host.module, host.name))
            if before is not None and before.function.name != host.function.name:
                self._twice.append(second_host(before, host))
            self.hosts[host.module, host.name] = host

    def verify(self) -> Iterator[Mismatch]:
        """Compare the declared host functions with what the binary imports."""
        yield from self._twice
        wanted = {(found.module, found.name): found for found in self._binary.imports}
        unclaimed = [key for key in wanted if key not in self.hosts]
        for key, host in self.hosts.items():
            if key in wanted:
                mismatches = list(self.compare(host, wanted[key]))
                if mismatches:
                    self.unfit.add(key)
                yield from mismatches
            else:
                # It may be one of many that the class offers, or one that the optimiser has left out.
                yield from misspelt_import(host, unclaimed)

    def compare(self, host: Host, wanted: Import) -> Iterator[Mismatch]:
        """Compare a host function with an import, by the schema where there is one, then by WebAssembly types."""
        mismatches = [] if self._conformance is None else list(self._conformance.verify_host(host))
        yield from mismatches or verify_host(host, wanted)
