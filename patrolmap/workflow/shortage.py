"""What a plan lacks at the gates and who would close it, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language, translator
from patrolmap.model.plan import Plan, clock_time


def crews_table(plan: Plan, language: Language) -> pd.DataFrame:
    """List the crews that would man every post, as people read them; empty where none lacks."""
    _ = translator(language)
    officer, auxiliary = (kind_name("role", role, language) for role in ("officer", "auxiliary"))
    stops = plan.stops
    rows = [
        {
            officer: crew["officers"],
            auxiliary: crew["auxiliaries"],
            _("Base"): crew["base"],
            _("From"): clock_time(crew["from_s"]),
            _("Until"): clock_time(crew["until_s"]),
            _("Posts"): " → ".join(
                f"{clock_time(stops['tw_early_s'][stop_id])} {stops['name'][stop_id]}"
                for stop_id in crew["stop_ids"]
            ),
        }
        for crew in _shortage(plan)["crews"]
    ]
    columns = [officer, auxiliary, _("Base"), _("From"), _("Until"), _("Posts")]
    return pd.DataFrame(rows, columns=columns)


def shortage_text(plan: Plan, language: Language) -> str:
    """Say in a sentence what is missing and how many would close it; nothing where none lacks."""
    _ = translator(language)
    known = _shortage(plan)
    if not known["missing"]:
        return ""
    people = people_needed(plan)
    return _("Guard posts short: {posts}. Fewest people who would man them all: {people}.").format(
        posts=len(known["missing"]), people=people
    )


def people_needed(plan: Plan) -> int:
    """Count the fewest people who would man every post that a street leads to."""
    return sum(crew["officers"] + crew["auxiliaries"] for crew in _shortage(plan)["crews"])


def _shortage(plan: Plan) -> dict[str, Any]:
    known: dict[str, Any] = plan.settings.get("shortage", {"missing": [], "crews": []})
    return known
