"""Valid files of every format, damaged at random: read or refused, never a crash or a hang."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITHIN_S = 300  # hangs are found by the rounds themselves; this ends what does not listen
LISTS = (".csv", ".xlsx", ".geojson", ".gpkg", ".zip")
MAPS = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf")
ROUNDS = 40


@pytest.mark.parametrize("formats", [LISTS, MAPS], ids=["lists", "maps"])
def test_a_file_damaged_at_random_is_read_or_refused_and_never_ends_the_program(formats):
    """In a process of its own: a library that is not Python could take the tests with it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.intake.fuzzing", str(ROUNDS), "7", *formats],
        cwd=ROOT, capture_output=True, encoding="utf-8", timeout=WITHIN_S, check=False,
    )  # fmt: skip
    last = done.stdout.splitlines()[-1:]
    assert done.returncode == 0, f"after {last}: {done.stderr[-3000:]}"
    tally = ast.literal_eval(last[0])
    assert set(tally) == set(formats)
    assert all(sum(counts.values()) == ROUNDS for counts in tally.values())
    assert all(counts["refused"] for counts in tally.values())
