"""The meter is exact: reading it often changes nothing, it never falls, it never exceeds rated power times time."""

from hypothesis import given
from hypothesis import strategies as st

from ocpp_bridge.simulator.physics import UNITS_PER_WH, Battery, Outlet, charging_power

powers = st.integers(1_000, 400_000)
capacities = st.integers(100, 120_000)
socs = st.integers(0, 99)


class HandClock:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.now_us = 0

    def __call__(self) -> int:
        return self.now_us


def test_constant_power_gives_power_times_time() -> None:
    clock = HandClock()
    outlet = Outlet(300_000, 1_000, now_us=clock)
    outlet.connect(Battery.at(60_000, 10))
    outlet.close()
    clock.now_us = 60 * 1_000_000
    assert outlet.register_wh == 1_000 + 5_000
    assert outlet.power_w == 300_000
    assert outlet.soc == 18


def test_power_tapers_from_eighty_percent() -> None:
    assert [charging_power(100_000, soc) for soc in (0, 79, 80, 90, 99, 100)] == [
        100_000,
        100_000,
        96_000,
        56_000,
        20_000,
        0,
    ]


def test_full_battery_stops_the_meter_at_its_capacity() -> None:
    clock = HandClock()
    outlet = Outlet(50_000, 0, now_us=clock)
    outlet.connect(Battery.at(1_000, 50))
    outlet.close()
    full_in = outlet.full_in_s
    assert full_in is not None
    clock.now_us = int(full_in * 1_000_000)
    assert (outlet.register_wh, outlet.soc, outlet.power_w) == (500, 100, 0)
    clock.now_us *= 10
    assert outlet.register_wh == 500


def test_open_path_lets_nothing_flow() -> None:
    clock = HandClock()
    outlet = Outlet(50_000, 7, now_us=clock)
    outlet.connect(Battery.at(1_000, 50))
    clock.now_us = 3_600_000_000
    assert outlet.register_wh == 7
    outlet.close()
    outlet.disconnect()
    clock.now_us *= 2
    assert (outlet.register_wh, outlet.soc, outlet.full_in_s) == (7, None, None)


@given(powers, capacities, socs, st.lists(st.integers(0, 600_000_000), min_size=1, max_size=8))
def test_energy_does_not_depend_on_how_often_it_is_read(power: int, capacity: int, soc: int, spans: list[int]) -> None:
    often, once = Battery.at(capacity, soc), Battery.at(capacity, soc)
    parts = [often.charge(power, span) for span in spans]
    assert sum(parts) == once.charge(power, sum(spans))
    assert often.stored == once.stored
    assert all(0 <= part <= power * span for part, span in zip(parts, spans, strict=True))
    assert often.stored <= capacity * UNITS_PER_WH


@given(powers, capacities, socs)
def test_time_to_full_is_exact(power: int, capacity: int, soc: int) -> None:
    battery = Battery.at(capacity, soc)
    full_in = battery.time_to_full_us(power)
    battery.charge(power, full_in - 1)
    assert battery.soc < 100
    battery.charge(power, 1)
    assert battery.soc == 100
