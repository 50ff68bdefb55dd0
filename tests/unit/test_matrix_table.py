"""The script that writes the tables of docs/compatibility.md."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.compiling import ROOT
from tests.integration.abi_expected import EXPECTED

PAGE = ROOT / "docs" / "compatibility.md"
CASE = """<testcase classname="tests.integration.test_abis" name="test_interface[{version}]"><properties>
<property name="name" value="found"/><property name="asc" value="some"/><property name="header" value="20"/>
<property name="functions" value="object"/></properties></testcase>"""


def write(folder: Path, *versions: str) -> tuple[str, str]:
    """What the script makes of the page after tests of some versions: the page, and what it says on the way out."""
    page, results = folder / "page.md", folder / "results.xml"
    shutil.copy(PAGE, page)
    results.write_text(f"<all>{''.join(CASE.format(version=each) for each in versions)}</all>", encoding="utf-8")
    command = [sys.executable, str(ROOT / "scripts" / "matrix-table"), str(results), str(page)]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=folder)
    assert (ran.returncode == 0) == (not ran.stderr)
    return page.read_text(encoding="utf-8"), ran.stderr


def test_the_page_is_that_of_the_data(tmp_path: Path) -> None:
    """The table of the interfaces is what `ABIS` says, and no table is emptied where no test has run."""
    page, said = write(tmp_path)
    assert page == PAGE.read_text(encoding="utf-8")
    assert "no interface was found of asc 0.9" in said


def test_what_was_found_is_written(tmp_path: Path) -> None:
    """The table of what was found is made of what tests have found, of all versions or not at all."""
    versions = [each for each in EXPECTED if each != "modern"]
    page, said = write(tmp_path, *versions)
    assert not said
    assert page.count("| found | some | 20 bytes | objects | 1 passed |") == len(versions)
    page, said = write(tmp_path, *versions[:-1])
    assert (page, versions[-1] in said) == (PAGE.read_text(encoding="utf-8"), True)
