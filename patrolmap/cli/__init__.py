"""The command line: each verb is one function of `patrolmap.workflow`."""

import sys

from rich.text import Text

from patrolmap.cli.frame import app, complaints
from patrolmap.errors import PatrolmapError

# isort: off
# each brings its verbs, and help lists them in this order
from patrolmap.cli import precincts  # noqa: F401
from patrolmap.cli import hotspots  # noqa: F401
from patrolmap.cli import history  # noqa: F401
from patrolmap.cli import plans  # noqa: F401
from patrolmap.cli import serving  # noqa: F401
# isort: on

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; every foreseen error is one message and exit code 1."""
    try:
        app(prog_name="patrolmap")
    except PatrolmapError as error:
        complaints.print(Text.assemble(("× ", "bold red"), str(error)), soft_wrap=True)
        sys.exit(1)
