"""`ArrayBuffer`, `DataView`, and typed arrays as parts of buffers: bytes that both sides work on."""

# mypy: disable-error-code="empty-body"

import math
import operator
import struct
from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.integration.buffers_module import (
    KINDS,
    MINIMAL,
    STUB,
    Build,
    Plain,
    address_of,
    buffers,
    everywhere,
    held_slots,
    incremental,
    scribble,
)
from wasmbind import (
    ArrayBuffer,
    AscModule,
    DataView,
    Float64Array,
    InstanceError,
    Int8Array,
    Int32Array,
    LiftError,
    LowerError,
    LowerRangeError,
    LowerTypeError,
    LowerValueError,
    Uint8Array,
    i32,
)

SCHEMA = Build(transform=True)
STOCK = Build()
TYPED = [kind for kind in KINDS if kind.name.endswith("Array")]
with_schema = pytest.mark.parametrize("build", [SCHEMA, Build("oldest", transform=True), STUB[1], MINIMAL[1]], ids=str)


# --- ArrayBuffer ---------------------------------------------------------------------------------------------


@everywhere
def test_an_array_buffer_is_a_sequence_of_bytes(build: Build) -> None:
    """Indices give ints, slices give bytes, and everything else that sequences have is there."""
    module = buffers(build)
    live, expected = module.buffer(10), bytes(range(10))
    assert (live[3], live[-1], live[2:5], live[::-3]) == (3, 9, expected[2:5], expected[::-3])
    assert (len(live), live.byteLength) == (10, 10)
    assert bytes(live) == live.copy() == live[:] == expected
    assert (live.tolist(), list(live), list(reversed(live))) == ([*expected], [*expected], [*expected][::-1])
    assert live == expected
    assert live == bytearray(expected)
    assert live == memoryview(expected)
    assert live == module.buffer(10)
    assert live != module.buffer(9)
    assert live != "text"
    assert expected == live
    assert repr(live) == f"ArrayBuffer({expected!r})"
    assert (live.index(4), live.count(4), 4 in live, 40 in live) == (4, 1, True, False)
    assert isinstance(live[1:2], bytes)
    for index in (10, -11, 1 << 40):
        with pytest.raises(IndexError, match="ArrayBuffer index out of range"):
            live[index]
    with pytest.raises(TypeError, match="must be integers or slices"):
        live["1"]
    with pytest.raises(TypeError, match="unhashable"):
        hash(live)


@everywhere
def test_writing_an_array_buffer(build: Build) -> None:
    """Items and slices of the same length can be set, and AssemblyScript sees them."""
    module = buffers(build)
    live, model = module.buffer(10), bytearray(range(10))
    live[0], live[-1] = model[0], model[-1] = 255, 7
    slices: list[tuple[slice, Any]] = [
        (slice(1, 4), b"abc"),
        (slice(None, None, 2), bytearray(b"12345")),
        (slice(8, 2, -2), memoryview(b"xyz")),
        (slice(2, 4), array("B", [8, 9])),
        (slice(4, 6), np.array([200, 201], "u1")),
        (slice(6, 8), [1, 2]),
        (slice(3, 3), b""),
    ]
    for index, value in slices:
        live[index] = value
        model[index] = bytes(value)
        assert bytes(live) == model
        assert [module.byteAt(live, at) for at in range(10)] == list(model)
    live[5:8] = iter((3, 4, 5))
    model[5:8] = b"\3\4\5"
    live[2:6] = live.view()[4:8]
    model[2:6] = bytes(model)[4:8]
    live[0:4] = module.buffer(4)
    model[0:4] = bytes(range(4))
    assert bytes(live) == model
    live.reverse()
    live.sort(reverse=True)
    assert live.tolist() == sorted(model, reverse=True)


