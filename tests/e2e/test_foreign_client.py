"""Chargers written by others, from the OCPP specifications alone, against the running server: billed to the cent.

Half of them are the `ocpp` package's stock classes, half write their JSON by hand. Steps of the register stay within
what is believed at once (500 Wh), so that no test has to wait for real energy.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.e2e.conftest import run_server
from tests.e2e.foreign.app import App
from tests.e2e.foreign.installation import Added, Installation, add_chargers
from tests.e2e.foreign.raw_charger import Answer, RawCharger, raw_charger
from tests.e2e.foreign.stock_v16 import StockChargePoint16
from tests.e2e.foreign.stock_v201 import StockChargePoint201
from tests.e2e.processes import ServerProcess

pytestmark = [pytest.mark.commits, pytest.mark.timeout(120)]

_CHARGERS = 20
_ACCEPTED = {"status": "Accepted"}
_ANSWERS: dict[str, dict[str, Answer]] = {
    "1.6": {"RemoteStartTransaction": _ACCEPTED, "RemoteStopTransaction": _ACCEPTED},
    "2.0.1": {"RequestStartTransaction": _ACCEPTED, "RequestStopTransaction": _ACCEPTED},
}
_BOOT: dict[str, dict[str, Any]] = {
    "1.6": {"chargePointVendor": "ACME", "chargePointModel": "X1"},
    "2.0.1": {"reason": "PowerUp", "chargingStation": {"vendorName": "ACME", "model": "X2"}},
}


def _now(seconds: int = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _local() -> str:
    """What a charger writes that knows no zone and shows summer time."""
    return (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[ServerProcess, list[Added]]]:
    """One server for all of them."""
    with ExitStack() as stack:
        server = stack.enter_context(run_server())
        yield server, add_chargers(server, _CHARGERS)


@pytest.fixture
async def site(running: tuple[ServerProcess, list[Added]]) -> AsyncIterator[Installation]:
    """The installation with a price and an operator."""
    made = Installation(*running)
    await made.set_up()
    yield made
    await made.close()


@asynccontextmanager
async def _stock(charger: Added, kind: type[Any], version: str) -> AsyncIterator[Any]:
    credentials = charger.url.replace("://", f"://{charger.identity}:{charger.password}@")
    async with connect(credentials, subprotocols=[Subprotocol(version)], proxy=None) as socket:
        point = kind(charger.identity, socket)
        reader = asyncio.create_task(point.start())
        try:
            yield point
        finally:
            reader.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await reader


def _raw(charger: Added, version: str = "1.6") -> AbstractAsyncContextManager[RawCharger]:
    return raw_charger(charger.url, charger.password, version, _ANSWERS[version])


async def _ready(socket: RawCharger, version: str = "1.6") -> None:
    assert (await socket.call("BootNotification", _BOOT[version]))["status"] == "Accepted"
    await _status(socket, "Available", version)


async def _status(socket: RawCharger, status: str, version: str = "1.6") -> None:
    if version == "1.6":
        told: dict[str, Any] = {"connectorId": 1, "errorCode": "NoError", "status": status}
    else:
        told = {"timestamp": _now(), "connectorStatus": status, "evseId": 1, "connectorId": 1}
    await socket.call("StatusNotification", told)


async def _start_16(socket: RawCharger, app: App, code: str, **more: Any) -> tuple[str, dict[str, Any], int]:
    """Start by app; return the session's id, the StartTransaction as sent, and the transaction id."""
    session = await app.start(code)
    tag = (await socket.called("RemoteStartTransaction"))["idTag"]
    start = {"connectorId": 1, "idTag": tag, "meterStart": 1000, "timestamp": _now()} | more
    answer = await socket.call("StartTransaction", start)
    assert answer["idTagInfo"]["status"] == "Accepted"
    return session["id"], start, answer["transactionId"]


def _values_16(register: Any, at: str = "", **more: Any) -> dict[str, Any]:
    return {"connectorId": 1, "meterValue": [{"timestamp": at or _now(), "sampledValue": [{"value": register}]}]} | more


