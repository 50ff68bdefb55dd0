"""Views of live collections: what they show, what they keep alive, and what they never show."""

import gc
import itertools
import sys
import threading
import weakref
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from tests.codegen.test_atomic import INDEXING, QUIET, Flow
from tests.integration.apart import run_apart
from tests.integration.buffers_module import (
    INCREMENTAL,
    KINDS,
    MINIMAL,
    STUB,
    Build,
    Kind,
    address_of,
    backing_of,
    buffers,
    everywhere,
    held_slots,
    incremental,
    is_free,
    scribble,
    word,
)
from tests.integration.test_interrupt_points import Interrupter
from wasmbind import Array, InstanceError, LiftError, StaticArray, TrapError, f64, i32, string
from wasmbind._live.renewal import frees_moved_buffers
from wasmbind._live.views import try_hold

NEWEST = Build()
PEP_688 = sys.version_info >= (3, 12)
MANY = 100_000
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture
def _switch_often() -> Iterator[None]:
    """Let Python switch threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def has_view(build: Build, kind: Kind) -> bool:
    """Whether a collection has views in a build."""
    return build.runtime != "minimal" or not kind.name.startswith("Array")


# --- what a view shows ---------------------------------------------------------------------------------------


@kinds
@everywhere
def test_both_sides_see_one_memory(build: Build, kind: Kind) -> None:
    """A view has the format and length of the elements; what one side writes, the other reads."""
    module = buffers(build)
    live = getattr(module, f"new_{kind.name}")(5)
    at, put = getattr(module, f"at_{kind.name}"), getattr(module, f"set_{kind.name}")
    if not has_view(build, kind):
        with pytest.raises(BufferError, match=r"`--runtime minimal`.*tolist"):
            live.view()
        return
    view = live.view()
    assert (view.format, view.itemsize, view.shape) == (kind.format, np.dtype(kind.dtype).itemsize, (5,))
    assert (view.readonly, view.contiguous, view.nbytes) == (False, True, 5 * view.itemsize)
    assert view.tolist() == [kind.value(index) for index in range(5)]
    view[3] = kind.other
    assert at(live, 3) == live[3] == kind.other
    put(live, 0, kind.other)
    assert view[0] == kind.other
    live[1] = kind.other
    assert view[1] == kind.other
    assert bytes(live) == bytes(view)


@kinds
@everywhere
def test_arrays_of_numpy_share_the_memory(build: Build, kind: Kind) -> None:
    """`np.asarray` copies nothing, and gives an array of the right type that can be written."""
    module = buffers(build)
    live = getattr(module, f"new_{kind.name}")(5)
    if not has_view(build, kind):
        with pytest.raises(BufferError, match="tolist"):
            np.asarray(live)
        return
    found = np.asarray(live)
    assert (found.dtype, found.shape) == (np.dtype(kind.dtype), (5,))
    assert found.flags.writeable
    assert not found.flags.owndata
    found[2] = kind.other
    assert getattr(module, f"at_{kind.name}")(live, 2) == kind.other
    assert found.tolist() == live.tolist()


@incremental
def test_when_numpy_copies(build: Build) -> None:
    """`copy=` and `dtype=` do what NumPy's own arrays do."""
    module = buffers(build)
    live = module.numbers(3)
    for copy in (np.array(live), np.array(live, copy=True), np.asarray(live, dtype="f4"), live.__array__(copy=True)):
        copy[0] = 50
        assert live[0] == 0
    for same in (
        np.asarray(live, dtype="f8"),
        live.__array__(),
        live.__array__(np.float64),
        live.__array__(copy=False),
    ):
        same[0] += 1
    assert live[0] == 4
    with pytest.raises(ValueError, match="only as a copy"):
        live.__array__(np.float32, copy=False)
    words = module.texts()
    assert np.asarray(words).tolist() == ["a", "bc"]
    assert np.asarray(words, dtype=object).dtype == object
    with pytest.raises(ValueError, match="without a copy"):
        words.__array__(copy=False)


