"""Opening hours as registers spell them."""

import pytest

from app.domain.stations.importing.opening_times import parse_opening_times
from app.domain.stations.opening_hours import OpeningHours

ALWAYS = OpeningHours(twentyfourseven=True)


def _week(text: str) -> list[tuple[int, str, str]]:
    hours = parse_opening_times(text)
    assert hours is not None
    assert not hours.twentyfourseven
    return [(p.weekday, f"{p.begin:%H:%M}", f"{p.end:%H:%M}") for p in hours.regular]


@pytest.mark.parametrize(
    "text",
    [
        "24/7",
        " 24/7",
        "Mo-Su 00:00-23:59",
        "Mo-Su 00:00-24:00",
        "Su 00:00-23:59,Sa 00:00-23:59,Mo-Fr 00:00-23:59",
        "Mo-Su 00:00-12:00,Mo-Su 12:00-24:00",
    ],
)
def test_always_open(text: str) -> None:
    assert parse_opening_times(text) == ALWAYS


@pytest.mark.parametrize(
    "text",
    ["Mo-Fr 08:00-18:00", "MO-FR 8:00-18:00", "Lun-Ven 08:00-18:00", "Lu- Ve 08:00–18:00", "Mo-Fri  08:00 - 18:00"],
)
def test_workdays_in_several_spellings(text: str) -> None:
    assert _week(text) == [(day, "08:00", "18:00") for day in range(1, 6)]


def test_rules_add_up_and_merge() -> None:
    assert _week("Th 08:00-12:00,Th 14:00-18:00,Th 11:00-15:00,Sa 09:00-12:00") == [
        (4, "08:00", "18:00"),
        (6, "09:00", "12:00"),
    ]


def test_a_rule_past_midnight_belongs_to_two_days() -> None:
    assert _week("Fr-Sa 19:00-02:00") == [
        (5, "19:00", "00:00"),
        (6, "00:00", "02:00"),
        (6, "19:00", "00:00"),
        (7, "00:00", "02:00"),
    ]


def test_a_range_of_days_may_cross_the_week_s_end() -> None:
    assert [day for day, _, _ in _week("Sa-Mo 10:00-11:00")] == [1, 6, 7]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sur rendez-vous",
        "Lun Ven 08:00-19:00",
        "Mo-Fr 08:00",
        "Xx 08:00-10:00",
        "Mo 25:00-26:00",
        "Mo-Su 08:00-08:00",
        "Mo-Fr 08:00-18:00, PH off",
    ],
)
def test_what_is_not_understood_in_full_is_unknown(text: str) -> None:
    assert parse_opening_times(text) is None
