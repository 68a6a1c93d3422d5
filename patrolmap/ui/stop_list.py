"""One crew's day as a list that can be read on a phone while walking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from patrolmap import workflow
from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language, translator
from patrolmap.model.plan import Plan, Route, clock_time

REST = "rest"


@dataclass(frozen=True)
class Entry:
    """
    One line of the list: when, what, where and why.

    `look` is ``post`` or ``patrol`` for the stops, which are numbered as on the map, and
    ``rest`` for setting off, breaks and coming back.
    """

    start_s: float
    end_s: float
    look: str
    what: str
    number: str = ""
    where: str = ""
    why: str = ""

    @property
    def hours(self) -> str:
        """Write the time, or from when to when."""
        start, end = clock_time(self.start_s), clock_time(self.end_s)
        return start if start == end else f"{start}–{end}"


def day_of(plan: Plan, unit_id: str, language: Language) -> list[Entry]:
    """List what a crew does that day, in order of time."""
    _ = translator(language)
    route = plan.route(unit_id)
    stops = [
        Entry(
            start_s=call.visit.start_s,
            end_s=call.visit.end_s,
            look=call.kind,
            what=kind_name("stop", call.kind, language),
            number=str(call.number),
            where=call.name,
            why=call.reason,
        )
        for call in workflow.route_calls(plan, unit_id, language)
    ]
    breaks = [
        Entry(visit.start_s, visit.end_s, REST, _("break"))
        for visit in route.visits
        if visit.is_break
    ]
    return sorted([*_ends(route, language), *stops, *breaks], key=lambda entry: entry.start_s)


def _ends(route: Route, language: Language) -> Iterator[Entry]:
    _ = translator(language)
    if route.legs:
        leaves_s, back_s = route.legs[0].times_s[0], route.legs[-1].times_s[-1]
        yield Entry(leaves_s, leaves_s, REST, _("Set off"))
        yield Entry(back_s, back_s, REST, _("Back at base"))


def next_stop(entries: Sequence[Entry], now_s: float) -> Entry | None:
    """Find the stop a crew is at or goes to next; None when the day's stops are done."""
    return next((e for e in entries if e.look != REST and e.end_s > now_s), None)


def entries_html(entries: Sequence[Entry], now_s: float | None) -> str:
    """Write the list; what is over is grey and what is on now stands out, on the day itself."""
    return f'<ol class="pm-stops">{"".join(_line(entry, now_s) for entry in entries)}</ol>'


def _line(entry: Entry, now_s: float | None) -> str:
    classes = [entry.look]
    if now_s is not None and entry.end_s <= now_s:
        classes.append("past")
    if _is_on(entry, now_s):
        classes.append("now")
    where = f" · {escape(entry.where)}" if entry.where else ""
    return (
        f'<li class="{escape(" ".join(classes))}"><span class="pm-no">{entry.number}</span>'
        f"<div><b>{entry.hours}</b> {escape(entry.what)}{where}{_why(entry)}</div></li>"
    )


def _why(entry: Entry) -> str:
    is_news = entry.why and entry.why != entry.what
    return f'<span class="pm-why">{escape(entry.why)}</span>' if is_news else ""


def next_html(entry: Entry, now_s: float | None, language: Language) -> str:
    """Write the one stop that matters now as a card; on another day, the first."""
    _ = translator(language)
    heading = _("First stop") if now_s is None else _("Next stop")
    if _is_on(entry, now_s):
        heading = _("Now")
    return (
        f'<div class="pm-next"><p class="pm-when">{escape(heading)} · {entry.hours} · '
        f'{escape(entry.what)}</p><p class="pm-where">{escape(entry.where)}</p>{_why(entry)}</div>'
    )


def _is_on(entry: Entry, now_s: float | None) -> bool:
    return now_s is not None and entry.start_s <= now_s < entry.end_s