@incremental
def test_what_an_array_buffer_refuses(build: Build) -> None:
    """What does not fit is refused as everywhere, and changes nothing."""
    module = buffers(build)
    live = module.buffer(4)
    refused: list[tuple[Any, Any, type[Exception], str]] = [
        (0, 256, LowerRangeError, r"ArrayBuffer\[0\]: u8 holds 0 to 255, got 256"),
        (1, -1, LowerRangeError, "u8 holds 0 to 255"),
        (1, 1.0, LowerTypeError, "u8 expects an int"),
        (slice(0, 2), b"abc", LowerValueError, "3 values for 2 elements; an ArrayBuffer has a fixed length"),
        (slice(0, 2), [1], LowerValueError, "1 values for 2 elements"),
        (slice(0, 2), [1, 256], LowerRangeError, r"ArrayBuffer\[0:2\] = values\[1\]: u8 holds"),
        (slice(0, 2), array("i", [1, 2]), LowerTypeError, "expects bytes, not elements of 4 bytes"),
        (4, 0, IndexError, "out of range"),
    ]
    for index, value, error, text in refused:
        with pytest.raises(error, match=text):
            live[index] = value
    resizing: list[Callable[[], object]] = [
        lambda: live.append(1),
        lambda: live.extend(b"1"),
        live.pop,
        live.clear,
        lambda: operator.delitem(live, 0),
    ]
    for resize in resizing:
        with pytest.raises(LowerTypeError, match="an ArrayBuffer has a fixed length"):
            resize()
    assert live == bytes(range(4))


@everywhere
def test_new_array_buffers(build: Build) -> None:
    """They are made of bytes or of a length; under every runtime the bytes of a length are 0."""
    module = buffers(build)
    made: ArrayBuffer = module[ArrayBuffer](b"")
    for data in (b"abc", bytearray(b"abc"), memoryview(b"xabcx")[1:4], array("B", b"abc"), np.frombuffer(b"abc", "u1")):
        made = module[ArrayBuffer](data)
        assert made == b"abc"
        assert module.sum(made) == sum(b"abc")
    again = module[ArrayBuffer](made)
    again[0] = 1
    assert made == b"abc"
    assert module[ArrayBuffer](b"123456")[::2] == b"135"
    assert (module[ArrayBuffer]() == b"", module[ArrayBuffer](b"") == b"", module[ArrayBuffer](0) == b"") == (True,) * 3
    for size in (1, 100, np.int64(3000)):
        junk = module[ArrayBuffer](b"\xff" * size)
        del junk
        module.runtime.collect()
        assert module[ArrayBuffer](size) == bytes(size)
    with pytest.raises(LowerTypeError, match="ArrayBuffer: ArrayBuffer expects bytes, got 'abc'"):
        module[ArrayBuffer]("abc")
    with pytest.raises(LowerTypeError, match="not elements of 8 bytes"):
        module[ArrayBuffer](np.zeros(3))
    with pytest.raises(LowerValueError, match="a length is not negative, got -1"):
        module[ArrayBuffer](-1)
    with pytest.raises(LowerValueError, match="more than AssemblyScript allocates"):
        module[ArrayBuffer](1 << 30)
    with pytest.raises(TypeError, match="at most 1 arguments"):
        module[ArrayBuffer](b"", 1)
    with pytest.raises(InstanceError, match="ArrayBuffer has no active instance"):
        ArrayBuffer(b"abc")
    with module.active():
        assert ArrayBuffer(b"abc") == b"abc"


@everywhere
def test_bytes_where_a_buffer_is_declared(build: Build) -> None:
    """A parameter or field takes bytes-like objects, which become a new buffer."""
    module = buffers(build)
    for data in (
        b"\x01\x02",
        bytearray(b"\x01\x02"),
        memoryview(b"\x01\x02"),
        array("B", [1, 2]),
        np.array([1, 2], "u1"),
    ):
        assert module.sum(data) == 3
    with pytest.raises(LowerTypeError, match=r"Buffers.sum\(b\): ArrayBuffer expects bytes"):
        module.sum([1, 2])
    holder = module.holder()
    data = holder.data
    assert data is holder.data
    assert (data, holder.maybe) == (bytes(range(4)), None)
    holder.data = b"other"
    holder.maybe = data
    assert (holder.data, data, holder.maybe is data) == (b"other", bytes(range(4)), True)
    holder.maybe = bytearray(b"x")
    scribble(module, 16)
    assert holder.maybe == b"x"
    other = buffers(build)
    with pytest.raises(InstanceError, match="belongs to another instance"):
        other.sum(data)


@incremental
def test_the_same_buffer_is_the_same_object(build: Build) -> None:
    """While one is alive."""
    module = buffers(build)
    whole = module.ints(10)
    buffer = whole.buffer
    assert buffer is whole.buffer
    assert buffer is module.part(whole, 2, 4).buffer
    before = held_slots(module)
    del buffer
    assert held_slots(module) == before - 1


