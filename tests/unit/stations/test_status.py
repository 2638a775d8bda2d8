"""Availability: only a connected charger's word counts."""

from datetime import timedelta

import pytest

from app.domain.stations.states import EvseStatus, RegistrationStatus
from app.domain.stations.status import EvseAvailability, evse_availability, location_availability
from app.domain.stations.tables import Charger, Evse
from tests.fakes.clock import FrozenClock

NOW = FrozenClock().now()


def _charger(**changes: object) -> Charger:
    values: dict[str, object] = {
        "connected": True,
        "operative": True,
        "registration": RegistrationStatus.ACCEPTED,
        "last_seen_at": NOW - timedelta(seconds=20),
    }
    return Charger(**(values | changes))


def _evse(status: EvseStatus = EvseStatus.AVAILABLE, **changes: object) -> Evse:
    return Evse(**({"status": status, "operative": True, "last_seen_at": NOW - timedelta(minutes=5)} | changes))


@pytest.mark.parametrize("status", list(EvseStatus))
def test_without_a_charger_every_status_is_unknown(status: EvseStatus) -> None:
    assert evse_availability(_evse(status), None, NOW).status is EvseStatus.UNKNOWN


@pytest.mark.parametrize(
    "changes", [{"connected": False}, {"registration": RegistrationStatus.PENDING}], ids=["cut off", "pending"]
)
def test_a_charger_that_does_not_speak_for_itself_leaves_it_unknown(changes: dict[str, object]) -> None:
    assert evse_availability(_evse(), _charger(**changes), NOW).status is EvseStatus.UNKNOWN


@pytest.mark.parametrize("status", list(EvseStatus))
def test_a_connected_charger_s_status_stands(status: EvseStatus) -> None:
    assert evse_availability(_evse(status), _charger(), NOW).status is status


def test_an_inoperative_evse_is_not_available_but_a_running_charge_shows() -> None:
    assert evse_availability(_evse(operative=False), _charger(), NOW).status is EvseStatus.UNAVAILABLE
    assert evse_availability(_evse(), _charger(operative=False), NOW).status is EvseStatus.UNAVAILABLE
    charging = _evse(EvseStatus.CHARGING, operative=False)
    assert evse_availability(charging, _charger(), NOW).status is EvseStatus.CHARGING


def test_last_seen_is_the_later_of_evse_and_charger() -> None:
    assert evse_availability(_evse(), _charger(), NOW).last_seen_age == timedelta(seconds=20)
    assert evse_availability(_evse(), None, NOW).last_seen_age == timedelta(minutes=5)
    assert evse_availability(_evse(last_seen_at=None), None, NOW).last_seen_age is None


def _seen(status: EvseStatus, seconds: int | None) -> EvseAvailability:
    age = None if seconds is None else timedelta(seconds=seconds)
    return EvseAvailability(status, None if age is None else NOW - age, age)


def test_a_location_counts_its_evses_and_shows_the_best() -> None:
    views = [
        _seen(EvseStatus.UNKNOWN, None),
        _seen(EvseStatus.CHARGING, 40),
        _seen(EvseStatus.AVAILABLE, 30),
        _seen(EvseStatus.AVAILABLE, 90),
    ]
    summary = location_availability(views, NOW)
    assert (summary.status, summary.available, summary.total) == (EvseStatus.AVAILABLE, 2, 4)
    assert summary.by_status == {EvseStatus.UNKNOWN: 1, EvseStatus.CHARGING: 1, EvseStatus.AVAILABLE: 2}
    assert summary.last_seen_age == timedelta(seconds=30)


def test_a_location_without_evses_is_unknown() -> None:
    summary = location_availability([], NOW)
    assert (summary.status, summary.total, summary.last_seen_at) == (EvseStatus.UNKNOWN, 0, None)
