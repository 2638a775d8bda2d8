"""`refundSession`: part or all of what was captured is given back, with a credit note."""

import strawberry

from app.domain.operators.permissions import Permission
from app.domain.operators.resolve_incident import check_note
from bff.access import OperatorField
from bff.cards.processor import PaymentUnavailableError, told_to_the_driver
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import checked_key
from bff.operators.actor import acting
from bff.operators.ids import session_row_id
from bff.operators.pages import read_one
from bff.operators.types.payment import AdminRefund
from bff.operators.types.session import AdminSession
from bff.scalars import BigInt
from payments.errors import RefundRefusedError
from payments.refunds import refund_session
from payments.tables import Refund


@strawberry.input
class RefundSessionInput:
    """How much (minor units of the payment's currency, tax included) and why. The same key is the same refund."""

    session_id: strawberry.ID
    amount_minor: BigInt
    reason: str
    idempotency_key: strawberry.ID


@payload(RefundRefusedError, PaymentUnavailableError)
class RefundSessionPayload:
    """The refund and its session. PAYMENT_UNAVAILABLE: the outcome is not known yet; the same call is safe."""

    refund: AdminRefund | None = None
    session: AdminSession | None = None


@strawberry.type
class RefundSession:
    """The mutation."""

    @mutation(OperatorField(Permission.REFUND))
    @staticmethod
    async def refund_session(info: Info, input: RefundSessionInput) -> RefundSessionPayload:  # noqa: A002
        """Refund a settled session."""
        context, actor = info.context, await acting(info)
        session_id = session_row_id(input.session_id, "sessionId")
        async with told_to_the_driver():
            refund_id = await refund_session(
                context.services.payments,
                context.tenant_id,
                session_id,
                amount_minor=input.amount_minor,
                reason=check_note(input.reason, "reason"),
                requested_by=f"operator:{actor.label}",
                idempotency_key=checked_key(input.idempotency_key),
                admin=actor,
            )
        refund = await read_one(context, Refund, refund_id)
        session = await context.loaders.sessions.load(session_id)
        if refund is None or session is None:
            raise RuntimeError("a refund vanished")
        if refund.completed_at is None:  # the same key again, after the processor refused it
            raise RefundRefusedError(f"the processor refused the refund: {refund.failure_code}")
        return RefundSessionPayload(
            refund=AdminRefund.of(refund, session.currency, context.locale), session=AdminSession.of(session, context)
        )
