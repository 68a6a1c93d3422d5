"""
What is wrong between the layers of a precinct: references, places, streets, duplicates, dates.

A contract looks at one layer alone; these checks see all of them together. An error
makes plans wrong or impossible, a warning should be looked at, a note is good to know.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from patrolmap.intake.check_duplicates import check_duplicates
from patrolmap.intake.check_places import PLACED, check_places
from patrolmap.intake.check_streets import check_streets
from patrolmap.intake.check_tables import check_tables, find_assumed_rows
from patrolmap.intake.findings import findings_table
from patrolmap.model.contracts import CONTRACTS
from patrolmap.model.layers import empty_layer
from patrolmap.model.space import choose_metric_crs


def check_precinct(
    layers: Mapping[str, pd.DataFrame],
    *,
    metric_crs: str | None = None,
    zone: str = "Asia/Shanghai",
) -> pd.DataFrame:
    """
    Find what is wrong or missing between the layers of a precinct.

    Parameters
    ----------
    layers
        Checked layers and tables by name; those that are absent count as empty.
    metric_crs
        The precinct's; by default chosen for its layers.
    zone
        The precinct's time zone.

    Returns
    -------
    findings
        One row per finding, worst first: severity (``error warning note``), code, layer,
        row_id (empty where the layer as a whole is meant), column, what_zh, what_en,
        cure_zh, cure_en; finding_id, and where patrolmap can mend it: fix, fix_to, fix_zh
        and fix_en (see `patrolmap.intake.fixes`). Empty if all is well.
    """
    whole = {name: layers.get(name, empty_layer(name)) for name in CONTRACTS}
    found = list(check_tables(whole, zone=zone))
    placed = [whole[name] for name in (*PLACED, "streets") if len(whole[name])]
    if placed:
        crs = metric_crs or choose_metric_crs(placed)
        for check in (check_places, check_duplicates, check_streets):
            found += check(whole, crs)
    return findings_table(found)


def find_assumed(layers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Count in each layer the rows that patrolmap proposed or assumed.

    Parameters
    ----------
    layers
        Layers and tables by name, filled by `patrolmap.intake.assumptions`.

    Returns
    -------
    findings
        One note a layer that has such rows; columns as those of `check_precinct`.
    """
    return findings_table(find_assumed_rows(layers))