async def _stop_16(socket: RawCharger, transaction: int, register: int, **more: Any) -> None:
    stop = {"transactionId": transaction, "meterStop": register, "timestamp": _now()} | more
    await socket.call("StopTransaction", stop)
    await _status(socket, "Available")


async def test_the_stock_16_charge_point_of_the_ocpp_package(site: Installation) -> None:
    charger, app = site.charger(), await site.driver()
    async with _stock(charger, StockChargePoint16, "ocpp1.6") as point:
        assert (await point.boot()).status == "Accepted"
        session = await app.start(charger.evse_code)
        started = await point.begin(await point.remote_start, meter_start=12_000)
        await point.status("Charging")
        await point.meter(started.transaction_id, "12.345")
        await app.stop(session["id"])
        assert await point.remote_stop == started.transaction_id
        await point.stop(started.transaction_id, meter_stop=12_789)
        await site.assert_billed(charger, 789)
    receipt = (await app.session(session["id"]))["receipt"]
    assert (receipt["energyWh"], receipt["gross"], receipt["owed"]) == (
        "789",
        {"amountMinor": "157"},
        {"amountMinor": "0"},
    )


async def test_the_stock_201_charging_station_of_the_ocpp_package(site: Installation) -> None:
    """TxStartPoint EVConnected: the transaction is open before anyone is authorised."""
    charger, app = site.charger(), await site.driver()
    async with _stock(charger, StockChargePoint201, "ocpp2.0.1") as point:
        assert (await point.boot()).status == "Accepted"
        await point.status("Occupied")
        transaction = {"transaction_id": "stock-201"}
        await point.event("Started", "CablePluggedIn", transaction | {"charging_state": "EVConnected"}, 5000)
        assert await site.rows(_SESSIONS, identity=charger.identity) == []
        session = await app.start(charger.evse_code)
        number, token = await point.remote_start
        bound = transaction | {"remote_start_id": number, "charging_state": "Charging"}
        await point.event("Updated", "RemoteStart", bound, 5000, id_token=token)
        await point.event("Updated", "MeterValuePeriodic", transaction, 5400)
        assert (await app.active() or {})["energyWh"] == "400"
        await app.stop(session["id"])
        assert await point.remote_stop == "stock-201"
        await point.event("Ended", "RemoteStop", transaction | {"stopped_reason": "Remote"}, 5789)
        await point.status("Available")
        await site.assert_billed(charger, 789)


_SESSIONS = "select s.state from charging_sessions s join chargers c on c.id = s.charger_id where identity = :identity"


@pytest.mark.parametrize("cable_first", [True, False])
async def test_every_message_resent_and_no_reading_in_between(site: Installation, cable_first: bool) -> None:
    charger, app = site.charger(), await site.driver()
    async with _raw(charger) as socket:
        await _ready(socket)
        if cable_first:
            await _status(socket, "Preparing")
        session, start, transaction = await _start_16(socket, app, charger.evse_code)
        assert (await socket.call("StartTransaction", start))["transactionId"] == transaction
        await app.stop(session)
        assert await socket.called("RemoteStopTransaction") == {"transactionId": transaction}
        stop = {"transactionId": transaction, "meterStop": 1499, "timestamp": _now(), "reason": "Remote"}
        assert [await socket.call("StopTransaction", stop) for _ in range(2)] == [{}, {}]
        await _status(socket, "Available")
        await site.assert_billed(charger, 499)


