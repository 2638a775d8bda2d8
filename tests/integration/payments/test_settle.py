"""Settlement: the driver pays the invoice once, whatever is interrupted, and the books say what happened."""

import asyncio

import pytest
from sqlalchemy import select

from app.domain.charging.rating_detail import RatingDetail
from app.domain.charging.states import SessionState
from app.domain.charging.tables import SessionRating
from app.domain.drivers.tables import DriverKind
from app.domain.ports import HoldStatus
from app.kit.money import Money
from payments import capture, remainder
from payments.errors import SettlementBlockedError
from payments.receipt_pdf import document_pdf
from payments.stripe.double.faults import Fault, FaultKind, Phase
from payments.stripe.errors import ProcessorUnavailableError
from payments.tables import BillingDocument, Debt, DebtState, LedgerTransaction, PaymentOperation, PaymentState
from tests.integration.payments.world import World

PAID = {"REVENUE": -992, "VAT_PAYABLE": -188, "PROCESSOR": 1180}


async def test_a_charge_is_captured_for_exactly_the_invoice(world: World) -> None:
    session_id = await world.held()
    assert await world.charged(session_id, 20_000) == 1180
    await world.settle(session_id)
    payment = await world.payment(session_id)
    assert (payment.state, payment.captured_minor, payment.invoiced_minor) == (PaymentState.CAPTURED, 1180, 1180)
    assert await world.books(session_id) == PAID
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    assert await world.ledger_kinds(session_id) == ["invoice", "capture"]
    assert len(await world.rows(select(BillingDocument))) == 1
    assert await world.incidents() == []


async def test_settling_again_and_at_once_changes_nothing(world: World) -> None:
    session_id = await world.held()
    await world.charged(session_id, 20_000)
    await asyncio.gather(*(world.settle(session_id) for _ in range(8)))
    await world.settle(session_id)
    assert await world.books(session_id) == PAID
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    assert await world.count(BillingDocument) == 1
    assert await world.count(LedgerTransaction) == 2


async def test_a_kill_between_capture_and_commit_takes_the_money_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await world.held()
    await world.charged(session_id, 20_000)

    async def killed(*_: object) -> bool:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(capture, "_store", killed)
        with pytest.raises(RuntimeError, match="killed"):
            await world.settle(session_id)
    payment = await world.payment(session_id)
    assert (payment.state, payment.captured_minor) == (PaymentState.CAPTURING, 0)
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    await world.settle(session_id)
    assert await world.books(session_id) == PAID
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    assert (await world.payment(session_id)).state is PaymentState.CAPTURED


@pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.AFTER])
@pytest.mark.parametrize("kind", [FaultKind.DROP, FaultKind.ERROR])
async def test_an_unknown_capture_is_repeated_until_known(world: World, kind: FaultKind, phase: Phase) -> None:
    session_id = await world.held()
    await world.charged(session_id, 20_000)
    await world.admin.inject(Fault(kind, phase, path="/capture$"))
    with pytest.raises(ProcessorUnavailableError):
        await world.settle(session_id)
    assert (await world.payment(session_id)).state is PaymentState.CAPTURING
    assert await world.count(BillingDocument) == 0
    await world.settle(session_id)
    assert await world.books(session_id) == PAID
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}


async def test_a_capture_made_by_hand_is_recognised_not_repeated(world: World) -> None:
    session_id = await world.held()
    await world.charged(session_id, 20_000)
    payment = await world.payment(session_id)
    assert payment.intent_id is not None
    await world.gateway.capture(payment.intent_id, Money(1180, "EUR"), idempotency_key="dashboard")
    await world.settle(session_id)
    assert await world.books(session_id) == PAID
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}


async def test_cost_over_the_hold_by_idle_fee_is_charged_off_session(world: World) -> None:
    session_id = await world.held(hold_minor=1500)
    assert await world.charged(session_id, 20_000, idle_minutes=60) == 1780
    await world.settle(session_id)
    payment = await world.payment(session_id)
    assert (payment.state, payment.captured_minor) == (PaymentState.CAPTURED, 1780)
    assert payment.extra_intent_id not in (None, payment.intent_id)
    assert await world.at_processor() == {"held": 0, "captured": 1780, "refunded": 0}
    assert (await world.books(session_id))["PROCESSOR"] == 1780
    assert await world.ledger_kinds(session_id) == ["invoice", "capture", "charge"]
    assert await world.count(Debt) == 0


