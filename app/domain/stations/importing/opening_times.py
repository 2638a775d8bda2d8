"""Reading of opening hours as registers write them: `24/7` or OpenStreetMap-like `Mo-Fr 08:00-18:00,Sa
09:00-12:00`.

English and French day names are known. A text that is not understood in full gives None: half-understood
hours would tell a driver that a closed site is open.
"""

import re
from collections.abc import Iterator
from datetime import time

from app.domain.stations.opening_hours import OpeningHours, RegularPeriod, parse_begin, parse_end

_DAY_NAMES = (
    {"mo", "mon", "monday", "lu", "lun", "lundi"},
    {"tu", "tue", "tuesday", "ma", "mar", "mardi"},
    {"we", "wed", "wednesday", "me", "mer", "mercredi"},
    {"th", "thu", "thursday", "je", "jeu", "jeudi"},
    {"fr", "fri", "friday", "ve", "ven", "vendredi"},
    {"sa", "sat", "saturday", "sam", "samedi"},
    {"su", "sun", "sunday", "di", "dim", "dimanche"},
)
_WEEKDAY = {name: number for number, names in enumerate(_DAY_NAMES, start=1) for name in names}
_RULE = re.compile(r"([a-z]+)(?:\s*-\s*([a-z]+))?\s*(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")
_DASHES = str.maketrans({"\u2013": "-", "\u2014": "-", "\u2212": "-"})
_DAY_MINUTES = 24 * 60

Span = tuple[int, int]  # minutes of the day, end excluded


def parse_opening_times(text: str) -> OpeningHours | None:
    """Parse the text; None when it is not understood in full. Rules add up, overlapping ones are merged."""
    plain = " ".join(text.translate(_DASHES).casefold().split())
    if plain == "24/7":
        return OpeningHours(twentyfourseven=True)
    week: dict[int, list[Span]] = {}
    for rule in re.split(r"\s*[,;]\s*", plain):
        match = _RULE.fullmatch(rule)
        spans = _spans_of(match) if match else None
        if spans is None:
            return None
        for weekday, span in spans:
            week.setdefault(weekday, []).append(span)
    merged = {weekday: list(_merge(spans)) for weekday, spans in week.items()}
    if len(merged) == len(_DAY_NAMES) and all(spans == [(0, _DAY_MINUTES)] for spans in merged.values()):
        return OpeningHours(twentyfourseven=True)
    return OpeningHours(
        regular=tuple(
            RegularPeriod(weekday, _as_time(begin), _as_time(end))
            for weekday in sorted(merged)
            for begin, end in merged[weekday]
        )
    )


def _spans_of(rule: re.Match[str]) -> list[tuple[int, Span]] | None:
    first = _WEEKDAY.get(rule[1])
    last = _WEEKDAY.get(rule[2]) if rule[2] else first
    try:
        begin, end = parse_begin(rule[3]), parse_end(rule[4])
    except ValueError:
        return None
    if first is None or last is None or (begin == end != time(0)):
        return None
    start, stop = begin.hour * 60 + begin.minute, end.hour * 60 + end.minute or _DAY_MINUTES
    spans: list[tuple[int, Span]] = []
    for offset in range((last - first) % 7 + 1):
        weekday = (first - 1 + offset) % 7 + 1
        if start < stop:
            spans.append((weekday, (start, stop)))
        else:  # past midnight: the rest belongs to the next day
            spans += [(weekday, (start, _DAY_MINUTES)), (weekday % 7 + 1, (0, stop))]
    return spans


def _merge(spans: list[Span]) -> Iterator[Span]:
    begin, end = min(spans)
    for next_begin, next_end in sorted(spans):
        if next_begin > end:
            yield begin, end
            begin, end = next_begin, next_end
        end = max(end, next_end)
    yield begin, end


def _as_time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
