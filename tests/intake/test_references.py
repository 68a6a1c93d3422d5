"""What refers to a row follows when its id changes."""

from __future__ import annotations

from patrolmap.intake.references import follow_ids
from tests import tiny


def test_bells_gates_helpers_and_windows_follow_a_school() -> None:
    frames = tiny.precinct()
    changed = follow_ids(frames, "schools", {"S01": "X:9"})
    assert set(changed) == {"gates", "bells", "helpers"}
    assert set(changed["gates"]["school_id"]) == {"X:9", "S02", "S03"}
    assert changed["helpers"]["window_id"]["A1"] == "X:9:arrival:all"
    assert follow_ids(frames | changed, "schools", {"X:9": "S01"})["helpers"].equals(
        frames["helpers"]
    )


def test_ids_may_be_exchanged() -> None:
    changed = follow_ids(tiny.precinct(), "schools", {"S01": "S02", "S02": "S01"})
    assert changed["gates"]["school_id"]["G1"] == "S02"


def test_bells_follow_each_of_several_gates() -> None:
    frames = tiny.precinct()
    frames["bells"] = frames["bells"].assign(gate_ids="G1,G2")
    assert set(follow_ids(frames, "gates", {"G2": "N"})["bells"]["gate_ids"]) == {"G1,N"}


def test_crews_follow_their_bases_and_nothing_changes_where_nobody_refers() -> None:
    frames = tiny.precinct()
    assert follow_ids(frames, "bases", {"B1": "Q"})["units"]["start_id"]["U1"] == "Q"
    assert follow_ids(frames, "bases", {"B9": "Q"}) == {}
    assert follow_ids(frames, "venues", {"C1": "Q"}) == {}