async def test_a_charger_that_drops_out_and_names_no_transaction(site: Installation) -> None:
    """No status after the boot, local time without zone, readings by connector, no boot when it comes back."""
    charger, app = site.charger(), await site.driver()
    async with _raw(charger) as socket:
        await socket.call("BootNotification", _BOOT["1.6"])
        session, _, transaction = await _start_16(socket, app, charger.evse_code, timestamp=_local())
        await socket.call("MeterValues", _values_16("1300", at=_local()))
        assert (await app.active() or {})["energyWh"] == "300"
    pending = await app.stop(session)
    assert (pending["state"], pending["stopPending"]) == ("ACTIVE", True)
    async with _raw(charger) as socket:
        await socket.call("MeterValues", _values_16(1600.0, transactionId=0))
        assert await socket.called("RemoteStopTransaction") == {"transactionId": transaction}
        data = [{"timestamp": _now(), "sampledValue": [{"value": "1.7005", "unit": "kWh"}]}]
        await _stop_16(socket, transaction, 1900, transactionData=data)
        await site.assert_billed(charger, 900)


async def test_stops_of_transactions_that_nobody_knows(site: Installation) -> None:
    charger = site.charger()
    async with _raw(charger) as socket:
        await _ready(socket)
        for number in (0, -1, 4711, 9223372036854775807):
            for _ in range(2):
                stop = {"transactionId": number, "meterStop": 99_000, "timestamp": _now()}
                assert await socket.call("StopTransaction", stop) == {}
    assert await site.rows(_SESSIONS, identity=charger.identity) == []
    kept = (
        "select count(*) from quarantined_messages q join chargers c on c.id = q.charger_id where identity = :identity"
    )
    assert [tuple(row) for row in await site.rows(kept, identity=charger.identity)] == [(4,)]


class _Events:
    """The events of one 2.0.1 transaction."""

    def __init__(self, socket: RawCharger, transaction: str) -> None:
        self.socket = socket
        self.transaction = transaction
        self.seq_no = -1

    def event(self, kind: str, trigger: str, wh: Any = None, at: int = 0, **more: Any) -> dict[str, Any]:
        """Return the next event; `wh` is its register."""
        self.seq_no += 1
        info = {"transactionId": self.transaction} | more.pop("info", {})
        context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(kind, "Sample.Periodic")
        if wh is not None:
            more["meterValue"] = [{"timestamp": _now(at), "sampledValue": [{"value": wh, "context": context}]}]
        told = {"eventType": kind, "timestamp": _now(at), "triggerReason": trigger, "seqNo": self.seq_no}
        return told | {"transactionInfo": info, "evse": {"id": 1, "connectorId": 1}} | more

    async def send(self, *given: Any, **more: Any) -> dict[str, Any]:
        """Send the next event."""
        return await self.socket.call("TransactionEvent", self.event(*given, **more))


@pytest.mark.parametrize("start_point", ["Authorized", "PowerPathClosed"])
async def test_events_twice_late_and_out_of_order(site: Installation, start_point: str) -> None:
    charger, app = site.charger(), await site.driver()
    async with _raw(charger, "2.0.1") as socket:
        await _ready(socket, "2.0.1")
        session = await app.start(charger.evse_code)
        asked = await socket.called("RequestStartTransaction")
        events = _Events(socket, f"tx-{start_point}")
        given = {"idToken": asked["idToken"], "info": {"remoteStartId": asked["remoteStartId"]}}
        trigger = "RemoteStart" if start_point == "Authorized" else "ChargingStateChanged"
        answer = await events.send("Started", trigger, 0, **given)
        assert answer["idTokenInfo"]["status"] == "Accepted"
        first = events.event("Updated", "MeterValuePeriodic", 250)
        await asyncio.sleep(1)  # timestamps have whole seconds
        second = events.event("Updated", "MeterValuePeriodic", 500)
        for told in (second, first, first, second):
            await socket.call("TransactionEvent", told)
        assert (await app.active() or {})["energyWh"] == "500"
        await app.stop(session["id"])
        assert await socket.called("RequestStopTransaction") == {"transactionId": events.transaction}
        ended = events.event("Ended", "RemoteStop", 999, info={"stoppedReason": "Remote"})
        for told in (ended, ended, first):
            await socket.call("TransactionEvent", told)
        await events.send("Updated", "MeterValuePeriodic", 1400)
        await _status(socket, "Available", "2.0.1")
        await site.assert_billed(charger, 999)


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_card_charge_that_was_queued_while_offline(site: Installation, version: str) -> None:
    charger, app = site.charger(), await site.driver()
    uid = f"04a1b2c3{version.replace('.', '')}"
    await site.add_card(uid, app)
    async with _raw(charger, version) as socket:
        await _ready(socket, version)
        if version == "1.6":
            start = {"connectorId": 1, "idTag": uid.upper(), "meterStart": 0, "timestamp": _now(-7200)}
            transaction = (await socket.call("StartTransaction", start))["transactionId"]
            stop = {"transactionId": transaction, "meterStop": 9001, "timestamp": _now(-3600), "idTag": uid}
            await socket.call("StopTransaction", stop)
        else:
            events = _Events(socket, "queued")
            token = {"idToken": uid.upper(), "type": "ISO14443"}
            await events.send("Started", "Authorized", 0, at=-7200, offline=True, idToken=token)
            await events.send("Updated", "MeterValuePeriodic", 5000, at=-5000, offline=True)
            await events.send("Ended", "StopAuthorized", 9001, at=-3600, offline=True, info={"stoppedReason": "Local"})
        await site.assert_billed(charger, 9001)
    assert [row["energyWh"] for row in await app.sessions()] == ["9001"]


