"""Generated source: it runs, and everyone who asks for it sees it."""

import gc
import inspect
import linecache
import traceback
import types

import pytest

from wasmbind._source import SourceWriter, compile_function, compile_place

DIVIDE = "def divide(a, b):\n    # generated\n    return a / (b + offset)\n"


def test_writer_indents_blocks() -> None:
    """Lines inside a block are indented by four spaces per level and end in a newline."""
    source = SourceWriter()
    with source.block("def f(a):"):
        with source.block("if a:"):
            source.line("return 1")
        source.line("return 2")
    source.line("x = 3")
    assert str(source) == "def f(a):\n    if a:\n        return 1\n    return 2\nx = 3\n"


def test_writer_dedents_after_an_error() -> None:
    """An exception inside a block does not leave the writer indented."""
    source = SourceWriter()
    with pytest.raises(KeyError), source.block("def f():"):
        raise KeyError
    source.line("x = 3")
    assert str(source) == "def f():\nx = 3\n"


def test_function_runs_in_its_namespace() -> None:
    """The globals of the function are those that were given, and the given mapping is left alone."""
    namespace = {"offset": 1}
    divide = compile_function("divide", DIVIDE, namespace, "Files.divide")
    assert divide(6, 2) == 2
    assert namespace == {"offset": 1}


def test_source_is_registered() -> None:
    """Both linecache and `inspect.getsource` return the generated text."""
    divide = compile_function("divide", DIVIDE, {"offset": 0}, "Files.divide")
    filename = divide.__code__.co_filename
    assert linecache.getlines(filename) == DIVIDE.splitlines(keepends=True)
    assert inspect.getsource(divide) == DIVIDE
    assert inspect.getsourcefile(divide) == filename


def test_source_survives_checkcache() -> None:
    """`linecache.checkcache`, which debuggers and pytest call, does not drop what is on no disk."""
    divide = compile_function("divide", DIVIDE, {"offset": 0}, "Files.kept")
    linecache.checkcache()
    gc.collect()
    assert inspect.getsource(divide) == DIVIDE


def test_filename_names_the_title() -> None:
    """The file name in a traceback says what the code is for, and that wasmbind made it."""
    divide = compile_function("divide", DIVIDE, {}, "Files.divide")
    assert divide.__code__.co_filename.startswith("<wasmbind Files.divide ")
    assert divide.__code__.co_filename.endswith(">")


def test_traceback_shows_the_generated_line() -> None:
    """A traceback through generated code prints its line, as for any file."""
    divide = compile_function("divide", DIVIDE, {"offset": 0}, "Files.divide")
    with pytest.raises(ZeroDivisionError) as caught:
        divide(1, 0)
    text = "".join(traceback.format_exception(caught.value))
    assert f'File "{divide.__code__.co_filename}", line 3, in divide\n    return a / (b + offset)\n' in text


def test_two_sources_of_one_title_stay_apart() -> None:
    """Functions for the same thing with different text do not overwrite each other's lines."""
    other = DIVIDE.replace("a / ", "a // ")
    first = compile_function("divide", DIVIDE, {"offset": 0}, "Files.divide")
    second = compile_function("divide", other, {"offset": 0}, "Files.divide")
    assert inspect.getsource(first) == DIVIDE
    assert inspect.getsource(second) == other


def test_same_source_has_the_same_file_name() -> None:
    """Compiling the same text again adds nothing to linecache."""
    first = compile_function("divide", DIVIDE, {}, "Files.divide")
    size = len(linecache.cache)
    second = compile_function("divide", DIVIDE, {}, "Files.divide")
    assert first.__code__.co_filename == second.__code__.co_filename
    assert len(linecache.cache) == size


def test_invalid_source_raises() -> None:
    """A defect of the generator is a SyntaxError, never a silent fallback."""
    with pytest.raises(SyntaxError):
        compile_function("f", "def f(:\n", {}, "Files.f")


@pytest.mark.parametrize(("start", "end"), [(-1, -1), (0, 1), (300, 70_000)])
def test_places_have_their_columns(start: int, end: int) -> None:
    """Code for a place stands at its columns, and keeps them when it gets another line and name."""
    code = compile_place(start, end).replace(co_firstlineno=1 << 24, co_name="File#add")
    wanted = (1 << 24, 1 << 24, None, None) if start < 0 else (1 << 24, 1 << 24, start, end)
    assert wanted in list(code.co_positions())
    assert inspect.isgeneratorfunction(types.FunctionType(code, {}))
