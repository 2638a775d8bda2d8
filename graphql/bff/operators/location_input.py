"""What operators may say about a location, in the API's words."""

from datetime import datetime, time
from decimal import Decimal
from typing import cast

import strawberry
from strawberry import Maybe

from app.domain.stations.admin.location_fields import LocationFields
from app.domain.stations.opening_hours import ExceptionalPeriod, OpeningHours, RegularPeriod, parse_begin, parse_end
from app.domain.stations.states import AccessType
from app.kit.errors import InvalidInputError
from bff.operators.inputs import said

_PLAIN = (
    "name",
    "operator_name",
    "address",
    "city",
    "postal_code",
    "country",
    "time_zone",
    "access",
    "photos",
    "amenities",
    "directions",
    "published",
)


@strawberry.input
class RegularHoursInput:
    """Opening on a weekday, 1 Monday to 7 Sunday, as `HH:MM` local time; an end of 00:00 is midnight at its end."""

    weekday: int
    begin: str
    end: str


@strawberry.input
class ExceptionalHoursInput:
    """An opening or closing that departs from the week."""

    begin: datetime
    end: datetime


@strawberry.input
class HoursInput:
    """When a location can be used."""

    twenty_four_seven: bool = False
    regular: list[RegularHoursInput] = strawberry.field(default_factory=list)
    exceptional_openings: list[ExceptionalHoursInput] = strawberry.field(default_factory=list)
    exceptional_closings: list[ExceptionalHoursInput] = strawberry.field(default_factory=list)

    def hours(self) -> OpeningHours:
        """Return the hours. Raises InvalidInputError."""
        try:
            return OpeningHours(
                twentyfourseven=self.twenty_four_seven,
                regular=tuple(RegularPeriod(day.weekday, _begin(day), _end(day)) for day in self.regular),
                exceptional_openings=_exceptional(self.exceptional_openings),
                exceptional_closings=_exceptional(self.exceptional_closings),
            )
        except ValueError as error:
            raise InvalidInputError(str(error), field="openingHours") from error


def _begin(day: RegularHoursInput) -> time:
    return parse_begin(day.begin)


def _end(day: RegularHoursInput) -> time:
    return parse_end(day.end)


def _exceptional(periods: list[ExceptionalHoursInput]) -> tuple[ExceptionalPeriod, ...]:
    return tuple(ExceptionalPeriod(period.begin, period.end) for period in periods)


@strawberry.input
class LocationFieldsInput:
    """What is said about a location; what is absent stays as it is. Coordinates are WGS 84 degrees."""

    name: Maybe[str] = None
    operator_name: Maybe[str | None] = None
    address: Maybe[str | None] = None
    city: Maybe[str | None] = None
    postal_code: Maybe[str | None] = None
    country: Maybe[str] = None
    latitude: Maybe[float] = None
    longitude: Maybe[float] = None
    time_zone: Maybe[str] = None
    access: Maybe[AccessType | None] = None
    opening_hours: Maybe[HoursInput | None] = None
    photos: Maybe[list[str]] = None
    amenities: Maybe[list[str]] = None
    directions: Maybe[str | None] = None
    published: Maybe[bool] = None

    def fields(self) -> LocationFields:
        """Return what is said. Raises InvalidInputError."""
        found = cast(LocationFields, said(self, *_PLAIN))
        if self.latitude is not None:
            found["latitude"] = Decimal(str(self.latitude.value))
        if self.longitude is not None:
            found["longitude"] = Decimal(str(self.longitude.value))
        if self.opening_hours is not None:
            given = self.opening_hours.value
            found["opening_hours"] = given.hours() if given is not None else None
        return found
