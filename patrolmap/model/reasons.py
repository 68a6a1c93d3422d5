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
    "incident": ("警情处置", "sent to an incident"),
    "relief": ("接岗", "takes over a post"),
    "no_crew_free": ("没有空闲的巡组", "no crew is free then"),
    "people_missing": ("人手不足，还缺 {0} 人", "{0} more people needed"),
    "role_missing": ("缺少所需岗位：{0}", "no {0} is free then"),
    "unreachable": ("路网无法到达", "no street leads there"),
    "off_street": ("离最近的可行道路过远：{0} 米", "too far from a usable street: {0} m"),
    "outside_shifts": ("不在任何班次时间内", "outside every shift"),
    "lower_priority": ("优先级较低，时间不够", "others matter more in the time there is"),
    "stopped_early": ("规划提前停止", "planning was stopped early"),
    "taken_out": ("按要求不安排", "taken out on request"),
}

# why a stop is left out -> what a planner can do about it: (Chinese, English)
CURES: Final[dict[str, tuple[str, str]]] = {
    "no_crew_free": (
        "增派一个巡组，或把某个班次、休息挪开，空出这段时间",
        "add a crew, or move a shift or a break so that one is free then",
    ),
    "people_missing": (
        "增派巡组，或请学校增加护校力量",
        "send another crew, or ask the school for more helpers",
    ),
    "role_missing": ("安排有该岗位人员的巡组", "send a crew with that role"),
    "unreachable": (
        "核对该地点的位置，或补画通往它的道路",
        "check where the place lies, or add the street that leads to it",
    ),
    "off_street": (
        "把该地点移到道路旁，或补画道路",
        "move the place to a street, or add the street",
    ),
    "outside_shifts": (
        "调整班次，使其覆盖这段时间",
        "let a shift cover these hours",
    ),
    "lower_priority": (
        "不必处理；要覆盖更多，就增加巡组或延长班次",
        "nothing; to cover more, add crews or lengthen shifts",
    ),
    "stopped_early": ("延长规划时间，重新规划", "plan again with more time"),
    "taken_out": (
        "不必处理；要恢复，就从原方案重新调整",
        "nothing; to have it back, change the plan before",
    ),
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


def advise(reason: str, language: Language) -> str:
    """
    Say what a planner can do about a stop left out; nothing where no advice is known.

    Examples
    --------
    >>> advise("stopped_early", "en")
    'plan again with more time'
    """
    zh, en = CURES.get(reason.partition(" ")[0], ("", ""))
    return zh if language == "zh" else en


def _describe_word(word: str, language: Language) -> str:
    part, equals, share = word.partition("=")
    if equals:
        return f"{kind_name('part', part, language)} {share} %"
    return kind_name("role", part, language) if part in VOCABULARY["role"] else part
