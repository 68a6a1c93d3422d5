"""
What no map holds, filled by stated assumptions: pupils, bells, bases, crews and gates.

Every row made here is marked `assumed` or `proposed`, and its `source` says in plain
words what was assumed and on what ground. A station's own lists replace all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from patrolmap.intake.assumed_crews import assume_bases, assume_units
from patrolmap.intake.proposed_gates import propose_gates
from patrolmap.model.layers import check_layer, split_codes

__all__ = ["assume_bases", "assume_bells", "assume_pupils", "assume_units", "propose_gates"]

HOUR_S: Final = 3600
MINUTE_S: Final = 60


@dataclass(frozen=True)
class _Size:
    """How many classes a school of one kind has, of how many pupils."""

    classes: int
    pupils: int

    @property
    def total(self) -> int:
        return self.classes * self.pupils


# Class sizes by the Ministry of Education's norms: kindergarten 25 to 35 (幼儿园工作规程 2016
# art. 11), primary 45, secondary 50 (建标102-2002) [textbook, verify]. Numbers of classes:
# a medium town school [own judgement].
_SIZES: Final = {
    "kindergarten": _Size(9, 30),
    "primary": _Size(24, 45),
    "middle": _Size(18, 50),
    "high": _Size(24, 50),
    "vocational": _Size(24, 50),
    "special": _Size(9, 12),
}


def assume_pupils(schools: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Fill missing pupil counts by kind of school; a school of several kinds has their sum.

    Parameters
    ----------
    schools
        Checked layer.

    Returns
    -------
    schools
        Checked layer; a school whose count was filled is marked `assumed`.

    Examples
    --------
    >>> [size.total for size in _SIZES.values()]
    [270, 1080, 900, 1200, 1200, 108]
    """
    unknown = schools["pupils"].isna()
    if not unknown.any():
        return schools
    filled = schools.copy()
    for school_id, kinds in schools.loc[unknown, "kinds"].items():
        sizes = {kind: _SIZES[kind] for kind in split_codes(kinds)}
        said = " + ".join(f"{kind} {s.classes} classes of {s.pupils}" for kind, s in sizes.items())
        source = [schools.loc[school_id, "source"], f"pupils assumed: {said}"]
        filled.loc[school_id, "pupils"] = sum(size.total for size in sizes.values())
        filled.loc[school_id, "provenance"] = "assumed"
        filled.loc[school_id, "source"] = "; ".join(part for part in source if part)
    return check_layer(filled, "schools")


@dataclass(frozen=True)
class _Bell:
    """A bell that a kind of school rings: for which of its pupils, when, and why then."""

    kind: str
    group: str
    hour: int
    minute: int
    share: float
    why: str

    @property
    def time_s(self) -> int:
        return self.hour * HOUR_S + self.minute * MINUTE_S


_FIRST_LESSON: Final = "first lesson at the earliest allowed, 教基厅函〔2021〕11号"
_STAGGERED: Final = "staggered: lower grades 16:30, upper 17:40, as in Haikou"
_AFTER_WORK: Final = "after-class service ends with the working day [own judgement]"
_CUSTOM: Final = "common practice [own judgement]"
_BELLS: Final = {
    "kindergarten": (
        _Bell("arrive", "K", 8, 30, 1, _CUSTOM),
        _Bell("dismiss", "K", 16, 30, 1, _CUSTOM),
    ),
    "primary": (
        _Bell("arrive", "1-6", 8, 20, 1, _FIRST_LESSON),
        _Bell("dismiss", "1-2", 16, 30, 1 / 3, _STAGGERED),
        _Bell("dismiss", "3-6", 17, 40, 2 / 3, _STAGGERED),
    ),
    "middle": (
        _Bell("arrive", "7-9", 8, 0, 1, _FIRST_LESSON),
        _Bell("dismiss", "7-9", 17, 30, 1, _AFTER_WORK),
    ),
    "high": (
        _Bell("arrive", "10-12", 8, 0, 1, _FIRST_LESSON),
        _Bell("dismiss", "10-12", 17, 30, 1 / 2, "half go home; " + _AFTER_WORK),
        _Bell("evening_end", "10-12", 21, 30, 1 / 2, "half stay for evening study [own judgement]"),
    ),
    "vocational": (
        _Bell("arrive", "V", 8, 0, 1, _FIRST_LESSON),
        _Bell("dismiss", "V", 17, 0, 1, _CUSTOM),
    ),
    "special": (
        _Bell("arrive", "S", 8, 20, 1, _FIRST_LESSON),
        _Bell("dismiss", "S", 16, 0, 1, _CUSTOM),
    ),
}


def assume_bells(schools: gpd.GeoDataFrame, bells: pd.DataFrame) -> pd.DataFrame:
    """
    Give every school that has no bells those usual for its kinds, Monday to Friday.

    The first lesson begins at the legal earliest (primary 08:20, secondary 08:00);
    primary schools let the lower grades out first; of a high school half stay for
    evening study. Pupils of a school of several kinds are split by the usual sizes.

    Parameters
    ----------
    schools, bells
        Checked layer and table. Schools with any bell keep theirs alone.

    Returns
    -------
    bells
        Checked table: those given, and the assumed, whose `source` says why.
    """
    silent = schools[~schools.index.isin(bells["school_id"])]
    rows = [
        row
        for school_id, kinds, pupils in zip(
            silent.index, silent["kinds"], silent["pupils"], strict=True
        )
        for row in _bells_of(str(school_id), split_codes(kinds), pupils)
    ]
    if not rows:
        return bells
    assumed = check_layer(pd.DataFrame(rows).set_index("bell_id"), "bells")
    return check_layer(pd.concat([bells, assumed]), "bells") if len(bells) else assumed


def _bells_of(school_id: str, kinds: tuple[str, ...], pupils: Any) -> list[dict[str, Any]]:  # noqa: ANN401  (a number or NA)
    """List a school's bells; kinds that ring at the same time ring together."""
    all_sizes = sum(_SIZES[kind].total for kind in kinds)
    together: dict[tuple[str, int], list[tuple[str, _Bell]]] = {}
    for kind in kinds:
        for bell in _BELLS[kind]:
            together.setdefault((bell.kind, bell.time_s), []).append((kind, bell))
    rows = []
    for (bell_kind, time_s), ringing in together.items():
        group = "+".join(bell.group for _, bell in ringing)
        whys = "; ".join(dict.fromkeys(bell.why for _, bell in ringing))
        share = sum(_SIZES[kind].total * bell.share for kind, bell in ringing) / all_sizes
        rows.append(
            {
                "bell_id": f"{school_id}-{bell_kind}-{group}",
                "school_id": school_id,
                "group": group,
                "kind": bell_kind,
                "time_s": time_s,
                "pupils": None if pd.isna(pupils) else round(pupils * share),
                "provenance": "assumed",
                "source": f"assumed for {' and '.join(k for k, _ in ringing)}: {whys}",
            }
        )
    return rows
