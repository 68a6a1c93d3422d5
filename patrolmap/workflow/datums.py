"""A list's datum against the map: patrolmap asks before it believes, and changes nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import pandas as pd

from patrolmap.errors import DatumError
from patrolmap.intake.datum import is_shifted
from patrolmap.intake.shift import Fit, ShiftVerdict, datum_evidence

EVIDENCE_LAYERS: Final = (
    "streets", "schools", "gates", "venues", "traffic_points", "bases", "basemap",
)  # fmt: skip


def ask_about_datum(
    listed: pd.DataFrame, layer: str, frames: Mapping[str, pd.DataFrame]
) -> ShiftVerdict | None:
    """
    Ask the map whether a list's datum fits; None for what has no places.

    Parameters
    ----------
    listed
        As `patrolmap.intake.tables.read_layer` gives it.
    layer
        Of the list.
    frames
        The precinct's, those of `EVIDENCE_LAYERS`.
    """
    declared = listed.attrs["report"].get("datum")
    if not isinstance(listed, gpd.GeoDataFrame) or layer == "streets" or listed.empty:
        return None
    datum = declared if declared in ("gcj02", "bd09", "cgcs2000") else "wgs84"
    return datum_evidence(listed, datum, layer=layer, streets=frames["streets"], places=frames)


def refuse_shifted(verdict: ShiftVerdict | None, listed: pd.DataFrame) -> None:
    """
    Stop where the map says that the places lie in another datum than declared.

    Raises
    ------
    DatumError
        With the numbers, and with what to answer.
    """
    if verdict is None or verdict.verdict != "shifted":
        return
    told = listed.attrs["report"]
    own, best = verdict.fits[0], next(fit for fit in verdict.fits if fit.datum == verdict.best)
    if told.get("crs") is not None and is_shifted(verdict.best):
        cure = "save the list as CSV with lon and lat and declare it there"
    else:
        cure = f"declare --datum {verdict.best}"
    raise DatumError(
        f"{told['file']}: is its datum really {verdict.declared}? As {verdict.best} its places "
        f"would lie about {verdict.shift_m:.0f} m from there, and fit the map far better: "
        f"{_share(best)}; as {verdict.declared}, {_share(own)}. If {verdict.best} is right, "
        f"{cure}; if {verdict.declared} is, say so: --datum-sure."
    )


def _share(fit: Fit) -> str:
    """
    Say how many places lie at something of their own.

    Examples
    --------
    >>> _share(Fit("gcj02", 505.0, 40, 12, 31, 22.0))
    'of 40 among the streets 31 lie where the map has such a place, 12 of them by name'
    """
    said = f"of {fit.on_map} among the streets {fit.near} lie where the map has such a place"
    return f"{said}, {fit.named} of them by name"
