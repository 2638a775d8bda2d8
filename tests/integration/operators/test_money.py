"""Refunds and waived debts through the real stripe library and the double: ledger, credit note, audit entry."""

from uuid import UUID

from sqlalchemy import func, select

from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession
from app.domain.stations.states import EvseStatus
from app.kit.ids import new_id
from bff.ids import global_id, split_id
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.stripe.double.faults import Fault, FaultKind, Phase
from payments.tables import (
    BillingDocument,
    Debt,
    DebtState,
    DocumentKind,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    PaymentState,
    Refund,
)
from tests.factories.drivers import id_token
from tests.integration.bff.api import Api
from tests.integration.operators.office import Office


async def _driver_with_card(api: Api, card: str = "pm_card_visa") -> tuple[UUID, str]:
    driver_id, token = await api.sign_up()
    started = (await api.run("StartCardSetup", token=token)).data["startCardSetup"]
    intent_id = started["clientSecret"].split("_secret_")[0]
    gateway = api.services.payments.gateway
    await gateway.confirm_setup_intent(intent_id, card, idempotency_key=f"confirm:{intent_id}")
    await api.do("CompleteCardSetup", "completeCardSetup", token=token, setupId=started["setupId"])
    return driver_id, token


async def _charging(api: Api) -> tuple[UUID, str]:
    """Charge 5 kWh; return the session, which still runs, and its transaction."""
    _, token = await _driver_with_card(api)
    payload = await api.start(token, key=f"start-{new_id()}")
    session_id = split_id(payload["session"]["id"])[1]
    world = api.world
    await world.run_jobs()
    opened = await world.open(id_token=(await world.session(session_id)).start_token, meter_start_wh=1000)
    await world.meter(opened.transaction_id, 6000, after=600)
    return session_id, opened.transaction_id


async def _charged(api: Api) -> UUID:
    """Charge 5 kWh for 2.95 EUR, paid."""
    session_id, transaction_id = await _charging(api)
    await api.world.end(transaction_id, meter_stop_wh=6000)
    await api.world.report(EvseStatus.AVAILABLE)
    await api.world.run_jobs()
    assert await api.world.state(session_id) is SessionState.COMPLETED
    return session_id


async def _books(office: Office, session_id: UUID) -> dict[str, int]:
    """Return the session's balance by account, without those at zero."""
    async with office.world.app.read(office.world.tenant.id) as session:
        rows = await session.execute(
            select(LedgerEntry.account, func.sum(LedgerEntry.amount_minor))
            .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
            .where(LedgerTransaction.session_id == session_id)
            .group_by(LedgerEntry.account)
        )
        return {account.value: int(amount) for account, amount in rows if amount}


def _refund(session_id: UUID, amount: int, key: str = "refund-key-1", **given: object) -> dict[str, object]:
    asked = {"sessionId": global_id("AdminSession", session_id), "amountMinor": str(amount), "reason": "slow charger"}
    return asked | {"idempotencyKey": key} | given


async def test_a_refund_has_its_credit_note_ledger_and_audit_entry(
    paying_office: Office, stripe_admin: StripeDoubleAdmin
) -> None:
    office = paying_office
    session_id = await _charged(office.api)
    assert await _books(office, session_id) == {"REVENUE": -248, "VAT_PAYABLE": -47, "PROCESSOR": 295}
    for _ in range(2):
        payload = await office.do("OperatorRefundSession", **_refund(session_id, 100))
        assert (payload["refund"]["amount"]["amountMinor"], payload["refund"]["failureCode"]) == ("100", None)
    refund = await office.one(select(Refund))
    assert (refund.amount_minor, refund.requested_by) == (100, "operator:owner@example.com")
    assert refund.completed_at is not None
    credit = await office.one(select(BillingDocument).where(BillingDocument.kind == DocumentKind.CREDIT_NOTE))
    assert (credit.net_minor + credit.vat_minor, credit.gross_minor) == (credit.gross_minor, 100)
    books = await _books(office, session_id)
    assert (books["PROCESSOR"], sum(books.values())) == (195, 0)
    assert books["REVENUE"] == -248 + credit.net_minor
    assert (await stripe_admin.totals())["money"]["eur"] == {"held": 0, "captured": 295, "refunded": 100}
    entry = await office.audited("refundSession")
    assert (entry.subject, entry.input["amount_minor"]) == (str(session_id), 100)
    assert entry.input["reason"] == "slow charger"

    shown = (await office.run("OperatorSession", id=global_id("AdminSession", session_id), readings=5))["payment"]
    assert (shown["refunded"]["amountMinor"], shown["captured"]["amountMinor"]) == ("100", "295")
    assert [document["kind"] for document in shown["documents"]] == ["RECEIPT", "CREDIT_NOTE"]


