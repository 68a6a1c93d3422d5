"""What the checks found: sentences in both languages, how bad each is, and how it can be mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from patrolmap.intake.sentences import FIXES, SENTENCES, SEVERITIES

COLUMNS: Final = (
    "severity", "code", "layer", "row_id", "column", "what_zh", "what_en", "cure_zh", "cure_en",
    "finding_id", "fix", "fix_to", "fix_zh", "fix_en",
)  # fmt: skip
FixCode = Literal["merge", "drop", "swap", "move", "attach", "clear"]
Layers = Mapping[str, Any]  # frames by layer, all of them there


@dataclass(frozen=True)
class Fix:
    """
    How one finding can be mended, if a person agrees.

    `to` is what the fix needs: the id to merge into or attach to, a column to clear, or a
    place to move to as ``lon lat``.
    """

    code: FixCode
    to: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing found: its code, where, the words of its sentence, and its fix if it has one."""

    code: str
    layer: str
    row_id: str = ""
    words: tuple[str, ...] = ()
    column: str = ""
    fix: Fix | None = None


Findings = Iterator[Finding]


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """
    Put findings into words, worst first.

    Returns
    -------
    table
        Columns `COLUMNS`; one row per finding, in its severity by layer and row.

    Examples
    --------
    >>> findings_table([Finding("unknown_school", "gates", "G1", ("S9",))]).what_en.item()
    "names the school 'S9', which does not exist"
    """
    said = [_say(finding) for finding in findings]
    table = pd.DataFrame(said, columns=list(COLUMNS), dtype="str")
    table["finding_id"] = _numbered(table["finding_id"])
    order = table["severity"].map({severity: at for at, severity in enumerate(SEVERITIES)})
    by = table.assign(order=order).sort_values(["order", "layer", "code", "row_id"], kind="stable")
    return by.drop(columns="order").reset_index(drop=True)


def _say(finding: Finding) -> tuple[str, ...]:
    said, words = SENTENCES[finding.code], finding.words
    fix = finding.fix
    fix_zh, fix_en = FIXES[fix.code] if fix else ("", "")
    to = fix.to if fix else ""
    return (
        said.severity,
        finding.code,
        finding.layer,
        finding.row_id,
        finding.column,
        said.what_zh.format(*words),
        said.what_en.format(*words),
        said.cure_zh,
        said.cure_en,
        f"{finding.code}:{finding.layer}:{finding.row_id}".rstrip(":"),
        fix.code if fix else "",
        to,
        fix_zh.format(to),
        fix_en.format(to),
    )


def _numbered(ids: pd.Series) -> list[str]:
    """Tell findings of one code about one row apart: the second ends in ``:2``."""
    seen: Counter[str] = Counter()
    numbered = []
    for name in ids:
        seen[name] += 1
        numbered.append(name if seen[name] == 1 else f"{name}:{seen[name]}")
    return numbered