async def test_cost_over_the_hold_that_the_bank_refuses_becomes_debt(world: World) -> None:
    session_id = await world.held("pm_card_authenticationRequired", hold_minor=1500)
    intent_id = (await world.payment(session_id)).intent_id
    assert intent_id is not None
    await world.admin.authenticate(intent_id)
    await world.payments.read_hold(world.tenant_id, session_id)
    await world.charged(session_id, 20_000, idle_minutes=60)
    await world.settle(session_id)
    payment = await world.payment(session_id)
    assert (payment.state, payment.captured_minor) == (PaymentState.DEBT, 1500)
    [debt] = await world.rows(select(Debt))
    assert (debt.amount_minor, debt.state) == (280, DebtState.OPEN)
    assert await world.at_processor() == {"held": 0, "captured": 1500, "refunded": 0}
    books = await world.books(session_id)
    assert (books["PROCESSOR"], books["DRIVER_RECEIVABLE"]) == (1500, 280)


async def test_an_unknown_charge_of_the_rest_is_repeated_until_known(world: World) -> None:
    session_id = await world.held(hold_minor=1500)
    await world.charged(session_id, 20_000, idle_minutes=60)
    await world.admin.inject(Fault(FaultKind.ERROR, Phase.AFTER, path="payment_intents$"))
    with pytest.raises(ProcessorUnavailableError):
        await world.settle(session_id)
    await world.settle(session_id)
    assert (await world.payment(session_id)).captured_minor == 1780
    assert await world.at_processor() == {"held": 0, "captured": 1780, "refunded": 0}


async def test_without_a_willing_card_the_energy_becomes_debt(world: World) -> None:
    session_id = await world.prepared(await world.driver_with("pm_card_chargeCustomerFail"))
    result = await world.payments.place_hold(world.tenant_id, session_id, off_session=True)
    assert result.status is HoldStatus.DECLINED
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    payment = await world.payment(session_id)
    assert (payment.state, payment.captured_minor) == (PaymentState.DEBT, 0)
    [debt] = await world.rows(select(Debt))
    assert (debt.amount_minor, debt.state, debt.session_id) == (1180, DebtState.OPEN, session_id)
    assert await world.books(session_id) == {"REVENUE": -992, "VAT_PAYABLE": -188, "DRIVER_RECEIVABLE": 1180}
    assert await world.at_processor() == {"held": 0, "captured": 0, "refunded": 0}
    [receipt] = await world.rows(select(BillingDocument))
    assert receipt.content["payment"]["owed"] == 1180
    await world.settle(session_id)
    assert await world.count(Debt) == 1


async def test_a_session_without_any_payment_is_debt_of_its_driver(world: World) -> None:
    session_id = await world.session(await world.driver(), SessionState.SETTLING)
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    assert (await world.payment(session_id)).state is PaymentState.DEBT
    assert (await world.books(session_id))["DRIVER_RECEIVABLE"] == 1180


async def test_a_session_that_ended_before_its_hold_was_asked_for_is_charged_to_the_saved_card(world: World) -> None:
    """By card at the charger, queued while it was offline: the start and the stop come within milliseconds."""
    session_id = await world.session(await world.driver_with(), SessionState.SETTLING)
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    await world.settle(session_id)
    payment = await world.payment(session_id)
    assert (payment.state, payment.captured_minor, payment.card_last4) == (PaymentState.CAPTURED, 1180, "4242")
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    assert (await world.books(session_id))["PROCESSOR"] == 1180
    assert await world.count(Debt) == 0


