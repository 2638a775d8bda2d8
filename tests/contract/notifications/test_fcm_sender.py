"""The sender against the double's process, through the real firebase-admin: requests and answers."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.kit.clock import SystemClock
from notifications.fcm.double.admin import FcmDoubleAdmin
from notifications.fcm.double.errors import Fault
from notifications.fcm.double.process import FcmDoubleProcess
from notifications.fcm.firebase_app import FirebaseTarget
from notifications.fcm.port import DeliveryStatus, PushMessage
from notifications.fcm.sender import FcmSender

MESSAGE = PushMessage(
    token="device-token-1",
    title="Ladevorgang beendet",
    body="12,35\xa0kWh für 6,05\xa0€",
    data={"kind": "CHARGING_ENDED", "sessionId": "s-1"},
    collapse_key="charging:s-1",
    ttl=timedelta(hours=1, milliseconds=500),
)


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


async def test_message_arrives_with_all_its_parts(fcm_double: FcmDoubleProcess, fcm_admin: FcmDoubleAdmin) -> None:
    target = FirebaseTarget(api_base=fcm_double.url, project_id="brand-one")
    sender = FcmSender(target, FixedClock())
    [result] = await sender.send([MESSAGE])
    await sender.close()
    [stored] = await fcm_admin.messages("device-token-1")
    assert result.status is DeliveryStatus.SENT
    assert result.message_id == stored["name"]
    assert stored["name"].startswith("projects/brand-one/messages/0:")
    assert stored["project"] == "brand-one"
    assert stored["message"] == {
        "token": "device-token-1",
        "notification": {"title": "Ladevorgang beendet", "body": "12,35\xa0kWh für 6,05\xa0€"},
        "data": {"kind": "CHARGING_ENDED", "sessionId": "s-1"},
        "android": {
            "collapse_key": "charging:s-1",
            "priority": "high",
            "ttl": "3600.500000000s",
            "notification": {"tag": "charging:s-1", "channel_id": "charging", "sound": "default"},
        },
        "webpush": {"notification": {"tag": "charging:s-1"}},
        "apns": {
            "headers": {
                "apns-push-type": "alert",
                "apns-priority": "10",
                "apns-collapse-id": "charging:s-1",
                "apns-expiration": "1782910800",
            },
            "payload": {"aps": {"sound": "default", "thread-id": "charging:s-1"}},
        },
    }


@pytest.mark.parametrize(
    ("token", "status", "error"),
    [
        ("unregistered-1", DeliveryStatus.TOKEN_DEAD, "NOT_FOUND: Requested entity was not found."),
        ("invalid-token", DeliveryStatus.TOKEN_DEAD, "INVALID_ARGUMENT: The registration token"),
        ("bad token!", DeliveryStatus.TOKEN_DEAD, "INVALID_ARGUMENT: The registration token"),
        ("mismatch-1", DeliveryStatus.FAILED, "PERMISSION_DENIED: SenderId mismatch"),
        ("apns-auth-1", DeliveryStatus.FAILED, "UNAUTHENTICATED: Auth error"),
        ("quota-1-token", DeliveryStatus.RETRY, "RESOURCE_EXHAUSTED: Quota exceeded"),
        ("internal-1", DeliveryStatus.RETRY, "INTERNAL: Internal error"),
        ("unavailable-1", DeliveryStatus.RETRY, "UNAVAILABLE: The service"),
    ],
)
async def test_each_error_has_its_meaning(
    fcm_sender: FcmSender, fcm_admin: FcmDoubleAdmin, token: str, status: DeliveryStatus, error: str
) -> None:
    [result] = await fcm_sender.send([replace(MESSAGE, token=token)])
    assert result.status is status
    assert result.error is not None
    assert result.error.startswith(error)
    assert result.message_id is None
    assert await fcm_admin.messages() == []


async def test_quota_answer_carries_the_wait(fcm_sender: FcmSender) -> None:
    [result] = await fcm_sender.send([replace(MESSAGE, token="quota-1-token")])
    assert result.retry_after == timedelta(seconds=60)


async def test_results_keep_the_order_of_the_messages(fcm_sender: FcmSender, fcm_admin: FcmDoubleAdmin) -> None:
    tokens = ["device-a", "unregistered-b", "device-c", "internal-d"] * 5
    results = await fcm_sender.send([replace(MESSAGE, token=token) for token in tokens])
    expected = [
        DeliveryStatus.SENT,
        DeliveryStatus.TOKEN_DEAD,
        DeliveryStatus.SENT,
        DeliveryStatus.RETRY,
    ] * 5
    assert [result.status for result in results] == expected
    assert len(await fcm_admin.messages("device-a")) == 5
    assert len(await fcm_admin.messages()) == 10


async def test_a_payload_at_fault_does_not_kill_the_token(fcm_sender: FcmSender) -> None:
    too_big, reserved, long_key = await fcm_sender.send(
        [
            replace(MESSAGE, body="x" * 5000),
            replace(MESSAGE, data={"google.x": "1"}),
            replace(MESSAGE, collapse_key="k" * 65),
        ]
    )
    for result in (too_big, reserved, long_key):
        assert result.status is DeliveryStatus.FAILED
    assert too_big.error == "INVALID_ARGUMENT: Message is too big"
    assert reserved.error == "INVALID_ARGUMENT: Invalid data payload key: google.x"


async def test_what_the_library_cannot_encode_fails_alone(fcm_sender: FcmSender) -> None:
    bad, good = await fcm_sender.send([replace(MESSAGE, ttl=timedelta(seconds=-1)), MESSAGE])
    assert bad.status is DeliveryStatus.FAILED
    assert bad.error is not None
    assert bad.error.startswith("NOT_ENCODED: ")
    assert good.status is DeliveryStatus.SENT


async def test_no_hidden_retries(fcm_sender: FcmSender, fcm_admin: FcmDoubleAdmin) -> None:
    """The library's own four retries of 500 would swallow the single fault and answer SENT."""
    await fcm_admin.inject(Fault.INTERNAL)
    started = time.monotonic()
    first = await fcm_sender.send([MESSAGE])
    second = await fcm_sender.send([MESSAGE])
    assert [first[0].status, second[0].status] == [DeliveryStatus.RETRY, DeliveryStatus.SENT]
    assert time.monotonic() - started < 2
    assert len(await fcm_admin.messages()) == 1