@incremental
def test_memoryview_of_a_live_collection(build: Build) -> None:
    """From Python 3.12 on `memoryview(...)` is a view; before, Python does not ask classes for one."""
    module = buffers(build)
    for live in (module.numbers(3), module.fixed(), module.ints(3), module.buffer(3)):
        if not PEP_688:
            with pytest.raises(TypeError, match="bytes-like object is required"):
                memoryview(live)
        else:
            view = memoryview(live)
            assert view.tolist() == live.tolist()
            view[0] = 7
            assert live[0] == 7
        assert live.__buffer__(0).tolist() == live.tolist()
    with pytest.raises(TypeError, match="bytes-like object is required" if not PEP_688 else "tolist"):
        memoryview(module.texts())


@incremental
def test_references_have_no_view(build: Build) -> None:
    """Nobody may write references behind our back; the error says what to do."""
    module = buffers(build)
    made: list[Any] = [module.texts(), module[Array[string]](["a"])]
    for live in made:
        for take in (live.view, lambda live=live: live.__buffer__(0), lambda live=live: bytes(live)):
            with pytest.raises(TypeError, match=r"Array<string> holds references.*tolist\(\)"):
                take()


@everywhere
def test_empty(build: Build) -> None:
    """Nothing to show is shown with its type; asc's constant data too."""
    module = buffers(build)
    for kind in KINDS:
        if has_view(build, kind):
            live = getattr(module, f"new_{kind.name}")(0)
            view = live.view()
            assert (view.format, view.shape, view.tolist(), bytes(live)) == (kind.format, (0,), [], b"")
            assert np.asarray(live).shape == (0,)
    assert module.buffer(0).view().tolist() == []
    assert module.fixed().view().tolist() == [1, 2, 3]
    if build.runtime != "minimal":
        assert module.nothing().view().tolist() == []
        assert module.constant().view().tolist() == [1.5, 2.5, 3.5]


@everywhere
def test_parts_of_buffers(build: Build) -> None:
    """A typed array that begins in the middle of its buffer shows its own elements."""
    module = buffers(build)
    whole = module.ints(10)
    part = module.part(whole, 3, 7)
    assert part.tolist() == part.view().tolist() == np.asarray(part).tolist() == [3, 4, 5, 6]
    part.view()[0] = 33
    assert whole[3] == 33
    again = module.part(part, 1, 3)
    again.view()[1] = 55
    assert whole.view().tolist() == [0, 1, 2, 33, 4, 55, 6, 7, 8, 9]


# --- an array that grows -------------------------------------------------------------------------------------


def grown_by_asc(module: Any, live: Any) -> None:
    """AssemblyScript pushes."""
    module.push(live, 3_000)


def grown_by_python(_: Any, live: Any) -> None:
    """Python extends."""
    live.extend(range(3_000))


def spliced(_: Any, live: Any) -> None:
    """Python assigns a slice."""
    live[1:1] = range(3_000)


@pytest.mark.parametrize("grow", [grown_by_asc, grown_by_python, spliced])
@incremental
def test_a_view_shows_the_old_buffer(build: Build, grow: Callable[[Any, Any], None]) -> None:
    """After a reallocation a view shows the old buffer, whatever is collected, allocated or written since."""
    module = buffers(build)
    live = module.numbers(60)
    view, ndarray = live.view(), np.asarray(live)
    old = backing_of(module, live)
    expected = [float(index) for index in range(60)]
    grow(module, live)
    assert backing_of(module, live) != old
    for _ in range(5):
        scribble(module)
        scribble(module, 480)
        assert view.tolist() == ndarray.tolist() == expected
        assert not is_free(module, old)
        module.forget()
    view[0] = 77
    assert live[0] == 0
    assert live.view().tolist() == live.tolist()
    del view, ndarray
    held_slots(module)
    live.append(1)
    module.runtime.collect()
    assert is_free(module, old)


@incremental
def test_without_a_hold_it_would_show_foreign_memory(build: Build) -> None:
    """The pattern does reach a buffer that nobody holds, so the test above would notice it."""
    module = buffers(build)
    live = module.numbers(60)
    old = backing_of(module, live)
    raw = module.runtime.memory[old : old + 480]
    module.push(live, 3_000)
    scribble(module)
    scribble(module, 480)
    assert b"\x55\x55\x55\x55" in bytes(raw)


