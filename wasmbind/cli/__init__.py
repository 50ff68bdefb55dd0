"""The command `wasmbind`.

Each command is a module of its own name here, and a line in `wasmbind/cli/group.py`. They need the extra `[cli]`.
"""

from __future__ import annotations

import sys

__all__ = ["main"]

NEEDED = {"click", "rich", "watchfiles"}  # what the extra installs


def main() -> None:
    """Run the command line."""
    try:
        from wasmbind.cli.group import group  # noqa: PLC0415 - what it imports may not be installed

        group(prog_name="wasmbind")  # imports the command that is called
    except ModuleNotFoundError as error:
        if error.name not in NEEDED:
            raise
        sys.stderr.write("wasmbind: the command line needs an extra: pip install 'wasmbind[cli]'\n")
        sys.exit(2)
