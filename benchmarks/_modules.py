"""The modules that are measured: declared as a user would, and compiled when their bytes are first asked for."""

# mypy: disable-error-code="empty-body"

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.compiling import Compiler, compile_asc
from wasmbind import Array, AscClass, AscModule, Float64Array, Map, export, f64, host, i32, string, u32

HERE = Path(__file__).resolve().parent
#: The string that goes in and comes out.
TEXT = "hello, wasm!"


@dataclass(frozen=True)
class Source:
    """AssemblyScript as the `wasm=` of a module class.

    Attributes:
        source: as `compile_asc` takes it.
        options: for asc.
    """

    source: Path | str
    options: tuple[str, ...] = ("-O",)
    compiler: Compiler = "modern"

    @property
    def path(self) -> Path:
        """The binary, compiled if need be."""
        return compile_asc(self.source, *self.options, compiler=self.compiler)

    def read_bytes(self) -> bytes:
        """The content of the binary."""
        return self.path.read_bytes()


#: A stock build; asc's own JavaScript bindings lie beside the binary.
MODERN = Source(HERE / "modern.ts", ("-O", "--bindings", "raw"))
#: The same of collections.
COLLECTIONS = Source(HERE / "collections.ts", ("-O", "--bindings", "raw"))
#: A module that imports a host function.
HOST = Source(HERE / "host.ts", ("-O", "--exportTable"))
#: A build of an asc that exports class members.
CLASSIC = Source(HERE / "classic.ts", compiler="classic")


def twice(value: int) -> int:
    """The host function that `host.ts` imports."""
    return 2 * value


class Sample(AscClass):
    weight: f64
    count: i32


class Modern(AscModule, wasm=MODERN):
    """The functions of `modern.ts`."""

    def add(self, a: i32, b: i32) -> i32: ...
    def echo(self, text: string) -> string: ...
    def makeSample(self) -> Sample: ...


class Collections(AscModule, wasm=COLLECTIONS):
    """The functions of `collections.ts`, with collections live and by value."""

    def lengthOf(self, values: Sequence[f64]) -> i32: ...
    @export("lengthOf")
    def length_of_live(self, values: Array[f64]) -> i32: ...
    def lengthOfTyped(self, values: Float64Array) -> i32: ...
    def numbers(self) -> Array[f64]: ...
    @export("numbers")
    def copied_numbers(self) -> list[f64]: ...
    def typedNumbers(self) -> Float64Array: ...
    def integers(self) -> Array[i32]: ...
    def noIntegers(self) -> Array[i32]: ...
    def words(self) -> list[string]: ...
    def countWords(self, values: list[string]) -> i32: ...
    def index(self) -> Map[string, i32]: ...
    @export("index")
    def copied_index(self) -> dict[string, i32]: ...
    def countIndex(self, values: dict[string, i32]) -> i32: ...


class Hosted(AscModule, wasm=HOST):
    """The functions of `host.ts`, with typed host functions."""

    def callHost(self, times: i32) -> i32: ...
    def shoutOften(self, times: i32) -> i32: ...
    def callBack(self, times: i32, change: Callable[[i32], i32]) -> i32: ...
    def apply(self, change: Callable[[i32], i32]) -> i32: ...
    def doubler(self) -> Callable[[i32], i32]: ...
    def add(self, a: i32, b: i32) -> i32: ...
    def spin(self, steps: i32) -> u32: ...

    @host("host", "twice")
    def twice(self, value: i32) -> i32:
        return 2 * value

    @host("host", "shout")
    def shout(self, text: string) -> string:
        return text.upper()


class Unchecked(AscModule, wasm=HOST):
    """The same with host functions that get and give numbers as WebAssembly has them."""

    def callHost(self, times: i32) -> i32: ...


def unchecked() -> Unchecked:
    """An instance."""
    return Unchecked(imports={"host": {"twice": twice, "shout": twice}})


class Counter(AscClass):
    value: i32

    def __init__(self, start: i32) -> None: ...
    def increase(self, by: i32) -> i32: ...


class Classic(AscModule, wasm=CLASSIC, classes=[Counter]):
    """The class of `classic.ts`."""
