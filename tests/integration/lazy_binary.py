"""A binary that is compiled when a test first needs it, so that collecting the tests compiles nothing."""

from tests.compiling import Compiler, compile_asc


class LazyBinary:
    """What `wasm=` takes for a declaration at module level."""

    def __init__(self, name: str, source: str, compiler: Compiler = "modern", *, transform: bool = False) -> None:
        self.name, self.source, self.transform = name, source, transform
        self.compiler: Compiler = compiler

    def read_bytes(self) -> bytes:
        """Compile, or take what an earlier run compiled."""
        return compile_asc(self.source, compiler=self.compiler, transform=self.transform).read_bytes()