async def test_a_guest_pays_at_most_the_hold_and_the_excess_is_written_off(world: World) -> None:
    session_id = await world.prepared(await world.driver_with(kind=DriverKind.GUEST), 1500)
    await world.payments.place_hold(world.tenant_id, session_id)
    await world.charged(session_id, 20_000, idle_minutes=60)
    await world.settle(session_id)
    payment = await world.payment(session_id)
    assert (payment.state, payment.captured_minor, payment.waived_minor) == (PaymentState.CAPTURED, 1500, 280)
    assert await world.books(session_id) == {
        "REVENUE": -1496,
        "VAT_PAYABLE": -284,
        "PROCESSOR": 1500,
        "WRITE_OFF": 280,
    }
    assert await world.incidents() == ["WRITTEN_OFF"]
    assert await world.count(Debt) == 0


async def test_an_unknown_drivers_energy_is_written_off_with_an_incident(world: World) -> None:
    session_id = await world.session(None, SessionState.SETTLING)
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    assert (await world.books(session_id))["WRITE_OFF"] == 1180
    assert await world.incidents() == ["WRITTEN_OFF"]


async def test_below_the_processors_minimum_is_waived_and_the_receipt_says_so(world: World) -> None:
    session_id = await world.held()
    assert await world.charged(session_id, 500) == 30
    await world.settle(session_id)
    payment = await world.payment(session_id)
    assert (payment.state, payment.captured_minor, payment.waived_minor) == (PaymentState.RELEASED, 0, 30)
    assert await world.books(session_id) == {"REVENUE": -25, "VAT_PAYABLE": -5, "WRITE_OFF": 30}
    assert await world.at_processor() == {"held": 0, "captured": 0, "refunded": 0}
    [receipt] = await world.rows(select(BillingDocument))
    assert receipt.content["payment"]["waived"] == 30
    assert await world.calls("/capture") == 0


async def test_a_rest_below_the_minimum_is_waived(world: World) -> None:
    session_id = await world.held(hold_minor=1170)
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    payment = await world.payment(session_id)
    assert (payment.captured_minor, payment.waived_minor) == (1170, 10)
    assert len(await world.intents()) == 1


async def test_what_a_three_decimal_currency_cannot_express_is_waived(world: World) -> None:
    driver_id = await world.driver_with()
    session_id = await world.session(driver_id)
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        await world.payments.prepare_hold(
            uow, session_id=session_id, driver_id=driver_id, amount=Money(5007, "KWD"), payment_method_id=None
        )
    await world.payments.place_hold(world.tenant_id, session_id)
    await world.change_session(session_id, state=SessionState.SETTLING)
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        uow.session.add(
            SessionRating(
                session_id=session_id, net_minor=1234, vat_minor=0, gross_minor=1234, currency="KWD", detail={}
            )
        )
    await world.settle(session_id)
    payment = await world.payment(session_id)
    assert (payment.hold_minor, payment.captured_minor, payment.waived_minor) == (5000, 1230, 4)
    assert (await world.admin.totals())["money"]["kwd"]["captured"] == 1230
    assert await world.books(session_id) == {"REVENUE": -1234, "PROCESSOR": 1230, "WRITE_OFF": 4}


async def test_nothing_to_pay_releases_the_hold(world: World) -> None:
    session_id = await world.held()
    assert await world.charged(session_id, 0) == 0
    await world.settle(session_id)
    assert (await world.payment(session_id)).state is PaymentState.RELEASED
    assert await world.books(session_id) == {}
    assert await world.count(BillingDocument) == 0


async def test_a_free_session_releases_the_hold_and_books_nothing(world: World) -> None:
    session_id = await world.held()
    await world.change_session(session_id, free_of_charge=True, state=SessionState.SETTLING, energy_wh=20_000)
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        nothing = RatingDetail("EUR").to_json()
        uow.session.add(
            SessionRating(
                session_id=session_id, net_minor=0, vat_minor=0, gross_minor=0, currency="EUR", detail=nothing
            )
        )
    number = await world.payments.settle(world.tenant_id, session_id)
    assert (await world.payment(session_id)).state is PaymentState.RELEASED
    assert await world.count(LedgerTransaction) == 0
    [receipt] = await world.rows(select(BillingDocument))
    assert (receipt.number, receipt.gross_minor, receipt.content["lines"]) == (number, 0, [])
    assert (await document_pdf(receipt, "de")).startswith(b"%PDF-")


