"""The codec of opaque values: any Python object, which AssemblyScript has a handle of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.base import Codec, Raw, Site, null_found
from wasmbind._externrefs import ExternRefs
from wasmbind._handles import WIDE, most_handles
from wasmbind._opaque_glue import TAG
from wasmbind._ownership import Suspension
from wasmbind.errors import LowerTypeError

if TYPE_CHECKING:
    from wasmbind._runtime import Runtime

__all__ = ["OpaqueCodec"]


class OpaqueCodec(Codec):
    """`Opaque[T]`, `WeakOpaque[T]`, and these with None.

    Generated functions do not know what the module has in their place, so a handle is always an unsigned number of 32
    bits; the glue makes of it what the module takes. Only a type that is declared with 64 bits is read as such.
    """

    computed = True

    def __init__(
        self, descriptor: d.OpaqueOf | d.Nullable, site: Site | None = None, carrier: str | None = None
    ) -> None:
        """Make the codec.

        Args:
            descriptor: the type.
            site: where it is declared.
            carrier: the WebAssembly type that carries it, for host functions; None if the site tells.
        """
        super().__init__(descriptor, site)
        inner: Any = descriptor.inner if isinstance(descriptor, d.Nullable) else descriptor
        self.name = d.describe(inner)
        self._width: d.Integer | None = inner.width
        self._weak: bool = inner.weak
        self._nullable = isinstance(descriptor, d.Nullable)
        self._carrier = carrier
        # The upper half of a cell may be read and be 0.
        self.argument = "u64"
        self.result = "u64" if "i64" in (carrier, d.wasm_type(descriptor)) else "u32"

    def carried(self, carrier: str) -> OpaqueCodec:
        """The same codec for values that WebAssembly carries as a certain type, without glue in between."""
        descriptor: Any = self.descriptor
        return OpaqueCodec(descriptor, self.site, carrier)

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        registry = runtime.opaque
        most = registry.places.get(self)
        entry = registry.by_key.get(id(value))
        if most and entry is not None and entry.value is value and entry.number <= most and not self._weak:
            return entry.number
        if value is None:
            if self._nullable:
                return 0
            problem = f"{self.name} expects an object; declare `... | None` where there may be none"
            raise LowerTypeError(path, self.name, value, problem)
        if most is None:
            most = registry.places[self] = self._find_place(runtime)
        if most:
            return registry.enter(value, most, path, self.name, weak=self._weak).number
        if registry.refs is None:
            registry.refs = ExternRefs(registry, runtime.native, runtime.hosts.glue)
        entry = registry.enter(value, WIDE, path, self.name, weak=self._weak, by_ref=True)
        owner = runtime.owner
        return registry.refs.place(entry, nested=isinstance(owner, Suspension) and owner.nested)

    def _find_place(self, runtime: Runtime) -> int:
        """The largest handle that AssemblyScript takes here, 0 for an `externref`."""
        if self._width is not None:
            return most_handles(self._width)
        if self._carrier == "externref":
            return 0
        binding, schema = runtime.binding, None
        if self.site is not None and binding is not None:
            if self._carrier is None and binding.units.carriers.get(self.site) == "externref":
                return 0
            schema = binding.table.conformance
        return most_handles(None if schema is None else schema.objects.opaque_width(self.site))

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        registry = runtime.opaque
        entry = registry.by_number.get(raw)
        if entry is not None and entry.value is not None:
            return entry.value
        if not raw:
            if self._nullable:
                return None
            raise null_found(runtime, self.name)
        if raw & TAG and registry.refs is not None and raw >> 32 == 0:
            raw = registry.refs.find(raw)
        return registry.resolve(raw, self.name)
