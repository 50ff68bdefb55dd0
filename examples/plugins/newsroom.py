"""A newsroom that lets untrusted plug-ins work on its articles.

Each plug-in is an AssemblyScript module in an instance of its own, with limits. It may call the functions that
`Plugin` offers, and give the newsroom functions to call. Whatever it does, the newsroom goes on.
"""

# mypy: disable-error-code="empty-body"

import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wasmbind import AbortError, AscClass, AscModule, BindError, LimitError, Limits, host, i32, string

GLOSSARY = {"wasm": "WebAssembly", "AS": "AssemblyScript"}
PARAGRAPHS = ["Most plug-ins are AS compiled to wasm", "Yes"]


class Article(AscClass):
    tags: list[string]
    title: string
    text: string

    def __init__(self, title: string, text: string) -> None: ...


class Plugin(AscModule, limits=Limits(memory=4 << 20, timeout=0.5)):
    """What a plug-in offers, and what it may call."""

    def __init__(self, **options: Any) -> None:
        self.filters: list[Callable[[str, int], str]] = []
        super().__init__(**options)

    def start(self) -> None: ...
    def review(self, article: Article) -> string: ...

    @host("app", "lookup")
    def lookup(self, word: string) -> string | None:
        return GLOSSARY.get(word)

    @host("app", "onParagraph")
    def on_paragraph(self, change: Callable[[string, i32], string]) -> None:
        self.filters.append(change)


def load(name: str) -> Plugin:
    """Start the plug-in of a name."""

    class Loaded(Plugin, wasm=f"{name}.wasm"):
        pass

    Loaded.__name__ = name.capitalize()
    plugin = Loaded()
    plugin.start()
    return plugin


def publish(plugin: Plugin) -> None:
    """Let a plug-in work on the article."""
    text = list(PARAGRAPHS)
    for number, paragraph in enumerate(text):
        for each in plugin.filters:
            text[number] = each(paragraph, number)
    article = plugin[Article]("News", "\n".join(text))
    verdict = plugin.review(article)
    print(f"  {verdict}: {article.text!r}, tags {article.tags}")


def show(error: BaseException) -> None:
    """Print where it happened, without wasmbind's frames and those of AssemblyScript's library."""
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        if frame.filename == __file__ or (file.suffix == ".ts" and not frame.filename.startswith("~lib/")):
            print(f"    {file.name}:{frame.lineno}, in {frame.name}: {frame.line}")


def main() -> None:
    """Run every plug-in."""
    logging.basicConfig(level=logging.INFO, format="  %(name)s: %(message)s", stream=sys.stdout)
    for name in ("glossary", "shout", "endless", "hungry", "nosy"):
        print(name)
        try:
            with load(name) as plugin:
                publish(plugin)
        except AbortError as error:
            print(f"  threw {error.message!r}")
            show(error)
        except LimitError as error:
            print(f"  went beyond its {error.limit}")
            show(error)
        except BindError as error:
            for mismatch in error.mismatches:
                print(f"  refused: {mismatch.who}, {mismatch.found}")


if __name__ == "__main__":
    main()
