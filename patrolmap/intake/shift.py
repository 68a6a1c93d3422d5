"""
Whether a list lies where the map has such things, or would if its datum were another.

A list from Amap declared as WGS-84 lies about 500 m off, every place by nearly the same
way. So its places are laid over the map as each datum would have them, and, to know what
chance alone would give, along a hundred other ways of like length. A datum fits if it brings
the places onto things of the same name, the same kind, onto streets or off buildings
markedly better than those other ways do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from patrolmap.intake.datum import Datum, from_wgs84, is_shifted, outside_china, read_datum
from patrolmap.intake.datum import to_wgs84 as wgs84_of
from patrolmap.intake.shift_scores import Floats, Scores, score_ways
from patrolmap.model.contracts import CRS
from patrolmap.model.space import choose_metric_crs

Verdict = Literal["fits", "shifted", "undecided"]

MOST_PLACES: Final = 200  # enough to decide; more would cost time alone
# A datum fits if its score is so many standard deviations above chance, and better than another
# datum's by so many: set on constructed lists, of which none may be accused wrongly.
FITS_Z: Final = 4.0
BETTER_Z: Final = 4.0
FEWEST_NAMED: Final = 2  # places at a thing of their name, and
FEWEST_NEAR: Final = 3  # at one of their name or kind: fewer decide nothing
FEWEST_ON_MAP: Final = 0.5  # share of the places
# Ways that no datum goes, to know chance: lengths [m] and directions.
_CHANCE_M: Final = (200.0, 350.0, 500.0, 650.0, 800.0, 1000.0, 1250.0)
_DIRECTIONS: Final = 16
_NOT_CHANCE_M: Final = 120.0  # this near to a datum's own way its fit would count as chance
_OTHERS: Final[tuple[Datum, ...]] = ("wgs84", "gcj02", "bd09")
_SPREAD: Final = 0.15  # of a score where chance gives none at all: a hit in fifty places


@dataclass(frozen=True)
class Fit:
    """
    How a list lies on the map if its datum were this one.

    `shift_m` is how far the places move; `on_map` how many lie among the streets, `named`
    how many at a thing of the same name, `near` how many at one of the same kind or name.
    `z` says by how many standard deviations that is better than chance.
    """

    datum: Datum
    shift_m: float
    on_map: int
    named: int
    near: int
    z: float


@dataclass(frozen=True)
class ShiftVerdict:
    """
    What the map says of a list's declared datum.

    `fits` begins with the declared one; `best` is the declared one unless the verdict is
    ``shifted``; `shift_m` is how far the places would then move.
    """

    verdict: Verdict
    declared: Datum
    best: Datum
    shift_m: float
    places: int
    fits: tuple[Fit, ...] = ()

    def record(self) -> dict[str, Any]:
        """Give all numbers, for a program."""
        return {
            "verdict": self.verdict,
            "declared": self.declared,
            "best": self.best,
            "shift_m": round(self.shift_m),
            "places": self.places,
            "fits": {
                fit.datum: {
                    "shift_m": round(fit.shift_m),
                    "on_map": fit.on_map,
                    "named": fit.named,
                    "near": fit.near,
                    "z": round(fit.z, 1),
                }
                for fit in self.fits
            },
        }


def datum_evidence(
    listed: gpd.GeoDataFrame,
    declared: str,
    *,
    layer: str,
    streets: gpd.GeoDataFrame,
    places: Mapping[str, pd.DataFrame],
) -> ShiftVerdict:
    """
    Ask the map whether the datum a list was declared in is right.

    Parameters
    ----------
    listed
        The list, brought to WGS-84 from the declared datum; checked layer.
    declared
        As `patrolmap.intake.datum.read_datum` takes it.
    layer
        Of the list, such as ``"schools"``.
    streets
        The precinct's.
    places
        The precinct's layers by name: what the map has of the same layer is compared by
        name and kind; ``basemap`` tells buildings.

    Returns
    -------
    verdict
        ``shifted`` if another datum fits markedly better, ``fits`` if the declared one
        fits and no other does better, else ``undecided``: too few places, a list of two
        sources, or a map that holds nothing like them. Outside China there is one
        datum, and it fits.

    Notes
    -----
    The score of a way is the mean, over the places that come to lie on the map, of what
    their closeness to things is worth (`patrolmap.intake.shift_scores`). `Fit.z` is its
    distance from the scores of some hundred ways that no datum goes, in their standard
    deviations.
    """
    known = read_datum(declared)
    sample = listed.iloc[_evenly(len(listed))]
    if streets.empty or sample.empty:
        return ShiftVerdict("undecided", known, known, 0.0, len(listed))
    lonlat = shapely.get_coordinates(sample.geometry.representative_point().array)
    hypotheses = _hypotheses(lonlat, known)
    if len(hypotheses) == 1:
        return ShiftVerdict("fits", known, known, 0.0, len(listed))
    crs = choose_metric_crs([streets])
    xy = np.stack([_to_metres(places_then, crs) for places_then in hypotheses.values()])
    moved = xy - xy[0]
    by_chance = _ways_of_chance(moved)
    ways = np.concatenate([moved, by_chance + np.zeros_like(xy[0])])
    scores = score_ways(xy[0] + ways, sample, layer, streets, places, crs)
    return _judge(known, len(listed), _fits(tuple(hypotheses), moved, scores))


def _evenly(count: int) -> NDArray[np.intp]:
    """Choose at most `MOST_PLACES` rows, spread over the list."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_PLACES)).astype(np.intp))


