"""Commands to chargers: over a socket of this process, of another process, of a dead one, or of none."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app.db.uow import Database
from app.domain.charging.commands import (
    ChangeAvailability,
    GetVariables,
    RemoteStart,
    RemoteStop,
    SetVariable,
    VariableName,
)
from app.domain.charging.tables import ChargerCommand, CommandState
from ocpp_bridge.gateway import GatewayOverNotify
from ocpp_bridge.listener import Listener
from ocpp_bridge.relay import claim, hand_over
from ocpp_bridge.tables import ChargerVariable, CommandRelay
from tests.integration.ocpp_bridge.conftest import Serve, Served, Site, Station, until

START = RemoteStart(evse_no=2, id_token="ONETIMETAG0000000001", remote_start_id=17)
BOOT_16 = {"chargePointVendor": "A", "chargePointModel": "B"}
BOOT_201 = {"reason": "PowerUp", "chargingStation": {"vendorName": "A", "model": "B"}}


async def answers(station: Station, reply: Callable[[str, Any], Any]) -> list[tuple[str, Any]]:
    """Answer the bridge's calls until cancelled; return them."""
    seen: list[tuple[str, Any]] = []
    try:
        while True:
            frame = await station.receive(30)
            if frame[0] == 2:
                seen.append((frame[2], frame[3]))
                await station.send([3, frame[1], reply(frame[2], frame[3])])
    except asyncio.CancelledError:
        return seen


async def test_a_command_reaches_the_socket_in_each_versions_words(served: Served, site: Site) -> None:
    async with served.station("CP16") as old, served.station("CP201") as new:
        await old.call("BootNotification", BOOT_16)
        await new.call("BootNotification", BOOT_201)
        gateway = served.bridge.gateway
        sent = asyncio.create_task(gateway.send(site.tenant_id, site.chargers["CP16"], START, timeout_seconds=5))
        frame = await old.receive()
        assert frame[2:] == ["RemoteStartTransaction", {"connectorId": 2, "idTag": "ONETIMETAG0000000001"}]
        await old.send([3, "another id", {"status": "Rejected"}])
        await old.send([3, frame[1], {"status": "Accepted"}])
        assert (await sent).accepted
        sent = asyncio.create_task(gateway.send(site.tenant_id, site.chargers["CP201"], START, timeout_seconds=5))
        frame = await new.receive()
        assert frame[2:] == [
            "RequestStartTransaction",
            {"evseId": 2, "remoteStartId": 17, "idToken": {"idToken": "ONETIMETAG0000000001", "type": "Central"}},
        ]
        await new.send([3, frame[1], {"status": "Rejected", "statusInfo": {"reasonCode": "Busy"}}])
        outcome = await sent
    assert (outcome.state, outcome.status) == (CommandState.REJECTED, "Rejected")
    assert outcome.answer == {"status": "Rejected", "statusInfo": {"reasonCode": "Busy"}}


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ('[4,"%s","NotSupported","no",{}]', CommandState.FAILED),
        ('[3,"%s",{}]', CommandState.FAILED),
        (',[3,"%s",{"status":"Accep', CommandState.FAILED),
        ('[3,"%s",{"status":"Accepted","extra":1}]', CommandState.ACCEPTED),
        (',[3,"%s",{"status":"Accepted"}]', CommandState.ACCEPTED),
    ],
)
async def test_odd_answers_end_the_call_at_once(served: Served, site: Site, answer: str, state: CommandState) -> None:
    async with served.station("CP16") as station:
        await station.call("BootNotification", BOOT_16)
        command = RemoteStop(transaction_id="100001")
        sent = asyncio.create_task(
            served.bridge.gateway.send(site.tenant_id, site.chargers["CP16"], command, timeout_seconds=30)
        )
        frame = await station.receive()
        assert frame[2:] == ["RemoteStopTransaction", {"transactionId": 100001}]
        await station.send(answer % frame[1])
        assert (await asyncio.wait_for(sent, 3)).state is state
        assert "currentTime" in await station.call("Heartbeat", {})


async def test_a_charger_that_is_not_connected_is_offline_at_once(served: Served, site: Site) -> None:
    outcome = await served.bridge.gateway.send(site.tenant_id, site.chargers["CP16"], START, timeout_seconds=30)
    assert outcome.state is CommandState.OFFLINE


