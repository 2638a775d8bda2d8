"""The payment of a session as its driver sees it."""

from uuid import UUID

import strawberry

from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession
from bff.context import Context, Info
from bff.fields import computed
from bff.money import Money
from payments.stripe.errors import ProcessorError
from payments.tables import Payment, PaymentState


@strawberry.type
class SessionPayment:
    """The one payment of a session: a hold, then its capture or release."""

    state: PaymentState
    hold: Money
    captured: Money
    refunded: Money
    card_brand: str | None
    card_last4: str | None
    failure_code: str | None
    session_id: strawberry.Private[UUID]
    waits_for_driver: strawberry.Private[bool]

    @computed
    async def client_secret(self, info: Info) -> str | None:
        """For the payment SDK while the card wants authentication (session state PENDING_ACTION), else null."""
        if not self.waits_for_driver:
            return None
        context = info.context
        try:
            result = await context.services.charging.payments.read_hold(context.tenant_id, self.session_id)
        except ProcessorError:
            return None
        return result.client_secret

    @classmethod
    def of(cls, row: Payment, session: ChargingSession, context: Context) -> "SessionPayment":
        """Return a session's payment."""

        def money(minor: int) -> Money:
            return Money.of_minor(minor, row.currency, context.locale)

        return cls(
            state=row.state,
            hold=money(row.hold_minor),
            captured=money(row.captured_minor),
            refunded=money(row.refunded_minor),
            card_brand=row.card_brand,
            card_last4=row.card_last4,
            failure_code=row.failure_code,
            session_id=session.id,
            waits_for_driver=session.state is SessionState.PENDING_ACTION,
        )
