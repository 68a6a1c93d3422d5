"""Rule packs: those patrolmap comes with are whole, and a wrong one is refused by name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from patrolmap.errors import InputError, LayerError
from patrolmap.intake.rules import read_pack, read_rules
from patrolmap.model.kinds import in_group
from patrolmap.workflow.places import rules_folder

PACK = """
region = "3204"
name = { zh = "常州", en = "Changzhou" }

[[rules]]
id = "X1"
venues = ["internet_cafe", "entertainment"]
grey = ["mahjong"]
schools = ["primary", "secondary"]
within_m = 200
origin = "gates"
metric = "walking"
in_force_from = 2024-01-01
citation = "Article 1"
status = "draft"
"""


def written(folder: Path, text: str, name: str = "pack.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_pack_becomes_rules_with_groups_spelt_out(tmp_path: Path):
    (rule,) = read_pack(written(tmp_path, PACK))
    assert rule.venues == ("internet_cafe", *in_group("venue", "entertainment"), "mahjong")
    assert rule.schools == ("primary", *in_group("school", "secondary"))
    assert (rule.within_m, rule.origin, rule.metric) == (200.0, "gates", "walking")
    assert rule.in_force_from == dt.date(2024, 1, 1)
    assert (rule.region, rule.named("zh"), rule.named("en")) == ("3204", "常州", "Changzhou")


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('"internet_cafe", ', '"zoo", ', r"row X1: .*zoo"),
        ("within_m = 200", "within_m = -1", r"row X1, column 'within_m'"),
        ("within_m = 200", "within_m = 1e9", r"row X1, column 'within_m'"),
        ('origin = "gates"', 'origin = "roof"', r"row X1, column 'origin'"),
        ('status = "draft"', 'status = "sure"', r"row X1, column 'status'"),
        ('citation = "Article 1"', "", r"row X1, column 'citation'"),
        ("2024-01-01", "2024-01-01\nin_force_to = 2023-01-01", r"row X1: .*before"),
        ('"3204"', '"320"', r"column 'region'"),
        ("[[rules]]", "[[rulez]]", r"rulez"),
    ],
)
def test_a_wrong_pack_is_refused_with_rule_and_field(tmp_path, was, becomes, told):
    assert was in PACK
    with pytest.raises(LayerError, match=rf"(?s)pack\.toml.*{told}"):
        read_pack(written(tmp_path, PACK.replace(was, becomes, 1)))


def test_what_is_no_toml_or_too_large_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"pack\.toml: is no TOML"):
        read_pack(written(tmp_path, "region = "))
    with pytest.raises(InputError, match="larger than any rule pack"):
        read_pack(written(tmp_path, "#" * 1_000_001))


def test_ids_stand_once_over_all_packs(tmp_path: Path):
    with pytest.raises(InputError, match="no rule pack"):
        read_rules(tmp_path)
    written(tmp_path, PACK)
    written(tmp_path, PACK, "again.toml")
    with pytest.raises(InputError, match="rules stand twice: X1"):
        read_rules(tmp_path)


def test_the_packs_patrolmap_comes_with_are_whole():
    rules = {rule.rule_id: rule for rule in read_rules(rules_folder())}
    assert rules["D01"].within_m == 200
    assert (rules["D01"].origin, rules["D01"].metric) == ("boundary", "straight")
    assert rules["D04"].metric == "walking"
    assert [i for i, r in rules.items() if r.within_m is None] == ["D06", "D13", "D15"]
    assert not [r for r in rules.values() if r.status == "confirmed"]  # no official text was read
    assert rules["D07"].holds_in("321302")
    assert not rules["D07"].holds_in("320412")