async def test_more_than_was_paid_is_not_refunded(paying_office: Office, stripe_admin: StripeDoubleAdmin) -> None:
    office = paying_office
    session_id = await _charged(office.api)
    await office.do("OperatorRefundSession", **_refund(session_id, 200))
    before = await office.fingerprint()
    for given, code in (
        (_refund(session_id, 96, key="refund-key-2"), "REFUND_REFUSED"),
        (_refund(session_id, 0, key="refund-key-2"), "REFUND_REFUSED"),
        (_refund(session_id, 199), "IDEMPOTENCY_CONFLICT"),
        (_refund(session_id, 200, reason="another reason"), "IDEMPOTENCY_CONFLICT"),
        (_refund(session_id, 10, key="short"), "INVALID_INPUT"),
        (_refund(session_id, 10, key="refund-key-3", reason=""), "INVALID_INPUT"),
        (_refund(office.world.net.evse, 10, key="refund-key-4"), "NOT_FOUND"),
    ):
        assert await office.refused("OperatorRefundSession", **given) == code
    assert await office.fingerprint() == before
    assert (await stripe_admin.totals())["money"]["eur"]["refunded"] == 200


async def test_a_silent_processor_is_told_and_the_same_refund_is_finished(
    paying_office: Office, stripe_admin: StripeDoubleAdmin
) -> None:
    office = paying_office
    session_id = await _charged(office.api)
    await stripe_admin.inject(Fault(FaultKind.ERROR, Phase.BEFORE, path="/v1/refunds", count=20))
    assert await office.refused("OperatorRefundSession", **_refund(session_id, 100)) == "PAYMENT_UNAVAILABLE"
    assert (await office.one(select(Refund))).completed_at is None
    await stripe_admin.clear_faults()
    payload = await office.do("OperatorRefundSession", **_refund(session_id, 100))
    assert payload["refund"]["completedAt"] is not None
    assert (await stripe_admin.totals())["money"]["eur"]["refunded"] == 100
    assert await office.audits("refundSession") == 1


async def test_a_debt_is_waived(paying_office: Office, stripe_admin: StripeDoubleAdmin) -> None:
    office = paying_office
    world = office.world
    driver_id, _ = await _driver_with_card(office.api, "pm_card_chargeCustomerFail")
    await id_token(world.app, world.tenant, "04A2B3C4D5", driver_id=driver_id)
    opened = await world.open(id_token="04A2B3C4D5", meter_start_wh=1000)
    await world.run_jobs()
    await world.meter(opened.transaction_id, 6000, after=600)
    await world.end(opened.transaction_id, meter_stop_wh=6000)
    await world.report(EvseStatus.AVAILABLE)
    await world.run_jobs()
    session_id = (await office.one(select(ChargingSession))).id
    debt = await office.one(select(Debt))
    assert (debt.amount_minor, debt.state) == (295, DebtState.OPEN)
    node = global_id("AdminDebt", debt.id)
    for _ in range(2):
        assert (await office.do("OperatorWaiveDebt", id=node))["debt"]["state"] == "WAIVED"
    assert (await office.one(select(Debt))).state is DebtState.WAIVED
    books = await _books(office, session_id)
    assert (books["WRITE_OFF"], sum(books.values())) == (295, 0)
    entry = await office.audited("waiveDebt")
    assert (entry.subject, entry.input) == (str(session_id), {"amount_minor": 295, "currency": "EUR"})
    shown = await office.run("OperatorSession", id=global_id("AdminSession", session_id), readings=1)
    assert shown["payment"]["debt"]["state"] == "WAIVED"
    assert shown["payment"]["waived"]["amountMinor"] == "295"


async def test_what_was_held_goes_back_when_a_session_is_written_off(
    paying_office: Office, stripe_admin: StripeDoubleAdmin
) -> None:
    office = paying_office
    session_id, transaction_id = await _charging(office.api)
    await office.world.change(ChargingSession, session_id, suspect=True, suspect_reason="the register leapt")
    await office.world.end(transaction_id, meter_stop_wh=6000, unplugged=True)
    await office.world.run_jobs()
    assert await office.world.state(session_id) is SessionState.REVIEW
    given = {"sessionId": global_id("AdminSession", session_id), "decision": "WRITE_OFF", "note": "meter broken"}
    await office.do("OperatorResolveReview", **given)
    await office.world.run_jobs()
    assert await office.world.state(session_id) is SessionState.COMPLETED
    payment = await office.one(select(Payment))
    assert (payment.state, payment.captured_minor, payment.invoiced_minor) == (PaymentState.RELEASED, 0, 0)
    assert (await stripe_admin.totals())["money"]["eur"] == {"held": 0, "captured": 0, "refunded": 0}
