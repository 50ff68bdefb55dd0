"""Many numbers at once, as memory has them."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.base import element_path
from wasmbind._layout import VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wasmbind._codecs.base import Codec
    from wasmbind._runtime import Runtime

__all__ = ["pack_numbers"]


def pack_numbers(
    runtime: Runtime, codec: Codec, values: Sequence[Any], path: str, names: Iterable[object] | None = None
) -> array[Any]:
    """Lower numbers, bools, enum members or opaque values, one after the other.

    Args:
        runtime: the instance.
        codec: the codec of each.
        values: a list or tuple of any objects.
        path: what they are, for errors.
        names: what each is called there, by default its index.

    Raises:
        LowerError: one is not of the type; the error names it.
    """
    code = VIEWS[codec.view][0]
    values = tuple(values)  # the conversion of one may change a list
    # The only type whose values need no further look; None where the conversion itself looks at them.
    exact = bool if isinstance(codec.descriptor, d.Boolean) else codec.cls
    if not codec.computed and (exact is None or set(map(type, values)) == {exact}):
        try:
            # Unlike struct, array rounds to f32 as AssemblyScript does, to infinity if need be.
            return array(code, values)
        except (TypeError, OverflowError):
            pass
    named = zip(range(len(values)) if names is None else names, values, strict=True)
    return array(code, [codec.lower(runtime, value, 0, element_path(path, name)) for name, value in named])
