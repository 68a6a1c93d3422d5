"""
The map: a precinct's layers, priorities and plan on its own base map, without internet.

The only module that knows folium. The map is a `folium.Map`, so that other folium layers
can be added; what patrolmap puts on it is one block of data that the page's own script
draws, which is quicker than an element per feature and leaves names no way into HTML.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
from branca.element import Element
from folium.template import Template

from patrolmap.delivery.assets import data_url, script, style
from patrolmap.delivery.basemap import keep_basemap, write_basemap
from patrolmap.delivery.files import write_whole
from patrolmap.delivery.map_findings import finding_styles, findings_overlays
from patrolmap.delivery.map_items import Overlay
from patrolmap.delivery.map_layers import (
    bases_overlay,
    cells_overlay,
    gates_overlay,
    hazards_overlay,
    posts_overlay,
    schools_overlay,
    traffic_overlay,
    venues_overlays,
)
from patrolmap.delivery.map_plan import plan_overlays
from patrolmap.delivery.map_style import styles
from patrolmap.delivery.wording import caveats as plan_caveats
from patrolmap.delivery.wording import plan_title
from patrolmap.model.language import Language, translator
from patrolmap.model.plan import Plan

__all__ = ["PatrolMap", "draw_map", "keep_basemap", "map_html", "write_basemap"]

STATIC_URL: Final = "/app/static"
_LIBRARIES: Final = (
    "leaflet/dist/leaflet.js", "pmtiles/dist/pmtiles.js",
    "protomaps-leaflet/dist/protomaps-leaflet.js",
)  # fmt: skip
_STYLES: Final = ("leaflet/dist/leaflet.css", "@fortawesome/fontawesome-free/css/all.min.css")
_SCRIPT_LINK: Final = re.compile(r'<script src="([^"]+)"></script>')
_STYLE_LINK: Final = re.compile(r'<link rel="stylesheet" href="([^"]+)"/>')
_JINJA: Final = re.compile("{(?=[{%#])")
_BASEMAP: Final = '<meta name="patrolmap-basemap" content="">'
_PAGE: Final = Path(__file__).parent / "page"
_PAGE_SCRIPTS: Final = ("base", "ground", "shapes", "routes", "panel", "memory", "start")
EVERYWHERE: Final = [[-60.0, -180.0], [75.0, 180.0]]


class PatrolMap(folium.Map):
    """
    A folium map that draws patrolmap's overlays and needs no internet.

    In a notebook it shows itself whole, and `save` writes one file that opens from disk.
    """

    # folium's own template forbids to enlarge the page, which some eyes need.
    _template = Template(
        """
        {% macro header(this, kwargs) %}
            <meta name="viewport" content="width=device-width, initial-scale=1">
            {{ this.basemap_meta }}
            <style>{{ this.page_style }}</style>
        {% endmacro %}
        {% macro html(this, kwargs) %}
            <div class="patrolmap" id="{{ this.get_name() }}"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            {{ this.page_script }}
            var {{ this.get_name() }} = patrolmap.start("{{ this.get_name() }}", {{ this.data }});
        {% endmacro %}
        """
    )
    basemap_meta = _BASEMAP

    def __init__(self, payload: Mapping[str, Any], basemap: Path | None) -> None:
        super().__init__(tiles=None, prefer_canvas=True)
        self.default_js = [(name, f"{STATIC_URL}/vendor/{name}") for name in _LIBRARIES]
        self.default_css = [(name, f"{STATIC_URL}/vendor/{name}") for name in _STYLES]
        self.basemap = basemap
        self.language = payload["language"]
        figure: Any = self.get_root()
        figure.title = html.escape(str(payload["title"]))
        self.data = _json(payload)
        self.page_style = (_PAGE / "map.css").read_text(encoding="utf-8")
        self.page_script = "".join(
            (_PAGE / f"{name}.js").read_text(encoding="utf-8") for name in _PAGE_SCRIPTS
        )

    def _repr_html_(self, **_kwargs: object) -> str:
        page = html.escape(map_html(self, assets="inline"))
        return f'<iframe srcdoc="{page}" style="width:100%;height:600px;border:0"></iframe>'

    def save(self, outfile: str | Path, **_kwargs: object) -> None:  # type: ignore[override]
        """Write the map as one file that opens from disk without internet."""
        write_whole(Path(outfile), map_html(self, assets="inline"))


def draw_map(  # noqa: PLR0913 - one argument a layer, all optional
    *,
    schools: gpd.GeoDataFrame | None = None,
    gates: gpd.GeoDataFrame | None = None,
    venues: gpd.GeoDataFrame | None = None,
    traffic_points: gpd.GeoDataFrame | None = None,
    hazards: gpd.GeoDataFrame | None = None,
    bases: gpd.GeoDataFrame | None = None,
    cells: gpd.GeoDataFrame | None = None,
    priority: pd.Series | pd.DataFrame | None = None,
    posts: gpd.GeoDataFrame | None = None,
    plan: Plan | None = None,
    unit_id: str | None = None,
    findings: gpd.GeoDataFrame | None = None,
    basemap: str | Path | None = None,
    title: str | None = None,
    caveats: Sequence[str] | None = None,
    language: Language = "zh",
) -> PatrolMap:
    """
    Draw a precinct, or a plan in it, as an interactive map.

    Parameters
    ----------
    schools, gates, venues, traffic_points, hazards, bases, cells, posts
        Checked layers; those not given are not drawn.
    priority
        Of the cells in one window: totals, or a frame with ``total`` and its parts.
    plan
        Laid along the streets.
    unit_id
        The one crew of the plan to draw; by default all, and what is unserved.
    findings
        From `check_distances`, with their schools and venues.
    basemap
        The file `write_basemap` made.
    title
        By default the plan's.
    caveats
        What must be said of the data, the attribution last; by default the plan's.
    language
        Of every word on the map.

    Returns
    -------
    map
        A folium map. `map_html` makes the page; the same inputs give the same page.

    Raises
    ------
    InputError
        If the crew is unknown, or the plan's stops do not say where they are.
    """
    _ = translator(language)
    overlays = [
        *([] if plan is None else plan_overlays(plan, language, unit_id=unit_id)),
        *_drawn(findings, lambda found: findings_overlays(found, schools, venues, language)),
        *_drawn(cells, lambda layer: [cells_overlay(layer, priority, language, schools=schools)]),
        *_drawn(schools, lambda layer: [schools_overlay(layer, language)]),
        *_drawn(gates, lambda layer: [gates_overlay(layer, language, schools=schools)]),
        *_drawn(posts, lambda layer: [posts_overlay(layer, language, gates=gates)]),
        *_drawn(bases, lambda layer: [bases_overlay(layer, language)]),
        *_drawn(hazards, lambda layer: [hazards_overlay(layer, language)]),
        *_drawn(venues, lambda layer: venues_overlays(layer, language)),
        *_drawn(traffic_points, lambda layer: [traffic_overlay(layer, language)]),
    ]
    if plan is not None:
        overlays = [_calmer(overlay, language) for overlay in overlays]
        title = plan_title(plan, language, unit_id) if title is None else title
        caveats = plan_caveats(plan, language, unit_id) if caveats is None else caveats
    layers = (schools, gates, cells, posts, bases)
    payload = {
        "title": title or _("Patrol map"),
        "language": language,
        "words": _words(language),
        "bounds": _bounds(layers, plan, unit_id),
        "caveats": list(caveats or ()),
        "styles": styles(under_routes=plan is not None) | finding_styles(),
        "overlays": [vars(overlay) for overlay in overlays],
    }
    return PatrolMap(payload, Path(basemap) if basemap is not None else None)


def _drawn(
    layer: gpd.GeoDataFrame | None, draw: Callable[[gpd.GeoDataFrame], list[Overlay]]
) -> list[Overlay]:
    return [] if layer is None else draw(layer)


def _calmer(overlay: Overlay, language: Language) -> Overlay:
    """Leave what is not the plan's own to be switched on, so that its routes can be read."""
    _ = translator(language)
    is_extra = overlay.group == _("Surroundings") or overlay.swatch["look"] in ("gate", "grid")
    return replace(overlay, shown=overlay.shown and not is_extra)


