"""When something breaks between a charger's message and its row: nothing acknowledged is lost, nothing counts twice."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.db.uow import Database
from app.domain.charging import inbound as inbound_functions
from app.domain.charging.messages import ChargerRef
from app.domain.charging.tables import ChargingSession, MeterReading, QuarantinedMessage
from app.domain.stations.states import OcppVersion, RegistrationStatus
from ocpp_bridge.config import BridgeConfig
from ocpp_bridge.faults import Fault, RefusedCallError
from ocpp_bridge.frames import Call
from ocpp_bridge.ingest import Ingest
from ocpp_bridge.station import Station
from ocpp_bridge.tables import AnsweredCall
from ocpp_bridge.v16.version import V16
from tests.integration.ocpp_bridge.conftest import TOKEN, Serve, Served, Site, inbound

NOW = datetime.now(UTC)
START = {"connectorId": 1, "idTag": TOKEN, "meterStart": 0, "timestamp": NOW.isoformat()}


def failing(function: Callable[..., Any], times: int, error: Exception) -> Callable[..., Any]:
    """Return a function that works, then fails, `times` times, then only works: its effect must vanish with it."""
    left = [times]

    async def wrapper(*arguments: Any) -> Any:
        result = await function(*arguments)
        if left[0]:
            left[0] -= 1
            raise error
        return result

    return wrapper


def station(site: Site) -> Station:
    """Return a connected 1.6 charger."""
    ref = ChargerRef(
        tenant_id=site.tenant_id, charger_id=site.chargers["CP16"], identity="CP16", version=OcppVersion.V16
    )
    return Station(ref, RegistrationStatus.ACCEPTED)


async def test_a_failing_stop_is_acknowledged_and_kept_whole(
    served: Served, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = failing(inbound_functions.end_transaction, 1, RuntimeError("bug"))
    monkeypatch.setattr(inbound_functions, "end_transaction", broken)
    async with served.station("CP16") as charger:
        started = await charger.call("StartTransaction", START)
        stop = {"transactionId": started["transactionId"], "meterStop": 700, "timestamp": NOW.isoformat()}
        assert await charger.call("StopTransaction", stop) == {}
    [kept] = await site.rows(QuarantinedMessage)
    assert (kept.action, kept.payload, kept.reason) == ("StopTransaction", stop, "RuntimeError: bug")
    [session] = await site.rows(ChargingSession)
    assert session.meter_stop_wh is None
    assert [row.action for row in await site.rows(AnsweredCall)] == ["StartTransaction"]


async def test_a_failing_start_is_refused_and_works_when_it_comes_again(
    served: Served, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = failing(inbound_functions.open_transaction, 1, RuntimeError("bug"))
    monkeypatch.setattr(inbound_functions, "open_transaction", broken)
    async with served.station("CP16") as charger:
        assert await charger.call("StartTransaction", START) == "InternalError"
        assert await site.rows(ChargingSession) == []
        answer = await charger.call("StartTransaction", START)
        assert answer["idTagInfo"] == {"status": "Accepted"}
    assert len(await site.rows(ChargingSession)) == 1
    assert [row.action for row in await site.rows(QuarantinedMessage)] == ["StartTransaction"]


async def test_the_same_start_over_two_sockets_at_once_is_one(bridge_db: Database, site: Site) -> None:
    ingest = Ingest(bridge_db, inbound(), BridgeConfig())
    calls = [Call(f"m{number}", "StartTransaction", START) for number in range(8)]
    answers = await asyncio.gather(*(ingest.answer(station(site), V16, call, NOW) for call in calls))
    assert all(answer == answers[0] for answer in answers)
    assert len(await site.rows(ChargingSession)) == 1
    assert len(await site.rows(AnsweredCall)) == 1


async def test_starts_of_a_stopped_clock_are_told_apart_by_message_id(bridge_db: Database, site: Site) -> None:
    ingest = Ingest(bridge_db, inbound(), BridgeConfig())
    payload = START | {"timestamp": "1970-01-01T00:00:00Z"}

    async def start(message_id: str) -> Any:
        now = datetime.now(UTC)
        return (await ingest.answer(station(site), V16, Call(message_id, "StartTransaction", payload), now))[
            "transactionId"
        ]

    first, again = await start("a"), await start("a")
    stop = {"transactionId": first, "meterStop": 5, "timestamp": "1970-01-01T00:00:00Z"}
    await ingest.answer(station(site), V16, Call("s", "StopTransaction", stop), datetime.now(UTC))
    later = await start("b")
    assert first == again
    assert later != first
    assert len(await site.rows(ChargingSession)) == 2


async def test_without_a_database_nothing_is_acknowledged(site: Site) -> None:
    nowhere = Database(create_async_engine("postgresql+asyncpg://nobody@/none?host=/nonexistent"))
    ingest = Ingest(nowhere, inbound(), BridgeConfig())
    stop = Call("s", "StopTransaction", {"transactionId": 1, "meterStop": 5, "timestamp": NOW.isoformat()})
    with pytest.raises(RefusedCallError) as refusal:
        await ingest.answer(station(site), V16, stop, NOW)
    assert refusal.value.fault is Fault.INTERNAL
    authorize = Call("a", "Authorize", {"idTag": TOKEN})
    assert await ingest.answer(station(site), V16, authorize, NOW) == {"idTagInfo": {"status": "Invalid"}}
    await nowhere.dispose()


async def test_cut_database_connections_lose_no_acknowledged_reading(
    served: Served, site: Site, bridge_db: Database
) -> None:
    outside = Database(create_async_engine(bridge_db.engine.url, poolclass=NullPool))
    acknowledged = []
    refused = 0
    async with served.station("CP16") as charger:
        started = await charger.call("StartTransaction", START)
        for number in range(30):
            if number % 5 == 0:
                async with outside.unit_of_work(site.tenant_id) as uow:
                    await uow.session.execute(
                        text(
                            "select pg_terminate_backend(pid) from pg_stat_activity "
                            "where usename = current_user and pid <> pg_backend_pid()"
                        )
                    )
            values = {
                "connectorId": 1,
                "transactionId": started["transactionId"],
                "meterValue": [{"timestamp": NOW.isoformat(), "sampledValue": [{"value": str(number)}]}],
            }
            answer = await charger.call("MeterValues", values)
            if answer == {}:
                acknowledged.append(number)
            else:
                assert answer == "InternalError"
                refused += 1
    stored = {row.register_wh for row in await site.rows(MeterReading)}
    assert acknowledged
    assert refused
    assert set(acknowledged) <= stored


async def test_a_burst_is_answered_in_order_through_a_small_queue(serve: Serve, site: Site) -> None:
    served = await serve(queue_frames=2)
    async with served.station("CP16") as charger:
        for number in range(40):
            status = "Available" if number % 2 else "Preparing"
            payload = {"connectorId": 1, "errorCode": "NoError", "status": status}
            await charger.send([2, str(number), "StatusNotification", payload])
        answers = [(await charger.receive())[1] for _ in range(40)]
    assert answers == [str(number) for number in range(40)]


async def test_what_was_received_before_the_socket_broke_is_stored(served: Served, site: Site) -> None:
    async with served.station("CP16") as charger:
        for number in range(5):
            stop = {"transactionId": 900 + number, "meterStop": 5, "timestamp": NOW.isoformat()}
            await charger.send([2, str(number), "StopTransaction", stop])
        assert (await charger.receive())[1] == "0"
        await served.bridge.drain()
    assert len(await site.rows(QuarantinedMessage)) >= 1
    answered = {row.message_id for row in await site.rows(AnsweredCall)}
    kept = {row.payload["transactionId"] for row in await site.rows(QuarantinedMessage)}
    assert {str(900 + int(message_id)) for message_id in answered} == kept