async def test_capture_after_expiry_charges_off_session_with_an_incident(world: World) -> None:
    session_id = await world.held()
    await world.charged(session_id, 20_000)
    await world.admin.advance_clock(8 * 86400)
    await world.settle(session_id)
    payment = await world.payment(session_id)
    assert (payment.state, payment.captured_minor) == (PaymentState.CAPTURED, 1180)
    assert await world.books(session_id) == PAID
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    assert await world.incidents() == ["PAYMENT_EXPIRED"]
    assert await world.ledger_kinds(session_id) == ["invoice", "charge"]


async def test_capture_after_expiry_becomes_debt_where_the_card_wants_the_driver(world: World) -> None:
    session_id = await world.held("pm_card_authenticationRequired")
    intent_id = (await world.payment(session_id)).intent_id
    assert intent_id is not None
    await world.admin.authenticate(intent_id)
    await world.payments.read_hold(world.tenant_id, session_id)
    await world.charged(session_id, 20_000)
    await world.admin.advance_clock(8 * 86400)
    await world.settle(session_id)
    assert (await world.payment(session_id)).state is PaymentState.DEBT
    assert (await world.payment(session_id)).failure_code == "authentication_required"
    assert (await world.books(session_id))["DRIVER_RECEIVABLE"] == 1180
    assert await world.incidents() == ["PAYMENT_EXPIRED"]


async def test_a_kill_between_charge_and_commit_charges_the_rest_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await world.held(hold_minor=1000)
    await world.charged(session_id, 20_000)

    async def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(remainder, "_store", killed)
        with pytest.raises(RuntimeError, match="killed"):
            await world.settle(session_id)
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    assert (await world.payment(session_id)).captured_minor == 1000
    await world.settle(session_id)
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    assert await world.books(session_id) == PAID
    assert len(await world.intents()) == 2


async def test_a_released_hold_whose_car_charged_after_all_is_charged_off_session(world: World) -> None:
    session_id = await world.held()
    await world.payments.release(world.tenant_id, session_id)
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    assert await world.books(session_id) == PAID
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}


async def test_a_hold_that_waits_for_the_driver_cannot_surface_after_settlement(world: World) -> None:
    session_id = await world.prepared(await world.driver_with("pm_card_authenticationRequired"))
    await world.payments.place_hold(world.tenant_id, session_id)
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    payment = await world.payment(session_id)
    assert payment.state is PaymentState.DEBT
    assert {intent["status"] for intent in await world.intents()} <= {"canceled", "requires_payment_method"}


async def test_release_after_the_capture_changes_nothing(world: World) -> None:
    session_id = await world.held()
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    await world.payments.release(world.tenant_id, session_id)
    assert (await world.payment(session_id)).state is PaymentState.CAPTURED
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    assert await world.calls("/cancel") == 0


async def test_an_unrated_session_and_another_currency_need_an_operator(world: World) -> None:
    session_id = await world.held()
    with pytest.raises(SettlementBlockedError, match="not rated"):
        await world.settle(session_id)
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        uow.session.add(
            SessionRating(session_id=session_id, net_minor=100, vat_minor=0, gross_minor=100, currency="CHF", detail={})
        )
    with pytest.raises(SettlementBlockedError, match="CHF"):
        await world.settle(session_id)
    assert await world.incidents() == ["PAYMENT_MISMATCH"]
    assert await world.at_processor() == {"held": 5000, "captured": 0, "refunded": 0}
    assert await world.count(LedgerTransaction) == 0


async def test_a_rating_changed_after_billing_is_reported_not_billed(world: World) -> None:
    session_id = await world.held()
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        rating = (await uow.session.scalars(select(SessionRating))).one()
        rating.gross_minor = 2000
    await world.settle(session_id)
    assert await world.incidents() == ["PAYMENT_MISMATCH"]
    assert await world.books(session_id) == PAID


async def test_every_call_left_its_outcome(world: World) -> None:
    session_id = await world.held(hold_minor=1000)
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    operations = await world.rows(select(PaymentOperation).order_by(PaymentOperation.key))
    assert [operation.key for operation in operations] == [
        f"{session_id}:capture:1",
        f"{session_id}:charge:1",
        f"{session_id}:hold:1",
    ]
    assert all(operation.done_at is not None and operation.error is None for operation in operations)
