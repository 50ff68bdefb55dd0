"""Many strings at once: encoded together, and made in one crossing."""

from __future__ import annotations

from array import array
from codecs import utf_16_le_encode
from typing import TYPE_CHECKING, Any, Final

from wasmbind._codecs.strings import lower_string
from wasmbind._heap_glue import NO_STRING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wasmbind._runtime import Runtime

__all__ = ["are_texts", "encode_texts", "lower_texts"]

#: How many strings, and how many characters, cross at once at most.
_MOST_TEXTS: Final = 1024
_MOST_CHARACTERS: Final = 1 << 16
#: Fewer strings than this cost less one by one.
_FEW: Final = 3
_NO_TEXT: Final = type(None)


def are_texts(items: Sequence[Any], *, nullable: bool) -> bool:
    """Whether all items are plain `str`, or None where that is allowed."""
    kinds = set(map(type, items))
    kinds.discard(str)
    return not kinds or (nullable and kinds == {_NO_TEXT})


def lower_texts(runtime: Runtime, items: Sequence[str | None], target: int, slot: int, path: str) -> None:
    """Make strings, and store their addresses one after the other. The caller owns the instance.

    Args:
        runtime: the instance.
        items: what `are_texts` says yes to.
        target: the address of the first word, inside a pinned object.
        slot: a root slot, which holds the text on its way.
        path: what the strings are, for errors.

    Raises:
        AbortError: memory is exhausted.
        LowerValueError: a string is longer than AssemblyScript allows.
    """
    at, most, room, area = 0, _MOST_TEXTS, 0, 0
    while at < len(items):
        chunk = items[at : at + most]
        if len(chunk) > 1 and sum([len(item) for item in chunk if item]) > _MOST_CHARACTERS:
            most = max(most // 4, 1)
            continue
        if len(chunk) < _FEW:
            for index, item in enumerate(chunk, (target >> 2) + at):
                runtime.mem_u32[index] = 0 if item is None else lower_string(runtime, item, slot, path)
            area = room = 0  # the slot holds a string now
        else:
            lengths, data = encode_texts(chunk)
            size = len(lengths) + len(data)
            if size > room:
                room = size if len(items) <= _MOST_TEXTS else max(size, 4 * _MOST_TEXTS + 2 * _MOST_CHARACTERS)
                area = runtime.new(room, runtime.buffer_id, slot)
            runtime.mem_u8[area : area + size] = lengths + data
            runtime.invoke_glue(
                "new_strings", target + 4 * at, len(chunk), area, area + len(lengths), runtime.string_id
            )
        at += len(chunk)
        most = min(2 * most, _MOST_TEXTS)


def encode_texts(items: Sequence[str | None]) -> tuple[bytes, bytes]:
    """The lengths of strings and their text, as the glue takes them.

    Args:
        items: what `are_texts` says yes to.
    """
    text = "".join([item or "" for item in items]) if None in items else "".join(items)  # type: ignore[arg-type]  # no None
    data = utf_16_le_encode(text, "surrogatepass")[0]
    return _lengths(items, plain=len(data) == 2 * len(text)), data


def _lengths(texts: Sequence[str | None], *, plain: bool) -> bytes:
    """The lengths of strings in bytes of UTF-16, as the glue takes them.

    Args:
        texts: the strings.
        plain: whether each of their characters is one unit.
    """
    if plain:
        return array("I", [NO_STRING if text is None else 2 * len(text) for text in texts]).tobytes()
    return array(
        "I", [NO_STRING if text is None else len(utf_16_le_encode(text, "surrogatepass")[0]) for text in texts]
    ).tobytes()
