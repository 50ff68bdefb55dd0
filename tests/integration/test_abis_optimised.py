"""Binaries that count references, as an optimiser leaves them: recognised, used and counted as any others."""

import pytest

from tests.compiling import Compiler
from tests.integration import test_abis as abis
from tests.integration import test_abis_counting as counting
from tests.integration.abi_expected import COUNTING, EXPECTED
from tests.integration.abi_module import interfaces, with_functions

each_optimised = pytest.mark.parametrize(
    ("compiler", "options"),
    [(compiler, options) for compiler in COUNTING for options in (("-O3",), ("-Oz", "--noAssert"))],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)

CHECKS = (
    abis.test_text,
    abis.test_classes,
    abis.test_globals_and_numbers,
    abis.test_lists_and_maps_by_value,
    abis.test_live_arrays,
    abis.test_live_maps,
    abis.test_host_functions,
)


@each_optimised
def test_everything(compiler: Compiler, options: tuple[str, ...]) -> None:
    """All that the program does works, and the interface is recognised by what the optimiser has left."""
    cls = interfaces(compiler, *options)
    for check in CHECKS:
        with cls() as module:
            check(module)
            assert module.runtime.binding.abi.name == EXPECTED[compiler].name


@each_optimised
def test_function_values(compiler: Compiler, options: tuple[str, ...]) -> None:
    """Callables are used where they are objects; else binding says that they are not."""
    abis.check_function_values(with_functions(compiler, *options), compiler)


@each_optimised
def test_nothing_leaks(compiler: Compiler, options: tuple[str, ...]) -> None:
    """Each object is counted as often as it is held: no call leaves one too many, or frees one too early."""
    with interfaces(compiler, *options)() as module:
        counting.session(module)
        before = counting.live_blocks(module)
        for _ in range(3):
            counting.session(module)
        assert counting.live_blocks(module) == before