_RUBBISH: list[str | bytes] = [
    "not json",
    "{}",
    "[2]",
    '[2,"x","Heartbeat"]',
    '[2,"x",["Heartbeat"],{}]',
    "[" * 5000,
    "[" * 5000 + "]" * 5000,
    '\ufeff[2,"bom","Heartbeat",{}]',
    '[9,"x",{}]',
    '[3,"nothing",{}]',
    '[2,"nul","DataTransfer",{"vendorId":"a\\u0000b"}]',
    '[2,"sur","DataTransfer",{"vendorId":"\\ud800"}]',
    '[2,"nan","MeterValues",{"connectorId":9,"meterValue":[{"timestamp":"0001-01-01T00:00:00Z","sampledValue":[{"value":"NaN"},{"value":"1e400"}]}]}]',
    b"\x00\x01 binary",
]


async def test_rubbish_neither_ends_the_connection_nor_costs_a_watt_hour(site: Installation) -> None:
    charger, app = site.charger(), await site.driver()
    async with _raw(charger) as socket:
        await _ready(socket)
        session, _, transaction = await _start_16(socket, app, charger.evse_code)
        for frame in _RUBBISH:
            await socket.socket.send(frame)
            assert "currentTime" in await socket.call("Heartbeat", {}), frame
        await app.stop(session)
        await socket.called("RemoteStopTransaction")
        await _stop_16(socket, transaction, 1499)
        await site.assert_billed(charger, 499)
    for payload, code in ((json.dumps(["x" * 2 * 1024 * 1024]).encode(), 1009), (b"\xff\xfe\xfd", 1007)):
        async with _raw(charger) as socket:
            with suppress(ConnectionClosed):
                await socket.socket.send(payload, text=True)
            await asyncio.wait_for(socket.socket.wait_closed(), 10)
            assert socket.socket.close_code == code


async def test_kill_of_the_server_while_a_foreign_charger_charges(site: Installation) -> None:
    charger, app = site.charger(), await site.driver()
    async with _raw(charger) as socket:
        await _ready(socket)
        session, _, transaction = await _start_16(socket, app, charger.evse_code)
        await socket.call("MeterValues", _values_16("1400", transactionId=transaction))
        site.server.kill()
    site.server.start()
    assert await app.active() == {"id": session, "state": "ACTIVE", "energyWh": "400", "stopPending": False}
    async with _raw(charger) as socket:
        await socket.call("MeterValues", _values_16("1800", transactionId=transaction))
        await app.stop(session)
        assert await socket.called("RemoteStopTransaction") == {"transactionId": transaction}
        await _stop_16(socket, transaction, 2100)
        await site.assert_billed(charger, 1100)
