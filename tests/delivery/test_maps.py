"""The page of a map: whole, quiet, the same each time, and deaf to what names say."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import folium
import pandas as pd
import pytest

from patrolmap.delivery.basemap import write_basemap
from patrolmap.delivery.maps import PatrolMap, draw_map, map_html
from patrolmap.errors import InputError, StoreError
from patrolmap.model.layers import empty_layer
from tests.delivery.conftest import HOSTILE
from tests.delivery.pages import DRAWN, draw_tiny, make_cells, make_hostile

# Addresses that stand in the text of libraries: namespaces, notices and examples, never asked for.
QUIET_HOSTS = {
    "www.w3.org", "leafletjs.com", "fontawesome.com", "protomaps.com", "openstreetmap.org",
    "example.com", "github.com", "bugzilla.mozilla.org", "developer.mozilla.org", "...",
}  # fmt: skip


def _overlays(map_: PatrolMap) -> dict[str, dict]:
    return {overlay["name"]: overlay for overlay in json.loads(map_.data)["overlays"]}


def _hosts(page: str) -> set[str]:
    return set(re.findall(r"https?://([\w.-]+)", page))


def test_the_page_of_the_app_names_no_host_at_all(tiny):
    page = map_html(draw_tiny(tiny))
    assert _hosts(page) <= {"www.w3.org"}
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert links
    assert all(link.startswith("/app/static/vendor/") for link in links)


def test_the_whole_page_loads_nothing(tiny, vendor):
    page = map_html(draw_tiny(tiny), assets="inline")
    assert not re.findall(r"<(?:script|img|iframe)[^>]*\ssrc=|<link\b", page)
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.DOTALL))
    addresses = re.findall(r"url\(\s*['\"]?([^'\")]+)", styles)
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert _hosts(page) <= QUIET_HOSTS


def test_the_same_inputs_give_the_same_page(tiny, plan):
    pages = {map_html(draw_tiny(tiny, plan=plan)) for _ in range(2)}
    map_ = draw_tiny(tiny, plan=plan)
    pages |= {map_html(map_), map_html(map_)}
    assert len(pages) == 1


def test_names_cannot_become_html(tiny, hostile_plan):
    harmless = map_html(draw_tiny(tiny, plan=hostile_plan, title="x", caveats=[]))
    page = map_html(
        draw_tiny(make_hostile(tiny, HOSTILE), plan=hostile_plan, title=HOSTILE, caveats=[HOSTILE])
    )
    assert "<script>hacked" not in page
    assert "<img" not in page
    for tag in ("<script", "</script"):
        assert page.count(tag) == harmless.count(tag)


@pytest.mark.parametrize("name", ["{{ 7 * 191 }}", "{% if %}", "{# x", "{{{% raw %}"])
def test_names_cannot_run_as_templates(tiny, name):
    page = map_html(draw_tiny(make_hostile(tiny, name), title="x", caveats=[name]))
    assert "1337" not in page
    assert re.sub("{(?=[{%#])", r"\\u007b", name) in page  # as the script reads it


def test_line_separators_in_names_do_not_break_the_script(tiny):
    page = map_html(draw_tiny(tiny, title="a\u2028b\u2029c"))
    script = page[page.index("</body>") :]
    assert "\u2028" not in script
    assert "\u2029" not in script


def test_a_map_of_nothing_is_a_map(vendor):
    assert "patrolmap.start" in map_html(draw_map(), assets="inline")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_empty_layers_draw_nothing(language):
    layers = {name: empty_layer(name) for name in (*DRAWN, "cells", "posts")}
    overlays = _overlays(draw_map(**layers, language=language))
    assert all(overlay["items"] == [] for overlay in overlays.values())


def test_every_row_is_drawn(tiny):
    overlays = _overlays(draw_tiny(tiny))
    counts = {name: len(overlay["items"]) for name, overlay in overlays.items()}
    cells = counts.pop("Priority of patrol cells")
    assert cells == int(overlays["Priority of patrol cells"]["detail"]) > 9
    assert counts == {
        "Schools": 6,  # each with its name
        "Gates": 4,
        "Guard posts": 2,  # three posts at two gates
        "Bases": 2,
        "Open hazards": 2,  # one is closed
        "Internet cafés and entertainment": 4,
        "Tobacco, lottery and adult goods": 1,
        "Food and stalls": 1,
        "Shops": 2,
        "Traffic points": 8,
    }


def test_a_guard_post_lists_its_windows_and_people(tiny):
    (post, _other) = _overlays(draw_tiny(tiny))["Guard posts"]["items"]
    assert post["card"]["title"] == "South gate"
    assert post["card"]["rows"] == [["arrival", "2 × officer"], ["dismissal low", "1 × officer"]]


def test_cells_tell_what_their_priority_is_made_of(tiny):
    totals = _overlays(draw_tiny(tiny))["Priority of patrol cells"]["items"]
    assert [row[0] for row in totals[1]["card"]["rows"]] == ["priority", "nearest school", "ring"]
    parts = pd.DataFrame({"total": 0.5, "incidents": 0.3}, index=make_cells(tiny).index)
    overlay = _overlays(draw_tiny(tiny, priority=parts))["Priority of patrol cells"]
    told = overlay["items"][0]["card"]["rows"]
    assert told[:2] == [["priority", "0.50"], ["incidents", "0.30"]]
    assert [words for _colour, words in overlay["steps"]] == ["0.50–0.50 highest fifth"]


def test_cells_without_priority_are_outlines(tiny):
    overlay = _overlays(draw_tiny(tiny, priority=None))["Patrol cells"]
    assert {item["style"] for item in overlay["items"]} == {"cell"}
    assert overlay["steps"] == []


def test_what_patrolmap_proposed_is_marked_on_the_map_and_in_words(tiny):
    tiny["gates"].loc["G2", ["provenance", "source"]] = ["proposed", "path meets boundary"]
    gates = _overlays(draw_tiny(tiny))["Gates"]["items"]
    assert [gate["guessed"] for gate in gates] == [False, True, False, False]
    assert gates[1]["card"]["mark"] == "proposed by patrolmap: path meets boundary"


def test_each_crew_is_a_switch_with_its_ways_and_numbered_stops(tiny, plan):
    overlays = _overlays(draw_tiny(tiny, plan=plan))
    crew = overlays["U1"]
    lines = [item["style"] for item in crew["items"] if item["shape"] == "line"]
    assert lines == ["connector", "travel", "connector", "travel", "beat", "travel"]
    assert [item["text"] for item in crew["items"] if item["shape"] == "pin"] == ["1", "2"]
    assert crew["detail"] == "2 stops · 0.5 km"
    assert "U3" not in overlays  # it stays at its base
    assert len(overlays["Unserved stops"]["items"]) == 2


def test_return_visits_share_one_sign(plan):
    route = plan.routes[0]
    again = replace(route.visits[1], start_s=40_000, end_s=40_600)
    twice = replace(plan, routes=(replace(route, visits=(*route.visits, again)),))
    pins = [i for i in _overlays(draw_map(plan=twice))["U1"]["items"] if i["shape"] == "pin"]
    assert [pin["text"] for pin in pins] == ["1", "2·3"]
    assert len(pins[1]["card"]["rows"]) == 2


def test_crews_at_one_gate_stand_in_a_row(plan):
    pair = replace(plan, routes=(plan.routes[0], replace(plan.routes[0], unit_id="U2")))
    overlays = _overlays(draw_map(plan=pair))
    slots = [i["slot"] for crew in ("U1", "U2") for i in overlays[crew]["items"] if "slot" in i]
    assert slots == [0, 0, 1, 1]


def test_a_plan_keeps_the_surroundings_to_be_switched_on(tiny, plan):
    shown = {name for name, o in _overlays(draw_tiny(tiny, plan=plan)).items() if o["shown"]}
    assert shown == {"U1", "Priority of patrol cells", "Schools", "Guard posts", "Bases"}


def test_a_plan_without_places_is_refused(plan):
    bare = replace(plan, stops=plan.stops.drop(columns=["lon", "lat"]))
    with pytest.raises(InputError, match="no places"):
        draw_map(plan=bare)


def test_the_page_says_what_must_be_said_of_the_plan(tiny, plan):
    said = json.loads(draw_tiny(tiny, plan=plan).data)["caveats"]
    assert said[0].startswith("Synthetic data")
    assert said[-1] == "© OpenStreetMap contributors"


def test_the_page_is_in_its_language(tiny, plan):
    page = map_html(draw_tiny(tiny, plan=plan, language="zh"))
    assert '<html lang="zh">' in page
    assert "护学岗" in page
    assert "网吧" in page


def test_the_base_map_is_linked_in_the_app_and_carried_in_the_whole_page(tiny, tmp_path, vendor):
    path = write_basemap(tiny["streets"], tiny["basemap"], tmp_path / "abc.pmtiles")
    map_ = draw_tiny(tiny, basemap=path)
    assert 'content="/app/static/basemaps/abc.pmtiles"' in map_html(map_)
    assert 'content="data:application/octet-stream;base64,' in map_html(map_, assets="inline")
    assert map_html(map_).count("basemaps/abc.pmtiles") == 1


def test_the_static_files_may_be_served_elsewhere(tiny):
    page = map_html(draw_tiny(tiny), static_url="/school/app/static")
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert all(link.startswith("/school/app/static/vendor/") for link in links)


def test_a_missing_base_map_is_said_to_be_missing(tiny, tmp_path, vendor):
    map_ = draw_tiny(tiny, basemap=tmp_path / "gone.pmtiles")
    with pytest.raises(StoreError, match="cannot be read"):
        map_html(map_, assets="inline")


def test_other_folium_layers_can_be_added(tiny):
    map_ = draw_tiny(tiny)
    folium.Circle([31.7, 119.97], radius=50).add_to(map_)
    page = map_html(map_)
    assert isinstance(map_, folium.Map)
    assert page.index("patrolmap.start(") < page.index("L.circle(")
    assert page == map_html(map_)


def test_a_saved_map_and_one_in_a_notebook_are_whole(tiny, tmp_path, vendor):
    map_ = draw_tiny(tiny)
    map_.save(tmp_path / "map.html")
    assert (tmp_path / "map.html").read_text(encoding="utf-8") == map_html(map_, assets="inline")
    assert map_._repr_html_().startswith("<iframe srcdoc=")


def test_a_crew_drawn_alone_keeps_its_colour_and_fills_the_map(tiny, plan):
    others = replace(plan, routes=(plan.routes[1], replace(plan.routes[0], unit_id="U2")))
    together, alone = draw_tiny(tiny, plan=others), draw_tiny(tiny, plan=others, unit_id="U2")
    assert _overlays(alone)["U2"] == _overlays(together)["U2"]
    assert "Unserved stops" not in _overlays(alone)
    (south, west), (north, east) = json.loads(alone.data)["bounds"]
    legs = [leg.line.bounds for leg in plan.routes[0].legs]
    assert (west, south) == tuple(min(box[i] for box in legs) for i in (0, 1))
    assert (east, north) == tuple(max(box[i] for box in legs) for i in (2, 3))
    with pytest.raises(InputError, match="no crew 'U9'"):
        draw_tiny(tiny, plan=plan, unit_id="U9")


def test_a_bare_grid_is_shown_alone_but_not_under_routes(tiny, plan):
    alone, under = draw_tiny(tiny, priority=None), draw_tiny(tiny, priority=None, plan=plan)
    assert _overlays(alone)["Patrol cells"]["shown"]
    assert not _overlays(under)["Patrol cells"]["shown"]
