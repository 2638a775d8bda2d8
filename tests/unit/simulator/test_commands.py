"""The CSMS commands, over both versions: remote start and stop, reservations, availability, reset."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ocpp_bridge.simulator import Behaviour
from tests.unit.simulator import story
from tests.unit.simulator.conftest import MakeStation
from tests.unit.simulator.fake_csms import FakeCsms


@pytest.mark.parametrize("cable_first", [True, False])
async def test_remote_start_and_stop(csms: FakeCsms, station: MakeStation, cable_first: bool) -> None:
    made = await station(csms, connectors=2, behaviour=Behaviour(auto_unplug_after_stop_s=0.05))
    if cable_first:
        await made.plug_in(2)
    assert await story.remote_start(csms, "ONETIMETAG", connector=None if cable_first else 2) == "Accepted"
    await csms.until(lambda: len(story.samples(csms)) >= 2)
    start = story.starts(csms)[0]
    if csms.version == "1.6":
        assert (start["connectorId"], start["idTag"]) == (2, "ONETIMETAG")
    else:
        assert start["evse"] == {"id": 2, "connectorId": 1}
        assert start["idToken"] == {"idToken": "ONETIMETAG", "type": "Central"}
        assert (start["transactionInfo"]["remoteStartId"], start["triggerReason"]) == (77, "RemoteStart")
    assert csms.of("Authorize") == []
    assert await story.remote_start(csms, "ANOTHER", connector=2) == "Rejected"
    assert await story.remote_stop(csms, 999_999 if csms.version == "1.6" else "unknown") == "Rejected"
    assert await story.remote_stop(csms, made.transactions[0].id) == "Accepted"
    await csms.until(lambda: story.statuses(csms, 2)[-1] == "Available")
    assert story.reason(csms) == "Remote"


async def test_remote_start_is_authorised_where_the_station_is_told_to(csms: FakeCsms, station: MakeStation) -> None:
    name = "AuthorizeRemoteTxRequests" if csms.version == "1.6" else "AuthCtrlr.AuthorizeRemoteStart"
    made = await station(csms, variables={name: "true"})
    assert await story.remote_start(csms, "ONETIMETAG") == "Accepted"
    await csms.until(lambda: story.starts(csms))
    actions = [call.action for call in csms.calls]
    start = "StartTransaction" if csms.version == "1.6" else "TransactionEvent"
    assert actions.index("Authorize") < actions.index(start)
    assert made.transactions[0].uid == "ONETIMETAG"


async def test_rejected_remote_start_starts_nothing(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms, behaviour=Behaviour(reject_remote_start=True))
    assert await story.remote_start(csms) == "Rejected"
    await asyncio.sleep(0.3)
    assert made.transactions == []


@pytest.mark.parametrize("starts_late", [False, True])
async def test_silent_remote_start(csms: FakeCsms, station: MakeStation, starts_late: bool) -> None:
    behaviour = Behaviour(never_answer_remote_start=True, start_after_s=0.2 if starts_late else None)
    made = await station(csms, behaviour=behaviour)
    with pytest.raises(TimeoutError):
        await story.remote_start(csms, "LATE")
    assert [transaction.uid for transaction in made.transactions] == (["LATE"] if starts_late else [])
    assert len(story.starts(csms)) == len(made.transactions)


async def test_stop_may_be_rejected_or_ignored(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms, behaviour=Behaviour(reject_remote_stop=True))
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await csms.until(lambda: made.transactions[0].id is not None)
    assert await story.remote_stop(csms, made.transactions[0].id) == "Rejected"
    made.behaviour = Behaviour(never_answer_remote_stop=True)
    with pytest.raises(TimeoutError):
        await story.remote_stop(csms, made.transactions[0].id)
    assert made.transactions[0].active


async def test_reservation_admits_only_its_token(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms)
    assert await story.reserve(csms, "MINE", number=5) == "Accepted"
    assert await story.reserve(csms, "THEIRS", number=6) == "Occupied"
    assert await story.remote_start(csms, "THEIRS") == "Rejected"
    assert await made.present_token(1, "THEIRS") == "Rejected"
    assert made.transactions == []
    assert await story.remote_start(csms, "mine") == "Accepted"
    await csms.until(lambda: story.starts(csms))
    assert story.starts(csms)[0]["reservationId"] == 5
    assert made[1].reservation is None
    assert story.statuses(csms)[1] == "Reserved"


async def test_reservation_admits_the_group(csms_v16: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v16)
    payload = {
        "connectorId": 1,
        "expiryDate": "2099-01-01T00:00:00+02:00",
        "idTag": "MINE",
        "reservationId": 1,
        "parentIdTag": "FLEET",
    }
    assert await csms_v16.command("ReserveNow", payload) == {"status": "Accepted"}
    csms_v16.answers["Authorize"] = {"idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}}
    assert await made.present_token(1, "COLLEAGUE") == "Accepted"


async def test_ignored_reservation(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms, behaviour=Behaviour(ignore_reservation=True))
    await story.reserve(csms, "MINE")
    assert await made.present_token(1, "THEIRS") == "Accepted"


async def test_reservation_is_cancelled_and_expires(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms)
    await story.reserve(csms, "MINE", number=5)
    assert await csms.command("CancelReservation", {"reservationId": 6}) == {"status": "Rejected"}
    assert await csms.command("CancelReservation", {"reservationId": 5}) == {"status": "Accepted"}
    assert made[1].reservation is None
    soon = (datetime.now(UTC) + timedelta(seconds=0.3)).isoformat()
    assert await story.reserve(csms, "MINE", number=7, expires=soon) == "Accepted"
    await csms.until(lambda: story.statuses(csms) == ["Available", "Reserved", "Available", "Reserved", "Available"])
    if csms.version == "2.0.1":
        expired = {"reservationId": 7, "reservationUpdateStatus": "Expired"}
        await csms.until(lambda: csms.of("ReservationStatusUpdate") == [expired])


async def test_reservation_needs_a_usable_free_connector(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms, connectors=3)
    await made.plug_in(1)
    await made.fault(2, "OtherError")
    await story.change_availability(csms, "Inoperative", 3)
    outcomes = [await story.reserve(csms, "MINE", connector=n, number=n) for n in (1, 2, 3, 9)]
    assert outcomes == ["Occupied", "Faulted", "Unavailable", "Rejected"]


async def test_availability_waits_for_the_charge(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms)
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    assert await story.change_availability(csms, "Inoperative") == "Scheduled"
    assert made[1].operative
    await made.stop_locally(1)
    await csms.until(lambda: story.statuses(csms)[-1] == "Unavailable")
    assert await made.present_token(1, "04AABBCC") == "Rejected"
    assert await story.remote_start(csms) == "Rejected"
    await made.unplug(1)
    assert await story.change_availability(csms, "Operative") == "Accepted"
    await csms.until(lambda: story.statuses(csms)[-1] == "Available")


async def test_reset_ends_the_charge_first_and_boots_anew(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms, meter_start_wh=70, behaviour=Behaviour(meter_reset="boot"))
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    kind = "Soft" if csms.version == "1.6" else "Immediate"
    assert await csms.command("Reset", {"type": kind}) == {"status": "Accepted"}
    await csms.until(lambda: len(csms.of("BootNotification")) == 2)
    actions = [call.action for call in csms.calls if call.connection == 1]
    assert actions[-1] in {"StopTransaction", "TransactionEvent", "StatusNotification"}
    assert story.reason(csms) == ("SoftReset" if csms.version == "1.6" else "ImmediateReset")
    if csms.version == "2.0.1":
        assert [boot["reason"] for boot in csms.of("BootNotification")] == ["PowerUp", "RemoteReset"]
    await made.wait_for(lambda s: s.online)
    assert made.meter_wh(1) == 0


async def test_boot_on_every_connection_where_the_station_does_that(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms, behaviour=Behaviour(boot_on_reconnect=True))
    await made.drop_connection()
    await csms.until(lambda: len(csms.of("BootNotification")) == 2)


async def test_unplugged_remote_start_waits_for_the_cable(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms, behaviour=Behaviour(auto_plug_in_on_remote_start=False))
    assert await story.remote_start(csms) == "Accepted"
    await asyncio.sleep(0.2)
    assert made.transactions == []
    await made.plug_in(1)
    await csms.until(lambda: story.starts(csms))
