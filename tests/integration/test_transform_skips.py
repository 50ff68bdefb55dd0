"""What wasmbind's transform leaves out, and what it says about members that do not compile."""

import re
import subprocess
from pathlib import Path

from tests.compilers import each_compiler
from tests.compiling import Compiler, asc_command, compile_asc
from tests.integration.plain_host import PlainHost, read_schema
from tests.integration.transformed import FEATURES, run_asc

BROKEN = """
export class File {
  ok(): i32 { return 1; }
  broken(): i32 { return "no number"; }
  get size(): i32 { return 2; }
  set size(value: i32) { value = "no number"; }
}
class Reached {
  broken(): string { return 1; }
}
export function reach(): Reached { return new Reached(); }
"""
ADVICE = """
wasmbind: {name} (main.ts:{line}) is compiled because {reason}, though nothing calls it; \
to leave it out, write // @wasmbindSkip above it, or build with --skip '{name}'
"""


def advice(name: str, line: int, reason: str) -> str:
    """The line that explains an error."""
    return ADVICE.format(name=name, line=line, reason=reason).strip()


@each_compiler
def test_errors_in_members_are_explained(compiler: Compiler, tmp_path: Path) -> None:
    """Errors come out as asc words them, with one line for each member that is compiled for its export."""
    result = run_asc(tmp_path, BROKEN, compiler=compiler)
    assert result.returncode != 0
    assert not (tmp_path / "main.wasm").exists()
    explained = [line for line in result.stderr.splitlines() if line.startswith("wasmbind: ")]
    assert explained == [
        advice("File#broken", 4, "File is exported"),
        advice("File#set:size", 6, "File is exported"),
        advice("main/Reached#broken", 9, "reach leads to main/Reached"),
    ]
    alone = BROKEN + "export function use(f: File): void { f.broken(); f.size = 1; new Reached().broken(); }"
    (tmp_path / "alone.ts").write_text(alone, encoding="utf-8")
    command = [*asc_command(compiler), "alone.ts", "-o", "alone.wasm", "--disableWarning"]
    stock = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    errors = re.compile(r"^ERROR.*", re.MULTILINE)
    assert sorted(errors.findall(result.stderr)) == sorted(errors.findall(stock.stderr))
    assert "3 compile error(s)" in result.stderr


@each_compiler
def test_errors_of_the_program_are_not_explained(compiler: Compiler, tmp_path: Path) -> None:
    """A member that the program calls is asc's own matter."""
    called = BROKEN + "export function use(f: File): void { f.broken(); f.size = 1; new Reached().broken(); }"
    result = run_asc(tmp_path, called, compiler=compiler)
    assert "3 compile error(s)" in result.stderr
    assert "wasmbind:" not in result.stderr


@each_compiler
def test_skipping_by_name(compiler: Compiler, tmp_path: Path) -> None:
    """WASMBIND_SKIP names members by their export names; accessors without their `get:` and `set:` too."""
    result = run_asc(tmp_path, BROKEN, compiler=compiler, skip="File#broken, File#set:size,main/Reached#broken")
    assert (result.returncode, result.stderr) == (0, "")
    host = PlainHost(tmp_path / "main.wasm")
    assert {name for name in host.names if "File" in name} == {"File#constructor", "File#ok", "File#get:size"}
    assert host.schema["skipped"] == dict.fromkeys(["File#broken", "File#set:size", "main/Reached#broken"], "excluded")
    assert [each["name"] for each in host.class_of("File")["methods"]] == ["ok"]
    assert run_asc(tmp_path, BROKEN, compiler=compiler, skip="File,main/Reached").returncode == 0
    assert not {name for name in PlainHost(tmp_path / "main.wasm").names if "File" in name}


def test_skipping_members_of_generic_classes(tmp_path: Path) -> None:
    """The commas between type arguments do not part names."""
    source = """
    class Pair<A, B> { constructor(public a: A, public b: B) {} broken(): A { return "x"; } }
    export function pair(): Pair<i32, Pair<f64, bool>> { return new Pair(1, new Pair(2.0, true)); }
    """
    inner = "main/Pair<f64,bool>"
    names = (f"main/Pair<i32,{inner}>#broken", f"{inner}#broken")
    result = run_asc(tmp_path, source, skip=",".join(names))
    assert (result.returncode, result.stderr) == (0, "")
    assert read_schema(tmp_path / "main.wasm")["skipped"] == dict.fromkeys(names, "excluded")


