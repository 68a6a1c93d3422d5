"""
Why a stop is there and why another is not: short codes that any language can say.

A reason is a code and, after it, numbers or words: ``"patrol incidents=41 venues=33"``.
Plans store this form; `describe_reason` says it in Chinese or English.
"""

from __future__ import annotations

from typing import Final

from patrolmap.model.kinds import VOCABULARY, kind_name
from patrolmap.model.language import Language

# code -> (Chinese, English); {0} takes the words after the code
REASONS: Final[dict[str, tuple[str, str]]] = {
    "post": ("护学岗", "guard post"),
    "patrol": ("巡逻：{0}", "patrol: {0}"),
    "break": ("休息", "break"),
    "no_crew_free": ("没有空闲的巡组", "no crew is free then"),
    "people_missing": ("人手不足，还缺 {0} 人", "{0} more people needed"),
    "role_missing": ("缺少所需岗位：{0}", "no {0} is free then"),
    "unreachable": ("路网无法到达", "no street leads there"),
    "off_street": ("离最近的可行道路过远：{0} 米", "too far from a usable street: {0} m"),
    "outside_shifts": ("不在任何班次时间内", "outside every shift"),
    "lower_priority": ("优先级较低，时间不够", "others matter more in the time there is"),
    "stopped_early": ("规划提前停止", "planning was stopped early"),
}


def make_reason(code: str, *words: str, **shares: float) -> str:
    """
    Build a reason; shares are percentages, written largest first.

    Examples
    --------
    >>> make_reason("patrol", venues=33.4, incidents=41)
    'patrol incidents=41 venues=33'
    """
    if code not in REASONS:
        raise KeyError(code)
    ranked = sorted(shares.items(), key=lambda share: -share[1])
    parts = [f"{part}={share:.0f}" for part, share in ranked]
    return " ".join([code, *words, *parts])


def describe_reason(reason: str, language: Language) -> str:
    """
    Say a reason in a language; text that is no reason comes back unchanged.

    Examples
    --------
    >>> describe_reason("patrol incidents=41 venues=33", "en")
    'patrol: incidents 41 %, venues 33 %'
    >>> describe_reason("people_missing 2", "zh")
    '人手不足，还缺 2 人'
    """
    code, _, rest = reason.partition(" ")
    if code not in REASONS:
        return reason
    template = REASONS[code][0 if language == "zh" else 1]
    comma = "，" if language == "zh" else ", "
    return template.format(comma.join(_describe_word(word, language) for word in rest.split()))


def _describe_word(word: str, language: Language) -> str:
    part, equals, share = word.partition("=")
    if equals:
        return f"{kind_name('part', part, language)} {share} %"
    return kind_name("role", part, language) if part in VOCABULARY["role"] else part
