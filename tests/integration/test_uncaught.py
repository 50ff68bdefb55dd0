"""What the interpreter prints of errors that nobody catches, in processes of their own."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.compiling import ROOT
from tests.integration.tracebacks_module import copied

PREAMBLE = """
import sys, threading
from wasmbind import AscModule, i32, string

class Faults(AscModule, wasm={wasm!r}):
    def read(self, text: string) -> i32: ...
    def consult(self, depth: i32) -> i32: ...

faults = Faults(imports={{"host": {{"ask": lambda depth: {{}}[depth]}}}})
"""
FRAMES = [
    '  File "tracebacks.ts", line 24, in read',
    "    return file.addLine(text);",
    '  File "tracebacks.ts", line 17, in File#addLine',
    "    /* “ä𝄞” */ this.lines.push(new Line(text));",
    '  File "tracebacks.ts", line 8, in Line#constructor',
    '    throw new Error("a line must not be empty");',
]


def run(folder: Path, program: str, *, with_map: bool = True, decoys: bool = True) -> tuple[int, list[str]]:
    """Run a program, by default in a folder with files of the names that the map has, which are not to be shown.

    Returns:
        The exit status, and what it wrote to standard error, without marks under lines.
    """
    for place in (folder, folder / "on_path"):
        place.mkdir(exist_ok=True)
        if decoys:
            (place / "tracebacks.ts").write_text("decoy\n" * 99, encoding="utf-8")
    text = PREAMBLE.format(wasm=str(copied(folder, with_map=with_map))) + textwrap.dedent(program)
    (folder / "app.py").write_text(text, encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "app.py"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={"PYTHONPATH": f"{ROOT}:{folder / 'on_path'}", "PYTHONUTF8": "1"},
    )
    return found.returncode, [line for line in found.stderr.splitlines() if line.strip(" |^~")]


@pytest.mark.parametrize(
    "program",
    [
        'faults.read("")',
        'thread = threading.Thread(target=faults.read, args=[""]); thread.start(); thread.join(); sys.exit(1)',
        """
        try:
            faults.read("")
        except Exception as error:
            raise ValueError from error
        """,
        """
        try:
            faults.read("")
        finally:
            {}["context"]
        """,
        """
        try:
            faults.read("")
        except Exception as error:
            found = error
        raise ExceptionGroup("several", [OSError(), found])
        """,
    ],
    ids=["main", "thread", "cause", "context", "group"],
)
def test_lines_are_printed(tmp_path: Path, program: str) -> None:
    """The lines of the source map are shown, and no file of the same name, on every Python."""
    status, lines = run(tmp_path, program)
    assert status == 1
    stripped = [line.strip(" |") for line in lines]
    start = stripped.index(FRAMES[0].strip())
    assert stripped[start : start + len(FRAMES)] == [line.strip() for line in FRAMES]
    assert "decoy" not in "".join(lines)
    assert sum(line.startswith("Exception in thread Thread-1") for line in lines) == ("Thread" in program)


def test_other_errors_are_printed_as_ever(tmp_path: Path) -> None:
    """Errors without lines of a source map are left to the interpreter, also after one that has some."""
    program = 'sys.excepthook(*info()); thread = threading.Thread(target=int, args=["x"]); thread.start()'
    before = "def info():\n    try: int('y')\n    except ValueError: return sys.exc_info()\n"
    plain = run(tmp_path, f"{before}\n{program}")[1]
    failing = f"try: faults.read('')\nexcept Exception: pass\n{before}\n{program}"
    after = run(tmp_path, failing)[1]
    assert [line for line in after if "File" not in line] == [line for line in plain if "File" not in line]
    assert any("invalid literal" in line for line in plain)


def test_hooks_of_others_stay(tmp_path: Path) -> None:
    """Whoever has taken over printing keeps it."""
    status, lines = run(
        tmp_path,
        """
        sys.excepthook = lambda kind, error, trace: print("mine", file=sys.stderr)
        threading.excepthook = lambda arguments: print("mine too", file=sys.stderr)
        thread = threading.Thread(target=faults.read, args=[""]); thread.start(); thread.join()
        faults.read("")
        """,
    )
    assert (status, lines) == (1, ["mine too", "mine"])


def test_without_standard_error(tmp_path: Path) -> None:
    """A program may have closed it."""
    assert run(tmp_path, 'sys.stderr = None\nfaults.read("")')[0] == 1
    assert run(tmp_path, 'sys.stderr.close()\nfaults.read("")')[0] == 1


def test_nothing_is_hooked_without_lines(tmp_path: Path) -> None:
    """A failure without a map changes nothing in the process."""
    program = """
        before = sys.excepthook, threading.excepthook
        try:
            faults.read("")
        except RuntimeError:
            pass
        assert (sys.excepthook, threading.excepthook) == before
        """
    assert run(tmp_path, program, with_map=False) == (0, [])


def test_post_mortem_debugging(tmp_path: Path) -> None:
    """`pdb` walks over the frames, lists their lines and evaluates in them.

    It makes names of files absolute, so it would show a file of the same name.
    """
    (tmp_path / "commands").write_text("where\nlist\nup\np 1 + 1\np locals()\nup\ndown\nquit\n", encoding="utf-8")
    status, lines = run(
        tmp_path,
        """
        import pdb
        sys.stdin, sys.stdout = open("commands", encoding="utf-8"), sys.stderr
        try:
            faults.read("")
        except RuntimeError as error:
            pdb.post_mortem(error.__traceback__)
        """,
        decoys=False,
    )
    text = "\n".join(lines)
    assert status == 0, text
    assert "Line#constructor()" in text
    assert 'throw new Error("a line must not be empty");' in text
    assert "(Pdb) 2" in text
