"""What wasmbind's transform does to the runtime library and in the compiler's process."""

import bisect
import json
import subprocess
from pathlib import Path

import pytest
import wasmtime

from tests.compilers import Configuration, each_collecting, each_compiler, each_configuration, each_incremental
from tests.compiling import ROOT, TRANSFORM, Compiler, asc_command, compile_asc
from tests.integration.plain_host import AbortError, PlainHost
from tests.integration.transformed import features, run_asc


@each_configuration
def test_flags_say_what_is_there(configuration: Configuration) -> None:
    """Flags are set where the runtime has what they mean."""
    host = features(configuration)
    assert host.schema["runtime"] == configuration.runtime
    has_stack, frees = configuration.runtime == "incremental", configuration.runtime != "stub"
    expected = {"pinRepaired": True, "finalize": frees, "link": True, "stackPointer": has_stack}
    assert host.schema["flags"] == {name: True for name, is_set in expected.items() if is_set}
    assert ("__stack_pointer" in host.names) == has_stack
    assert ("__watch" in host.names) == frees
    assert {"__link", "__new", "__pin", "__collect", "__rtti_base", "table", "__setArgumentsLength"} <= host.names


@each_incremental
def test_stack_pointer_can_be_restored(configuration: Configuration) -> None:
    """After a throw the shadow stack is where it was, if the host says so."""
    host = features(configuration)
    text = host.call("__pin", host.new_string("deep"))
    top = host.get("__stack_pointer")
    for _ in range(2000):
        with pytest.raises(AbortError, match="deep0"):
            host.call("failDeep", 20, text)
        assert host.get("__stack_pointer") < top
        host.set("__stack_pointer", top)


CHAIN = """
export class Node { next: Node | null = null; }
const top = new Node();
export function root(): Node { return top; }
export function chain(length: i32): void {
  let at = top;
  for (let i = 0; i < length; i++) { at.next = new Node(); at = at.next!; }
}
"""


def pin_where_the_marker_stands(host: PlainHost, length: int = 20_000) -> None:
    """Pin the object that the collector has marked last, in the midst of marking, and finish the collection."""

    def colour(ptr: int) -> int:
        return int(host.read(ptr - 16)) & 3

    buffer = host.class_of("~lib/arraybuffer/ArrayBuffer")["id"]
    host.call("chain", length)
    nodes = [host.call("root")]
    while following := host.read(nodes[-1]):
        nodes.append(following)
    for _ in range(100_000):
        host.call("__new", 512, buffer)
        black, white = colour(nodes[2]), colour(nodes[-2])
        if black != white:
            # The marker has come from the front, and stands behind the last black node.
            last = bisect.bisect_left(nodes, True, key=lambda node: colour(node) != black) - 1
            host.call("__pin", nodes[last])
            host.store.set_fuel(200_000_000)
            host.call("__collect")
            return
    raise AssertionError("the collector never marked the chain")


@each_incremental
def test_pinning_while_marking(configuration: Configuration) -> None:
    """`__pin` may be called for any object at any time."""
    pin_where_the_marker_stands(PlainHost(configuration.compile(CHAIN)))


def test_stock_pin_is_broken(tmp_path: Path) -> None:
    """Without the repair the same pin makes the collector loop for ever: the test above would find that."""
    transform = TRANSFORM.read_text(encoding="utf-8")
    unrepaired = transform.replace("if (obj == iter) iter = assert(obj.prev);", "")
    assert unrepaired != transform
    (tmp_path / "unrepaired.mjs").write_text(unrepaired, encoding="utf-8")
    (tmp_path / "main.ts").write_text(CHAIN, encoding="utf-8")
    command = [*asc_command(), "main.ts", "-o", "main.wasm", "--transform", "./unrepaired.mjs"]
    subprocess.run(command, cwd=tmp_path, check=True)
    with pytest.raises(wasmtime.Trap, match="fuel"):
        pin_where_the_marker_stands(PlainHost(tmp_path / "main.wasm"))


@each_compiler
def test_repaired_source_is_in_the_source_map(compiler: Compiler) -> None:
    """A debugger shows the runtime's file as it was compiled, once."""
    wasm = compile_asc(CHAIN, "--sourceMap", "--debug", compiler=compiler, transform=True)
    found = json.loads(wasm.with_name(f"{wasm.name}.map").read_text(encoding="utf-8"))
    texts = [text for name, text in zip(found["sources"], found["sourcesContent"], strict=True) if "itcms" in name]
    assert len(texts) == 1
    assert "if (obj == iter) iter = assert(obj.prev);\n    obj.unlink(); // from fromSpace" in texts[0]


def test_mutable_globals_can_be_disabled() -> None:
    """Without the feature the globals that a host would assign are not exported, and the flags say so."""
    source = "export class A { static x: i32 = 1; static readonly y: i32 = 2; }"
    host = PlainHost(compile_asc(source, "--disable", "mutable-globals", transform=True))
    assert host.schema["flags"] == {"pinRepaired": True, "link": True}
    assert {name for name in host.names if "A." in name} == {"A.y"}


