"""`step_size`: once for the session's energy, once for its time, once for reserved time (OCPI 2.2.1 §11.4.2.1).

The priced total is rounded up to the step of the last priced component and the surplus falls to that component's last
line. Parking, if any was priced, is the time that is rounded: charging followed by parking is not. A step of
0 is none; nothing consumed stays nothing; an exact multiple stays as it is.
"""

from collections.abc import Sequence

from app.domain.tariffs.model import Dimension
from app.domain.tariffs.policy import RatingPolicy, StepSizes
from app.domain.tariffs.restrictions import MICROSECONDS, Number
from app.domain.tariffs.selection import Candidate
from app.domain.tariffs.session import Context


class DraftLine:
    """A line while it grows: instants and time quantities in microseconds, energy in Wh."""

    __slots__ = ("candidate", "dimension", "end", "quantity", "start")

    def __init__(self, candidate: Candidate, start: Number, end: Number, quantity: Number) -> None:
        self.candidate = candidate
        self.dimension = candidate.component.type
        self.start = start
        self.end = end
        self.quantity = quantity


def step_surpluses(lines: Sequence[DraftLine], policy: RatingPolicy) -> dict[int, Number]:
    """Return what `step_size` adds, by index of the line that bears it. Lines are in order of time."""
    if policy.step_sizes is StepSizes.IGNORE:
        return {}
    parked = _indexes(lines, Dimension.PARKING_TIME, Context.SESSION)
    groups = (
        (_indexes(lines, Dimension.ENERGY, Context.SESSION), 1),
        (parked or _indexes(lines, Dimension.TIME, Context.SESSION), MICROSECONDS),
        (_indexes(lines, Dimension.TIME, Context.RESERVATION), MICROSECONDS),
    )
    surpluses: dict[int, Number] = {}
    for indexes, unit in groups:
        if indexes:
            step = lines[indexes[-1]].candidate.component.step_size * unit
            total = sum(lines[index].quantity for index in indexes)
            surpluses[indexes[-1]] = -total % step if step else 0
    return surpluses


def _indexes(lines: Sequence[DraftLine], dimension: Dimension, context: Context) -> list[int]:
    return [
        index for index, line in enumerate(lines) if line.dimension is dimension and line.candidate.context is context
    ]