# --- typed arrays --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPED, ids=lambda kind: kind.name)
@everywhere
def test_new_typed_arrays(build: Build, kind: Any) -> None:
    """They are made of values or of a length; under every runtime the elements of a length are 0."""
    module = buffers(build)
    made = module[kind.live]([1, 2, 3])
    size = np.dtype(kind.dtype).itemsize
    assert (made.tolist(), getattr(module, f"at_{kind.name}")(made, 2)) == ([1, 2, 3], 3)
    assert (made.byteOffset, made.byteLength, made.buffer.byteLength) == (0, 3 * size, 3 * size)
    assert bytes(made) == bytes(made.buffer) == np.array([1, 2, 3], kind.dtype).tobytes()
    junk = module[kind.live](np.ones(500, kind.dtype))
    assert junk.tolist() == [1] * 500
    del junk
    module.runtime.collect()
    for given in (500, np.int32(500)):
        assert module[kind.live](given).tolist() == [0] * 500
    assert module[kind.live]().tolist() == module[kind.live](0).tolist() == module[kind.live]([]).tolist() == []
    with pytest.raises(LowerValueError, match=rf"{kind.name}\(length\): a length is not negative"):
        module[kind.live](-1)
    with pytest.raises(LowerTypeError, match="got True"):
        module[kind.live](True)
    with pytest.raises(LowerValueError, match="more than AssemblyScript allocates"):
        module[kind.live](1 << 30)


@everywhere
def test_parts_know_their_place(build: Build) -> None:
    """A `subarray` begins inside the buffer that it shares."""
    module = buffers(build)
    whole = module.ints(10)
    part = module.part(whole, 3, 7)
    assert (part.byteOffset, part.byteLength, len(part), part.buffer.byteLength) == (12, 16, 4, 40)
    assert (part[0], part[-1], part[1:3], part.tolist()) == (3, 6, [4, 5], [3, 4, 5, 6])
    part[0] = 30
    part[1:3] = [40, 50]
    assert whole.tolist() == [0, 1, 2, 30, 40, 50, 6, 7, 8, 9]
    part.reverse()
    assert whole.tolist() == [0, 1, 2, 6, 50, 40, 30, 7, 8, 9]
    assert np.asarray(part.buffer).view("i4").tolist() == whole.tolist()
    whole.buffer[12:16] = b"\x01\0\0\0"
    assert part[0] == 1
    odd = module.odd(module.ints(6))
    assert (odd.tolist(), odd.byteLength, odd.buffer.byteLength, odd.view().tolist()) == ([1, 3, 5], 12, 12, [1, 3, 5])


# --- DataView ------------------------------------------------------------------------------------------------

NUMBERS: list[tuple[str, str, list[Any]]] = [
    ("Int8", "b", [-128, -1, 0, 127]),
    ("Uint8", "B", [0, 200, 255]),
    ("Int16", "h", [-(1 << 15), -2, 32767]),
    ("Uint16", "H", [0, 0xABCD, 0xFFFF]),
    ("Int32", "i", [-(1 << 31), -2, (1 << 31) - 1]),
    ("Uint32", "I", [0, 0xDEADBEEF, 0xFFFFFFFF]),
    ("Int64", "q", [-(1 << 63), -2, (1 << 63) - 1]),
    ("Uint64", "Q", [0, 0xDEADBEEFCAFE, (1 << 64) - 1]),
    ("Float32", "f", [0.0, -1.5, math.inf, 3.0000000000000004e38]),
    ("Float64", "d", [0.0, -1.1, math.inf, 1e300]),
]


