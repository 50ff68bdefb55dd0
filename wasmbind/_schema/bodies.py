"""The code of the functions of a binary, by their indices and by the names they are exported under."""

from __future__ import annotations

from wasmbind._schema.format import ExternalKind, SectionId, sections

__all__ = ["Bodies"]


class Bodies:
    """The functions of a binary.

    Attributes:
        exported: the index of each exported function.
        globals: the index of each exported global.
        count: the number of functions, imported ones too.
    """

    def __init__(self, data: bytes) -> None:
        """Find them.

        Args:
            data: the whole binary.

        Raises:
            BinaryFormatError: it is malformed.
        """
        self._data, self._imported = data, 0
        self._places: list[tuple[int, int]] = []
        self.exported: dict[str, int] = {}
        self.globals: dict[str, int] = {}
        for section, _, body in sections(data):
            match section:
                case SectionId.IMPORT:
                    self._imported = sum(isinstance(found, int) for _, _, found in body.imports())
                case SectionId.EXPORT:
                    exports = [*body.exports()]
                    self.exported = {name: index for name, kind, index in exports if kind == ExternalKind.FUNCTION}
                    self.globals = {name: index for name, kind, index in exports if kind == ExternalKind.GLOBAL}
                case SectionId.CODE:
                    for _ in body.vector():
                        size = body.unsigned()
                        start = body.at
                        body.take(size)
                        self._places.append((start, body.at))
                case _:
                    pass
        self.count = self._imported + len(self._places)

    def code(self, index: int) -> bytes:
        """The body of a function, its locals first; nothing for an imported one, or one that does not exist."""
        if not self._imported <= index < self.count:
            return b""
        start, end = self._places[index - self._imported]
        return self._data[start:end]
