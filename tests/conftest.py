"""What every test can use."""

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from tests.compiling import ROOT, CompileAsc, compile_asc

set_hypothesis_home_dir(ROOT / ".cache" / "hypothesis")
settings.register_profile("wasmbind", deadline=None)  # no test depends on how fast a machine is
settings.load_profile("wasmbind")


@pytest.fixture(scope="session")
def asc() -> CompileAsc:
    """`compile_asc`: AssemblyScript in, the path of a cached `.wasm` out."""
    return compile_asc