@incremental
def test_growth_in_place(build: Build) -> None:
    """While an array grows inside its buffer, views go on showing its elements."""
    module = buffers(build)
    live = module.numbers(0)
    module.push(live, 2)
    view, buffer = live.view(), backing_of(module, live)
    module.push(live, 3)
    assert backing_of(module, live) == buffer
    view[0] = 8
    assert live.tolist() == [8, 1, 2, 3, 4]
    assert view.tolist() == [8, 1]
    module.resize(live, 1)
    assert live.view().tolist() == [8]
    assert view.tolist() == [8, 1]


@pytest.mark.parametrize("build", STUB, ids=str)
def test_growth_under_the_stub_runtime(build: Build) -> None:
    """Nothing is ever freed, so a view shows what the elements were."""
    module = buffers(build)
    live = module.numbers(60)
    view = live.view()
    module.push(live, 3_000)
    scribble(module)
    assert view.tolist() == [float(index) for index in range(60)]


@pytest.mark.parametrize("build", MINIMAL, ids=str)
def test_the_minimal_runtime_frees_what_grows(build: Build) -> None:
    """There an array has no view, which could only show freed memory; everything else has."""
    module = buffers(build)
    live = module.numbers(60)
    old = backing_of(module, live)
    module.push(live, 3_000)
    assert is_free(module, old) or backing_of(module, live) == old
    for take in (live.view, lambda: np.asarray(live), lambda: live.__buffer__(0)):
        with pytest.raises(BufferError, match=r"Array<f64> has no view in Buffers.*tolist\(\)"):
            take()
    assert np.frombuffer(bytes(live)).tolist() == live.tolist()
    assert module[Array[f64]](live).tolist() == live.tolist()
    holds = module.ints(50)
    views = [holds.view(), np.asarray(module.doubles(20)), module.buffer(40).view()]
    expected = [list(view) for view in views]
    del holds
    scribble(module)
    assert [list(view) for view in views] == expected


@pytest.mark.parametrize("used", [0, 1, 7, 300])
@pytest.mark.parametrize("compiler", ["modern", "classic", "oldest"])
@pytest.mark.parametrize("runtime", ["incremental", "minimal", "stub"])
def test_which_runtimes_free_what_grows(compiler: Any, runtime: str, used: int) -> None:
    """A binary without a schema shows by how it allocates, whatever its heap looks like."""
    module = buffers(Build(compiler, runtime=runtime))
    held = [module.buffer(size) for size in range(used)]
    del held[::2]
    module.runtime.collect()
    module.churn(used)
    kept = [list(each) for each in held]
    assert frees_moved_buffers(module.runtime) == (runtime == "minimal")
    module.runtime.collect()
    assert [list(each) for each in held] == kept


# --- how long a view lives -----------------------------------------------------------------------------------


def slices(view: Any) -> Any:
    """A part."""
    return view[2:50]


def casts(view: Any) -> Any:
    """A part, cast twice."""
    return view.cast("B")[16:400].cast("d")


def ndarrays(view: Any) -> Any:
    """An array of NumPy, a part of it."""
    return np.asarray(view)[2:50]


def read_only(view: Any) -> Any:
    """A part that cannot be written."""
    return view[2:50].toreadonly()


@pytest.mark.parametrize("derive", [slices, casts, ndarrays, read_only])
@incremental
def test_what_is_made_of_a_view_holds_the_buffer(build: Build, derive: Callable[[Any], Any]) -> None:
    """The buffer stays as long as anything that was made from the view, and no longer."""
    module = buffers(build)
    live = module.numbers(60)
    old = backing_of(module, live)
    derived = derive(live.view())
    expected = derived.tolist()
    module.push(live, 3_000)
    gc.collect()
    scribble(module)
    scribble(module, 480)
    assert derived.tolist() == expected
    del derived
    held_slots(module)
    live.append(1)
    module.runtime.collect()
    assert is_free(module, old)


@incremental
def test_released_views(build: Build) -> None:
    """`release()`, the end of a `with` block and a collected cycle let the buffer go."""
    module = buffers(build)
    live = module.numbers(3)
    before = held_slots(module)
    with live.view() as view:
        assert held_slots(module) == before + 1
        assert view[2] == 2
    assert held_slots(module) == before
    view = live.view()
    view.release()
    assert held_slots(module) == before
    cycle: list[Any] = [live.view()]
    cycle.append(cycle)
    assert held_slots(module) == before + 1
    del cycle
    assert held_slots(module) == before


