"""Settles a rated session: invoice in the books, capture or release, the remainder, the receipt.

Every step stores its wish before it calls the processor and recognises what it did before, so the whole may be
interrupted anywhere and repeated: the driver pays the invoice once.
"""

from uuid import UUID

from app.domain.ports import HoldStatus
from payments.capture import capture_hold
from payments.deps import PaymentDeps
from payments.hold_place import place_hold, read_hold
from payments.invoice import book_invoice
from payments.minimum import below_minimum
from payments.overpayment import return_overpayment
from payments.receipts import issue_receipt
from payments.release import release
from payments.remainder import settle_remainder
from payments.rows import find_payment
from payments.stripe.errors import ProcessorUnavailableError
from payments.tables import Payment, PaymentState


async def settle(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> str:
    """Bring a session's payment to its end; return its receipt's number, empty where none is due. Idempotent.

    Raises ProcessorUnavailableError where an outcome is unknown and CaptureRefusedError (repeat),
    SettlementBlockedError where an operator has to decide.
    """
    gross = await book_invoice(deps, tenant_id, session_id)
    payment = await _payment(deps, tenant_id, session_id)
    if gross is None:
        await release(deps, tenant_id, session_id)
    elif payment is not None:
        await _pay(deps, tenant_id, payment, gross)
    receipt = await issue_receipt(deps, tenant_id, session_id)
    return receipt.number if receipt else ""


async def _pay(deps: PaymentDeps, tenant_id: UUID, payment: Payment, gross: int) -> None:
    session_id = payment.session_id
    await _decide_hold(deps, tenant_id, payment)
    if gross == 0 or below_minimum(gross, payment.currency):
        await release(deps, tenant_id, session_id)
    else:
        await capture_hold(deps, tenant_id, session_id, gross)
    await return_overpayment(deps, tenant_id, session_id)
    await settle_remainder(deps, tenant_id, session_id)


async def _payment(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> Payment | None:
    async with deps.database.read(tenant_id) as session:
        return await find_payment(session, session_id)


async def _decide_hold(deps: PaymentDeps, tenant_id: UUID, payment: Payment) -> None:
    """Leave no hold undecided: one without an answer is asked for again, one that waits for the driver is given up."""
    session_id = payment.session_id
    if payment.state is PaymentState.CREATED:
        result = await place_hold(deps, tenant_id, session_id, off_session=True)
    elif payment.state is PaymentState.REQUIRES_ACTION:
        result = await read_hold(deps, tenant_id, session_id)
    else:
        if payment.state is PaymentState.RELEASING:
            await release(deps, tenant_id, session_id)
        return
    if result.status is HoldStatus.UNKNOWN:
        raise ProcessorUnavailableError("the hold's outcome is not known yet")
    if result.status is HoldStatus.REQUIRES_ACTION:
        await release(deps, tenant_id, session_id)
