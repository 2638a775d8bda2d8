"""Connections break: a charge goes on, its messages wait in order, and nothing is lost, doubled or renumbered."""

import asyncio
from typing import Any

from ocpp_bridge.simulator import Behaviour
from tests.unit.simulator import story
from tests.unit.simulator.conftest import MakeStation
from tests.unit.simulator.fake_csms import FakeCsms

Payloads = list[dict[str, Any]]


def without_repeats(messages: Payloads) -> Payloads:
    """Drop messages equal to one that came before, as a CSMS that deduplicates by content does."""
    unique: Payloads = []
    for message in messages:
        if message not in unique:
            unique.append(message)
    return unique


def assert_in_order(csms: FakeCsms) -> None:
    """Assert that time, register and sequence numbers run without a fall or a gap."""
    messages = without_repeats(story.transaction_messages(csms))
    if csms.version == "2.0.1":
        assert [event["seqNo"] for event in messages] == list(range(len(messages)))
        assert len({event["transactionInfo"]["transactionId"] for event in messages}) == 1
    path = [story.begin_of(csms), *story.samples(csms), story.end_of(csms)]
    assert path == sorted(path, key=lambda sample: (sample.at, sample.energy_wh))


async def test_charge_goes_on_and_is_told_afterwards(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms)
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await csms.until(lambda: len(story.samples(csms)) >= 2)
    known = len(story.samples(csms))
    await made.drop_connection(0.6)
    before = made.meter_wh(1)
    await asyncio.sleep(0.4)
    assert made.meter_wh(1) > before
    assert len(made.outbox) >= 4
    await made.wait_for(lambda s: s.online)
    await csms.until(lambda: len(story.samples(csms)) >= known + 8)
    await made.stop_locally(1)
    await csms.until(lambda: story.stops(csms))

    assert len(csms.of("BootNotification")) == 1
    assert {call.connection for call in csms.calls} == {1, 2}
    assert_in_order(csms)
    if csms.version == "2.0.1":
        offline = [event.get("offline", False) for event in csms.of("TransactionEvent")]
        first, last = offline.index(True), len(offline) - 1 - offline[::-1].index(True)
        assert all(offline[first : last + 1])
        assert not offline[0]
        assert not offline[-1]
    else:
        ids = {call.get("transactionId") for call in csms.of("MeterValues") + csms.of("StopTransaction")}
        assert ids == {101}


async def test_whole_charge_offline_is_told_in_order(csms: FakeCsms, station: MakeStation) -> None:
    unknown = "AllowOfflineTxForUnknownId" if csms.version == "1.6" else "AuthCtrlr.OfflineTxForUnknownIdEnabled"
    made = await station(csms, variables={unknown: "true"})
    await made.drop_connection(0.5)
    await made.plug_in(1)
    assert await made.present_token(1, "04AABBCC") == "Accepted"
    await asyncio.sleep(0.15)
    await made.stop_locally(1)
    await csms.until(lambda: story.stops(csms))
    assert_in_order(csms)
    assert story.end_of(csms).energy_wh == made.meter_wh(1) > 0
    if csms.version == "1.6":
        assert story.stops(csms)[0]["transactionId"] == 101


async def test_offline_only_known_tokens_start(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms)
    await made.plug_in(1)
    assert await made.present_token(1, "KNOWN") == "Accepted"
    await made.stop_locally(1)
    await made.drop_connection(0.5)
    assert await made.present_token(1, "STRANGER") == "Invalid"
    assert await made.present_token(1, "known") == "Accepted"
    assert [transaction.uid for transaction in made.transactions] == ["KNOWN", "known"]


async def test_lost_answer_to_the_start_repeats_its_content(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms, behaviour=Behaviour(lose_first_start_answer=True))
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await csms.until(lambda: len(story.starts(csms)) == 2)
    await csms.until(lambda: len(story.samples(csms)) >= 2)
    await made.stop_locally(1)
    await csms.until(lambda: story.stops(csms))
    first, second = story.starts(csms)
    assert first == second
    ids = [call.id for call in csms.calls if call.payload == first]
    assert len(set(ids)) == 2
    assert_in_order(csms)
    if csms.version == "1.6":
        assert story.stops(csms)[0]["transactionId"] == made.transactions[0].id == 102


async def test_repeat_may_keep_its_message_id(csms: FakeCsms, station: MakeStation) -> None:
    behaviour = Behaviour(lose_first_start_answer=True, resend_same_message_id=True)
    made = await station(csms, behaviour=behaviour)
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await csms.until(lambda: len(story.starts(csms)) == 2)
    assert len({call.id for call in csms.calls if call.payload == story.starts(csms)[0]}) == 1


async def test_duplicates_carry_new_message_ids(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms, behaviour=Behaviour(duplicate_messages=True, no_readings=True))
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await made.stop_locally(1)
    await csms.until(lambda: len(story.stops(csms)) == 2)
    assert len(story.starts(csms)) == 2
    durable = [call for call in csms.calls if "Transaction" in call.action]
    assert len({call.id for call in durable}) == len(durable)
    assert len(without_repeats([call.payload for call in durable])) * 2 == len(durable)
    if csms.version == "1.6":
        assert made.transactions[0].id == 101


async def test_stop_id_can_be_overridden(csms_v16: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v16, behaviour=Behaviour(stop_transaction_id=-1))
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await made.stop_locally(1)
    await csms_v16.until(lambda: story.stops(csms_v16))
    assert story.stops(csms_v16)[0]["transactionId"] == -1


async def test_unanswered_message_is_repeated_on_the_same_connection(csms: FakeCsms, station: MakeStation) -> None:
    action = "StartTransaction" if csms.version == "1.6" else "TransactionEvent"
    csms.answers[action] = None
    made = await station(csms, response_timeout_s=0.1)
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await csms.until(lambda: len(story.starts(csms)) == 2)
    del csms.answers[action]
    await made.stop_locally(1)
    await csms.until(lambda: story.stops(csms))
    assert made.connection.connections == 1
    assert_in_order(csms)


async def test_silence_keeps_the_socket_and_ends(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms)
    await made.go_silent()
    await made.plug_in(1)
    seen = len(csms.calls)
    await asyncio.sleep(0.2)
    assert len(csms.calls) == seen
    assert made.online
    await made.speak_again()
    await csms.until(lambda: len(csms.calls) > seen)
    assert made.connection.connections == 1


async def test_unanswered_heartbeat_ends_a_dead_connection(csms: FakeCsms, station: MakeStation) -> None:
    csms.interval = 1
    csms.answers["Heartbeat"] = None
    made = await station(csms, response_timeout_s=0.2)
    await made.wait_for(lambda s: s.connection.connections == 2, 4)


async def test_broken_frames_do_not_end_the_connection(csms: FakeCsms, station: MakeStation) -> None:
    made = await station(csms)
    for text in ("", "{}", "[]", "[9]", '[3,"unknown",{}]', '[2,"x","NoSuchAction",{}]'):
        await csms.send_raw(text)
    await made.plug_in(1)
    await csms.until(lambda: len(story.statuses(csms)) == 2)
    assert made.connection.connections == 1