def map_html(
    map: PatrolMap,  # noqa: A002 - what it is
    *,
    assets: Literal["static", "inline"] = "static",
    static_url: str = STATIC_URL,
) -> str:
    """
    Make the page of a map.

    Parameters
    ----------
    map
        From `draw_map`.
    assets
        ``static`` links to the libraries and the base map the app serves (the base map
        then lies in its folder ``basemaps``); ``inline`` puts everything into the page,
        which opens from disk without internet.
    static_url
        Where the app serves its static folder.

    Returns
    -------
    page
        The same for the same map, so that a browser has no reason to load it again.

    Raises
    ------
    StoreError
        If a library or the base map is missing.
    """
    for number, element in enumerate(_walk(map)):
        element._id = f"{number:04d}"  # noqa: SLF001 - folium's own are random
    page = str(map.get_root().render())
    page = page.replace("<html>", f'<html lang="{map.language}">', 1)
    if assets == "static":
        page = page.replace(f'"{STATIC_URL}/vendor/', f'"{html.escape(static_url)}/vendor/')
        address = f"{static_url}/basemaps/{map.basemap.name}" if map.basemap else ""
    else:
        page = _with_libraries(page)
        address = data_url(map.basemap) if map.basemap else ""
    return page.replace(_BASEMAP, _BASEMAP.replace('""', f'"{html.escape(address)}"'), 1)


