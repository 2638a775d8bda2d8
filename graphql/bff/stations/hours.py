"""Opening hours as an app shows them."""

from datetime import datetime

import strawberry

from app.domain.stations.opening_hours import ExceptionalPeriod, OpeningHours


@strawberry.type
class RegularHours:
    """Opening on a weekday, 1 Monday to 7 Sunday, as `HH:MM` local time; an end of 00:00 is midnight at its end."""

    weekday: int
    begin: str
    end: str


@strawberry.type
class ExceptionalHours:
    """An opening or closing that departs from the week."""

    begin: datetime
    end: datetime


@strawberry.type
class Hours:
    """When a station can be used. Exceptional closings outrank exceptional openings, which outrank the week."""

    twenty_four_seven: bool
    regular: list[RegularHours]
    exceptional_openings: list[ExceptionalHours]
    exceptional_closings: list[ExceptionalHours]

    @classmethod
    def of(cls, hours: OpeningHours) -> "Hours":
        """Return a site's hours."""
        return cls(
            twenty_four_seven=hours.twentyfourseven,
            regular=[
                RegularHours(weekday=day.weekday, begin=day.begin.strftime("%H:%M"), end=day.end.strftime("%H:%M"))
                for day in hours.regular
            ],
            exceptional_openings=_exceptional(hours.exceptional_openings),
            exceptional_closings=_exceptional(hours.exceptional_closings),
        )


def _exceptional(periods: tuple[ExceptionalPeriod, ...]) -> list[ExceptionalHours]:
    return [ExceptionalHours(begin=period.begin, end=period.end) for period in periods]
