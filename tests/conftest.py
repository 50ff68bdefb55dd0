"""What every test can use, and what no test may leave behind."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from tests.compiling import ROOT, CompileAsc, compile_asc
from wasmbind._context import active_runtime

set_hypothesis_home_dir(ROOT / ".cache" / "hypothesis")
settings.register_profile("wasmbind", deadline=None)  # no test depends on how fast a machine is
settings.load_profile("wasmbind")


@pytest.fixture(scope="session")
def asc() -> CompileAsc:
    """`compile_asc`: AssemblyScript in, the path of a cached `.wasm` out."""
    return compile_asc


@pytest.fixture(scope="module", autouse=True)
def fast_collections() -> None:
    """Leave what the tests of other files have made out of garbage collections: many tests collect again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_instance_stays_current() -> Iterator[None]:
    """Whoever makes an instance the current one puts back what was current before."""
    before = active_runtime.get()  # a fixture may have made one current for all tests of a file
    yield
    after = active_runtime.get()
    active_runtime.set(before)
    assert after is before
