"""Generated source, whole, against `golden/*.py.txt`.

After a change that is meant, `WASMBIND_UPDATE_GOLDEN=1 python -m pytest tests/codegen` writes the files anew;
read the difference before you commit it.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.codegen.declared import (
    CALLERS,
    LIVE,
    PLAIN,
    Fields,
    Members,
    call_plans,
    dynamic_plans,
    field_plans,
    handler_plans,
    live_sources,
)
from wasmbind._accessors import getter_source, setter_source
from wasmbind._declarations import read_declaration
from wasmbind._emit import call_source
from wasmbind._handlers import handler_source, plain_source
from wasmbind._plans import accessor_plans

GOLDEN = Path(__file__).parent / "golden"
SUFFIX = ".py.txt"


def sources_of_calls(cls: type) -> str:
    """The functions that a class declares, as two blank lines separate them in a file."""
    return "\n\n".join(call_source(plan) for plan in call_plans(cls))


def sources_of_fields() -> str:
    """The getter and the setter of every kind of field."""
    pairs = [(getter_source(plan), setter_source(plan)) for plan in field_plans()]
    return "\n\n".join(source for pair in pairs for source in pair)


def sources_of_exported_accessors() -> str:
    """The same fields where the binary exports accessors for them."""
    plans = [plan for field in read_declaration(Fields).fields for plan in accessor_plans(field)]
    return "\n\n".join(call_source(plan) for plan in plans)


def sources_of_dynamic_calls() -> str:
    """Functions that nobody has declared."""
    return "\n\n".join(map(call_source, dynamic_plans()))


def sources_of_handlers() -> str:
    """What makes the handlers of typed host functions, and of a callable, which is no method."""
    plans = handler_plans()
    return "\n\n".join(map(handler_source, [*plans, replace(plans[-1], method=False)]))


def sources_of_plain_handlers() -> str:
    """The same for functions of numbers."""
    return "\n\n".join(map(plain_source, PLAIN))


GENERATED = {
    **{cls.__name__.lower(): sources_of_calls(cls) for cls in CALLERS},
    "fields": sources_of_fields(),
    "exported_fields": sources_of_exported_accessors(),
    "dynamic": sources_of_dynamic_calls(),
    "handlers": sources_of_handlers(),
    "plain_handlers": sources_of_plain_handlers(),
    **{name: "\n\n".join(live_sources(annotation)) for name, annotation in LIVE.items()},
}


@pytest.mark.parametrize("name", GENERATED)
def test_source_is_the_golden_one(name: str) -> None:
    """What is generated is, to the last character, what somebody has read and kept."""
    file = GOLDEN / f"{name}{SUFFIX}"
    if os.environ.get("WASMBIND_UPDATE_GOLDEN"):
        file.write_text(GENERATED[name], encoding="utf-8")
    assert file.read_text(encoding="utf-8") == GENERATED[name]


def test_every_golden_file_is_used() -> None:
    """A file that nothing is compared with is forgotten, and goes."""
    assert {file.name for file in GOLDEN.iterdir()} == {f"{name}{SUFFIX}" for name in GENERATED}


@pytest.mark.parametrize("name", GENERATED)
def test_same_declaration_gives_the_same_source(name: str) -> None:
    """Generating again, from plans made anew, changes nothing."""
    makers = {cls.__name__.lower(): cls for cls in CALLERS}
    if name in makers:
        again = sources_of_calls(makers[name])
    elif name in LIVE:
        again = "\n\n".join(live_sources(LIVE[name]))
    else:
        others = {
            "fields": sources_of_fields,
            "exported_fields": sources_of_exported_accessors,
            "dynamic": sources_of_dynamic_calls,
            "handlers": sources_of_handlers,
            "plain_handlers": sources_of_plain_handlers,
        }
        again = others[name]()
    assert again == GENERATED[name]


def test_every_kind_of_member_is_there() -> None:
    """The declarations hold a constructor, a static, accessors and methods."""
    kinds = {function.kind for function in read_declaration(Members).functions}
    assert kinds == {"constructor", "method", "getter", "setter", "static"}
