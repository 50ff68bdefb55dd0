"""A field changes its type in AssemblyScript: mypy, `wasmbind check` and binding all say which, and where."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.compiling import ROOT, compile_asc
from wasmbind import BindError
from wasmbind.cli.group import group

SOURCE = """
export class Account {
  owner: string = "";
  balance: TYPE = 0;
}
export function open(owner: string): Account { const made = new Account(); made.owner = owner; return made; }
"""
DECLARATIONS = """\
from wasmbind import AscClass, AscModule, i32, string


class Account(AscClass):
    owner: string
    balance: i32


class Bank(AscModule, wasm="bank.wasm"):
    def open(self, owner: string) -> Account: ...


def first() -> int:
    return Bank().open("me").balance
"""
LINE = DECLARATIONS.splitlines().index("    balance: i32") + 1


class Project:
    """A folder with declarations and the binary that they name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bank.py").write_text(DECLARATIONS, encoding="utf-8")
        (folder / "mypy.ini").write_text("[mypy]\nstrict = True\nplugins = wasmbind.mypy\n", encoding="utf-8")

    def build(self, type_: str) -> None:
        """Compile the source with the field being of a type."""
        made = compile_asc(SOURCE.replace("TYPE", type_), transform=True)
        shutil.copyfile(made, self.folder / "bank.wasm")

    def mypy(self) -> str:
        """What mypy prints, with what it kept of its last run."""
        command = [sys.executable, "-m", "mypy", "--no-error-summary", "--no-pretty", "bank.py"]
        environ = {**os.environ, "MYPYPATH": str(ROOT)}
        done = subprocess.run(command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def check(self) -> tuple[int, list[dict[str, object]]]:
        """The exit status of `wasmbind check`, and its findings."""
        result = CliRunner().invoke(group, ["check", str(self.folder / "bank.py"), "--json"])
        return result.exit_code, json.loads(result.output)["findings"]

    def run(self) -> int:
        """Import the declarations and use them."""
        spec = importlib.util.spec_from_file_location("bank", self.folder / "bank.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["bank"] = module
        try:
            spec.loader.exec_module(module)
            found: int = module.first()
        finally:
            del sys.modules["bank"]
        return found


def test_all_three_tell(tmp_path: Path) -> None:
    """Right declarations are right to all of them; then each names the field, both types, and the line."""
    project = Project(tmp_path)
    project.build("i32")
    assert (project.mypy(), project.check(), project.run()) == ("", (0, []), 0)

    project.build("f64")
    assert project.mypy().splitlines() == [
        f"bank.py:{LINE}: error: Account.balance: declared i32, found f64  [wasmbind-mismatch]",
        f"bank.py:{LINE}: note: annotate `balance: f64`",
    ]
    status, findings = project.check()
    assert status == 1
    assert [(each["who"], each["declared"], each["found"], each["line"]) for each in findings] == [
        ("Account.balance", "i32", "f64", LINE)
    ]
    with pytest.raises(BindError) as raised:
        project.run()
    [mismatch] = raised.value.mismatches
    assert (mismatch.who, mismatch.declared, mismatch.found) == ("Account.balance", "i32", "f64")
    assert str(mismatch.where).endswith(f"bank.py:{LINE}")

    project.build("i32")
    assert (project.mypy(), project.check(), project.run()) == ("", (0, []), 0)
