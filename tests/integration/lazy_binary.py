"""A binary that is compiled when a test first needs it, so that collecting the tests compiles nothing."""

from tests.compiling import Compiler, compile_asc


class LazyBinary:
    """What `wasm=` takes for a declaration at module level."""

    def __init__(self, name: str, source: str, compiler: Compiler = "modern") -> None:
        self.name, self.source = name, source
        self.compiler: Compiler = compiler

    def read_bytes(self) -> bytes:
        """Compile, or take what an earlier run compiled."""
        return compile_asc(self.source, compiler=self.compiler).read_bytes()
