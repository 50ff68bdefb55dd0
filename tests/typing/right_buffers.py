"""What buffers, views of them and typed arrays are to a type checker."""

# mypy: disable-error-code="empty-body"

from collections.abc import Sequence
from typing import Any, assert_type

import numpy as np

from wasmbind import Array, ArrayBuffer, AscClass, AscModule, DataView, Float64Array, StaticArray, Uint8Array, f64, i32


class Packet(AscClass):
    data: ArrayBuffer
    header: DataView
    body: Uint8Array
    rest: ArrayBuffer | None

    def __init__(self) -> None: ...


class Packets(AscModule, wasm="packets.wasm"):
    def data(self) -> ArrayBuffer: ...
    def header(self, data: ArrayBuffer) -> DataView: ...
    def samples(self) -> Float64Array: ...
    def queue(self) -> Array[f64]: ...
    def fixed(self) -> StaticArray[i32]: ...


def buffers(packets: Packets) -> None:
    """Bytes: slices and copies are `bytes`, items are ints."""
    data = packets.data()
    assert_type(data[0], int)
    assert_type(data[1:3], bytes)
    assert_type(bytes(data), bytes)
    assert_type(data.copy(), bytes)
    assert_type(data.tolist(), list[int])
    assert_type(data.byteLength, int)
    assert_type(data.view(), memoryview[Any])
    data[0] = 1
    data[1:3] = b"ab"
    data[1:3] = memoryview(b"ab")
    data[1:3] = [1, 2]
    taken: Sequence[int] = data
    assert_type(packets[ArrayBuffer](b"abc"), ArrayBuffer)
    assert_type(packets[ArrayBuffer](bytearray(3)), ArrayBuffer)
    assert_type(packets[ArrayBuffer](len(taken)), ArrayBuffer)
    assert_type(packets[ArrayBuffer](data), ArrayBuffer)


def data_views(packets: Packets) -> None:
    """Numbers at any place."""
    header = packets.header(packets.data())
    assert_type(header.getInt8(0), int)
    assert_type(header.getUint64(0, littleEndian=True), int)
    assert_type(header.getFloat32(byteOffset=0), float)
    header.setUint8(0, 255)
    header.setFloat64(0, 1.5, littleEndian=True)
    header.setInt32(0, 1, True)
    assert_type(header.buffer, ArrayBuffer)
    assert_type(header.byteOffset + header.byteLength, int)
    assert_type(packets[DataView](packets.data(), 1, byteLength=2), DataView)
    assert_type(packets[DataView](b"abc"), DataView)


def views(packets: Packets) -> None:
    """Views, and what NumPy makes of them."""
    samples = packets.samples()
    assert_type(samples.view(), memoryview[Any])
    assert_type(packets.queue().view(), memoryview[Any])
    assert_type(packets.fixed().view(), memoryview[Any])
    assert_type(samples.buffer, ArrayBuffer)
    assert_type(samples.byteOffset, int)
    samples[1:3] = np.zeros(2).tolist()
    assert np.asarray(samples).sum() == np.asarray(packets.queue()).sum()
    assert_type(packets[Float64Array](3), Float64Array)
    assert_type(packets[Float64Array]([1.5, 2]), Float64Array)


def fields(packet: Packet) -> None:
    """A field takes bytes-like objects besides."""
    assert_type(packet.data, ArrayBuffer)
    assert_type(packet.header, DataView)
    packet.data = packet.data
    packet.data = b"abc"
    packet.header = packet.header
    packet.header = bytearray(8)
    packet.body = [1, 2]
    packet.body = packet.body
