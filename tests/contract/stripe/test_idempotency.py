"""Lost answers, repeated keys and simultaneous calls: one intent, whatever the network does."""

import asyncio
import socket
from datetime import timedelta

import pytest

from app.kit.clock import SystemClock
from app.kit.money import Money
from payments.stripe.client import StripeGateway
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.stripe.double.faults import Fault, FaultKind, Phase
from payments.stripe.double.process import StripeDoubleProcess
from payments.stripe.errors import (
    IdempotencyConflictError,
    ProcessorUnavailableError,
    ReplayedFailureError,
)
from payments.stripe.views import IntentStatus
from tests.contract.stripe.conftest import Hold, hold_through


async def test_fifty_simultaneous_holds_with_one_key_are_one_intent(admin: StripeDoubleAdmin, hold: Hold) -> None:
    await admin.inject(Fault(FaultKind.HANG, Phase.BEFORE, path="payment_intents$", hang_ms=150))
    held = await asyncio.gather(*(hold() for _ in range(50)))
    assert len({intent.id for intent in held}) == 1
    assert (await admin.totals())["money"] == {"eur": {"held": 5000, "captured": 0, "refunded": 0}}
    answers = [request for request in await admin.requests() if request["method"] == "POST"]
    assert sum(request["status"] == 200 and not request["replayed"] for request in answers) == 1
    assert sum(request["status"] == 409 for request in answers) > 0
    assert sum(request["replayed"] for request in answers) == 49


async def test_a_500_after_the_effect_is_replayed_and_the_intent_found(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold
) -> None:
    began = SystemClock().now() - timedelta(seconds=1)
    await admin.inject(Fault(FaultKind.ERROR, Phase.AFTER, path="payment_intents$"))
    with pytest.raises(ProcessorUnavailableError) as first:
        await hold()
    assert not isinstance(first.value, ReplayedFailureError)
    for _ in range(2):
        with pytest.raises(ReplayedFailureError):
            await hold()
    found = await gateway.find_intents("s1:hold:1", created_after=began)
    assert [intent.status for intent in found] == [IntentStatus.REQUIRES_CAPTURE]
    assert found[0].capture_before is not None
    assert await gateway.find_intents("s1:hold:2", created_after=began) == []
    assert (await admin.totals())["intents"] == 1


async def test_a_500_before_the_effect_needs_the_next_key(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold
) -> None:
    began = SystemClock().now() - timedelta(seconds=1)
    await admin.inject(Fault(FaultKind.ERROR, Phase.BEFORE, path="payment_intents$"))
    with pytest.raises(ProcessorUnavailableError):
        await hold()
    with pytest.raises(ReplayedFailureError):
        await hold()
    assert await gateway.find_intents("s1:hold:1", created_after=began) == []
    await hold(key="s1:hold:2")
    assert (await admin.totals())["intents"] == 1


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("phase", list(Phase))
async def test_an_error_that_was_not_saved_is_repeated_with_the_same_key(
    admin: StripeDoubleAdmin, hold: Hold, phase: Phase, status: int
) -> None:
    await admin.inject(Fault(FaultKind.ERROR, phase, status=status, saved=False))
    with pytest.raises(ProcessorUnavailableError):
        await hold()
    assert (await hold()).status is IntentStatus.REQUIRES_CAPTURE
    assert (await admin.totals())["intents"] == 1


@pytest.mark.parametrize("phase", list(Phase))
async def test_a_dropped_connection_is_repeated_with_the_same_key(
    admin: StripeDoubleAdmin, hold: Hold, phase: Phase
) -> None:
    await admin.inject(Fault(FaultKind.DROP, phase, count=2 if phase is Phase.BEFORE else 1))
    for _ in range(2 if phase is Phase.BEFORE else 1):
        with pytest.raises(ProcessorUnavailableError):
            await hold()
    assert (await hold()).status is IntentStatus.REQUIRES_CAPTURE
    assert (await admin.totals())["intents"] == 1


async def test_a_timeout_whose_effect_comes_late_is_one_intent(
    double: StripeDoubleProcess, gateway: StripeGateway, admin: StripeDoubleAdmin
) -> None:
    await admin.inject(Fault(FaultKind.HANG, Phase.BEFORE, hang_ms=1500))
    async with StripeGateway("sk_test_voltlane", api_base=double.url, timeout_s=1) as impatient:
        with pytest.raises(ProcessorUnavailableError):
            await hold_through(impatient)()
        held = await hold_through(gateway)()
    assert held.status is IntentStatus.REQUIRES_CAPTURE
    assert (await admin.totals())["money"]["eur"]["held"] == 5000


async def test_a_key_with_other_parameters_or_another_call_conflicts(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold
) -> None:
    held = await hold()
    with pytest.raises(IdempotencyConflictError):
        await hold(minor=5001)
    with pytest.raises(IdempotencyConflictError):
        await gateway.capture(held.id, Money(100, "EUR"), idempotency_key="s1:hold:1")
    assert (await admin.totals())["money"] == {"eur": {"held": 5000, "captured": 0, "refunded": 0}}


async def test_a_key_is_forgotten_after_a_day(admin: StripeDoubleAdmin, hold: Hold) -> None:
    first = await hold()
    await admin.advance_clock(24 * 60 * 60 + 1)
    second = await hold()
    assert first.id != second.id


async def test_an_empty_key_never_reaches_the_library(admin: StripeDoubleAdmin, hold: Hold) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        await hold(key="")
    assert (await admin.totals())["intents"] == 0


async def test_an_unreachable_processor_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with StripeGateway("sk_test_voltlane", api_base=closed, timeout_s=1) as gateway:
        with pytest.raises(ProcessorUnavailableError):
            await gateway.retrieve_intent("pi_unknown")
