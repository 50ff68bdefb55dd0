"""Modules that lie: every lie is a typed error, never a crash, a hang or memory of somebody else."""

import pytest

from tests.integration.hostile_module import (
    FIXED,
    FLAGS,
    GIVERS,
    LISTS,
    NODE,
    NODE_SIZE,
    NUMBERS,
    OBJECT,
    PAGE,
    STRING,
    TEXTS,
    TYPED,
    VIEW,
    put_object,
    start,
)
from wasmbind import BindError, LiftError, WasmbindError, asdict

_INSIDE = [1, 2, 3, 4, 8, 12, 16, 19, OBJECT + 1, OBJECT + 2, OBJECT + 4, PAGE - 4, PAGE - 1]
_OUTSIDE = [PAGE + 16, 1 << 20, 0x7FFFFFF0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFF8, 0xFFFFFFFF]
BAD_POINTERS = [*_INSIDE, *_OUTSIDE]


# --- pointers, headers, lengths ------------------------------------------------------------------------------


@pytest.mark.parametrize("giver", GIVERS)
def test_bad_pointers(giver: str) -> None:
    """A pointer where no object can lie is a LiftError that shows it, whatever type is declared."""
    module = start()
    for ptr in BAD_POINTERS:
        with pytest.raises(LiftError) as caught:
            getattr(module, giver)(ptr)
        assert caught.value.ptr == ptr or f"{ptr:#x}" in str(caught.value)
    assert module.take_text("still works") > 0


@pytest.mark.parametrize("giver", GIVERS)
def test_null(giver: str) -> None:
    """Null is None where that is declared, and a LiftError that says what to declare everywhere else."""
    module = start()
    if giver == "give_maybe":
        assert module.give_maybe(0) is None
        return
    with pytest.raises(LiftError, match=r"null found .*\| None"):
        getattr(module, giver)(0)


@pytest.mark.parametrize("giver", GIVERS)
@pytest.mark.parametrize("size", [0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE, PAGE, PAGE - OBJECT + 2])
def test_absurd_sizes(giver: str, size: int) -> None:
    """An object whose size in the header reaches outside memory is a LiftError, of whatever class it is."""
    module = start()
    for rt_id in range(len(FLAGS)):
        put_object(module, rt_id, size, OBJECT, OBJECT, size, size)
        with pytest.raises(LiftError):
            getattr(module, giver)(OBJECT)


@pytest.mark.parametrize("giver", GIVERS)
def test_wrong_classes(giver: str) -> None:
    """An object of another class than declared, or of one that does not exist, is a LiftError."""
    right = {
        "give_node": {0, NODE},
        "give_numbers": {NUMBERS, FIXED, TYPED},
        "give_texts": {TEXTS, LISTS},
        "give_lists": {TEXTS, LISTS},
    }.get(giver, {STRING})
    module = start()
    for rt_id in [*range(len(FLAGS)), len(FLAGS), 1000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]:
        put_object(module, rt_id, NODE_SIZE, 0, 0, 0, 0)
        if rt_id in right or (giver == "give_node" and rt_id == VIEW):
            continue  # nothing in memory tells these from what is declared
        with pytest.raises(LiftError):
            getattr(module, giver)(OBJECT)


ABSURD_ARRAYS = [
    # data start, byte length, length
    (OBJECT, 0xFFFFFFFF, 0x7FFFFFFF),
    (OBJECT, 0xFFFFFFFF, 0xFFFFFFFF),
    (OBJECT, 0x40000000, 0x10000000),
    (0xFFFFFFF0, 16, 4),
    (0xFFFFFFF0, 0x20, 0x8),
    (PAGE - 8, 16, 4),
    (PAGE, 4, 1),
    (PAGE + 4, 0x7FFFFFFC, 1),
    (OBJECT + 1, 16, 4),
    (OBJECT + 2, 16, 4),
    (0x80000000, 16, 4),
]


@pytest.mark.parametrize(
    ("rt_id", "giver"), [(NUMBERS, "give_numbers"), (TYPED, "give_numbers"), (TEXTS, "give_texts")]
)
@pytest.mark.parametrize(("start_", "size", "length"), ABSURD_ARRAYS)
def test_absurd_arrays(rt_id: int, giver: str, start_: int, size: int, length: int) -> None:
    """Elements that lie outside memory, wholly or in part, or out of line, are a LiftError."""
    module = start()
    put_object(module, rt_id, 16, OBJECT, start_, size, length)
    with pytest.raises(LiftError):
        getattr(module, giver)(OBJECT)


def test_elements() -> None:
    """Bad pointers inside arrays, also inside arrays of arrays, are LiftErrors."""
    module = start()
    for ptr in [0, *BAD_POINTERS]:
        put_object(module, TEXTS, 16, OBJECT + 64, OBJECT + 64, 4, 1)
        module.poke(OBJECT + 64, ptr)
        for giver in ("give_texts", "give_lists"):
            with pytest.raises(LiftError):
                getattr(module, giver)(OBJECT)
    put_object(module, LISTS, 16, OBJECT + 64, OBJECT + 64, 4, 1)
    module.poke(OBJECT + 64, OBJECT)  # an array that contains itself
    with pytest.raises(LiftError):
        module.give_lists(OBJECT)


def test_odd_strings() -> None:
    """A string of an odd number of bytes is a LiftError; one that ends with memory is none."""
    module = start()
    put_object(module, STRING, 7, 0x00620061)
    with pytest.raises(LiftError, match="odd"):
        module.give_text(OBJECT)
    put_object(module, STRING, 16, *[0x00620061] * 4, at=PAGE - 16)
    assert module.give_text(PAGE - 16) == "abababab"


def test_fields() -> None:
    """Objects change under the reader: each field is checked when it is read, and its object when it is lifted."""
    module = start()
    put_object(module, NODE, NODE_SIZE - 4)
    with pytest.raises(BindError, match="declare exactly the fields"):
        module.give_node(OBJECT)
    put_object(module, NODE, NODE_SIZE, 7, 0, OBJECT, 0)
    node = module.give_node(OBJECT)
    assert node.next is node
    for ptr in BAD_POINTERS:
        put_object(module, NODE, NODE_SIZE, 7, ptr, ptr, ptr)
        for name in ("name", "next", "texts"):
            with pytest.raises(LiftError):
                getattr(node, name)
        assert node.number == 7
        assert "Node" in repr(node)
        with pytest.raises(LiftError):
            asdict(node)
    put_object(module, STRING, 0xFFFFFFFE, at=OBJECT + 64)
    module.poke(OBJECT + 4, OBJECT + 64)
    with pytest.raises(LiftError):
        _ = node.name
    node.name = "repaired"
    assert node.name == "repaired"


def test_the_last_object_of_memory() -> None:
    """An object that ends with memory is one, and nothing of it reaches further."""
    module = start()
    at = PAGE - NODE_SIZE
    node = module.give_node(put_object(module, NODE, NODE_SIZE, 7, 0, 0, 0, at=at))
    assert (node.number, node.next) == (7, None)
    node.number = -1
    assert bytes(module.runtime.memory[at : at + 4]) == b"\xff" * 4
    put_object(module, NODE, NODE_SIZE, at=PAGE - 8)
    with pytest.raises(LiftError):
        module.give_node(PAGE - 8)
    put_object(module, NODE, NODE_SIZE - 4, at=OBJECT)
    with pytest.raises(WasmbindError):
        module.give_node(OBJECT)
