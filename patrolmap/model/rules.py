"""
Distance rules: how near which venue may be to which school, and who says so.

A rule is a tuple, not one number: venue kinds, school kinds, metres, where it is measured from
and how, where and when it is in force, and how sure its source is. Regions are codes of GB/T
2260 (the first digits of `region`; a province has two, a prefecture four, a county six), and
``CN`` is the whole country.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal, get_args

from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language

Origin = Literal["boundary", "gates"]
Metric = Literal["straight", "walking"]
Confidence = Literal["confirmed", "secondary", "draft"]

ORIGINS: Final[tuple[Origin, ...]] = get_args(Origin)
METRICS: Final[tuple[Metric, ...]] = get_args(Metric)
CONFIDENCES: Final[tuple[Confidence, ...]] = get_args(Confidence)
COUNTRY: Final = "CN"

# Verdicts, worst first, and why a person decides, nothing is known, or no way was found:
# code -> (Chinese, English); {0} takes the words after the code.
VERDICTS: Final[dict[str, tuple[str, str]]] = {
    "breach": ("违规", "breach"),
    "near": ("临界（在测量误差内）", "near: within measuring error"),
    "needs_human_decision": ("需人工判定", "needs a human decision"),
    "unknown": ("无规定可依", "unknown: no rule"),
    "clear": ("符合", "clear"),
}
DOUBTS: Final[dict[str, tuple[str, str]]] = {
    "datum_unknown": ("坐标系不明", "the datum is not known"),
    "measure_unknown": ("规定未写明量法", "the text does not say how to measure"),
    "no_gates": ("没有校门位置", "the school has no gate on the map"),
    "gate_proposed": ("校门为系统建议，未经核实", "a gate was only proposed"),
    "campus_is_point": (
        "学校只有点位，没有校园范围", "the school is known as a point, its boundary is not"
    ),
    "grey_venue": ("该类场所是否适用，由人判定", "whether such a venue counts is disputed"),
    "draft_rule": ("规定尚为草案", "the rule is a draft"),
    "no_network": ("没有道路数据，无法量步行距离", "there are no streets to measure on foot"),
    "off_street": (
        "离可步行道路超过 {0} 米，无法量步行距离", "more than {0} m from any street to walk on"
    ),
    "straight_enough": (
        "直线距离已达到规定，步行只会更远", "the straight line alone is long enough"
    ),
    "longer_than": ("步行距离超过 {0} 米", "more than {0} m on foot"),
    "no_pack": (
        "没有地区 {0} 的规定，不能据此认为符合", "no rules of region {0} are known"
    ),
    "no_region": (
        "未设置地区，只按全国规定检查", "no region is set: only the country's rules were applied"
    ),
    "no_number": ("法律未规定距离：{0}", "the law names no distance for: {0}"),
}  # fmt: skip


def make_doubt(code: str, detail: str = "") -> str:
    """
    Build the reason of a verdict, a code and its detail; KeyError if there is no such code.

    Examples
    --------
    >>> make_doubt("longer_than", "600")
    'longer_than 600'
    """
    if code not in DOUBTS:
        raise KeyError(code)
    return f"{code} {detail}".strip()


def describe_doubt(reason: str, language: Language) -> str:
    """
    Say the reason of a verdict in words; kinds of venues by their names.

    Examples
    --------
    >>> describe_doubt("no_number lottery,e_cig", "en")
    'the law names no distance for: lottery shop, e-cigarette shop'
    """
    code, _, detail = reason.partition(" ")
    if code not in DOUBTS:
        return reason
    if code == "no_number":
        comma = "、" if language == "zh" else ", "
        detail = comma.join(kind_name("venue", kind, language) for kind in detail.split(","))
    return DOUBTS[code][0 if language == "zh" else 1].format(detail)


@dataclass(frozen=True)
class DistanceRule:
    """
    One rule of a pack.

    Parameters
    ----------
    rule_id, citation
        Its number in the pack, and the article that says so.
    venues, schools
        Kinds it is about; of `venues`, those in `grey` are for a person to decide.
    within_m
        A venue nearer than this breaks it [m]; None where the law names no number.
    origin, metric
        From any point of the campus boundary or from its gates; in a straight line or along
        the shortest way on foot. None where `within_m` is, or where the text does not say.
    region
        Where it holds: ``CN``, or the first digits of a GB/T 2260 code.
    in_force_from, in_force_to
        First and last day; None where it is not known, or has none.
    status
        ``confirmed`` in the official text, known at second hand (``secondary``), or a
        ``draft``.
    region_name
        In Chinese and English.
    """

    rule_id: str
    citation: str
    venues: tuple[str, ...]
    schools: tuple[str, ...]
    within_m: float | None
    origin: Origin | None
    metric: Metric | None
    region: str
    status: Confidence
    region_name: tuple[str, str] = ("", "")
    grey: tuple[str, ...] = ()
    in_force_from: dt.date | None = None
    in_force_to: dt.date | None = None

    def holds_in(self, region: str) -> bool:
        """
        Say whether it holds in a region: the country's everywhere, a province's in its towns.

        Examples
        --------
        >>> rule = DistanceRule("T1", "", ("tobacco",), ("primary",), 50, "gates", "straight",
        ...                     "3213", "secondary")
        >>> rule.holds_in("321302"), rule.holds_in("320412"), rule.holds_in("")
        (True, False, False)
        """
        return self.region == COUNTRY or (bool(region) and region.startswith(self.region))

    def in_force(self, on_date: dt.date | None) -> bool:
        """Say whether it is in force on a day; without a day, whether it has not ended."""
        if on_date is None:
            return self.in_force_to is None
        begun = self.in_force_from is None or self.in_force_from <= on_date
        return begun and (self.in_force_to is None or on_date <= self.in_force_to)

    def named(self, language: Language) -> str:
        """Name the region in a language."""
        return self.region_name[0 if language == "zh" else 1] or self.region
