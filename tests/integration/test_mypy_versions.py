"""The mypy plugin with each installed version of mypy: that of the tests, and what `scripts/mypy-versions` adds."""

from pathlib import Path

import pytest

from tests.compiling import ROOT
from tests.typing.speakers import RIGHT, WRONG, Finding, expected, run_plugin

OTHERS = sorted((ROOT / ".cache" / "mypy-versions").glob("[0-9]*"))


def ours(findings: list[Finding]) -> list[str]:
    """Those with a code of ours, whose words do not depend on mypy."""
    return [str(found) for found in findings if "[wasmbind-" in found.message]


@pytest.mark.parametrize("mypy", [None, *OTHERS], ids=lambda mypy: mypy.name if mypy else "own")
def test_programs_mean_the_same_to_each_version(mypy: Path | None) -> None:
    """All versions find the same lines wrong, and say the same of what only the plugin sees."""
    found = sorted(run_plugin([*RIGHT, *WRONG], f"mypy-version-{mypy.name if mypy else 'own'}", mypy))
    wanted = sorted(finding for file in WRONG for finding in expected("plugin", file))
    assert ours(found) == ours(wanted)
    assert {(each.file, each.line) for each in found} == {(each.file, each.line) for each in wanted}