async def test_a_lost_answer_is_a_retry_although_the_message_arrived(
    fcm_sender: FcmSender, fcm_admin: FcmDoubleAdmin
) -> None:
    await fcm_admin.inject(Fault.ANSWER_LOST, token="device-token-1")
    [result] = await fcm_sender.send([MESSAGE])
    assert result.status is DeliveryStatus.RETRY
    assert len(await fcm_admin.messages("device-token-1")) == 1


async def test_service_out_of_reach_is_a_retry() -> None:
    with FcmDoubleProcess() as gone:
        url = gone.url
    sender = FcmSender(FirebaseTarget(api_base=url), SystemClock())
    [result] = await sender.send([MESSAGE])
    await sender.close()
    assert result.status is DeliveryStatus.RETRY
    assert result.error is not None
    assert result.error.startswith("UNAVAILABLE: Failed to establish a connection")


async def test_two_projects_side_by_side(fcm_double: FcmDoubleProcess, fcm_admin: FcmDoubleAdmin) -> None:
    senders = [
        FcmSender(FirebaseTarget(api_base=fcm_double.url, project_id=project), SystemClock())
        for project in ("brand-one", "brand-two")
    ]
    for sender in senders:
        await sender.send([MESSAGE])
        await sender.close()
    assert [stored["project"] for stored in await fcm_admin.messages()] == ["brand-one", "brand-two"]


async def test_without_service_account_or_double_nothing_is_sent() -> None:
    sender = FcmSender(FirebaseTarget(), SystemClock())
    with pytest.raises(ValueError, match="service account"):
        await sender.send([MESSAGE])
    await sender.close()
