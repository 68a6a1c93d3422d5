"""Packs of distance rules: TOML files, one a region, checked before anything is judged by them."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from patrolmap.errors import InputError, LayerError, Problem
from patrolmap.model.kinds import VOCABULARY, codes, in_group
from patrolmap.model.rules import COUNTRY, Confidence, DistanceRule, Metric, Origin

LARGEST_PACK_BYTES: Final = 1_000_000

Named = Annotated[list[str], Field(min_length=1)]
Closed = ConfigDict(extra="forbid", strict=True)


class _Rule(BaseModel):
    model_config = Closed

    id: str = Field(min_length=1)
    venues: Named
    grey: list[str] = []
    schools: Named
    within_m: Annotated[int | float, Field(gt=0, le=5000)] | None = None
    origin: Origin | None = None
    metric: Metric | None = None
    in_force_from: dt.date | None = None
    in_force_to: dt.date | None = None
    citation: str = Field(min_length=1)
    status: Confidence

    @model_validator(mode="after")
    def _is_whole(self) -> _Rule:
        _expand("venue", [*self.venues, *self.grey])
        _expand("school", self.schools)
        begins, ends = self.in_force_from, self.in_force_to
        if begins and ends and ends < begins:
            raise ValueError("in_force_to lies before in_force_from")
        return self


class _Name(BaseModel):
    model_config = Closed

    zh: str
    en: str


class _Pack(BaseModel):
    model_config = Closed

    region: Annotated[str, Field(pattern=r"^(CN|\d{2}|\d{4}|\d{6})$")]
    name: _Name
    rules: Annotated[list[_Rule], Field(min_length=1)]


_PACK: Final[TypeAdapter[_Pack]] = TypeAdapter(_Pack)


def read_rules(folder: Path) -> tuple[DistanceRule, ...]:
    """
    Read every pack of a folder.

    Parameters
    ----------
    folder
        With files ``*.toml``; the national pack comes first.

    Returns
    -------
    rules
        In the order of regions and of the files.

    Raises
    ------
    LayerError
        If a pack is no TOML or breaks its form; file, rule and field are named.
    InputError
        If there is no pack, or an id stands twice.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise InputError(f"{folder}: holds no rule pack (*.toml).")
    rules = [rule for file in files for rule in read_pack(file)]
    ids = [rule.rule_id for rule in rules]
    if doubled := sorted({rule_id for rule_id in ids if ids.count(rule_id) > 1}):
        raise InputError(f"{folder}: rules stand twice: {', '.join(doubled)}. Give each an id.")
    return tuple(sorted(rules, key=lambda rule: (rule.region != COUNTRY, rule.region)))


def read_pack(file: Path) -> list[DistanceRule]:
    """Read one pack; errors as in `read_rules`."""
    if file.stat().st_size > LARGEST_PACK_BYTES:
        raise InputError(f"{file.name}: is larger than any rule pack. Choose another file.")
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        pack = _PACK.validate_python(raw)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file.name}: is no TOML file: {error}.") from error
    except ValidationError as error:
        raise LayerError(file.name, _problems(error, raw)) from error
    return [_rule(pack, rule) for rule in pack.rules]


def _problems(error: ValidationError, raw: dict[str, Any]) -> Iterable[Problem]:
    for wrong in error.errors():
        at = [part for part in wrong["loc"] if part != "rules"]
        row: int | str | None = None
        if at and isinstance(at[0], int):
            listed = raw["rules"][at.pop(0)]
            row = str(listed.get("id", "?")) if isinstance(listed, dict) else "?"
        field = ".".join(map(str, at)) or None
        yield Problem(wrong["msg"], "Correct the pack.", row, field)


def _rule(pack: _Pack, rule: _Rule) -> DistanceRule:
    grey = _expand("venue", rule.grey)
    return DistanceRule(
        rule_id=rule.id,
        citation=rule.citation,
        venues=tuple(dict.fromkeys([*_expand("venue", rule.venues), *grey])),
        schools=_expand("school", rule.schools),
        within_m=None if rule.within_m is None else float(rule.within_m),
        origin=rule.origin,
        metric=rule.metric,
        region=pack.region,
        region_name=(pack.name.zh, pack.name.en),
        status=rule.status,
        grey=grey,
        in_force_from=rule.in_force_from,
        in_force_to=rule.in_force_to,
    )


def _expand(subject: str, named: list[str]) -> tuple[str, ...]:
    """Give the kinds that names of kinds and groups stand for."""
    groups = {group for kind in VOCABULARY[subject].values() for group in kind.groups}
    unknown = [name for name in named if name not in {*codes(subject), *groups}]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no kind or group of {subject}s")
    kinds = [k for name in named for k in (in_group(subject, name) if name in groups else [name])]
    return tuple(dict.fromkeys(kinds))
