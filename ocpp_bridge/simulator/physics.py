"""The charge itself: a battery, a charging curve and a meter, integrated exactly.

Energy is counted in watt-microseconds and time in microseconds, both integers, so the register never drifts,
never falls, and does not depend on how often it is read. Power is constant up to 80 % and then falls in steps
of one percent of charge, as fast charging does; a full battery draws nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic_ns

UNITS_PER_WH = 3_600_000_000
"""Watt-microseconds in one watt-hour."""

TAPER_FROM = 80
FULL = 100


def monotonic_us() -> int:
    """Return a monotonic time in microseconds."""
    return monotonic_ns() // 1000


def charging_power(max_power_w: int, soc: int) -> int:
    """Return the power in W a battery takes at `soc` percent: 100 % of `max_power_w` below 80 %, 96 % there,
    20 % at 99 %.
    """
    if soc >= FULL:
        return 0
    if soc < TAPER_FROM:
        return max_power_w
    return max(1, max_power_w * (416 - 4 * soc) // 100)


@dataclass(slots=True)
class Battery:
    """A car's battery; `stored` counts watt-microseconds and never exceeds the capacity."""

    capacity_wh: int
    stored: int

    @classmethod
    def at(cls, capacity_wh: int, soc: int) -> "Battery":
        """Return a battery of `capacity_wh` charged to `soc` percent, rounded up so that it reads as that
        percentage.
        """
        return cls(capacity_wh, -(-capacity_wh * UNITS_PER_WH * soc // FULL))

    @property
    def capacity(self) -> int:
        """Capacity in watt-microseconds."""
        return self.capacity_wh * UNITS_PER_WH

    @property
    def soc(self) -> int:
        """State of charge in whole percent, rounded down."""
        return self.stored * FULL // self.capacity

    def step(self, max_power_w: int) -> tuple[int, int]:
        """Return the present power in W and the microseconds until the next percent of charge."""
        power = charging_power(max_power_w, self.soc)
        if power == 0:
            return 0, 0
        boundary = -(-self.capacity * (self.soc + 1) // FULL)
        return power, -(-(boundary - self.stored) // power)

    def charge(self, max_power_w: int, elapsed_us: int) -> int:
        """Charge for `elapsed_us` and return the energy taken in watt-microseconds."""
        before = self.stored
        while elapsed_us > 0 and self.stored < self.capacity:
            power, until_next = self.step(max_power_w)
            span = min(elapsed_us, until_next)
            self.stored = min(self.capacity, self.stored + power * span)
            elapsed_us -= span
        return self.stored - before

    def time_to_full_us(self, max_power_w: int) -> int:
        """Return the microseconds until the battery is full."""
        trial, total = Battery(self.capacity_wh, self.stored), 0
        while trial.stored < trial.capacity:
            span = trial.step(max_power_w)[1]
            trial.charge(max_power_w, span)
            total += span
        return total


class Outlet:
    """One connector's power path and its meter. Energy flows only while closed and with a battery connected."""

    def __init__(self, max_power_w: int, meter_start_wh: int, *, now_us: Callable[[], int] = monotonic_us) -> None:
        """Start with an open power path and the register at `meter_start_wh`."""
        self.max_power_w = max_power_w
        self.battery: Battery | None = None
        self._now_us = now_us
        self._settled_at = now_us()
        self._total = meter_start_wh * UNITS_PER_WH
        self._closed = False

    @property
    def register_wh(self) -> int:
        """The import register in whole Wh."""
        self._settle()
        return self._total // UNITS_PER_WH

    @property
    def power_w(self) -> int:
        """The power that flows now in W."""
        self._settle()
        if not self._closed or self.battery is None:
            return 0
        return charging_power(self.max_power_w, self.battery.soc)

    @property
    def soc(self) -> int | None:
        """The connected car's state of charge in percent."""
        self._settle()
        return None if self.battery is None else self.battery.soc

    @property
    def full_in_s(self) -> float | None:
        """Real seconds until the connected battery is full; None while no energy flows."""
        self._settle()
        if not self._closed or self.battery is None:
            return None
        return self.battery.time_to_full_us(self.max_power_w) / 1_000_000

    def connect(self, battery: Battery) -> None:
        """A car is plugged in."""
        self._settle()
        self.battery = battery

    def disconnect(self) -> None:
        """The car leaves; the power path opens."""
        self.open()
        self.battery = None

    def close(self) -> None:
        """Let energy flow."""
        self._settle()
        self._closed = True

    def open(self) -> None:
        """Stop the flow of energy."""
        self._settle()
        self._closed = False

    def reset_register(self) -> None:
        """Start the register at zero again, as meters do that count per boot or per transaction."""
        self._settle()
        self._total = 0

    def _settle(self) -> None:
        now = self._now_us()
        elapsed, self._settled_at = now - self._settled_at, now
        if self._closed and self.battery is not None:
            self._total += self.battery.charge(self.max_power_w, elapsed)