async def test_a_call_waits_for_the_boot_and_its_deadline_includes_the_wait(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        await asyncio.sleep(0.1)
        early = await served.bridge.gateway.send(site.tenant_id, site.chargers["CP16"], START, timeout_seconds=1)
        assert (early.state, early.detail) == (CommandState.TIMED_OUT, "the charger was not ready in time")
        held = asyncio.create_task(
            served.bridge.gateway.send(site.tenant_id, site.chargers["CP16"], START, timeout_seconds=5)
        )
        await asyncio.sleep(0.1)
        boot = await station.call("BootNotification", BOOT_16)
        assert boot["status"] == "Accepted"
        frame = await station.receive()
        await station.send([3, frame[1], {"status": "Accepted"}])
        assert (await held).accepted


async def test_one_call_at_a_time_and_silence_drops_the_socket(serve: Serve, site: Site) -> None:
    served = await serve(timeouts_before_drop=2)
    async with served.station("CP16") as station:
        await station.call("BootNotification", BOOT_16)
        calls = [
            asyncio.create_task(
                served.bridge.gateway.send(site.tenant_id, site.chargers["CP16"], START, timeout_seconds=seconds)
            )
            for seconds in (1, 2)
        ]
        assert (await station.receive())[2] == "RemoteStartTransaction"
        with pytest.raises(TimeoutError):
            await station.receive(0.5)
        assert [(await call).state for call in calls] == [CommandState.TIMED_OUT] * 2
        await asyncio.wait_for(station.socket.wait_closed(), 3)
        assert station.socket.close_code == 1011


async def test_a_socket_that_breaks_tells_whether_the_charger_had_the_call(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        await station.call("BootNotification", BOOT_16)
        had, waits = (
            asyncio.create_task(
                served.bridge.gateway.send(site.tenant_id, site.chargers["CP16"], START, timeout_seconds=30)
            )
            for _ in range(2)
        )
        await station.receive()
    assert (await asyncio.wait_for(had, 3)).state is CommandState.TIMED_OUT
    assert (await asyncio.wait_for(waits, 3)).state is CommandState.OFFLINE


async def test_a_command_crosses_processes(serve: Serve, site: Site, app_db: Database) -> None:
    owner = await serve()
    listener = Listener(app_db)
    gateway = GatewayOverNotify(app_db, listener)
    await listener.start()
    try:
        async with owner.station("CP16") as station:
            await station.call("BootNotification", BOOT_16)
            command = ChangeAvailability(evse_no=None, operative=False)
            sent = asyncio.create_task(gateway.send(site.tenant_id, site.chargers["CP16"], command, timeout_seconds=5))
            frame = await station.receive()
            assert frame[2:] == ["ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}]
            await station.send([3, frame[1], {"status": "Scheduled"}])
            outcome = await sent
            assert (outcome.state, outcome.status, outcome.answer) == (
                CommandState.ACCEPTED,
                "Scheduled",
                {"status": "Scheduled"},
            )
        assert await site.rows(CommandRelay) == []
    finally:
        await listener.stop()


async def test_a_dead_owner_makes_the_charger_offline(serve: Serve, site: Site, app_db: Database) -> None:
    await site.change("CP16", connected=True, node="gone:1:dead", generation=9)
    await site.change("CP201", connected=True, node="gone:1:dead", generation=3)
    listener = Listener(app_db)
    gateway = GatewayOverNotify(app_db, listener, owner_answer_seconds=0.3)
    await listener.start()
    try:
        outcome = await gateway.send(site.tenant_id, site.chargers["CP16"], START, timeout_seconds=30)
    finally:
        await listener.stop()
    assert (outcome.state, outcome.detail) == (CommandState.OFFLINE, "the charger's process is gone")
    assert await site.rows(CommandRelay) == []
    await serve()
    for identity in ("CP16", "CP201"):
        charger = await site.charger(identity)
        assert (charger.connected, charger.node) == (False, None)


async def test_chargers_of_a_killed_process_show_offline_while_others_live(serve: Serve, site: Site) -> None:
    first, second = await serve(), await serve()
    async with first.station("CP16") as station, second.station("CP201") as other:
        await station.call("Heartbeat", {})
        await other.call("Heartbeat", {})
        await first.bridge._listener.stop()  # what a killed process loses first: its lock

        async def gone() -> bool:
            return not (await site.charger("CP16")).connected

        await until(gone)
        assert (await site.charger("CP201")).connected


async def test_a_claimed_command_cannot_be_claimed_again(site: Site, app_db: Database) -> None:
    async with app_db.unit_of_work(site.tenant_id) as uow:
        relay_id = await hand_over(uow, site.chargers["CP16"], "node", START, 5)
    async with app_db.unit_of_work(site.tenant_id) as uow:
        assert await claim(uow, relay_id) is not None
    async with app_db.unit_of_work(site.tenant_id) as uow:
        assert await claim(uow, relay_id) is None


async def test_configuration_is_read_and_kept(served: Served, site: Site) -> None:
    def reply(action: str, payload: Any) -> Any:
        if action == "GetConfiguration":
            return {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": 300}]}
        return {"status": "NotSupported"}

    async with served.station("CP16") as station:
        await station.call("BootNotification", BOOT_16)
        charger = asyncio.create_task(answers(station, reply))
        gateway = served.bridge.gateway
        read = await gateway.send(site.tenant_id, site.chargers["CP16"], GetVariables(), timeout_seconds=5)
        name = VariableName(variable="AuthorizationKey")
        wrote = await gateway.send(
            site.tenant_id, site.chargers["CP16"], SetVariable(name=name, value="00"), timeout_seconds=5
        )
        charger.cancel()
        seen = await charger
    assert seen == [("GetConfiguration", {}), ("ChangeConfiguration", {"key": "AuthorizationKey", "value": "00"})]
    assert (read.state, wrote.state, wrote.status) == (CommandState.ACCEPTED, CommandState.REJECTED, "NotSupported")
    [row] = await site.rows(ChargerVariable)
    assert (row.variable, row.value, row.readonly) == ("HeartbeatInterval", "300", False)


async def test_an_accepted_charger_is_brought_to_the_baseline(serve: Serve, site: Site) -> None:
    served = await serve(settle_seconds=0.05, sample_interval_seconds=15)

    def reply(action: str, payload: Any) -> Any:
        if action == "GetConfiguration":
            known = {"MeterValueSampleInterval": "900", "HeartbeatInterval": "300", "StopTxnSampledData": ""}
            return {
                "configurationKey": [
                    {"key": key, "readonly": False, "value": known[key]} for key in payload["key"] if key in known
                ]
            }
        refused = payload.get("key") == "MeterValuesSampledData" and "SoC" in payload["value"]
        return {"status": "Rejected" if refused else "Accepted"}

    async with served.station("CP16") as station:
        await station.call("BootNotification", BOOT_16)
        charger = asyncio.create_task(answers(station, reply))

        async def configured() -> bool:
            return any(row.action == "TriggerMessage" and row.answer for row in await site.rows(ChargerCommand))

        await until(configured)  # it said nothing of its statuses since its boot, so it is asked last
        charger.cancel()
        await charger
    rows = {row.variable: (row.value, row.wanted, row.refusal) for row in await site.rows(ChargerVariable)}
    energy_and_power = "Energy.Active.Import.Register,Power.Active.Import"
    assert rows == {
        "MeterValueSampleInterval": ("15", "15", None),
        "MeterValuesSampledData": (energy_and_power, energy_and_power, None),
        "HeartbeatInterval": ("300", "300", None),
        "ConnectionTimeOut": ("60", "60", None),
        "StopTxnSampledData": ("Energy.Active.Import.Register", "Energy.Active.Import.Register", None),
    }
    commands = await site.rows(ChargerCommand)
    assert {row.requested_by for row in commands} == {"bridge"}
    assert [row.state for row in commands if "SoC" in str(row.payload)] == [CommandState.REJECTED]


async def test_a_reconnect_without_boot_asks_for_the_statuses(serve: Serve, site: Site) -> None:
    served = await serve(settle_seconds=0.05, ready_seconds=0.05)
    for identity, boot in (("CP16", BOOT_16), ("CP201", BOOT_201)):
        async with served.station(identity) as station:
            await station.call("BootNotification", boot)
        async with served.station(identity) as station:
            asked = []
            for _ in range(1 if identity == "CP16" else 2):
                frame = await station.receive()
                asked.append(frame[2:])
                await station.send([3, frame[1], {"status": "Accepted"}])
        assert asked[0][0] == "TriggerMessage"
        if identity == "CP201":
            assert [call[1]["evse"] for call in asked] == [{"id": 1, "connectorId": 1}, {"id": 2, "connectorId": 1}]
        else:
            assert asked[0][1] == {"requestedMessage": "StatusNotification"}
