"""The facts of what does not fit."""

from typing import Any

import pytest

from wasmbind import AscModule, BindError, Mismatch


def mismatches(module: type[AscModule], *classes: type[Any]) -> list[Mismatch]:
    """Start a module that does not fit, or bind classes to one of which the last does not; what is reported."""

    def bind() -> None:
        instance = module()
        for cls in classes:
            instance[cls]

    with pytest.raises(BindError) as caught:
        bind()
    return list(caught.value.mismatches)


def facts(module: type[AscModule], *classes: type[Any]) -> list[tuple[str, str, str, str]]:
    """Who, declared, found and fix of each mismatch."""
    return [(each.who, each.declared, each.found, each.fix) for each in mismatches(module, *classes)]