def _with_libraries(page: str) -> str:
    page = _SCRIPT_LINK.sub(lambda link: f"<script>{script(_name(link))}</script>", page)
    return _STYLE_LINK.sub(lambda link: f"<style>{style(_name(link))}</style>", page)


def _name(link: re.Match[str]) -> str:
    return link[1].removeprefix(f"{STATIC_URL}/vendor/")


def _walk(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():  # noqa: SLF001 - branca has no other way
        yield from _walk(child)


def _json(payload: Mapping[str, Any]) -> str:
    """
    Write data so that no text in it ends the script it stands in, or runs as a template.

    Folium takes what a template has made for a template once more. In the data, a brace
    before one of jinja's marks stands only in text, where it may be written by its number.
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = _JINJA.sub(r"\\u007b", text)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _bounds(
    layers: Sequence[gpd.GeoDataFrame | None], plan: Plan | None, unit_id: str | None
) -> list[list[float]]:
    """Show everything; of a single crew, its way."""
    routes = plan.routes if plan else ()
    if plan and unit_id:
        routes = (plan.route(unit_id),)
    legs = [leg.line.bounds for route in routes for leg in route.legs]
    if legs and len(routes) == 1:
        layers = ()
    boxes = [layer.total_bounds for layer in layers if layer is not None and len(layer)]
    known = np.array([*boxes, *legs]).reshape(-1, 4)
    if not len(known):
        return EVERYWHERE
    west, south = known[:, :2].min(axis=0)
    east, north = known[:, 2:].max(axis=0)
    return [[float(south), float(west)], [float(north), float(east)]]


def _words(language: Language) -> dict[str, str]:
    _ = translator(language)
    return {
        "legend": _("Layers and legend"),
        "all": _("all"),
        "guessed": _("dashed outline: proposed or assumed by patrolmap"),
        "travel": _("way along the streets"),
        "beat": _("beat inside a cell"),
        "connector": _("from the street to the place"),
        "zoom_in": _("Zoom in"),
        "zoom_out": _("Zoom out"),
    }
