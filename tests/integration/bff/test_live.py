"""Subscriptions over a real WebSocket: the present state, then every update once, also after a lost connection."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from websockets.exceptions import ConnectionClosed

import bff.socket
from app.db.embedded import APP_ROLE, EmbeddedPostgres
from app.db.live import LiveUpdates
from app.db.uow import Database
from app.domain.charging.states import SessionState
from app.domain.stations.connection import mark_disconnected
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Charger
from bff.ids import global_id, split_id
from payments.deps import PaymentDeps
from tests.integration.bff.api import Api, Socket, serve, services_for


async def _charging(api: Api, token: str) -> tuple[str, str]:
    """Start up to an accepted transaction; return the session's global id and the transaction id."""
    session = (await api.start(token))["session"]
    await api.world.run_jobs()
    row = await api.world.session(split_id(session["id"])[1])
    opened = await api.world.open(id_token=row.start_token, meter_start_wh=1000)
    return session["id"], opened.transaction_id


async def _sequences(api: Api, session_id: str) -> list[int]:
    return [event.seq for event in await api.world.events(split_id(session_id)[1])]


async def test_the_present_state_comes_first_then_each_update_once(api: Api) -> None:
    _, token = await api.sign_up()
    session_id, transaction = await _charging(api, token)
    async with api.socket(token) as socket:
        await socket.subscribe("SessionUpdates", sessionId=session_id)
        first = await socket.next()
        assert (first["type"], first["state"], first["energyWh"]) == ("snapshot", "ACTIVE", "0")
        for register in (2000, 3000, 4000):
            await api.world.meter(transaction, register)
        updates = [await socket.next() for _ in range(3)]
        assert [update["energyWh"] for update in updates] == ["1000", "2000", "3000"]
        assert updates[-1]["runningCost"]["amountMinor"] == "177"
        start = int(first["sequence"])
        assert [int(update["sequence"]) for update in updates] == [start + 1, start + 2, start + 3]
        assert await socket.is_silent()


async def test_a_client_resumes_without_gap_or_duplicate(api: Api) -> None:
    _, token = await api.sign_up()
    session_id, transaction = await _charging(api, token)
    seen: list[int] = []
    async with api.socket(token) as socket:
        await socket.subscribe("SessionUpdates", sessionId=session_id, afterSequence="0")
        for _ in await _sequences(api, session_id):
            seen.append(int((await socket.next())["sequence"]))
        await api.world.meter(transaction, 2000)
        seen.append(int((await socket.next())["sequence"]))
    for register in (3000, 4000):
        await api.world.meter(transaction, register)
    async with api.socket(token) as socket:
        await socket.subscribe("SessionUpdates", sessionId=session_id, afterSequence=str(seen[-1]))
        seen += [int((await socket.next())["sequence"]) for _ in range(2)]
        await api.world.meter(transaction, 5000)
        seen.append(int((await socket.next())["sequence"]))
        assert await socket.is_silent()
    assert seen == await _sequences(api, session_id)


async def test_a_sequence_that_never_was_is_refused(api: Api) -> None:
    _, token = await api.sign_up()
    session_id, _ = await _charging(api, token)
    async with api.socket(token) as socket:
        await socket.subscribe("SessionUpdates", sessionId=session_id, afterSequence="999")
        message = await socket.receive()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"] == {"code": "INVALID_INPUT", "field": "afterSequence"}


async def test_nothing_is_missed_while_the_listener_has_no_connection(api: Api, postgres: EmbeddedPostgres) -> None:
    _, token = await api.sign_up()
    session_id, transaction = await _charging(api, token)
    async with api.socket(token) as socket:
        await socket.subscribe("SessionUpdates", sessionId=session_id)
        await socket.next()
        admin = await asyncpg.connect(user="postgres", database="postgres", host=str(postgres.socket_dir))
        killed = await admin.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %' and datname = $1",
            api.world.app.engine.url.database,
        )
        await admin.close()
        assert len(killed) == 1
        await api.world.meter(transaction, 2000)
        await api.world.meter(transaction, 3000)
        assert [(await socket.next())["energyWh"] for _ in range(2)] == ["1000", "2000"]