@pytest.mark.parametrize(("name", "code", "values"), NUMBERS, ids=lambda value: value if isinstance(value, str) else "")
@everywhere
def test_numbers_in_a_data_view(build: Build, name: str, code: str, values: list[Any]) -> None:
    """Every type at every offset, in both byte orders, as `struct` has them."""
    module = buffers(build)
    size = struct.calcsize(code)
    data = bytes((37 * index + 5) & 0xFF for index in range(24))
    live = module.dataView(data, 3, 17)
    assert (live.byteOffset, live.byteLength, module.viewLength(live), live.buffer) == (3, 17, 17, data)
    get, put = getattr(live, f"get{name}"), getattr(live, f"set{name}")
    orders: list[tuple[str, tuple[Any, ...]]] = [(">", ()), (">", (False,)), ("<", (True,))]
    for sign, order in orders[: 1 if size == 1 else 3]:
        for offset in range(17 - size + 1):
            assert get(offset, *order) == struct.unpack_from(f"{sign}{code}", data, 3 + offset)[0]
            for value in values:
                put(offset, value, *order)
                stored = struct.pack(f"{sign}{code}", value)
                assert live.buffer[3 + offset : 3 + offset + size] == stored
                assert get(offset, *order) == struct.unpack(f"{sign}{code}", stored)[0]
            live.buffer[:] = data
    for offset in (-1, 17 - size + 1, 17, 1 << 31, 1 << 40, -(1 << 40)):
        text = f"DataView offset out of range: {offset}, for {size} bytes, length 17"
        with pytest.raises(IndexError, match=text):
            get(offset)
        with pytest.raises(IndexError, match=text):
            put(offset, values[0])
    for wrong in (1.5, None, "1"):
        with pytest.raises(TypeError):
            get(wrong)
    with pytest.raises(LowerTypeError, match=rf"DataView.set{name}\(value\)"):
        put(0, "1")
    if code not in "fd":
        bad = max(values) + 1
        with pytest.raises(LowerRangeError, match=rf"DataView.set{name}\(value\): .* got {bad}"):
            put(0, bad)
    assert live.buffer == data


@everywhere
def test_data_views_and_assemblyscript(build: Build) -> None:
    """AssemblyScript reads what Python wrote; keywords are AssemblyScript's names."""
    module = buffers(build)
    live = module.dataView(bytes(16), 0, 16)
    live.setFloat64(1, 2.5)
    live.setFloat64(byteOffset=8, value=-1.25, littleEndian=True)
    assert (module.readF64(live, 1, False), module.readF64(live, 8, True)) == (2.5, -1.25)
    live.setFloat32(0, 1e300)
    assert live.getFloat32(0) == math.inf
    assert np.asarray(live).tolist() == live.view().tolist() == list(bytes(live))
    live.view()[0] = 9
    assert live.getUint8(0) == live.getInt8(byteOffset=0) == 9
    assert repr(module.dataView(b"abcd", 1, 2)) == "DataView(b'bc')"
    holder = module.holder()
    window = holder.window
    assert window is holder.window
    assert window.getUint8(3) == 3
    del holder
    scribble(module, 16)
    assert bytes(window) == bytes(range(4))


@with_schema
def test_new_data_views(build: Build) -> None:
    """Where a schema names the class, they are made of buffers, or of bytes, which are copied."""
    module = buffers(build)
    buffer = module[ArrayBuffer](bytes(range(10)))
    live = module[DataView](buffer)
    assert (live.byteOffset, live.byteLength, live.buffer is buffer, module.viewLength(live)) == (0, 10, True, 10)
    assert bytes(module[DataView](buffer, 3)) == bytes(buffer)[3:]
    assert bytes(module[DataView](buffer, 3, 4)) == bytes(buffer)[3:7]
    assert bytes(module[DataView](buffer, byteLength=2, byteOffset=8)) == bytes(buffer)[8:]
    assert bytes(module[DataView](buffer=buffer, byteOffset=10)) == b""
    assert bytes(module[DataView](b"abc", 1)) == b"bc"
    assert module.readF64(struct.pack(">d", 2.5), 0, False) == 2.5
    for offset, length in [(-1, None), (11, None), (0, 11), (5, 6), (5, -1), (1 << 40, 0)]:
        with pytest.raises(LowerValueError, match=f"byteOffset {offset} and byteLength .* a buffer of 10 bytes"):
            module[DataView](buffer, offset, length)
    with pytest.raises(LowerTypeError, match="expects bytes"):
        module[DataView]([1])
    with pytest.raises(TypeError, match="argument"):
        module[DataView]()
    with pytest.raises(TypeError, match="argument"):
        module[DataView](buffer, 0, 1, 2)
    holder = module.holder()
    holder.window = live
    assert holder.window is live
    holder.window = b"xyz"
    with module.active():
        assert bytes(DataView(buffer, byteOffset=9)) == b"\t"
    many = [module[DataView](bytes([index]) * 50) for index in range(100)]
    scribble(module, 50, 12)
    assert [each.getUint8(49) for each in many] == list(range(100))
    assert bytes(holder.window) == b"xyz"