def _hypotheses(lonlat: Floats, declared: Datum) -> dict[Datum, Floats]:
    """Give the places in WGS-84 as each datum would have them, the declared one first."""
    found = {declared: lonlat}
    lon, lat = lonlat.T
    if outside_china(lon, lat).any():
        return found
    lon, lat = from_wgs84(lon, lat, declared)  # as written in the list
    for other in _OTHERS:
        if other == declared or not (is_shifted(other) or is_shifted(declared)):
            continue
        if not outside_china(lon, lat).any():
            found[other] = np.column_stack(wgs84_of(lon, lat, other))
    return found


def _to_metres(lonlat: Floats, crs: str) -> Floats:
    points = gpd.GeoSeries(shapely.points(lonlat), crs=CRS).to_crs(crs)
    return np.asarray(shapely.get_coordinates(points.array))


def _ways_of_chance(moved: Floats) -> Floats:
    """Lay ways all round, none of them near a datum's own; shape (ways, 1, 2)."""
    angle = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    turned = [
        length_m * np.column_stack([np.cos(a), np.sin(a)])
        for number, length_m in enumerate(_CHANCE_M)
        for a in [angle + number * np.pi / _DIRECTIONS]
    ]
    ways = np.concatenate(turned)
    own = np.median(moved, axis=1)
    apart_m = np.linalg.norm(ways[:, None] - own[None], axis=2).min(axis=1)
    return np.asarray(ways[apart_m > _NOT_CHANCE_M][:, None])


def _fits(hypotheses: tuple[Datum, ...], moved: Floats, scores: Scores) -> tuple[Fit, ...]:
    """Measure every datum against chance, over the places that it leaves on the map."""
    count = scores.on_map.sum(axis=1)
    total = np.where(scores.on_map, scores.score, 0.0).sum(axis=1)
    mean = total / np.maximum(count, 1)
    chance = slice(len(hypotheses), None)
    usable = count[chance] >= FEWEST_ON_MAP * count[: len(hypotheses)].max()
    by_chance = mean[chance][usable]
    usual, spread = (by_chance.mean(), by_chance.std()) if usable.any() else (0.0, 0.0)
    return tuple(
        Fit(
            datum=datum,
            shift_m=float(np.median(np.linalg.norm(moved[at], axis=1))),
            on_map=int(count[at]),
            named=int((scores.named[at] & scores.on_map[at]).sum()),
            near=int((scores.near[at] & scores.on_map[at]).sum()),
            z=float((mean[at] - usual) / max(spread, _SPREAD / np.sqrt(max(count[at], 1)))),
        )
        for at, datum in enumerate(hypotheses)
    )


def _judge(declared: Datum, places: int, fits: tuple[Fit, ...]) -> ShiftVerdict:
    own, best = fits[0], max(fits, key=lambda fit: fit.z)
    enough = best.named >= FEWEST_NAMED or best.near >= FEWEST_NEAR
    if best is not own and enough and best.z >= FITS_Z and best.z - own.z >= BETTER_Z:
        return ShiftVerdict("shifted", declared, best.datum, best.shift_m, places, fits)
    verdict: Verdict = "fits" if best is own and enough and own.z >= FITS_Z else "undecided"
    return ShiftVerdict(verdict, declared, declared, 0.0, places, fits)