@each_compiler
def test_skipping_by_comment(compiler: Compiler, tmp_path: Path) -> None:
    """`@wasmbindSkip` in any comment directly above a member or class leaves it out; in another one it does not."""
    source = """
    export class A {
      // @wasmbindSkip
      a(): i32 { return "x"; }
      /** Documented. @wasmbindSkip */
      @inline
      b(): i32 { return "x"; }
      /* @wasmbindSkip */ c: i32 = 1;
      // @wasmbindSkip

      d(): i32 { return 1; }
      e(): i32 { return 1; } // @wasmbindSkip
      f(): i32 { return 1; }
      /** @wasmbindSkip */
      static g: i32 = 1;
      // @wasmbindSkip
      constructor() {}
    }
    // @wasmbindSkip: made for tests
    export class B { a: i32 = 1; b(): i32 { return "x"; } }
    """
    result = run_asc(tmp_path, source, compiler=compiler)
    assert (result.returncode, result.stderr) == (0, "")
    host = PlainHost(tmp_path / "main.wasm")
    assert {name for name in host.names if name[0] in "AB"} == {"A#d", "A#e", "A#f"}
    a_members = ("A#constructor", "A#a", "A#b", "A#get:c", "A#set:c", "A.g")
    b_members = ("B#constructor", "B#get:a", "B#set:a", "B#b")
    assert host.schema["skipped"] == dict.fromkeys((*a_members, *b_members), "excluded")
    assert [each["name"] for each in host.class_of("B")["fields"]] == ["a"]


def test_names_that_fit_nothing_are_reported(tmp_path: Path) -> None:
    """A name in WASMBIND_SKIP that is no member's is a mistake, but not an error."""
    result = run_asc(tmp_path, "export class A { a: i32 = 1; }", skip="A#a,A#b,C")
    assert result.returncode == 0
    expected = [f"wasmbind: {name}, which is to be left out, is no member of any class" for name in ("A#b", "C")]
    assert result.stderr.splitlines() == expected


@each_compiler
def test_generic_members_are_listed(compiler: Compiler) -> None:
    """Generic functions and methods, which have no export, are named as skipped."""
    skipped = read_schema(compile_asc(FEATURES, compiler=compiler, transform=True))["skipped"]
    assert skipped == {"identity": "generic", "File#convert": "generic", "File#skipped": "excluded"}


@each_compiler
def test_only_the_warnings_about_classes_are_silenced(compiler: Compiler, tmp_path: Path) -> None:
    """No warning says that classes cannot be exported, for they are; other warnings stay."""
    classes = "export class A {} export class B<T> { x: T | null; } export interface C {} export namespace d {}\n"
    assert run_asc(tmp_path, classes, compiler=compiler).stderr == ""
    result = run_asc(tmp_path, classes + "export function f<T>(x: T): T { return x; }", compiler=compiler)
    assert result.stderr.count("AS235") == 1


NESTING = """
class List<T> {
  first: i32 = 1;
  chunks(n: i32): List<List<T>> { return new List<List<T>>(); }
  pairs(): Option<Option<List<T>>> { return new Option<Option<List<T>>>(); }
}
class Option<T> { zip(): Option<Option<T>> { return new Option<Option<T>>(); } }
export function list(): List<i32> { return new List<i32>(); }
export function deep(): i32 { return new List<List<List<List<List<i32>>>>>().chunks(1).first; }
"""


def nested(times: int) -> str:
    """The internal name of `List<List<...i32>>`."""
    return "main/List<" * times + "i32" + ">" * times


@each_compiler
def test_classes_that_nest_themselves_ever_deeper(compiler: Compiler, tmp_path: Path) -> None:
    """Members lead to deeper instances of their class up to some depth; what the program has itself is all there."""
    assert run_asc(tmp_path, NESTING, compiler=compiler, limited=True).returncode == 0
    host = PlainHost(tmp_path / "main.wasm")
    skipped = {name for name, reason in host.schema["skipped"].items() if reason == "nested"}
    assert skipped == set(host.schema["skipped"])
    assert not skipped & host.names
    assert {f"{nested(times)}#get:first" for times in range(1, 7)} <= host.names
    assert {f"{nested(7)}#{name}" for name in ("get:first", "chunks")} <= skipped
    chunks = host.call(f"{nested(1)}#chunks", host.call("__pin", host.call("list")), 2)
    assert host.call(f"{nested(2)}#get:first", chunks) == 1