@pytest.mark.parametrize("build", [STOCK, Build("oldest"), STUB[0]], ids=str)
def test_no_schema_no_new_data_view(build: Build) -> None:
    """Elsewhere nothing tells the class, and the error says what to do."""
    module = buffers(build)
    text = "nothing in Buffers tells which class DataView is: build it with wasmbind's transform"
    with pytest.raises(LowerError, match=text):
        module[DataView](b"abc")
    with pytest.raises(LowerError, match=text):
        module.viewLength(b"abc")


class Honest(AscModule, wasm=STOCK):
    def plain(self) -> Plain: ...
    def dataView(self, b: ArrayBuffer, offset: i32, length: i32) -> DataView: ...


class Liar(AscModule, wasm=STOCK):
    def plain(self) -> DataView: ...
    def dataView(self, b: ArrayBuffer, offset: i32, length: i32) -> DataView: ...


def test_what_is_no_data_view() -> None:
    """Without a schema an object of three words could be one; what it refers to tells."""
    imports: Any = {"inline": {"during": float}}
    liar = Liar(imports=imports)
    for _ in range(2):
        with pytest.raises(LiftError, match=r"the pointer is no object's address|DataView expected"):
            liar.plain()
        assert bytes(liar.dataView(liar[ArrayBuffer](b"abcd"), 1, 2)) == b"bc"
    module = Honest(imports=imports)
    honest = module.dataView(module[ArrayBuffer](16), 4, 8)
    plain = module.plain()
    words = module.runtime.memory.cast("I")
    at, place = address_of(plain) >> 2, address_of(honest) >> 2
    right = words[place : place + 3].tolist()
    for lie in (
        [right[0], right[1] - 8, right[2]],
        [right[0], right[1], 13],
        [right[0], right[1], 0xFFFFFFFF],
        [right[0] + 16, right[1] + 16, 0],
        [0, 0, 0],
        [0xFFFFFFF0, 0xFFFFFFF0, 0],
        [address_of(honest), address_of(honest), 0],
    ):
        words[place : place + 3] = array("I", lie)
        with pytest.raises(LiftError):
            DataView.asc_verify(module.runtime, place << 2)
        with pytest.raises(LiftError):
            honest.view()
    words[place : place + 3] = array("I", right)
    assert bytes(honest) == bytes(8)
    assert words[at] == plain.a == 8


# --- ends ----------------------------------------------------------------------------------------------------


@incremental
def test_after_the_end(build: Build) -> None:
    """A closed instance refuses every use, and showing a buffer does not raise."""
    module = buffers(build)
    buffer, typed, view = module.buffer(8), module.ints(3), module.dataView(bytes(8), 0, 8)
    module.close()
    uses: list[Callable[[], object]] = [
        lambda: buffer[0],
        lambda: buffer[1:2],
        lambda: bytes(buffer),
        lambda: buffer.byteLength,
        lambda: buffer == b"x",
        lambda: buffer.__setitem__(slice(0, 1), b"x"),
        lambda: typed.buffer,
        lambda: typed.byteOffset,
        lambda: typed.byteLength,
        lambda: view.getInt8(0),
        lambda: view.setInt8(0, 1),
        lambda: bytes(view),
        view.view,
        lambda: module[ArrayBuffer](1),
    ]
    for use in uses:
        with pytest.raises(InstanceError, match="already closed"):
            use()
    assert repr(buffer) == "<ArrayBuffer of a closed instance>"
    assert repr(view) == "<DataView of a closed instance>"


@incremental
def test_types_stay_apart(build: Build) -> None:
    """A typed array is not taken where another is declared, nor a view where a buffer is."""
    module = buffers(build)
    with pytest.raises(LowerTypeError):
        module.sum(module.ints(3))
    for wrong in (module[Uint8Array]([1]), module[Int8Array]([1]), module.buffer(4)):
        with pytest.raises(LowerTypeError, match=r"Buffers.part\(a\): expected Int32Array"):
            module.part(wrong, 0, 1)
    assert isinstance(module.ints(1), Int32Array)
    assert not isinstance(module.ints(1), Float64Array)
