"""Distance findings on the map: the line that was measured, coloured by its verdict."""

from __future__ import annotations

from typing import Final

import geopandas as gpd

from patrolmap.delivery.distance_table import finding_rows
from patrolmap.delivery.map_items import Overlay, card, way
from patrolmap.model.language import Language, translator
from patrolmap.model.rules import VERDICTS

# Dark to light by weight, and told apart by their dashes in grey print.
LOOKS: Final[dict[str, dict[str, str | float]]] = {
    "breach": {"color": "#b3261e", "weight": 4, "opacity": 0.95},
    "near": {"color": "#d95f0e", "weight": 3.5, "opacity": 0.95, "dashArray": "8 4"},
    "needs_human_decision": {"color": "#5b3a8c", "weight": 3, "opacity": 0.9, "dashArray": "2 6"},
}


def finding_styles() -> dict[str, dict[str, str | float]]:
    """Give the drawing options of the lines, as Leaflet's paths know them."""
    return {f"finding-{verdict}": look for verdict, look in LOOKS.items()}


def findings_overlays(
    findings: gpd.GeoDataFrame,
    schools: gpd.GeoDataFrame,
    venues: gpd.GeoDataFrame,
    language: Language,
) -> list[Overlay]:
    """Draw the lines of all findings that somebody must look at, one layer a verdict."""
    _ = translator(language)
    overlays = []
    for verdict, look in LOOKS.items():
        found = findings[(findings["verdict"] == verdict) & findings.geometry.notna()]
        if found.empty:
            continue
        rows = finding_rows(found, schools, venues, language)
        items = [
            way(shape.coords, f"finding-{verdict}", card=card(title, told))
            for shape, (title, told) in zip(found.geometry, rows, strict=True)
        ]
        name = VERDICTS[verdict][0 if language == "zh" else 1]
        swatch = {"look": "route", "colour": str(look["color"])}
        overlays.append(Overlay(name, _("Distances"), items, swatch, detail=str(len(items))))
    return overlays