@everywhere
def test_a_view_outlives_its_collection(build: Build) -> None:
    """The Python object may go, and AssemblyScript's with it: the elements stay."""
    module = buffers(build)
    views = [module.ints(50).view(), module.doubles(50).view(), module.buffer(50).view(), module.fixed().view()]
    if build.runtime != "minimal":
        views.append(module.numbers(50).view())
    expected = [list(view) for view in views]
    gc.collect()
    scribble(module)
    scribble(module, 200, 400)
    assert [list(view) for view in views] == expected


@everywhere
@pytest.mark.parametrize("end", ["dropped", "closed", "in a cycle"])
def test_a_view_outlives_its_instance(build: Build, end: str) -> None:
    """Memory stays until the last view of it is gone; then the store is freed."""
    module = buffers(build)
    live = module.ints(1_000)
    view = np.asarray(live)[10:]
    store = weakref.ref(module.runtime.native.store)
    if end == "closed":
        module.close()
        with pytest.raises(InstanceError, match="already closed"):
            live.view()
        with pytest.raises(InstanceError, match="already closed"):
            np.asarray(live)
    elif end == "in a cycle":
        module.cycle = [module, live]
    del module, live
    gc.collect()
    others = [buffers(build) for _ in range(3)]
    view[0] = -1
    assert view.sum() == sum(range(11, 1_000)) - 1
    assert store() is not None
    del view
    gc.collect()
    assert store() is None
    del others


@incremental
def test_releases_after_the_end(build: Build) -> None:
    """What dies after `close()` touches nothing, whether the instance is there or not."""
    module = buffers(build)
    live = module.numbers(10)
    early, late = live.view(), live.view()
    del early
    module.close()
    del late
    gc.collect()
    assert not module.runtime.pending
    assert not module.runtime.live


@incremental
def test_poisoned(build: Build) -> None:
    """After a trap the views that are there can be read; there are no new ones."""
    module = buffers(build)
    live, window = module.numbers(3), module.buffer(3)
    view = live.view()
    with pytest.raises(TrapError):
        module.trap()
    assert view.tolist() == [0, 1, 2]
    for each in (live, window):
        with pytest.raises(InstanceError, match="poisoned"):
            each.view()
    del view
    module.close()


@incremental
def test_memory_that_grows(build: Build) -> None:
    """Views stay whole while memory grows, and collections that lie beyond its old end have views."""
    module = buffers(build)
    early = module.numbers(100)
    view = early.view()
    for _ in range(4):
        module.grow(3)
        late = module.ints(200_000)
        assert late.view()[-1] == 199_999
        assert np.asarray(late).sum() == sum(range(200_000))
        view[0] += 1
    assert early[0] == 4
    assert view.tolist()[1:] == [float(index) for index in range(1, 100)]


@incremental
def test_many_views(build: Build) -> None:
    """A hundred thousand views, made and dropped, leave nothing behind."""
    module = buffers(build)
    live = module.numbers(10)

    def work(times: int) -> None:
        for _ in range(times):
            live.view()

    work(2_000)
    before = (len(module.runtime.memory), held_slots(module), len(gc.get_objects()), sys.getallocatedblocks())
    work(MANY)
    module.runtime.refresh()
    after = (len(module.runtime.memory), held_slots(module), len(gc.get_objects()), sys.getallocatedblocks())
    assert after[:2] == before[:2]
    assert after[2] <= before[2] + 50
    assert after[3] <= before[3] + 500


@incremental
def test_many_views_at_once(build: Build) -> None:
    """Views need a root slot each; there are as many as it takes."""
    module = buffers(build)
    arrays = [module.numbers(1) for _ in range(50)]
    views = [live.view() for _ in range(200) for live in arrays]
    for live in arrays:
        live.extend(range(100))
    scribble(module)
    assert {view[0] for view in views} == {0.0}
    del views
    assert held_slots(module) == len(arrays)


# --- threads, host functions, interrupts ---------------------------------------------------------------------


def test_inside_a_host_function() -> None:
    """A view can be taken in the middle of a call, and written for AssemblyScript to see."""
    taken: list[Any] = []

    def during(ptr: int) -> float:
        assert ptr == address_of(live)
        taken.append(live.view())
        taken[0][0] = 5
        live.extend(range(1_000))
        live.view()[0] = 6
        return 5.0

    module = buffers(NEWEST, during)
    live = module.numbers(3)
    assert module.callOut(live) == 11
    scribble(module)
    assert taken[0].tolist() == [5, 1, 2]


