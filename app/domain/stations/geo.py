"""Geometry on the sphere: unit vectors, great-circle metres, and the chord that PostgreSQL's `cube`
measures.

The chord between two unit vectors grows with the great-circle distance, so ordering by one is ordering by
the other. The radius is geopy's (and the IUGG's) mean earth radius.
"""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_009
"""Mean earth radius in metres."""

Degrees = tuple[float, float]  # latitude, longitude


def unit_vector(point: Degrees) -> tuple[float, float, float]:
    """Return the point's position on the unit sphere."""
    latitude, longitude = radians(point[0]), radians(point[1])
    return cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)


def cube_text(point: Degrees) -> str:
    """Return the unit vector as PostgreSQL's `cube` spells it, with every digit of the doubles."""
    return "({!r}, {!r}, {!r})".format(*unit_vector(point))


def metres_of_chord(chord: float) -> float:
    """Return the great-circle metres of a chord of the unit sphere (0 to 2)."""
    return 2 * EARTH_RADIUS_M * asin(min(1.0, chord / 2))


def chord_of_metres(metres: float) -> float:
    """Return the chord of a great-circle distance; half the circumference and more give 2."""
    return 2 * sin(min(metres / (2 * EARTH_RADIUS_M), 1.5707963267948966))


def great_circle_m(a: Degrees, b: Degrees) -> float:
    """Return the great-circle distance of two points in metres."""
    first, second = unit_vector(a), unit_vector(b)
    return metres_of_chord(sqrt(sum((p - q) ** 2 for p, q in zip(first, second, strict=True))))
