"""Whole stations against the bridge: what the station's meter says is what is stored, whatever happens on the way."""

from typing import Any

import pytest

from app.domain.charging.commands import ChangeAvailability, GetVariables, Reset, ResetKind, UnlockConnector
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession, CommandState, MeterReading, QuarantinedMessage
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Evse
from ocpp_bridge.simulator import Behaviour, SimulatedStation, StationConfig
from ocpp_bridge.tables import ChargerVariable
from tests.integration.ocpp_bridge.conftest import PASSWORD, TOKEN, Serve, Served, Site, until

STATIONS = [("CP16", "1.6"), ("CP201", "2.0.1")]


def config(served: Served, identity: str, version: Any, **changes: Any) -> StationConfig:
    """Return a station that samples fast."""
    options: dict[str, Any] = {
        "identity": identity,
        "url_base": f"ws://127.0.0.1:{served.port}/ocpp/default",
        "version": version,
        "password": PASSWORD,
        "connectors": 2,
        "max_power_w": 50_000,
        "sample_interval_s": 0.2,
        "meter_start_wh": 5000,
        "retry_interval_s": 0.2,
        "reconnect_first_s": 0.1,
    }
    return StationConfig(**(options | changes))


async def charge(station: SimulatedStation, site: Site, *, outage_s: float | None = None) -> None:
    """Charge by card, if asked with an outage in the middle, and unplug."""
    await station.wait_for(lambda s: s.online, 10)
    await station.plug_in(1)
    assert await station.present_token(1, TOKEN) == "Accepted"

    async def readings() -> bool:
        return len(await site.rows(MeterReading)) >= 4

    await until(readings, 10)
    if outage_s is not None:
        await station.drop_connection(outage_s)
    await station.stop_locally(1)
    await station.unplug(1)
    await station.wait_for(lambda s: s.online, 10)
    await station.outbox.drained(10)


async def assert_metered(site: Site, station: SimulatedStation) -> ChargingSession:
    """Assert that one session ended with exactly the station's own figures."""
    [transaction] = station.transactions
    assert transaction.end is not None
    [session] = await site.rows(ChargingSession)
    assert session.meter_start_wh == transaction.begin.energy_wh
    assert session.meter_stop_wh == transaction.end.energy_wh
    assert session.energy_wh == transaction.end.energy_wh - transaction.begin.energy_wh
    assert session.state in (SessionState.PARKING, SessionState.SETTLING)
    assert not session.suspect
    assert await site.rows(QuarantinedMessage) == []
    result: ChargingSession = session
    return result


@pytest.mark.parametrize(("identity", "version"), STATIONS)
async def test_a_charge_is_stored_as_the_station_metered_it(
    served: Served, site: Site, identity: str, version: str
) -> None:
    async with SimulatedStation(config(served, identity, version)).running() as station:
        await charge(station, site)
        await assert_metered(site, station)

        async def available() -> bool:
            evses = await site.rows(Evse, Evse.charger_id == site.chargers[identity])
            return [evse.status for evse in evses] == [EvseStatus.AVAILABLE] * 2

        await until(available)
    charger = await site.charger(identity)
    assert (charger.violations, charger.last_violation) == (0, None)


@pytest.mark.parametrize(("identity", "version"), STATIONS)
@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(lose_first_start_answer=True),
        Behaviour(lose_first_start_answer=True, resend_same_message_id=True),
        Behaviour(duplicate_messages=True),
        Behaviour(boot_on_reconnect=True),
    ],
)
async def test_lost_and_repeated_messages_make_one_session(
    served: Served, site: Site, identity: str, version: str, behaviour: Behaviour
) -> None:
    async with SimulatedStation(config(served, identity, version, behaviour=behaviour)).running() as station:
        await charge(station, site, outage_s=0.5)
        await assert_metered(site, station)


@pytest.mark.parametrize(("identity", "version"), STATIONS)
async def test_stations_carry_out_commands(served: Served, site: Site, identity: str, version: str) -> None:
    charger_id = site.chargers[identity]
    async with SimulatedStation(config(served, identity, version)).running() as station:
        await station.wait_for(lambda s: s.online, 10)

        async def send(command: Any) -> CommandState:
            return (await served.bridge.gateway.send(site.tenant_id, charger_id, command, timeout_seconds=5)).state

        assert await send(ChangeAvailability(evse_no=2, operative=False)) is CommandState.ACCEPTED

        async def unavailable() -> bool:
            [evse] = await site.rows(Evse, Evse.charger_id == charger_id, Evse.ocpp_evse_no == 2)
            return bool(evse.status is EvseStatus.UNAVAILABLE)

        await until(unavailable)
        assert await send(UnlockConnector(evse_no=1)) is CommandState.ACCEPTED
        assert await send(GetVariables()) is CommandState.ACCEPTED

        async def reported() -> bool:
            return len(await site.rows(ChargerVariable)) > 5

        await until(reported)
        assert await send(Reset(kind=ResetKind.HARD)) is CommandState.ACCEPTED

        async def back() -> bool:
            charger = await site.charger(identity)
            return charger.connected and charger.generation > 1

        await until(back, 10)


@pytest.mark.parametrize(("identity", "version"), STATIONS)
async def test_stations_are_brought_to_the_baseline(serve: Serve, site: Site, identity: str, version: str) -> None:
    served = await serve(settle_seconds=0.05, sample_interval_seconds=7)
    async with SimulatedStation(config(served, identity, version)).running() as station:
        await station.wait_for(lambda s: s.online, 10)

        async def configured() -> bool:
            rows = {row.variable: row for row in await site.rows(ChargerVariable)}
            names = ("MeterValueSampleInterval", "ConnectionTimeOut", "TxUpdatedInterval", "EVConnectionTimeOut")
            return sum(name in rows and rows[name].wanted is not None for name in names) == 2

        await until(configured, 10)
    rows = {row.variable: row for row in await site.rows(ChargerVariable)}
    interval = rows["MeterValueSampleInterval" if version == "1.6" else "TxUpdatedInterval"]
    assert (interval.value, interval.wanted, interval.refusal) == ("7", "7", None)
