"""What a precinct can set, with the source of every default."""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass, field, fields
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from patrolmap.errors import InputError
from patrolmap.model.language import LANGUAGES, Language
from patrolmap.model.space import check_metric

MINUTE_S: Final = 60
_REGION: Final = re.compile(r"(\d{2}(\d{2}(\d{2})?)?)?")  # of a province, prefecture or county

# A first weighting by judgement: what happened counts most, what may happen next, each part
# scaled to 0..1 before it is weighed. No source gives these numbers; a station sets its own.
DEFAULT_WEIGHTS: Final = {
    "incidents": 0.35,
    "venues": 0.15,
    "traffic": 0.20,
    "hazards": 0.15,
    "pupils": 0.15,
}


@dataclass(frozen=True)
class Settings:
    """
    The settings of one precinct; every default can be defended.

    Window offsets follow published practice: crews stand at the gate from 20 min before
    the bell (guard-post rules of Suixian county) until 15 min after the arrival bell and
    30 min after dismissal (guard-post rules of Boshan district). Dwell: 10-16 minutes,
    Koper 1995, Justice Quarterly 12:649; return within two hours, from the same source.
    Walking speed 1.3 m/s: a common free walking speed [textbook].

    Beats: Philadelphia 2009, where foot beats had 1.3 mi (2.1 km) of streets on average,
    reduced violence; Philadelphia 2010, with about 3 mi (4.8 km), did not (Ratcliffe et al.
    2011, Criminology 49:795; crimesolutions.ojp.gov/ratedprograms/234 and 450). Past
    `beat_warn_m` a crew's beat is called too long, past `beat_most_m` none is laid.

    Waits of walkers: at signals 30 s, the mean (C - g)² / 2C of those who come at random,
    for a cycle C of 120 s with 35 s of green g (Rouphail et al. 1998, Recommended Procedures
    for the Pedestrians Chapter of the Highway Capacity Manual, FHWA-RD-98-107; the cycle is
    an assumption); at a crossing without lights 5 s, an assumption.
    """

    name: str = ""
    zone: str = "Asia/Shanghai"
    country: str = "CN"
    region: str = ""
    metric_crs: str = ""
    language: Language = "zh"
    synthetic: bool = False
    attribution: str = ""
    cell_size_m: float = 100.0
    reach_m: float = 300.0
    arrival_before_s: int = 20 * MINUTE_S
    arrival_after_s: int = 15 * MINUTE_S
    dismissal_before_s: int = 20 * MINUTE_S
    dismissal_after_s: int = 30 * MINUTE_S
    dwell_min_s: int = 10 * MINUTE_S
    dwell_max_s: int = 16 * MINUTE_S
    return_gap_s: int = 120 * MINUTE_S
    walk_mps: float = 1.3
    snap_m: float = 150.0
    beat_warn_m: float = 2100.0
    beat_most_m: float = 4800.0
    signal_wait_s: float = 30.0
    crossing_wait_s: float = 5.0
    weights: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))

    def __post_init__(self) -> None:
        """Refuse settings nobody could plan with; all of them are named."""
        wrong = [words for words, bad in self._faults() if bad]
        if wrong:
            raise InputError("settings: " + "; ".join(wrong) + ". Correct them.")

    def _faults(self) -> list[tuple[str, bool]]:
        parts = ", ".join(DEFAULT_WEIGHTS)
        weights = list(self.weights.values())
        offsets_s = (
            self.arrival_before_s, self.arrival_after_s,
            self.dismissal_before_s, self.dismissal_after_s,
        )  # fmt: skip
        return [
            ("cell_size_m is not within 20 to 1000", not 20 <= self.cell_size_m <= 1000),
            ("reach_m is not within 0 to 3000", not 0 <= self.reach_m <= 3000),
            ("walk_mps is not within 0.3 to 3", not 0.3 <= self.walk_mps <= 3),
            ("dwell_min_s is longer than dwell_max_s", self.dwell_min_s > self.dwell_max_s),
            ("dwell_min_s must be at least 60", self.dwell_min_s < MINUTE_S),
            (f"weights must name {parts}", set(self.weights) != set(DEFAULT_WEIGHTS)),
            ("weights must be 0 or more", not all(0 <= weight < math.inf for weight in weights)),
            ("weights must not all be 0", not any(weights)),
            ("a window must not begin after its bell, nor end before it", min(offsets_s) < 0),
            ("return_gap_s must be 0 or more", self.return_gap_s < 0),
            ("snap_m is not within 0 to 1000", not 0 <= self.snap_m <= 1000),
            ("beat_warn_m is not within 0 to beat_most_m",
             not 0 <= self.beat_warn_m <= self.beat_most_m),
            ("signal_wait_s is not within 0 to 300", not 0 <= self.signal_wait_s <= 300),
            ("crossing_wait_s is not within 0 to 300", not 0 <= self.crossing_wait_s <= 300),
            (f"region '{self.region}' is no code of GB/T 2260, such as 320412",
             not _REGION.fullmatch(self.region)),
            (f"'{self.language}' is no language", self.language not in LANGUAGES),
            (f"'{self.zone}' is no time zone", not _is_zone(self.zone)),
            (f"'{self.metric_crs}' is no metric CRS", not _is_metric(self.metric_crs)),
        ]  # fmt: skip


def _is_zone(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _is_metric(crs: str) -> bool:
    if not crs:
        return True  # not chosen yet
    try:
        check_metric(crs)
    except InputError:
        return False
    return True


def settings_to_json(settings: Settings) -> str:
    """Write settings as JSON, keys in order, for the precinct file."""
    return json.dumps(asdict(settings), ensure_ascii=False, sort_keys=True)


_READER: Final = TypeAdapter(Settings)


def settings_from_json(text: str) -> Settings:
    """
    Read settings back.

    Raises
    ------
    InputError
        If the text is no JSON object, names a setting that does not exist, or gives one
        a value that nobody could plan with.

    Examples
    --------
    >>> settings_from_json(settings_to_json(Settings(name="demo"))).name
    'demo'
    """
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"settings cannot be read: {error}.") from error
    if not isinstance(values, dict):
        raise InputError("settings cannot be read: they are no JSON object.")
    if unknown := set(values) - {f.name for f in fields(Settings)}:
        raise InputError(f"settings: nothing is called {', '.join(sorted(unknown))}.")
    try:
        return _READER.validate_python(values)
    except ValidationError as error:
        raise _said_of(error) from error


def _said_of(error: ValidationError) -> InputError:
    told = error.errors()
    own = told[0].get("ctx", {}).get("error")  # of `Settings` itself, already well said
    wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in told]
    return own if isinstance(own, InputError) else InputError(f"settings: {'; '.join(wrong)}.")
