"""README and docs: their programs run, say what the text claims, and print what the pages show.

Comments that a reader of the rendered page does not see mark the blocks of a page::

    <!-- file: words.ts -->       the block is a source, compiled with the transform beside the program; after the
                                  name, `stock` leaves the transform out, `classic` takes asc 0.19, and `mapped` asks
                                  for names and for a source map, which lies beside the binary; `references` enables
                                  `externref`; `importing` imports memory and table, `shared` a shared memory;
                                  `begin` exports the start function under that name
    <!-- run -->                  the block belongs to the page's program
    <!-- run ... -->              so does the text of the comment itself
    <!-- prints -->               the block is what the program printed since the last such block

All blocks of a page make one program. Where a line is an expression with a comment, `expression  # value`, the
comment is the `repr` of its value. `raises Error: text` after an expression or an assignment is what it raises,
and part of the message.

After a change that is meant, `WASMBIND_UPDATE_GOLDEN=1 python -m pytest tests/integration/test_docs.py` writes
the printed blocks anew; read the difference before you commit it.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiling import ROOT, Compiler, compile_asc
from tests.unit.test_architecture import LAYERS

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
UNRUN = [ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
MARK = "\N{INFORMATION SEPARATOR TWO}"
UPDATE = "WASMBIND_UPDATE_GOLDEN"

BLOCK = re.compile(
    r"<!-- (?P<kind>file|run|prints)(?:: (?P<argument>[^\n]*?))? -->\n+```\w*\n(?P<text>.*?)^```$"
    r"|<!-- run\n(?P<hidden>.*?)^-->$",
    re.DOTALL | re.MULTILINE,
)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
PLACE = re.compile(r"\bapp\.py:\d+")
REMARK = re.compile(r"^(?P<code>\s*\S.*?)  +# (?P<says>.+)$")

_SHARED = ["--importMemory", "--sharedMemory", "--maximumMemory", "64", "--memoryBase", "2048", "--enable", "threads"]
CHECKS = '''
def says(source, names, wanted):
    """Evaluate a line of a page and compare it with its comment."""
    error, _, text = wanted.removeprefix("raises ").partition(": ")
    if not wanted.startswith("raises "):
        found = repr(eval(source, globals(), names))
        assert found == wanted, f"{source}  # {found}, not {wanted}"
        return
    try:
        exec(source, globals(), names)
    except Exception as raised:
        found = f"{type(raised).__name__}: {raised}"
        assert type(raised).__name__ == error and text in str(raised), f"{source}  # raises {found}, not {wanted}"
    else:
        raise AssertionError(f"{source} raised nothing, not {wanted}")
'''


def checked(code: str) -> str:
    """The code with each `expression  # value` as a check of the value."""
    lines = code.splitlines()
    alone = {
        node.lineno: isinstance(node, ast.Expr)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, (ast.Expr, ast.Assign)) and node.lineno == node.end_lineno
    }
    for number, is_expression in alone.items():
        remark = REMARK.match(lines[number - 1])
        if remark and (is_expression or remark["says"].startswith("raises ")):
            source = remark["code"].lstrip()
            indent = remark["code"][: -len(source)]
            lines[number - 1] = f"{indent}says({source!r}, locals(), {remark['says']!r})"
    return "\n".join(lines) + "\n"


def prepare(page: Path, folder: Path) -> str:
    """Put what the page's program needs into a folder, and return the program."""
    parts = [CHECKS]
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["hidden"] is not None:
            parts.append(checked(block["hidden"]))
        elif block["kind"] == "run":
            parts.append(checked(block["text"]))
        elif block["kind"] == "prints":
            parts.append(f"print({MARK!r}, end='')\n")
        else:
            name, *options = block["argument"].split()
            compiler: Compiler = "classic" if "classic" in options else "modern"
            flags = ["--debug", "--sourceMap"] if "mapped" in options else []
            flags += ["--enable", "reference-types"] if "references" in options else []
            flags += ["--importMemory", "--importTable", "--maximumMemory", "64"] if "importing" in options else []
            flags += _SHARED if "shared" in options else []
            flags += ["--exportStart", "begin"] if "begin" in options else []
            stock = "stock" in options or "classic" in options
            compiled = compile_asc(block["text"], *flags, compiler=compiler, transform=not stock)
            shutil.copyfile(compiled, folder / Path(name).with_suffix(".wasm"))
            if "mapped" in options:
                shutil.copyfile(f"{compiled}.map", folder / f"{Path(name).with_suffix('.wasm')}.map")
    return "".join(parts)


def printed(page: Path, folder: Path) -> list[str]:
    """Run a page's program; what it printed for each block that shows it."""
    program = folder / "app.py"
    program.write_text(prepare(page, folder), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", program.name],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *outputs, rest = done.stdout.split(MARK)
    assert rest == "", f"the program prints what {page.name} does not show: {rest}"
    return [f"{output.strip()}\n" for output in outputs]


def shown(page: Path) -> list[str]:
    """What a page says that its program prints."""
    blocks = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [block["text"] for block in blocks if block["kind"] == "prints"]


def rewrite(page: Path, outputs: list[str]) -> None:
    """Put what the program printed into the page."""
    rest = iter(outputs)

    def renewed(block: re.Match[str]) -> str:
        if block["kind"] != "prints":
            return block[0]
        start, end = block.span("text")
        return block[0][: start - block.start()] + next(rest) + block[0][end - block.start() :]

    page.write_text(BLOCK.sub(renewed, page.read_text(encoding="utf-8")), encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_programs_of_a_page(page: Path, tmp_path: Path) -> None:
    """A page's program runs, its remarks are true, and it prints what the page shows, generated code included."""
    outputs = printed(page, tmp_path)
    if os.environ.get(UPDATE):
        rewrite(page, outputs)
    assert [PLACE.sub("app.py:0", text) for text in shown(page)] == [PLACE.sub("app.py:0", text) for text in outputs]


@pytest.mark.parametrize("page", [*PAGES, *UNRUN], ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link into the repository leads to a file that is there."""
    links = LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8")))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_block_of_python_runs() -> None:
    """A block of Python in a page is run, or is what generated code looks like: none is there unchecked."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        checked_blocks = sum(block["text"] is not None for block in BLOCK.finditer(text))
        assert len(re.findall(r"^```(?:python|ts|wat)$", text, re.MULTILINE)) <= checked_blocks, page.name


def test_claims_name_tests() -> None:
    """Every test that the table of the ancestor's features names is there, and every row names one."""
    folder, known = ROOT / "tests" / "integration", set[str]()
    for file in folder.glob("test_*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                known.add(f"{file.name}::{node.name}")
                known |= {
                    f"{file.name}::{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)
                }
        known.add(file.name)
    text = (ROOT / "docs" / "dynamic.md").read_text(encoding="utf-8")
    table = text[text.index("| what | now |") :].split("\n\n", 1)[0]
    for row in table.splitlines()[2:]:
        named = re.findall(r"`([^`]+)`", row.rstrip(" |").rpartition("|")[2])
        full = [name if ".py" in name else f"test_dynamic_ancestor.py::{name}" for name in named]
        assert full, row
        assert {*full} <= known, row


def test_architecture_shows_the_layers() -> None:
    """The table of layers in the docs is the one that the imports are held to, in its order."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text[text.index("| layer") : text.index("\n\n", text.index("| layer"))]
    rows = [re.findall(r"`([\w.]+)`", row) for row in table.splitlines()[2:]]
    assert rows == [[name.removesuffix(".*") for name in layer] for layer in LAYERS.values()]
