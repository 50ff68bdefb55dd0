"""The source map reader: what it finds, and what it refuses."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmbind._sourcemap import MOST_BYTES, Place, printable, read_source_map

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def vlq(number: int) -> str:
    """Encode a number as the specification says, independently of the reader."""
    rest = (abs(number) << 1) | (number < 0)
    digits = ""
    while True:
        digit, rest = rest & 31, rest >> 5
        digits += DIGITS[digit | (32 if rest else 0)]
        if not rest:
            return digits


def segments(*places: tuple[int, ...]) -> str:
    """Encode absolute segments: offsets alone, or offset, source, line and column from 0."""
    encoded = []
    before = [0, 0, 0, 0]
    for place in places:
        encoded.append("".join(vlq(value - last) for value, last in zip(place, before, strict=False)))
        before[: len(place)] = place
    return ",".join(encoded)


def source_map(mappings: Any, sources: Any = ("a.ts", "b.ts"), **more: Any) -> bytes:
    """The bytes of a map."""
    return json.dumps({"version": 3, "sources": sources, "mappings": mappings, "names": [], **more}).encode()


PLACES = ((10, 0, 4, 2), (14, 1, 0, 7), (20,), (26, 0, 9, 0))


@pytest.mark.parametrize(
    ("offset", "first", "place"),
    [
        (9, 0, None),
        (10, 0, Place(0, 5, 2)),
        (13, 10, Place(0, 5, 2)),
        (14, 0, Place(1, 1, 7)),
        (19, 0, Place(1, 1, 7)),
        (20, 0, Place(1, 1, None)),
        (25, 14, Place(1, 1, None)),
        (25, 15, None),
        (25, None, None),
        (26, None, Place(0, 10, 0)),
        (2**40, 0, Place(0, 10, 0)),
        (13, 11, None),
        (-1, 0, None),
    ],
)
def test_finds_the_instruction_at_or_before(offset: int, first: int | None, place: Place | None) -> None:
    """The last segment counts that is not after the offset, nor in front of the function; a gap keeps the line."""
    found = read_source_map(source_map(segments(*PLACES)))
    assert found is not None
    assert found.find(offset, first) == place


@given(
    st.lists(
        st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 1), st.integers(0, 2**24 - 1), st.integers(0, 2**24 - 1)),
        unique_by=lambda place: place[0],
        max_size=20,
    ).map(sorted)
)
def test_every_place_is_found_again(places: list[tuple[int, int, int, int]]) -> None:
    """Reading is the inverse of writing, for the whole range of numbers."""
    found = read_source_map(source_map(segments(*places)))
    assert found is not None
    for offset, source, line, column in places:
        assert found.find(offset, 0) == Place(source, line + 1, column)


def test_other_lines_and_names_are_left_out() -> None:
    """A binary is one line; the fifth number of a segment is the index of a name."""
    found = read_source_map(source_map("AAAAA;AACA"))
    assert found is not None
    assert (found.find(0, 0), found.find(99, 0)) == (Place(0, 1, 0), Place(0, 1, 0))


@pytest.mark.parametrize(
    "mappings",
    [
        "A!",
        "é",
        "AA",
        "AAA",
        "AAAAAA",
        "g",
        "AAAg",
        "gggggggA",
        "ggggggggggggggggggggA",
        "D",
        "KAAA,D",
        "AAAAgggggggggA",
        vlq(2**32),
        segments((0, 2, 0, 0)),
        "ADAA",
        "AADA",
        "AAAD",
        segments((0, 0, 2**24, 0)),
        segments((0, 0, 0, 2**24)),
        None,
        7,
        ["AAAA"],
        "," * (1 << 21),
    ],
)
def test_mappings_that_do_not_hold_together_are_no_map(mappings: Any) -> None:
    """Bad digits, lengths, orders, indices and places outside spoil the whole map: nothing of it can be believed."""
    assert read_source_map(source_map(mappings)) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"3",
        b"{",
        b"[" * 200_000,
        b'{"version": 3}',
        b'{"version": 2, "sources": [], "mappings": ""}',
        b'{"version": 3, "sources": {}, "mappings": ""}',
        b'{"version": 3, "sources": [], "sourcesContent": {"0": ""}, "mappings": ""}',
        b'{"version": ' + b"9" * 10_000 + b"}",
        b'{"version": 3, "sections": []}',
        b"\0" * (MOST_BYTES + 1),
    ],
)
def test_files_that_are_no_map(data: bytes) -> None:
    """Whatever the file holds, reading it gives no map, and no exception."""
    assert read_source_map(data) is None


@given(st.binary() | st.text(alphabet='{}[]",:3versionmappingssourcesContent').map(str.encode))
def test_any_bytes_are_read_without_an_exception(data: bytes) -> None:
    """The same for random bytes."""
    read_source_map(data)


@given(st.text(alphabet=DIGITS + ",;"))
def test_any_digits_are_read_without_an_exception(mappings: str) -> None:
    """What random digits make up either is refused or gives places inside."""
    found = read_source_map(source_map(mappings))
    for offset in range(0, 100, 7):
        place = found.find(offset, 0) if found is not None else None
        assert place is None or (place.source in {0, 1} and place.line >= 1)


def test_a_map_without_sources_knows_no_place() -> None:
    """Segments without a source mean that there is none."""
    found = read_source_map(source_map("A,E", []))
    assert found is not None
    assert found.find(2, 0) is None


def test_lines_are_those_of_asc() -> None:
    """Line feeds count and nothing else, as in asc; the text is made fit for printing, character by character."""
    text = "a\x0cb\u2028c\r\n  d\x1b[31m\ud800\te\u202e\n"
    found = read_source_map(source_map("", ["a.ts", "b.ts", "c.ts"], sourcesContent=[text, None]))
    assert found is not None
    assert found.lines(0) == ["a\ufffdb\ufffdc\n", "  d\ufffd[31m\ufffd\te\ufffd\n", "\n"]
    assert found.lines(1) is None
    assert found.lines(2) is None


def test_long_lines_and_names_are_cut() -> None:
    """Nobody's traceback is flooded by what a map says."""
    found = read_source_map(source_map("", ["x" * 5_000 + ".ts"], sourcesContent=["y" * 100_000]))
    assert found is not None
    lines = found.lines(0)
    assert lines is not None
    assert len(lines[0]) < 2_500
    assert len(found.names[0]) < 500


@given(st.text())
def test_printable_text_is_as_long_and_can_be_written(text: str) -> None:
    """Columns stay where they are, and no terminal takes orders."""
    shown = printable(text)
    assert len(shown) == len(text)
    shown.encode()
    assert not {"\x1b", "\x07", "\n", "\x00", "\x85", "\u2028", "\u202e"} & set(shown)
