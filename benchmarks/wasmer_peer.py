"""Measures `modern.ts` under wasmer-python; runs on Python 3.10. See `_processes.py` for the protocol."""

import sys
import timeit
from pathlib import Path
from typing import Any

import wasmer  # type: ignore[import-not-found]  # of another interpreter


def _instance(wasm: bytes) -> Any:
    store = wasmer.Store()

    def abort(_message: int, _file: int, _line: int, _column: int) -> None:
        raise RuntimeError("the module aborted")

    imports = wasmer.ImportObject()
    imports.register("env", {"abort": wasmer.Function(store, abort)})
    return wasmer.Instance(wasmer.Module(store, wasm), imports)


def main() -> None:
    """Answer orders until the input ends."""
    wasm, text = sys.argv[1:]
    exports = _instance(Path(wasm).read_bytes()).exports
    new, pin, unpin, echo_ptr = exports.__new, exports.__pin, exports.__unpin, exports.echo
    string_id = 2

    def echo(text: str) -> str:
        data = text.encode("utf-16-le")
        ptr = new(len(data), string_id)
        pin(ptr)
        exports.memory.uint8_view(ptr)[0 : len(data)] = data
        result = echo_ptr(ptr)
        size = exports.memory.uint32_view(result // 4 - 1)[0]
        found = str(bytes(exports.memory.uint8_view(result)[0:size]), "utf-16-le")
        unpin(ptr)
        return found

    if echo(text) != text:
        raise SystemExit("wasmer-python gave back another string")
    timers = {
        "add": timeit.Timer("add(2, 3)", globals={"add": exports.add}),
        "echo": timeit.Timer("echo(text)", globals={"echo": echo, "text": text}),
    }
    for line in sys.stdin:
        operation, count = line.split()
        print(timers[operation].timeit(int(count)) * 1e9, flush=True)


main()