async def test_another_drivers_session_is_not_there_and_nothing_is_watched(api: Api) -> None:
    _, token = await api.sign_up()
    session_id, _ = await _charging(api, token)
    _, other = await api.sign_up()
    async with api.socket(other) as socket:
        await socket.subscribe("SessionUpdates", sessionId=session_id)
        message = await socket.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "NOT_FOUND")
    async with api.socket() as socket:
        await socket.subscribe("SessionUpdates", sessionId=session_id)
        message = await socket.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "NOT_SIGNED_IN")
    assert api.services.live.watch_count == 0


async def test_completing_detaches_the_watch(api: Api) -> None:
    _, token = await api.sign_up()
    session_id, transaction = await _charging(api, token)
    async with api.socket(token) as socket:
        await socket.subscribe("SessionUpdates", sessionId=session_id)
        await socket.next()
        assert api.services.live.watch_count == 1
        await socket.send(type="complete", id="1")
        async with asyncio.timeout(2):
            while api.services.live.watch_count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await api.world.meter(transaction, 2000)
        assert await socket.is_silent()


async def test_station_status_tells_all_then_what_changes(api: Api) -> None:
    station = global_id("Station", api.world.net.location_id)
    async with api.socket() as socket:
        await socket.subscribe("StationStatus", stationIds=[station])
        first = [await socket.next() for _ in api.world.net.evses]
        assert {update["evse"]["status"] for update in first} == {"AVAILABLE"}
        await api.world.report(EvseStatus.FAULTED, evse_no=2)
        changed = await socket.next()
        assert (changed["evse"]["id"], changed["evse"]["status"]) == (
            global_id("Evse", api.world.net.evses[1]),
            "FAULTED",
        )
        await _disconnect(api)
        assert {(await socket.next())["evse"]["status"] for _ in api.world.net.evses} == {"UNKNOWN"}


async def _disconnect(api: Api) -> None:
    async with api.world.bridge.unit_of_work(api.world.tenant.id) as uow:
        charger = await uow.session.get_one(Charger, api.world.net.charger_id)
        assert await mark_disconnected(uow, api.world.clock, charger.id, generation=charger.generation)


async def test_an_overtaken_status_is_left_out(api: Api) -> None:
    evse = global_id("Evse", api.world.net.evse)
    async with api.socket() as socket:
        await socket.subscribe("StationStatus", evseIds=[evse])
        await socket.next()
        for status in [EvseStatus.OCCUPIED, EvseStatus.CHARGING] * 5 + [EvseStatus.FAULTED]:
            await api.world.report(status)
        received = [await socket.next()]
        while received[-1]["evse"]["status"] != "FAULTED":
            received.append(await socket.next())
        assert await socket.is_silent()
        sequences = [int(update["sequence"]) for update in received]
        assert sequences == sorted(set(sequences))


async def test_two_hundred_idle_subscribers_need_no_connection_of_a_pool_of_two(
    api: Api, postgres: EmbeddedPostgres, database_name: str, live: LiveUpdates
) -> None:
    _, token = await api.sign_up()
    session_id, transaction = await _charging(api, token)
    engine = create_async_engine(postgres.url(APP_ROLE, database_name), pool_size=2, max_overflow=0, pool_timeout=20)
    database = Database(engine)
    deps = PaymentDeps(database, api.services.payments.gateway, api.world.clock)
    services, mails = services_for(api.world, live, deps, database=database)
    async with serve(services, mails, api.world) as small, AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(small.socket(token)) for _ in range(20)]
        for socket in sockets:
            for number in range(10):
                await socket.subscribe("SessionUpdates", op=str(number), sessionId=session_id)
        for socket in sockets:
            for _ in range(10):
                assert (await socket.next())["type"] == "snapshot"
        assert live.watch_count == 200
        assert await _idle_connections_are_back(engine)
        assert (await small.run("Me", token=token)).data["me"]["kind"] == "ACCOUNT"
        await api.world.meter(transaction, 2000)
        for socket in sockets:
            assert [(await socket.next())["energyWh"] for _ in range(10)] == ["1000"] * 10
    await database.dispose()


async def _idle_connections_are_back(engine: Any) -> bool:
    async with asyncio.timeout(20):
        while engine.pool.checkedout():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return True


async def test_a_slow_watch_is_woken_once_for_many_events(live: LiveUpdates, app_db: Database) -> None:
    aggregate = UUID(int=7)
    with live.watch([aggregate]) as watch:
        for seq in range(1, 6):
            async with app_db.unit_of_work(UUID(int=1)) as uow:
                payload = f"{UUID(int=1)} chargers {aggregate} {seq}"
                await uow.session.execute(text("select pg_notify('voltlane_events', :p)"), {"p": payload})
        await asyncio.sleep(0.1)
        assert await watch.changed() == {aggregate: 5}
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await watch.changed()
    assert live.watch_count == 0


