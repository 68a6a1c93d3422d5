"""`python -m patrolmap.cli` is the `patrolmap` program."""

from patrolmap.cli import main

main()
