"""The double itself: it refuses what FCM refuses, and its process never outlives its parent."""

import signal
import socket
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest

from notifications.fcm.double.admin import FcmDoubleAdmin
from notifications.fcm.double.process import DoubleDidNotStartError, FcmDoubleProcess

SEND = "/v1/projects/p/messages:send"
AUTH = {"Authorization": "Bearer t"}


def send(double: FcmDoubleProcess, body: Any, headers: dict[str, str] = AUTH) -> httpx.Response:
    return httpx.post(double.url + SEND, json=body, headers=headers, trust_env=False)


async def test_needs_a_bearer_token(fcm_double: FcmDoubleProcess, fcm_admin: FcmDoubleAdmin) -> None:
    answer = send(fcm_double, {"message": {"token": "device-1"}}, headers={})
    assert answer.status_code == 401
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"
    assert await fcm_admin.messages() == []


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("text", "message"),
        ({}, "message"),
        ({"token": "device-1", "topic": "news"}, "message"),
        ({"token": "device-1", "colour": "red"}, "message"),
        ({"token": "device-1", "data": {"count": 12}}, "message.data[0].value"),
        ({"token": "device-1", "data": {"a": "1", "from": "x"}}, "message.data[1].key"),
        ({"token": "device-1", "android": {"ttl": "2419201s"}}, "message.android.ttl"),
        ({"token": "device-1", "android": {"ttl": 60}}, "message.android.ttl"),
        ({"token": "device-1", "android": {"priority": "urgent"}}, "message.android.priority"),
        ({"token": "device-1", "apns": {"headers": {"apns-priority": 10}}}, "message.apns.headers"),
        ({"token": "device-1", "apns": {"payload": {}}}, "message.apns.payload"),
    ],
)
async def test_refuses_bad_fields(
    fcm_double: FcmDoubleProcess, fcm_admin: FcmDoubleAdmin, message: Any, field: str
) -> None:
    answer = send(fcm_double, {"message": message})
    assert answer.status_code == 400
    [detail] = answer.json()["error"]["details"]
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert [violation["field"] for violation in detail["fieldViolations"]] == [field]
    assert await fcm_admin.messages() == []


def test_body_that_is_no_json(fcm_double: FcmDoubleProcess) -> None:
    answer = httpx.post(fcm_double.url + SEND, content=b"{", headers=AUTH, trust_env=False)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Invalid JSON payload received."


async def test_validate_only_keeps_nothing(fcm_double: FcmDoubleProcess, fcm_admin: FcmDoubleAdmin) -> None:
    answer = send(fcm_double, {"message": {"token": "device-1"}, "validate_only": True})
    assert answer.json() == {"name": "projects/p/messages/fake_message_id"}
    assert await fcm_admin.messages() == []


def test_unknown_fault_is_refused(fcm_double: FcmDoubleProcess) -> None:
    answer = httpx.post(fcm_double.url + "/_double/faults", json={"fault": "RAIN"}, trust_env=False)
    assert answer.status_code == 400


def test_taken_port_is_an_error(fcm_double: FcmDoubleProcess, capfd: pytest.CaptureFixture[str]) -> None:
    port = httpx.URL(fcm_double.url).port
    assert port is not None
    with pytest.raises(DoubleDidNotStartError):
        FcmDoubleProcess(port)
    assert "in use" in capfd.readouterr().err


def connects(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def test_listens_on_loopback_only(fcm_double: FcmDoubleProcess) -> None:
    """A server on all addresses would answer on 127.0.0.2 as well."""
    port = int(fcm_double.url.rpartition(":")[2])
    assert connects("127.0.0.1", port)
    assert not connects("127.0.0.2", port)


def test_ends_when_its_parent_is_killed() -> None:
    script = (
        "import time\n"
        "from notifications.fcm.double.process import FcmDoubleProcess\n"
        "double = FcmDoubleProcess()\n"
        "print(double.url, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline().rpartition(":")[2])
        assert connects("127.0.0.1", port)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 10
    while connects("127.0.0.1", port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not connects("127.0.0.1", port)
