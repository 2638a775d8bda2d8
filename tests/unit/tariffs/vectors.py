"""Reads the published cases in `tests/data/tariff_vectors` into the engine's own values."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.tariffs import (
    Dimension,
    PricedSession,
    RatingPolicy,
    StepSizes,
    Stretch,
    StretchState,
    parse_tariff,
    rate,
)

FOLDER = Path(__file__).parents[2] / "data" / "tariff_vectors"
CASE_FILES = sorted(FOLDER.glob("*.json"))


@dataclass(frozen=True)
class Case:
    """One case: what goes in, and the expected figures as published."""

    id: str
    tariffs: list[dict[str, Any]]
    time_zone: ZoneInfo
    stretches: list[Stretch]
    policy: RatingPolicy
    cut: bool
    reservation_expired: bool
    expected: dict[str, Any]

    def price(self) -> PricedSession:
        """Rate the case."""
        return rate(
            [parse_tariff(tariff) for tariff in self.tariffs],
            self.time_zone,
            self.stretches,
            self.policy,
            cut=self.cut,
            reservation_expired=self.reservation_expired,
        )


def load(file: Path) -> Case:
    """Read a case, its numbers as exact decimals."""
    case = json.loads(file.read_text(), parse_float=Decimal)
    session = case["session"]
    return Case(
        id=case["id"],
        tariffs=case["tariffs"],
        time_zone=ZoneInfo(case["time_zone"]),
        stretches=[_stretch(period) for period in session["periods"]],
        policy=RatingPolicy(step_sizes=StepSizes(case["policy"].get("step_size", "apply"))),
        cut=session["input"] == "raw",
        reservation_expired=session.get("reservation_expired", False),
        expected=case["expected"],
    )


def exact(text: str | None) -> Fraction | None:
    """Read a rational as text; null is unknown."""
    return None if text is None else Fraction(text)


def _stretch(period: dict[str, Any]) -> Stretch:
    def figure(name: str, factor: int) -> Decimal | None:
        return Decimal(period[name]) * factor if name in period else None

    volumes = period.get("volumes_h")
    return Stretch(
        start=datetime.fromisoformat(period["start"]),
        end=datetime.fromisoformat(period["end"]),
        state=StretchState(period["state"]),
        energy_wh=figure("energy_kwh", 1000) or 0,
        min_power_w=figure("min_power_kw", 1000),
        max_power_w=figure("max_power_kw", 1000),
        min_current_a=figure("min_current_a", 1),
        max_current_a=figure("max_current_a", 1),
        tariff_id=period.get("tariff_id"),
        volumes=volumes and {Dimension(name): Decimal(hours) for name, hours in volumes.items()},
    )
