"""Runs the type checkers over the programs of this folder, and reads what these say that each checker reports."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tests.compiling import ASSEMBLY, ROOT, compile_asc, find_node

Checker = Literal["plugin", "mypy", "pyright"]

CHECKERS: tuple[Checker, ...] = ("plugin", "mypy", "pyright")
HERE = Path(__file__).resolve().parent
RIGHT = sorted(HERE.glob("right_*.py"))
WRONG = sorted((HERE / "wrong").glob("*.py"))
PYRIGHT = ASSEMBLY / "node_modules" / "pyright" / "index.js"
#: Where the plugin finds the programs, with the binary of `wrong/binary.py` beside them.
PROGRAMS = ROOT / ".cache" / "typing" / "programs"
SAYS = re.compile(r"# (plugin|mypy|pyright) says: (.*)")
NOTHING = "nothing"


class Finding(NamedTuple):
    """An error, the file and line it stands on, and its message with single spaces."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def finding(file: str, line: int, message: str) -> Finding:
    """A finding; line breaks and indentation inside a message are left to each checker's printer."""
    return Finding(Path(file).name, line, " ".join(message.split()))


class WrongLine(NamedTuple):
    """A line that is wrong to somebody.

    Attributes:
        file, number: where it stands.
        text: what stands there.
        said: what each checker says of it; a checker that is not in it says nothing.
    """

    file: str
    number: int
    text: str
    said: dict[Checker, list[str]]


def wrong_lines(file: Path) -> Iterator[WrongLine]:
    """The lines of a program that have comments saying who finds what wrong with them.

    With the plugin mypy says the same as without, where no comment says otherwise.
    """
    speaker: Any = ""
    said: dict[Checker, list[str]] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        opening = SAYS.fullmatch(text)
        if opening:
            speaker = opening[1]
            said.setdefault(speaker, []).append(opening[2])
        elif text.startswith("#") and speaker:
            said[speaker][-1] += text[1:]
        elif text and said:
            said.setdefault("plugin", said.get("mypy", []))
            heard: dict[Checker, list[str]] = {
                who: [what for what in said[who] if what != NOTHING] for who in CHECKERS if who in said
            }
            yield WrongLine(file.name, number, text, heard)
            speaker, said = "", {}


def expected(checker: Checker, file: Path) -> Iterator[Finding]:
    """What the comments of a wrong program say that a checker finds in it."""
    for wrong in wrong_lines(file):
        yield from (finding(wrong.file, wrong.number, message) for message in wrong.said.get(checker, []))


def run(*command: str, first: Path | None = None) -> str:
    """What a checker prints; that it finds errors is its business.

    Args:
        command: the checker with its arguments.
        first: a folder that Python looks for modules in before all others.
    """
    environment = os.environ if first is None else {**os.environ, "PYTHONPATH": str(first)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode in (0, 1), f"{command[0]} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


def run_mypy(files: list[Path], *options: str, mypy: Path | None = None) -> Iterator[Finding]:
    """Every error that mypy --strict, with the project's configuration, finds in the files themselves."""
    named = {os.path.relpath(file, ROOT) for file in files}
    command = (sys.executable, "-m", "mypy", "--strict", "--output=json", *options)
    for line in run(*command, *sorted(named), first=mypy).splitlines():
        found: dict[str, Any] = json.loads(line)
        if found["severity"] == "error" and found["file"] in named:
            yield finding(found["file"], found["line"], f"{found['message']} [{found['code']}]")


def run_plugin(files: list[Path], cache: str, mypy: Path | None = None) -> Iterator[Finding]:
    """The same with the plugin. Their binary lies beside the programs, so they are checked elsewhere.

    Args:
        files: the programs.
        cache: the name of the cache.
        mypy: a folder with another version of mypy than the installed one.
    """
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    for file in files:
        put(file.read_bytes(), PROGRAMS / file.name)
    source = (HERE / "wrong" / "binary.ts").read_text(encoding="utf-8")
    put(compile_asc(source, transform=True).read_bytes(), PROGRAMS / "binary.wasm")
    settings = (ROOT / "mypy.ini").read_text(encoding="utf-8")
    settings = settings.replace("[mypy]\n", "[mypy]\nplugins = wasmbind.mypy\n")
    settings = settings.replace("mypy_path = ", "mypy_path = $MYPY_CONFIG_FILE_DIR:")
    configuration = PROGRAMS.parent / "mypy.ini"
    put(settings.replace(":$MYPY_CONFIG_FILE_DIR", f":{ROOT}").encode(), configuration)
    options = (f"--config-file={configuration}", f"--cache-dir=.cache/{cache}")
    yield from run_mypy([PROGRAMS / file.name for file in files], *options, mypy=mypy)


def put(content: bytes, target: Path) -> None:
    """Write a file unless it is there already: mypy knows it then, and another test process may be reading it."""
    if not target.exists() or target.read_bytes() != content:
        new = target.with_name(f"{target.name}.{os.getpid()}")
        new.write_bytes(content)
        new.replace(target)


def run_pyright(files: list[Path], folder: Path) -> Iterator[Finding]:
    """Every error that pyright finds in the files, in its standard mode.

    The project's own configuration leaves the wrong programs out, so there is one for this run.
    """
    configuration = folder / "pyrightconfig.json"
    include = [os.path.relpath(file, folder) for file in files]  # pyright takes relative paths only
    settings = {"include": include, "extraPaths": [str(ROOT)], "pythonVersion": "3.11"}
    configuration.write_text(json.dumps(settings), encoding="utf-8")
    options = ("--outputjson", "--pythonpath", sys.executable, "--project", str(configuration))
    for found in json.loads(run(find_node(), str(PYRIGHT), *options))["generalDiagnostics"]:
        line = found["range"]["start"]["line"] + 1
        yield finding(found["file"], line, f"{found['message']} ({found.get('rule', 'error')})")
