"""What the journey knows of a charge: only what the public API told it."""

from dataclasses import dataclass
from typing import Any

_WH_PER_KWH = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """One update of the session subscription. Energy Wh, power W, charge percent; `cost` as the API shows it."""

    sequence: int
    state: str
    energy_wh: int
    power_w: int
    soc_percent: int | None
    cost: str
    failure: str | None

    @classmethod
    def of(cls, update: dict[str, Any]) -> "Progress":
        """Read a `sessionUpdates` payload."""
        cost, failure = update["runningCost"], update["failure"]
        return cls(
            sequence=int(update["sequence"]),
            state=update["state"],
            energy_wh=int(update["energyWh"]),
            power_w=update["powerW"] or 0,
            soc_percent=update["socPercent"],
            cost=cost["formatted"] if cost else "–",
            failure=failure["message"] if failure else None,
        )

    @property
    def line(self) -> str:
        """The update in one line: kWh, kW, state of charge, running cost."""
        soc = "  – %" if self.soc_percent is None else f"{self.soc_percent:3d} %"
        return f"{self.state:<9} {kwh(self.energy_wh):>7} kWh  {kw(self.power_w):>6} kW  {soc}  {self.cost}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt's figures in minor units and Wh, and where its PDF was saved."""

    number: str
    gross_minor: int
    captured_minor: int
    currency: str
    energy_wh: int
    pdf: str


@dataclass(frozen=True, slots=True)
class Charge:
    """A finished charge: the charger, the session by its global id, and the receipt the driver got."""

    identity: str
    version: str
    session_id: str
    receipt: Receipt


def kwh(energy_wh: int) -> str:
    """Return an energy in kWh with three places, exactly."""
    return f"{energy_wh // _WH_PER_KWH}.{energy_wh % _WH_PER_KWH:03d}"


def kw(power_w: int) -> str:
    """Return a power in kW with one place."""
    return f"{power_w // _WH_PER_KWH}.{power_w % _WH_PER_KWH // 100}"
