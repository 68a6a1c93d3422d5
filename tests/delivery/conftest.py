"""A plan small enough to read: on the tiny precinct, laid by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from patrolmap.delivery.assets import static_folder
from patrolmap.model.plan import Leg, Plan, Route, Visit
from tests.tiny import DAY, clock_s, line, lonlat

HOSTILE = "</script><script>hacked=1</script><img src=x onerror=hacked=1>\"';&amp;"


def _stops() -> pd.DataFrame:
    post = {
        "place_id": "gate:G1", "kind": "post", "window_id": "S01:arrival:all",
        "tw_early_s": clock_s("07:30"), "tw_late_s": clock_s("07:30"), "service_s": 2100,
        "required": True, "prize": 100.0, "reason": "post", "people": 2,
        "name": "九年一贯制学校 南门", "provenance": "proposed",
    }  # fmt: skip
    patrol = {
        "kind": "patrol", "window_id": "between:1",
        "tw_early_s": clock_s("08:10"), "tw_late_s": clock_s("11:00"), "service_s": 720,
        "required": False, "prize": 0.6, "reason": "patrol", "people": 1, "provenance": "given",
    }  # fmt: skip
    rows = {
        "post:G1": {**post, **_at(50, 20)},
        "cell:C1": {**patrol, "place_id": "cell:C1", "name": "WN12", **_at(100, 100)},
        "cell:C2": {**patrol, "place_id": "cell:C2", "name": "WN13", **_at(300, 0)},
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("stop_id")


def _at(x_m: float, y_m: float) -> dict[str, float]:
    lon, lat = lonlat(x_m, y_m)
    return {"lon": lon, "lat": lat}


def _leg(*xyt: tuple[float, float, float], **more: object) -> Leg:
    return Leg(line(*((x, y) for x, y, _ in xyt)), tuple(t for _x, _y, t in xyt), **more)  # type: ignore[arg-type]


def make_plan() -> Plan:
    """
    Send U1 to a gate and round a block, leave U3 at its base and one cell to nobody.

    U1 walks from B1 (0, 0) to G1 in 56 s: 50 m of street and a connector of 20 m. It stands
    there from 07:30 to 08:05, reaches N11 at (100, 100), walks its beat and goes home.
    """
    post_s, over_s = clock_s("07:30"), clock_s("08:05")
    beat_s = clock_s("08:10")
    visits = (
        Visit("post:G1", post_s, post_s, over_s, "post"),
        Visit("cell:C1", over_s + 137, beat_s, beat_s + 720, "patrol incidents=41 venues=33"),
        Visit("break", beat_s + 720, beat_s + 720, beat_s + 1320, "break"),
    )
    legs = (
        _leg((0, 0, post_s - 56), (50, 0, post_s - 16), (50, 20, post_s),
             stop_id="post:G1", connector_m=(0.0, 20.0)),
        _leg((50, 20, over_s), (50, 0, over_s + 16), (100, 0, over_s + 56.4),
             (100, 100, over_s + 136.4), stop_id="cell:C1", connector_m=(20.0, 0.0)),
        _leg((100, 100, beat_s), (200, 100, beat_s + 100.0004), (100, 100, beat_s + 200.0006),
             kind="beat", stop_id="cell:C1"),
        _leg((100, 100, beat_s + 1320), (0, 100, beat_s + 1400), (0, 0, beat_s + 1480)),
    )  # fmt: skip
    return Plan(
        date=DAY,
        zone="Asia/Shanghai",
        stops=_stops(),
        routes=(Route("U1", visits, 450.0, 360, legs), Route("U3", (), 0.0, 0)),
        unserved=pd.DataFrame(
            {"people_missing": [1, 0], "reason": ["people_missing 1", "lower_priority"],
             "detail": ["", ""]},
            index=pd.Index(["post:G1", "cell:C2"], name="stop_id"),
        ),
        seed=0,
        settings={
            "precinct": "示范辖区", "synthetic": True, "assumed": [("gates", "proposed", 4)],
            "attribution": "© OpenStreetMap contributors",
        },
    )  # fmt: skip


@pytest.fixture
def plan() -> Plan:
    """One crew's morning, one idle crew, two stops wanting; see `make_plan`."""
    return make_plan()


@pytest.fixture
def hostile_plan(plan: Plan) -> Plan:
    """The same with a name nobody would give a gate, and a crew called likewise."""
    plan.stops.loc["post:G1", "name"] = HOSTILE + chr(7) + "校" * 300
    route, idle = plan.routes
    routes = (Route(HOSTILE, route.visits, 450.0, 360, route.legs), idle)
    return Plan(
        plan.date, plan.zone, plan.stops, routes, plan.unserved, 0,
        {**plan.settings, "precinct": HOSTILE},
    )  # fmt: skip


@pytest.fixture(scope="session")
def vendor() -> Path:
    """The front-end libraries; a test that asks for them is skipped until set-up fetched them."""
    folder = static_folder() / "vendor"
    if not (folder / "leaflet").is_dir():
        pytest.skip("the front-end libraries are not at hand: run tools/fetch_assets.py")
    return folder
