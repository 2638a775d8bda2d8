"""The sphere: our metres are geopy's great-circle metres."""

from math import radians, sin

import pytest
from geopy.distance import great_circle
from hypothesis import given
from hypothesis import strategies as st

from app.domain.stations.geo import (
    EARTH_RADIUS_M,
    chord_of_metres,
    cube_text,
    great_circle_m,
    metres_of_chord,
)

points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(points, points)
def test_metres_equal_geopy_s(a: tuple[float, float], b: tuple[float, float]) -> None:
    assert great_circle_m(a, b) == pytest.approx(great_circle(a, b).m, abs=0.5)  # type: ignore[no-untyped-call]


@given(st.floats(0, 20_000_000))
def test_chord_and_metres_are_inverse(metres: float) -> None:
    assert metres_of_chord(chord_of_metres(metres)) == pytest.approx(metres, abs=0.01)


def test_a_degree_of_the_meridian() -> None:
    assert great_circle_m((50.0, 8.0), (51.0, 8.0)) == pytest.approx(EARTH_RADIUS_M * 3.141592653589793 / 180, abs=1e-6)


def test_more_than_half_around_is_everything() -> None:
    assert chord_of_metres(1e9) == pytest.approx(2.0)


def test_cube_text_keeps_every_digit() -> None:
    x, y, z = (float(part) for part in cube_text((52.520008, 13.404954)).strip("()").split(","))
    assert x * x + y * y + z * z == pytest.approx(1.0, abs=1e-15)
    assert z == sin(radians(52.520008))