async def _closed_with(socket: Socket) -> tuple[int, str]:
    async with asyncio.timeout(20):
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await socket.websocket.recv()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code, closed.value.rcvd.reason


async def test_a_bad_token_is_refused_with_4403(api: Api) -> None:
    async with api.socket(init=False) as socket:
        await socket.send(type="connection_init", payload={"authorization": "Bearer nonsense"})
        assert await _closed_with(socket) == (4403, "Forbidden")


async def test_a_signed_out_caller_is_refused_with_4403(api: Api) -> None:
    _, token = await api.sign_up()
    await api.do("SignOut", "signOut", token=token, allDevices=True)
    async with api.socket(init=False) as socket:
        await socket.send(type="connection_init", payload={"authorization": f"Bearer {token}"})
        assert await _closed_with(socket) == (4403, "Forbidden")


async def test_the_socket_ends_with_its_token(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bff.socket, "EXPIRY_CHECK_SECONDS", 0.05)
    _, token = await api.sign_up()
    session_id, _ = await _charging(api, token)
    async with api.socket(token) as socket:
        await socket.subscribe("SessionUpdates", sessionId=session_id)
        await socket.next()
        api.world.clock.advance(minutes=16)
        assert await _closed_with(socket) == (4403, "Token expired")
    assert api.services.live.watch_count == 0


async def test_who_does_not_introduce_itself_is_dropped(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bff.socket.INIT_TIMEOUT.total_seconds() == 10
    monkeypatch.setattr(bff.socket, "INIT_TIMEOUT", bff.socket.INIT_TIMEOUT / 100)
    async with api.socket(init=False) as socket:
        assert (await _closed_with(socket))[0] == 4408


async def test_a_socket_carries_ten_operations(api: Api) -> None:
    _, token = await api.sign_up()
    session_id, _ = await _charging(api, token)
    async with api.socket(token) as socket:
        for number in range(11):
            await socket.subscribe("SessionUpdates", op=str(number), sessionId=session_id)
        messages = [await socket.receive() for _ in range(11)]
        kinds = {message["id"]: message["type"] for message in messages}
        assert kinds.pop("10") == "error"
        assert set(kinds.values()) == {"next"}


@pytest.mark.parametrize(
    "message",
    [
        '[{"type": "ping"}]',
        '"ping"',
        "{",
        '{"type": 1}',
        '{"type": "dance"}',
        '{"type": "subscribe", "id": 7, "payload": {"query": "{x}"}}',
        '{"type": "subscribe", "id": "7", "payload": []}',
    ],
)
async def test_what_is_no_message_closes_with_4400(api: Api, message: str) -> None:
    async with api.socket() as socket:
        await socket.websocket.send(message)
        assert (await _closed_with(socket))[0] == 4400


async def test_a_pong_carries_its_pings_payload(api: Api) -> None:
    async with api.socket() as socket:
        await socket.send(type="ping", payload={"n": 1})
        assert await socket.receive() == {"type": "pong", "payload": {"n": 1}}


async def test_a_document_that_does_not_parse_fails_its_operation_only(api: Api) -> None:
    async with api.socket() as socket:
        await socket.send(type="subscribe", id="a", payload={"query": "subscription {"})
        message = await socket.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "GRAPHQL_VALIDATION_FAILED")
        await socket.send(type="subscribe", id="b", payload={"query": "{ brand { slug } }"})
        assert await socket.next() == {"slug": "default"}


async def test_each_operation_of_a_socket_sees_what_is_now(api: Api) -> None:
    _, token = await api.sign_up()
    session_id, transaction = await _charging(api, token)
    async with api.socket(token) as socket:
        seen: list[Any] = []
        for number, register in enumerate((2000, 3000)):
            await api.world.meter(transaction, register)
            await socket.subscribe("Session", op=str(number), id=session_id)
            seen.append((await socket.next())["energyWh"])
            assert (await socket.receive())["type"] == "complete"
        assert seen == ["1000", "2000"]
    assert await api.world.state(split_id(session_id)[1]) is SessionState.ACTIVE
