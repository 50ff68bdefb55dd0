"""Scopes: what is registered inside is released at the end, and nothing else."""

import contextvars
import threading

import pytest

from tests.unit.opaque_registry import Thing, give, reason, take
from wasmbind._opaque import OpaqueRegistry


@pytest.fixture
def registry() -> OpaqueRegistry:
    """A registry of its own for each test."""
    return OpaqueRegistry("Files")


def test_scope(registry: OpaqueRegistry) -> None:
    """What is registered inside a scope is released at its end, after an exception too; what was there stays."""
    before, inside, weak = Thing(), Thing(), Thing()
    kept, numbers = give(registry, before), list[int]()
    with pytest.raises(LookupError), registry.scope() as found:  # noqa: PT012 - the scope is what is tested
        assert found is registry
        numbers += [give(registry, inside), give(registry, weak, weak=True)]
        give(registry, before)
        assert len(registry) == 3
        raise LookupError
    assert take(registry, kept) is before
    assert [reason(registry, number) for number in numbers] == ["released", "released"]


def test_nested_scopes(registry: OpaqueRegistry) -> None:
    """Scopes nest, of several registries too; each releases its own."""
    other = OpaqueRegistry("Other")
    a, b, c = Thing(), Thing(), Thing()
    with registry.scope():
        give(registry, a)
        with other.scope():
            give(registry, b)
            give(other, a)
            with registry.scope():
                give(registry, c)
                give(registry, a)
                assert len(registry) == 3
            assert [*registry] == [a, b]
        assert len(other) == 0
        assert [*registry] == [a, b]
    assert len(registry) == 0


def test_scope_of_what_was_weak(registry: OpaqueRegistry) -> None:
    """An object that was registered weakly before is let go of at the end, and keeps its handle while it lives."""
    thing = Thing()
    number = give(registry, thing, weak=True)
    with registry.scope():
        assert give(registry, thing) == number
    assert take(registry, number) is thing
    del thing
    assert reason(registry, number) == "expired"


def test_released_inside_a_scope(registry: OpaqueRegistry) -> None:
    """What a scope finds released, and registered anew outside of it, it leaves alone."""
    thing = Thing()
    with registry.scope():
        give(registry, thing)
        registry.release(thing)
        number = contextvars.Context().run(give, registry, thing)
    assert take(registry, number) is thing


def test_scope_of_another_context(registry: OpaqueRegistry) -> None:
    """A scope takes what its own thread registers, not what others do meanwhile."""
    mine, theirs = Thing(), Thing()
    with registry.scope():
        give(registry, mine)
        thread = threading.Thread(target=give, args=(registry, theirs))
        thread.start()
        thread.join()
    assert [*registry] == [theirs]


def test_scope_twice(registry: OpaqueRegistry) -> None:
    """A scope is entered once."""
    scope = registry.scope()
    with scope, pytest.raises(RuntimeError, match="entered already"):
        scope.__enter__()
    assert repr(registry) == "<OpaqueRegistry of Files: 0 objects>"
    give(registry, scope)
    assert repr(registry) == "<OpaqueRegistry of Files: 1 object>"
