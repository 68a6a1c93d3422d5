"""What a changed plan changes for whom, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language, translator
from patrolmap.model.plan import Plan, clock_time


def is_replan(plan: Plan) -> bool:
    """Say whether a plan was made by changing another during its day."""
    return "replanned" in plan.settings


def replan_table(plan: Plan, language: Language) -> pd.DataFrame:
    """
    List what a changed plan changes, crew by crew in order of time.

    Returns
    -------
    table
        Crew, kind of change, stop, and when the crew was to be there and is now; empty
        where nothing changes. A stop that goes from one crew to another has two rows.
    """
    _ = translator(language)
    columns = [_("Crew"), _("Change"), _("Kind"), _("Place"), _("Before"), _("After")]
    rows = [
        (
            unit_id,
            change,
            kind_name("stop", str(plan.stops["kind"][stop_id]), language),
            str(plan.stops["name"][stop_id]),
            "" if before_s is None else clock_time(before_s),
            "" if now_s is None else clock_time(now_s),
        )
        for unit_id, change, stop_id, before_s, now_s in sorted(_rows(plan, language), key=_order)
    ]
    return pd.DataFrame(rows, columns=columns)


_Row = tuple[str, str, str, int | None, int | None]


def _order(row: _Row) -> tuple[str, int]:
    return row[0], row[4] if row[4] is not None else row[3] or 0


def _rows(plan: Plan, language: Language) -> Iterator[_Row]:
    _ = translator(language)
    at_s = int(plan.settings["replanned"]["at_s"])
    for row in plan.settings["replanned"]["broken_off"]:
        yield row["unit_id"], _("broken off"), row["stop_id"], None, at_s
    for row in plan.settings["changes"]["visits"]:
        giver, taker = row.get("from_unit"), row.get("to_unit")
        before_s, now_s, stop_id = row.get("from_s"), row.get("to_s"), row["stop_id"]
        if giver is not None and giver == taker:
            yield giver, _("another time"), stop_id, before_s, now_s
        elif giver is not None and taker is not None:
            yield giver, _("given to {crew}").format(crew=taker), stop_id, before_s, None
            yield taker, _("taken over from {crew}").format(crew=giver), stop_id, None, now_s
        elif giver is not None:
            yield giver, _("dropped"), stop_id, before_s, None
        else:
            yield str(taker), _("added"), stop_id, None, now_s


def replan_counts(plan: Plan, language: Language) -> str:
    """Say in a sentence from when a plan was changed, and how much."""
    _ = translator(language)
    told: dict[str, Any] = plan.settings["changes"]
    return _(
        "Changed from {time} on: {kept} visits stay, {moved} move, {dropped} are dropped, "
        "{added} are added."
    ).format(
        time=clock_time(plan.settings["replanned"]["at_s"]),
        **{name: told[name] for name in ("kept", "moved", "dropped", "added")},
    )


def calls_text(plan: Plan, language: Language) -> list[str]:
    """Say who goes to each incident or post left alone, and when they are there."""
    _ = translator(language)
    said = []
    for stop_id, answers in plan.settings["replanned"]["calls"].items():
        known = [i for i in (stop_id, f"{stop_id}:missing") if i in plan.stops.index]
        name = str(plan.stops["name"][known[0]]) if known else stop_id
        who = [
            _("{crew} is there at {time}").format(
                crew=answer["unit_id"], time=clock_time(answer["arrive_s"])
            )
            for answer in answers
        ]
        colon, comma = ("：", "，") if language == "zh" else (": ", ", ")
        said.append(f"{name}{colon}{comma.join(who) or _('nobody can come')}")
    return said


def replan_summary(plan: Plan, language: Language) -> str:
    """Say in a few lines what stays, and what changes for which crew."""
    colon = "：" if language == "zh" else ": "
    lines = [replan_counts(plan, language)]
    lines += [f"  ! {text}" for text in calls_text(plan, language)]
    table = replan_table(plan, language)
    for unit_id, changes in table.groupby(table.columns[0], sort=False):
        lines.append(f"{unit_id}{colon}")
        for _crew, change, kind, place, before, now in changes.itertuples(index=False, name=None):
            hours = " → ".join(time for time in (before, now) if time)
            lines.append(f"  {hours}  {change}  {kind} {place}")
    return "\n".join(lines)