@pytest.mark.usefixtures("_switch_often")
def test_views_while_another_thread_reallocates() -> None:
    """Whenever a view is taken, it shows an array's elements, and it never shows anything else."""
    module = buffers(NEWEST)
    live = module.numbers(1)
    done = threading.Event()

    def move() -> None:
        for _ in range(150):
            module.spin(live, 2_000)
            module.scribble(500, 2)
            module.forget()
        done.set()

    def look(_: int) -> None:
        views: list[Any] = []
        while not done.is_set():
            views.append(live.view())
            views.append(np.asarray(live))
            del views[:-10]
            for view in views:
                shown = list(view)
                assert shown == [float(index) for index in range(len(shown))]

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(move), *(pool.submit(look, number) for number in range(3))]
        for future in futures:
            try:
                future.result(300)
            except BaseException:
                done.set()
                raise
    scribble(module)
    assert live.tolist() == [float(index) for index in range(len(live))]


@pytest.mark.usefixtures("_switch_often")
def test_views_that_die_in_another_thread() -> None:
    """A view may go in any thread, after the thread that took it has ended."""
    module = buffers(NEWEST)
    live = module.numbers(10)
    before = held_slots(module)
    with ThreadPoolExecutor(4) as pool:
        views = list(pool.map(np.asarray, [live] * 400))
    assert all(view[9] == 9 for view in views)
    with ThreadPoolExecutor(4) as pool:
        while views:
            pool.submit(np.sum, views.pop())
    assert held_slots(module) == before


def test_it_is_held_in_one_go() -> None:
    """A buffer is read and held before anyone else can enter and reallocate the elements."""
    flow = Flow(try_hold)
    stores = flow.find("STORE_SUBSCR")
    assert len(stores) == 2
    allowed = QUIET | INDEXING | {"COMPARE_OP", "JUMP_FORWARD", "STORE_FAST_STORE_FAST", "TO_BOOL", "UNARY_NOT"}
    for store, load in itertools.product(stores, flow.find("LOAD_ATTR", "owner")):
        opcodes = flow.between(load, store)
        assert opcodes <= allowed, opcodes - allowed


def interrupt_views() -> None:
    """Interrupt the taking of a view at every point: no root slot is given back twice, and none is lost.

    But for one: that which has just been taken from the list, before anybody could know of it.
    """
    problems: list[str] = []
    module = buffers(NEWEST)
    live = module.numbers(10)
    live.view()
    for point in itertools.count():
        before = slots_of(module)
        interrupter = Interrupter(point)
        sys.settrace(interrupter)
        try:
            live.view()
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
        gc.collect()
        after = slots_of(module)
        if "reserve_alone" in (interrupter.where or ""):
            before = before[-len(after) :]
        if after != before or live.view().tolist() != live.tolist():
            problems.append(f"point {point}, {interrupter.where}: {before} became {after}")
        if interrupter.where is None:
            break
    if problems:
        sys.exit("\n".join(problems))


def slots_of(module: Any) -> list[int]:
    """The free root slots."""
    module.runtime.collect()
    return sorted(module.runtime.free)


def test_interrupted_views() -> None:
    """Ctrl-C at every point where Python may run a signal handler."""
    run_apart("test_live_views", "interrupt_views()")


# --- modules that lie ----------------------------------------------------------------------------------------

BUFFER, START, CAPACITY, LENGTH = range(4)


