"""Codecs: conversion between Python and AssemblyScript values, one per descriptor."""

from __future__ import annotations

from wasmbind import _descriptors as d
from wasmbind._codecs.base import Codec
from wasmbind._codecs.lists import ListCodec
from wasmbind._codecs.objects import NullableCodec, ObjectCodec
from wasmbind._codecs.scalars import BooleanCodec, EnumerationCodec, FloatCodec, IntegerCodec, VoidCodec
from wasmbind._codecs.strings import StringCodec

__all__ = ["Codec", "codec_for"]


def codec_for(descriptor: d.Descriptor) -> Codec:
    """The codec of a type."""
    match descriptor:
        case d.Integer():
            return IntegerCodec(descriptor)
        case d.Float():
            return FloatCodec(descriptor)
        case d.Boolean():
            return BooleanCodec()
        case d.Void():
            return VoidCodec()
        case d.String():
            return StringCodec(descriptor)
        case d.Enumeration():
            return EnumerationCodec(descriptor)
        case d.ObjectOf():
            return ObjectCodec(descriptor)
        case d.ListOf(element=element):
            return ListCodec(descriptor, codec_for(element))
        case d.Nullable(inner=inner):
            return NullableCodec(descriptor, codec_for(inner))
