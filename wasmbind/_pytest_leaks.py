"""Find what a test leaves alive: objects that Python still holds, and objects that a module has kept.

Instances that are there when the watch begins are compared with themselves; instances that start while it lasts, with
how they were right after their start, and they stay until its end, so that the watch can look at them.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from wasmbind._instances import observers
from wasmbind._modules import AscModule
from wasmbind._pytest_census import class_name, count_objects
from wasmbind.errors import shorten

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from wasmbind._roots import Handle
    from wasmbind._runtime import Runtime

__all__ = ["no_leaks"]

#: How many objects that Python holds are shown.
MOST_SHOWN = 3


class Baseline:
    """One instance as it was when the watch began, or when it was started."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        # The weak references themselves: an address may be that of another object later.
        self.held = {id(handle): handle for handle in runtime.live.values()}
        self.objects = count_objects(runtime)

    def leaks(self) -> Iterator[str]:
        """Say what there is more of now, if the instance can still be used."""
        runtime = self.runtime
        if runtime.ended:
            return
        left = _referents(handle for handle in list(runtime.live.values()) if id(handle) not in self.held)
        if left:
            counts = Counter(type(obj).__name__ if _is_object(obj) else "view" for obj in left)
            shown = "".join(f"\n    {_shown(obj)}" for obj in left[:MOST_SHOWN])
            more = f"\n    and {len(left) - MOST_SHOWN} more" if len(left) > MOST_SHOWN else ""
            yield f"  {runtime.name}: Python still holds {_listed(counts)}{shown}{more}"
        also = "with what these refer to, " if left else ""
        del left
        now = count_objects(runtime)
        if self.objects is not None and now is not None and now - self.objects:
            counts = Counter()
            for rt_id, count in (now - self.objects).items():
                counts[class_name(runtime, rt_id)] += count
            yield f"  {runtime.name}: {also}there are more objects in the module: {_listed(counts)}"


def _referents(handles: Iterable[Handle[Any]]) -> list[Any]:
    return [obj for handle in handles if (obj := handle()) is not None]


def _is_object(held: Any) -> bool:
    """Whether what Python holds stands for an object; else it is behind a view of one."""
    return hasattr(held, "_asc_ptr")


def _shown(held: Any) -> str:
    return shorten(held) if _is_object(held) else "a memoryview, or what was made of one"


def _listed(counts: Counter[str]) -> str:
    """`3 Line, 1 string`, the most first."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _running() -> Iterator[Runtime]:
    """Yield all instances that can be used."""
    waiting: list[type[Any]] = [AscModule]
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        for binding in cls.__asc_bindings__.values() if cls is not AscModule else ():
            yield from (runtime for runtime in binding.instances() if not runtime.ended)


@contextlib.contextmanager
def no_leaks(who: str = "the block") -> Generator[None]:
    """Fail the test if a `with` block leaves AssemblyScript objects alive; if it raises, that alone is told.

    Args:
        who: what is watched, for the message.
    """
    __tracebackhide__ = True
    gc.collect()
    watched = [Baseline(runtime) for runtime in _running()]

    def observe(runtime: Runtime) -> None:
        watched.append(Baseline(runtime))

    observers.append(observe)
    try:
        yield
    finally:
        observers.remove(observe)
    gc.collect()
    found = list(itertools.chain.from_iterable(baseline.leaks() for baseline in watched))
    if found:
        fix = "what is kept on purpose is made before: in a fixture, or outside `with no_leaks():`"
        pytest.fail("\n".join([f"{who} leaves AssemblyScript objects alive", *found, f"  fix  {fix}"]), pytrace=False)
