"""The double as a process: its state outlives it, it outlives a killed client, and it ends with its parent if told."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.kit.money import Money
from payments.stripe.client import StripeGateway
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.stripe.double.process import StripeDoubleProcess, StripeDoubleStartError
from payments.stripe.views import IntentStatus


async def _hold(url: str, key: str = "s1:hold:1") -> str:
    async with StripeGateway("sk_test_voltlane", api_base=url, timeout_s=5) as gateway:
        held = await gateway.create_hold(
            Money(5000, "EUR"),
            customer_id=None,
            payment_method_id="pm_card_visa",
            off_session=False,
            metadata={},
            description="Charging",
            idempotency_key=key,
        )
        return held.id


async def test_state_keys_and_clock_survive_a_kill_of_the_double(tmp_path: Path) -> None:
    double = StripeDoubleProcess(state=tmp_path / "stripe.db")
    url = double.start()
    port = int(url.rsplit(":", 1)[1])
    intent_id = await _hold(url)
    async with StripeDoubleAdmin(url) as admin:
        await admin.advance_clock(3600)
    double.kill()
    assert double.start(port) == url
    try:
        assert await _hold(url) == intent_id  # the key is remembered
        async with StripeGateway("sk_test_voltlane", api_base=url, timeout_s=5) as gateway:
            captured = await gateway.capture(intent_id, Money(4200, "EUR"), idempotency_key="s1:capture:1")
            assert captured.status is IntentStatus.SUCCEEDED
        async with StripeDoubleAdmin(url) as admin:
            assert (await admin.totals())["money"] == {"eur": {"held": 0, "captured": 4200, "refunded": 0}}
            newer = (await _hold(url, "s2:hold:1"), await admin.intents())[1]
            assert newer[0]["created"] - newer[1]["created"] >= 3600
    finally:
        double.stop()


def test_it_leaves_no_process_behind(tmp_path: Path) -> None:
    double = StripeDoubleProcess()
    double.start()
    pid = double.pid
    assert pid is not None
    with pytest.raises(StripeDoubleStartError):
        double.start()
    double.stop()
    assert double.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_taken_port_is_an_error() -> None:
    with StripeDoubleProcess() as first:
        second = StripeDoubleProcess()
        with pytest.raises(StripeDoubleStartError):
            second.start(int(first.url.rsplit(":", 1)[1]))
        assert second.pid is None


@pytest.mark.parametrize("exit_with_parent", [True, False])
def test_it_ends_with_its_parent_only_if_told(exit_with_parent: bool) -> None:
    code = (
        "from payments.stripe.double.process import StripeDoubleProcess as P; import sys\n"
        f"p = P(exit_with_parent={exit_with_parent}); p.start(); print(p.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdin is not None
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    try:
        assert _ends(child, within_s=5 if exit_with_parent else 1) is exit_with_parent
    finally:
        if not exit_with_parent:
            os.kill(child, signal.SIGTERM)


def _ends(pid: int, within_s: int) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not _alive(pid):
            return True
        time.sleep(0.05)
    return False


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
