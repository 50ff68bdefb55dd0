"""The table of wrong lines, with what each checker says, in `docs/type-checking.md`.

`python -m tests.typing.table` writes it anew.
"""

import html
import re

from tests.compiling import ROOT
from tests.typing.speakers import WRONG, WrongLine, wrong_lines

PAGE = ROOT / "docs" / "type-checking.md"
TABLE = re.compile(r"(?<=<!-- wrong programs -->\n\n).*?(?=\n\n<!-- end -->)", re.DOTALL)
SAME = "the same"
NOTHING = "nothing"


def render() -> str:
    """The table as Markdown, a row for each wrong line of the programs in `wrong/`."""
    lines = ["| wrong line | mypy with the plugin | mypy | pyright |", "| --- | --- | --- | --- |"]
    for file in WRONG:
        lines += [row(wrong) for wrong in wrong_lines(file)]
    return "\n".join(lines)


def row(wrong: WrongLine) -> str:
    """The row of one line."""
    plugin, mypy, pyright = (wrong.said.get(checker, []) for checker in ("plugin", "mypy", "pyright"))
    place = f"{wrong.file}:{wrong.number}<br>{code(wrong.text)}"
    without = SAME if mypy and mypy == plugin else cell(mypy)
    return f"| {place} | {cell(plugin)} | {without} | {cell(pyright)} |"


def cell(messages: list[str]) -> str:
    """Messages, one below the other."""
    return "<br>".join(code(" ".join(message.split())) for message in messages) or NOTHING


def code(text: str) -> str:
    """Text as it is, in a cell of a table."""
    if "](" in text:  # which would be a link to whoever looks for links
        return f"<code>{html.escape(text, quote=False)}</code>".replace("](", "]&#40;").replace("|", "&#124;")
    mark = "``" if "`" in text else "`"
    padding = " " if "`" in text else ""
    return f"{mark}{padding}{text}{padding}{mark}".replace("|", "\\|")


def written(page: str) -> str:
    """The table that stands in a page."""
    found = TABLE.search(page)
    assert found is not None, "the page has lost the marks of the table"
    return found[0]


def main() -> None:
    """Write the table into the page."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(TABLE.sub(lambda _: render(), page), encoding="utf-8")


if __name__ == "__main__":
    main()
