"""Reading asc's options and asconfig.json as asc does."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.compiling import ASSEMBLY, find_node
from wasmbind._asconfig import option_value, read_settings


def put_json(file: Path, value: Any) -> Path:
    """Write a JSON file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ([], None),
        (["-O3", "--outFileX", "x"], None),
        (["--outFile", "x"], "x"),
        (["--outFile=x"], "x"),
        (["-o", "x"], "x"),
        (["-o=x"], "x"),
        (["-o"], ""),
        (["-o", "-O3"], ""),
        (["-o", "x", "--outFile", "y"], "y"),
        (["--", "-o", "x"], None),
        (["-o", "--", "x"], ""),
    ],
)
def test_option_value(options: list[str], value: str | None) -> None:
    """An option's value is found in all of asc's spellings; what follows `--` is not asc's."""
    assert option_value(options, "--outFile", "-o") == value


def test_nothing_said(tmp_path: Path) -> None:
    """Without options and configuration nothing is decided."""
    settings = read_settings([], tmp_path)
    assert (settings.base, settings.out_file, settings.map_is_settled) == (tmp_path, None, False)
    assert settings.configs == settings.entries == ()


def test_options_only(tmp_path: Path) -> None:
    """Options take paths from the base folder; other sources among them are entries."""
    settings = read_settings(["--baseDir", "sub", "-o", "x.wasm", "other.ts", "--sourceMap"], tmp_path)
    assert settings.base == tmp_path / "sub"
    assert settings.out_file == tmp_path / "sub" / "x.wasm"
    assert settings.map_is_settled
    assert settings.entries == (tmp_path / "sub" / "other.ts",)


@pytest.mark.parametrize(
    ("section", "settled"), [({}, False), ({"sourceMap": True}, True), ({"sourceMap": False}, True)]
)
def test_source_map_in_config(tmp_path: Path, section: dict[str, Any], settled: bool) -> None:
    """A configuration can say that it wants a map, and that it wants none."""
    put_json(tmp_path / "asconfig.json", {"options": section})
    assert read_settings([], tmp_path).map_is_settled == settled


@pytest.mark.parametrize("text", ["", "{", "[]", '{"targets": [], "options": 1, "entries": {}, "extends": 3}'])
def test_unreadable_config(tmp_path: Path, text: str) -> None:
    """A configuration that cannot be read decides nothing: asc will say what is wrong with it."""
    (tmp_path / "asconfig.json").write_text(text, encoding="utf-8")
    settings = read_settings([], tmp_path)
    assert (settings.out_file, settings.map_is_settled, settings.entries) == (None, False, ())


def test_circle_of_configs(tmp_path: Path) -> None:
    """Configurations that extend each other are each read once."""
    put_json(tmp_path / "asconfig.json", {"extends": "./sub/asconfig.json"})
    put_json(tmp_path / "sub" / "asconfig.json", {"extends": "../asconfig.json", "entries": ["a.ts"]})
    settings = read_settings([], tmp_path)
    assert settings.configs == (tmp_path / "asconfig.json", tmp_path / "sub" / "asconfig.json")
    assert settings.entries == (tmp_path / "sub" / "a.ts",)


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--target", "debug"],
        ["--target=missing"],
        ["--config", "other.json"],
        ["--config", "packaged.json"],
        ["--config", "empty.json"],
        ["-o", "mine.wasm"],
    ],
    ids=" ".join,
)
def test_agrees_with_asc(tmp_path: Path, options: list[str]) -> None:
    """The output that is read is the one that asc itself computes, with targets and chains of configurations."""
    put_json(
        tmp_path / "asconfig.json",
        {
            "targets": {"release": {"outFile": "build/release.wasm"}, "debug": {"debug": True}},
            "options": {"outFile": "build/general.wasm"},
        },
    )
    put_json(tmp_path / "other.json", {"targets": {"debug": {"outFile": "no.wasm"}}, "extends": "./sub/base.json"})
    put_json(tmp_path / "sub" / "base.json", {"targets": {"release": {"outFile": "base.wasm"}}})
    put_json(tmp_path / "packaged.json", {"extends": "shared/config.json"})
    put_json(tmp_path / "node_modules" / "shared" / "config.json", {"options": {"outFile": "packaged.wasm"}})
    put_json(tmp_path / "empty.json", {})
    script = ASSEMBLY / "node_modules" / "assemblyscript" / "bin" / "asc.js"
    command = [find_node(), "--enable-source-maps", str(script), "a.ts", "--showConfig", *options]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=True).stderr
    computed = json.loads(shown)["options"].get("outFile")
    expected = None if computed is None else tmp_path / computed
    assert read_settings(options, tmp_path).out_file == expected