@pytest.mark.parametrize(
    ("at", "base", "offset"),
    [
        (BUFFER, "nothing", 0),
        (BUFFER, "nothing", 4),
        (BUFFER, "nothing", 0xFFFFFFF0),
        (BUFFER, "buffer", 16),
        (BUFFER, "texts", 0),
        (BUFFER, "end", 0),
        (BUFFER, "end", 16),
        (START, "nothing", 0),
        (START, "nothing", 0xFFFFFFF8),
        (START, "buffer", -8),
        (START, "buffer", 4),
        (START, "buffer", 480),
        (START, "end", -8),
        (LENGTH, "nothing", 61),
        (LENGTH, "nothing", 0x20000000),
        (LENGTH, "nothing", 0xFFFFFFFF),
    ],
)
def test_elements_that_lie_nowhere(at: int, base: str, offset: int) -> None:
    """Words that place the elements outside a buffer are a LiftError, and nothing is held."""
    module = buffers(NEWEST)
    live = module.numbers(60)
    texts = module.texts()
    words = module.runtime.memory.cast("I")
    place = (address_of(live) >> 2) + at
    right = words[place]
    bases = {"nothing": 0, "buffer": backing_of(module, live), "texts": address_of(texts), "end": 4 * len(words)}
    before = held_slots(module)
    free = sorted(module.runtime.free)
    words[place] = bases[base] + offset
    try:
        for take in (live.view, lambda: np.asarray(live), lambda: bytes(live)):
            with pytest.raises(LiftError, match="the elements of Array<f64> do not lie in an ArrayBuffer"):
                take()
    finally:
        words[place] = right
    module.runtime.collect()
    assert (held_slots(module), sorted(module.runtime.free)) == (before, free)
    assert live.view().tolist() == live.tolist()


def test_headers_that_lie() -> None:
    """So are headers that say more than memory has, or another class."""
    module = buffers(NEWEST)
    live, fixed = module.numbers(60), module[StaticArray[i32]](range(60))
    words = module.runtime.memory.cast("I")
    buffer = backing_of(module, live)
    for ptr, back, lie in [
        (buffer, 1, 0xFFFFFFFF),
        (buffer, 1, 472),
        (buffer, 2, word(module, address_of(live) - 8)),
        (address_of(fixed), 1, 0xFFFFFFFF),
        (address_of(fixed), 1, len(module.runtime.memory)),
    ]:
        right = words[(ptr >> 2) - back]
        words[(ptr >> 2) - back] = lie
        try:
            with pytest.raises(LiftError, match="do not lie in an ArrayBuffer"):
                (live if ptr == buffer else fixed).view()
        finally:
            words[(ptr >> 2) - back] = right
    assert live.view().tolist() == live.tolist()
    assert fixed.view().tolist() == fixed.tolist()


# --- other uses of the buffer --------------------------------------------------------------------------------


@incremental
def test_views_as_arguments(build: Build) -> None:
    """A view, and an ndarray over a view, is taken wherever numbers are, also from another instance."""
    module, other = buffers(build), buffers(build)
    live = module.numbers(100)
    for given in (live.view(), np.asarray(live), live, array("d", live.view())):
        assert other[Array[f64]](given).tolist() == live.tolist()
        assert module[Array[f64]](given).tolist() == live.tolist()
    taken: Array[f64] = module[Array[f64]](live.view()[10:20])
    taken.extend(live.view()[:5])
    taken[0:2] = live.view()[5:7]
    assert taken.tolist() == [5, 6, *range(12, 20), 0, 1, 2, 3, 4]
    live.extend(live.view())
    assert live.tolist() == [*range(100)] * 2


@kinds
@incremental
def test_slices_are_set_in_bulk(build: Build, kind: Kind) -> None:
    """Buffers of the right elements are copied as they are, and others element by element; both are checked."""
    module = buffers(build)
    live = getattr(module, f"new_{kind.name}")(10)
    expected = live.tolist()
    for where, source in [
        (slice(2, 6), slice(1, 5)),
        (slice(None, None, 3), slice(0, 4)),
        (slice(9, 5, -2), slice(3, 5)),
    ]:
        for convert in (np.asarray, list, memoryview, tuple):
            given = convert(live.view()[source])
            expected[where] = expected[source]
            live[where] = given
            assert live.tolist() == live.view().tolist() == expected
    values = np.ones(10, kind.dtype) if kind.element != "Color" else np.full(10, 5, "i4")
    live[:] = values.astype("i8") if kind.element not in ("bool", "f32", "f64") else values
    assert live.tolist() == values.tolist()
    live[3:3] = live.view()[:0]
    live[::2] = live.view()[1::2]
    assert len(live) == 10
    with pytest.raises(ValueError, match=r"3 values for 5 elements|attempt to assign"):
        live[::2] = live.view()[:3]


def test_every_build_is_here() -> None:
    """Newest and oldest compiler, with a schema and without."""
    assert {(build.compiler, build.transform) for build in INCREMENTAL} == {
        (compiler, transform) for compiler in ("modern", "oldest") for transform in (False, True)
    }
