"""Everything that a module class declares, compared with a binary.

It is done when a class is bound, and by tools that only check: nothing here loads wasmtime or needs an instance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind._class_table import ClassTable
from wasmbind._classes import reach
from wasmbind._declared import declaration_of, declared_bases
from wasmbind._host_table import HostTable
from wasmbind._own_members import first_function_value, first_reference, verify_own_members
from wasmbind._verify import verify_start
from wasmbind._verify_runtime import verify_runtime, verify_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._schema.model import Binary

__all__ = ["Verification"]


class Verification:
    """The comparison of one module class with one binary.

    Attributes:
        declarations: those of the module class and its bases, bases first.
        start: the name of the start function that the class gives, or None.
        table: the classes that belong to the module.
        reached: these classes, bases before their subclasses.
        functions: what they declare that the binary exports.
        hosts: the host functions of the module class.
        needs_heap: whether anything declared is a reference.
        mismatches: everything in which they disagree.
    """

    def __init__(self, cls: type[Any], binary: Binary, classes: Iterable[type]) -> None:
        """Compare.

        Args:
            cls: a class of `AscModule`.
            binary: what it is to be bound to.
            classes: classes that belong to the module although it does not mention them.

        Raises:
            DeclarationError: a declaration makes no sense for any binary.
        """
        self.declarations = [declaration_of(base) for base in reversed(declared_bases(cls))]
        self.start: str | None = getattr(cls, "__asc_start__", None)
        self.table = ClassTable(cls.__name__, binary)
        types = [type_ for declaration in self.declarations for type_ in declaration.types()]
        self.reached, enums = reach(types, classes)
        self.functions, mismatches = self.table.add(self.reached, enums)
        references = first_reference(self.declarations, self.reached)
        self.needs_heap = references is not None
        hosts = [host for declaration in self.declarations for host in declaration.hosts]
        self.hosts = HostTable(hosts, binary, self.table.conformance)
        functions = first_function_value([*self.declarations, *map(declaration_of, self.reached)])
        self.mismatches = [
            *verify_start(cls.__name__, self.start, binary),
            *verify_own_members(self.declarations, binary, self.table.conformance),
            *self.hosts.verify(),
            *mismatches,
            *verify_runtime(binary, references=references),
            *verify_table(binary, functions),
        ]
