"""Rows about objects that come and go. They reach below the public surface."""

import timeit
from collections.abc import Mapping

from benchmarks._by_hand import WASMTIME
from benchmarks._calls import compared, ours, shared_by_hand, shared_modern
from benchmarks._floor import BARE_CALL, bare_call
from benchmarks._modules import TEXT, Classic, Counter, Modern, Sample
from benchmarks._results import ALONE, Budget, Measured, Row, Sense
from benchmarks._timing import Contender, Effort, statement
from wasmbind import AscModule
from wasmbind._ownership import attend

_PAGE = 65536
#: After so many the collector has been round and memory has its size.
_WARM_UP = 150_000
_UNDER_ONE_CALL = {BARE_CALL: Budget(Sense.TIMES, 1.0, 0.3)}


def _pinned() -> Contender:
    """Holds and releases an object through the module's own exports."""
    by_hand = shared_by_hand()
    sample = by_hand["makeSample"](by_hand.store)
    names = {"pin": by_hand.pin, "unpin": by_hand.unpin, "store": by_hand.store, "sample": sample}
    return statement(WASMTIME, "pin(store, sample); unpin(store, sample)", names)


def _slot(effort: Effort) -> Measured:
    sample = shared_modern().makeSample()
    runtime = sample._asc_runtime
    code = "slot = runtime.reserve(); runtime.mem_u32[slot] = ptr; runtime.give_back(slot)"
    return compared(
        effort,
        ours(code, {"runtime": runtime, "ptr": sample._asc_ptr, "sample": sample}),
        bare_call(shared_by_hand()),
        _pinned(),
    )


def _handle(effort: Effort) -> Measured:
    sample = shared_modern().makeSample()
    runtime, ptr = sample._asc_runtime, sample._asc_ptr
    slot = runtime.reserve()
    runtime.mem_u32[slot] = ptr  # outlives the objects below, which stand for the same
    del sample
    attend(runtime)
    code = "slot = runtime.reserve(); runtime.mem_u32[slot] = ptr; runtime.lift(ptr, slot, cls); attend(runtime)"
    return compared(
        effort,
        ours(code, {"runtime": runtime, "ptr": ptr, "cls": Sample, "attend": attend}),
        bare_call(shared_by_hand()),
        _pinned(),
    )


def _growth(effort: Effort, module: AscModule, code: str, names: Mapping[str, object]) -> Measured:
    """How many pages memory grows by while something is made and dropped, after a start."""
    timer = timeit.Timer(code, globals=dict(names))
    timer.timeit(_WARM_UP)
    before = _pages(module)
    timer.timeit(effort.repetitions)
    after = _pages(module)
    note = f"{before} pages before and {after} after {effort.repetitions:,}"
    return Measured(after - before, unit="pages", note=note)


def _pages(module: AscModule) -> int:
    module.runtime.refresh()
    return len(module.runtime.memory) // _PAGE


def _objects(effort: Effort) -> Measured:
    module = Modern()
    return _growth(effort, module, "module.makeSample()", {"module": module})


def _strings(effort: Effort) -> Measured:
    module = Modern()
    return _growth(effort, module, "module.echo(text)", {"module": module, "text": TEXT})


def _constructed(effort: Effort) -> Measured:
    module = Classic()
    with module.active():
        return _growth(effort, module, "Counter(1)", {"Counter": Counter})


_FLAT = {ALONE: Budget(Sense.ABSOLUTE, 0, 0)}

ROWS = (
    Row("hold", "hold and release in a root slot", _slot, _UNDER_ONE_CALL),
    Row("handle", "the same with its Python object", _handle),
    Row("flat objects", "growth by objects made and dropped", _objects, _FLAT),
    Row("flat strings", "growth by strings in and out", _strings, _FLAT),
    Row("flat constructed", "growth by constructing (asc 0.19)", _constructed, _FLAT),
)
