"""The handshake: who gets a socket, who gets which refusal, and which socket counts."""

import asyncio
import base64

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.db.tables import Tenant
from app.domain.stations.states import OcppVersion, RegistrationStatus
from app.domain.stations.tables import Charger
from tests.integration.ocpp_bridge.conftest import PASSWORD, Serve, Served, Site, basic, until


async def refused(served: Served, identity: str, **options: object) -> InvalidStatus:
    """Return the refusal of a handshake."""
    with pytest.raises(InvalidStatus) as refusal:
        async with served.station(identity, **options):  # type: ignore[arg-type]
            pass
    return refusal.value


async def test_unknown_chargers_and_brands_are_refused_with_404(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await refused(served, "NOBODY")).response.status_code == 404
    assert (await refused(served, "CP16", path="/ocpp/nobrand/CP16")).response.status_code == 404
    assert (await refused(served, "CP16", path="/ocpp/CP16")).response.status_code == 404
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("CP16", "wrong"),
        basic("CP201"),
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Bearer x"},
        basic("CP16", ""),
    ],
)
async def test_wrong_credentials_are_refused_with_401(served: Served, site: Site, headers: dict[str, str]) -> None:
    refusal = await refused(served, "CP16", headers=headers)
    assert refusal.response.status_code == 401
    assert refusal.response.headers["WWW-Authenticate"].startswith("Basic")
    assert (await site.charger("CP16")).generation == 0


@pytest.mark.parametrize("form", [PASSWORD.encode(), PASSWORD.encode().hex().encode()])
async def test_the_key_is_taken_plain_and_in_hexadecimal(served: Served, form: bytes) -> None:
    header = {"Authorization": "Basic " + base64.b64encode(b"CP16:" + form).decode()}
    async with served.station("CP16", headers=header) as station:
        assert "currentTime" in await station.call("Heartbeat", {})


async def test_repeated_refusals_have_to_wait(served: Served) -> None:
    codes = [(await refused(served, "CP16", headers={})).response.status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]
    assert (await refused(served, "CP16")).response.headers["Retry-After"]
    async with served.station("CP201"):
        pass


async def test_the_highest_common_version_is_chosen_and_none_is_refused(served: Served, site: Site) -> None:
    async with served.station("CP16", subprotocols=["ocpp1.6", "ocpp2.0.1"]) as station:
        assert station.socket.subprotocol == "ocpp2.0.1"
        await station.call("Heartbeat", {})
        assert (await site.charger("CP16")).ocpp_version is OcppVersion.V201
    assert (await refused(served, "CP16", subprotocols=["ocpp1.5"])).response.status_code == 400
    assert (await refused(served, "CP16", subprotocols=[])).response.status_code == 400
    await site.change("CP16", allow_missing_subprotocol=True)
    async with served.station("CP16", subprotocols=[]) as station:
        assert station.socket.subprotocol is None
        await station.call("Heartbeat", {})
    assert (await site.charger("CP16")).ocpp_version is OcppVersion.V16


async def test_profile_0_only_where_charger_or_setting_allow_it(serve: Serve, site: Site) -> None:
    served = await serve()
    await site.change("CP16", password_hash=None)
    assert (await refused(served, "CP16", headers={})).response.status_code == 401
    await site.change("CP16", security_profile=0)
    async with served.station("CP16", headers={}):
        pass
    await site.change("CP16", security_profile=1)
    open_server = await serve(allow_security_profile_0=True)
    async with open_server.station("CP16", headers={}):
        pass
    assert (await refused(open_server, "CP201", headers={})).response.status_code == 401


async def test_the_identity_is_the_last_segment_decoded_once(served: Served, site: Site) -> None:
    async with site.database.unit_of_work(site.tenant_id) as uow:
        uow.session.add(Charger(identity="A B/%41", security_profile=0))
    async with served.station("-", "ocpp1.6", path="/ocpp/default/extra/part/A%20B%2F%2541", headers={}) as station:
        await station.call("Heartbeat", {})
        assert (await site.charger("A B/%41")).connected


async def test_a_charger_registers_itself_where_the_brand_allows(served: Served, site: Site) -> None:
    assert (await refused(served, "NEW16", headers=basic("NEW16", "its-own"))).response.status_code == 404
    async with site.database.unit_of_work(site.tenant_id) as uow:
        tenant = await uow.session.get_one(Tenant, site.tenant_id)
        tenant.allow_self_registration = True
    async with served.station("NEW16", headers=basic("NEW16", "its-own")) as station:
        boot = await station.call("BootNotification", {"chargePointVendor": "A", "chargePointModel": "B"})
        assert boot["status"] == "Pending"
    assert (await site.charger("NEW16")).registration is RegistrationStatus.PENDING
    assert (await refused(served, "NEW16", headers=basic("NEW16", "another"))).response.status_code == 401


async def test_the_newest_socket_wins_and_the_old_ones_end_changes_nothing(served: Served, site: Site) -> None:
    async with served.station("CP16") as old:
        await old.call("Heartbeat", {})
        async with served.station("CP16") as new:
            await new.call("Heartbeat", {})
            with pytest.raises(ConnectionClosed):
                await old.receive()
            charger = await site.charger("CP16")
            assert (charger.connected, charger.generation) == (True, 2)
            await asyncio.sleep(0.1)
            assert (await site.charger("CP16")).connected
            assert "currentTime" in await new.call("Heartbeat", {})


async def test_the_newest_socket_wins_across_processes(serve: Serve, site: Site) -> None:
    first, second = await serve(), await serve()
    async with first.station("CP16") as old:
        await old.call("Heartbeat", {})
        async with second.station("CP16") as new:
            await new.call("Heartbeat", {})
            with pytest.raises(ConnectionClosed):
                await old.receive()
            charger = await site.charger("CP16")
            assert (charger.connected, charger.node) == (True, second.bridge.node)


async def test_a_silent_socket_is_dropped(serve: Serve, site: Site) -> None:
    served = await serve(idle_seconds=0.3)
    async with served.station("CP16") as station:
        for _ in range(3):
            await asyncio.sleep(0.2)
            await station.call("Heartbeat", {})
        await asyncio.wait_for(station.socket.wait_closed(), 3)
        assert station.socket.close_code == 1001

    async def gone() -> bool:
        return not (await site.charger("CP16")).connected

    await until(gone)


async def test_draining_closes_with_1001_and_refuses_new_sockets(serve: Serve, site: Site) -> None:
    served = await serve()
    async with served.station("CP16") as station:
        await station.call("Heartbeat", {})
        await served.bridge.drain()
        await asyncio.wait_for(station.socket.wait_closed(), 3)
        assert station.socket.close_code == 1001
    charger = await site.charger("CP16")
    assert (charger.connected, charger.node) == (False, None)
    assert (await refused(served, "CP16")).response.status_code == 503


async def test_plain_http_is_told_to_upgrade(served: Served) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.get(f"http://127.0.0.1:{served.port}/ocpp/default/CP16")
    assert response.status_code == 426