@each_compiler
def test_program_may_export_a_table(compiler: Compiler) -> None:
    """A program's own export of the function table's name stays, and the function table goes without."""
    host = PlainHost(
        compile_asc("export function table(n: i32): i32 { return n + 1; }", compiler=compiler, transform=True)
    )
    assert host.call("table", 2) == 3
    with_table = PlainHost(compile_asc("export function other(): void {}", compiler=compiler, transform=True))
    assert "table" in with_table.names


def watch(host: PlainHost, *names: str) -> None:
    """Have the deaths of objects of some classes reported."""
    flags = bytearray(len(host.schema["classes"]))
    for name in names:
        flags[host.class_of(name)["id"]] = 1
    address = host.call("__pin", host.call("__new", len(flags), host.class_of("~lib/arraybuffer/ArrayBuffer")["id"]))
    host.write(address, bytes(flags))
    host.call("__watch", address)


def dead_objects(host: PlainHost) -> list[tuple[int, int, int]]:
    """The objects that the module reported, which are forgotten there."""
    count, start = host.get("__finalized_count"), host.get("__finalized")
    words = [host.read(start + 4 * index) for index in range(3 * count)]
    host.set("__finalized_count", 0)
    return list(zip(words[::3], words[1::3], words[2::3], strict=True))


@each_collecting
def test_dead_objects_are_reported(configuration: Configuration) -> None:
    """Objects of watched classes are reported once, when they die; nothing else is."""
    host = features(configuration)
    host.call("litter", 100)
    host.call("__collect")
    assert host.get("__finalized_count") == 0
    watch(host, "Line", "~lib/function/Function<%28~lib/string/String%29=>~lib/string/String>")
    kept = host.new("Line", host.call("__pin", host.new_string("kept")))
    host.call("litter", 1000)
    host.call("__collect")
    dead = dead_objects(host)
    assert len(dead) == 1000  # at fewer addresses, for their memory is used again
    assert {rt_id for _, rt_id, _ in dead} == {host.class_of("Line")["id"]}
    assert kept not in {ptr for ptr, _, _ in dead}
    host.call("__unpin", kept)
    host.call("__collect")
    assert kept in {ptr for ptr, _, _ in dead_objects(host)}
    host.call("__collect")
    assert dead_objects(host) == []


@each_collecting
def test_first_word_of_dead_objects_is_reported(configuration: Configuration) -> None:
    """The host learns which table index a function object had."""
    source = "export function hold(f: () => void): void {} export class Slot { index: u32 = 0; }"
    host = PlainHost(configuration.compile(source))
    watch(host, "Slot")
    for index in range(200):
        host.call("Slot#set:index", host.call("Slot#constructor", 0), index)
    host.call("__collect")
    assert sorted(first for _, _, first in dead_objects(host)) == list(range(200))


def test_programs_own_finalize_is_kept(tmp_path: Path) -> None:
    """A program that defines `__finalize` keeps it, and the flag is missing."""
    source = """
    export let count: i32 = 0;
    // @ts-ignore: decorator
    @global export function __finalize(ptr: usize): void { count++; }
    export class A {}
    """
    assert run_asc(tmp_path, source).returncode == 0
    host = PlainHost(tmp_path / "main.wasm")
    assert "finalize" not in host.schema["flags"]
    assert "__watch" not in host.names
    host.call("A#constructor", 0)
    host.call("__collect")
    assert host.get("count") == 1


PROCESS = """
import { Compiler } from "{asc}/dist/assemblyscript.js";
import { main } from "{asc}/dist/asc.js";
const original = Compiler.prototype.compile;
async function compile(source, ...options) {
  let binary = null;
  const silent = { write() {} };
  const { error } = await main(["a.ts", "-o", "a.wasm", ...options], {
    stdout: silent, stderr: silent, listFiles: () => [],
    readFile: (name) => (name === "a.ts" ? source : null),
    writeFile: (name, contents) => { binary = contents; },
  });
  return error ? "error" : WebAssembly.Module.customSections(new WebAssembly.Module(binary), "wasmbind").length;
}
const good = "export class A { a(): i32 { return 1; } }";
const broken = "export class A { a(): i32 { return ''; } }";
const unparsed = "export class {";
const ours = ["--transform", "{transform}"];
const results = [];
for (const source of [good, broken, unparsed, good]) {
  results.push(await compile(source, ...ours), Compiler.prototype.compile === original);
}
results.push(await compile(good), Compiler.prototype.compile === original);
results.push(...(await Promise.all([good, broken, good].map((each) => compile(each, ...ours)))));
results.push(await Promise.all([compile(good, ...ours), compile(good)]), Compiler.prototype.compile === original);
console.log(JSON.stringify(results));
"""


@each_compiler
def test_compilers_are_left_as_they_were(compiler: Compiler, tmp_path: Path) -> None:
    """One process may compile many programs, with and without the transform, also if some fail, also at once."""
    package = Path(asc_command(compiler)[-1]).parent.parent
    script = tmp_path / "process.mjs"
    text = PROCESS.replace("{asc}", package.as_uri()).replace("{transform}", TRANSFORM.as_posix())
    script.write_text(text, encoding="utf-8")
    command = [asc_command(compiler)[0], str(script)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    alone = [1, True, "error", True, "error", True, 1, True]
    assert json.loads(result.stdout) == [*alone, 0, True, 1, "error", 1, [1, 0], True]
