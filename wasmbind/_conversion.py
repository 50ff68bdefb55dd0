"""Which codec converts the values of a type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmbind import _descriptors as d
from wasmbind._codecs.dynamic import DynamicCodec, UntypedCodec
from wasmbind._codecs.objects import NullableCodec, ObjectCodec
from wasmbind._codecs.opaque import OpaqueCodec
from wasmbind._codecs.scalars import BooleanCodec, EnumerationCodec, FloatCodec, IntegerCodec, VoidCodec
from wasmbind._codecs.strings import StringCodec

if TYPE_CHECKING:
    from wasmbind._codecs.base import Codec, Site

__all__ = ["codec_for"]


def codec_for(descriptor: d.Descriptor, site: Site | None = None) -> Codec:
    """The codec of a type.

    Args:
        descriptor: the type.
        site: where it is declared, which decides what AssemblyScript makes of by-value collections.
    """
    match descriptor:
        case d.Integer():
            return IntegerCodec(descriptor)
        case d.Float():
            return FloatCodec(descriptor)
        case d.Boolean():
            return BooleanCodec(descriptor)
        case d.Void():
            return VoidCodec(descriptor)
        case d.String():
            return StringCodec(descriptor)
        case d.Enumeration():
            return EnumerationCodec(descriptor)
        case d.ObjectOf(cls=cls):
            return ObjectCodec(descriptor, cls)
        case d.OpaqueOf() | d.Nullable(inner=d.OpaqueOf()):
            return OpaqueCodec(descriptor, site)
        case d.Nullable(inner=inner):
            return NullableCodec(descriptor, codec_for(inner, site))
        case d.Dynamic() | d.Untyped():
            return DynamicCodec(descriptor) if isinstance(descriptor, d.Dynamic) else UntypedCodec(descriptor)
        case d.FunctionOf():
            from wasmbind._live.functions import function_codec  # noqa: PLC0415 - many modules need none

            return function_codec(descriptor, site, codec_for)
        case _:
            return _collection_codec(descriptor, site)


def _collection_codec(descriptor: d.Descriptor, site: Site | None) -> Codec:
    # Many modules need none of these, and they are slow to import.
    from wasmbind._codecs.arrays import ListCodec, TupleCodec  # noqa: PLC0415 - see above
    from wasmbind._codecs.buffers import BytesCodec  # noqa: PLC0415 - see above
    from wasmbind._live import copies  # noqa: PLC0415 - see above
    from wasmbind._live.concrete import concrete_class  # noqa: PLC0415 - see above

    codecs = [codec_for(part, None if site is None else (*site, at)) for at, part in enumerate(d.parts(descriptor))]
    match descriptor:
        case d.ListOf():
            return ListCodec(descriptor, codecs[0], site)
        case d.TupleOf():
            return TupleCodec(descriptor, codecs[0], site)
        case d.Bytes():
            return BytesCodec(descriptor, site)
        case d.Date():
            from wasmbind._codecs.dates import DateCodec  # noqa: PLC0415 - see above

            return DateCodec(descriptor, site)
        case d.Collection():
            return concrete_class(descriptor, codec_for).__asc_codec__
        case d.DictOf(key=key, value=value):
            return copies.DictCodec(
                descriptor, codecs, site, concrete_class(d.Collection("Map", (key, value)), codec_for)
            )
        case _:
            arguments = d.parts(descriptor)
            return copies.SetCodec(descriptor, codecs, site, concrete_class(d.Collection("Set", arguments), codec_for))
