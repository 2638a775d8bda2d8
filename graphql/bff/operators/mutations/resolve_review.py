"""`resolveReview`: an operator decides about a session that the program must not bill alone."""

import strawberry

from app.domain.charging.review import NotBillableError, NotInReviewError, ReviewDecision, resolve_review
from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.operators.actor import acting
from bff.operators.ids import session_row_id
from bff.operators.types.session import AdminSession
from bff.scalars import BigInt


@strawberry.input
class ResolveReviewInput:
    """The decision and its reason. `energyWh` goes with BILL_WITH_ENERGY only."""

    session_id: strawberry.ID
    decision: ReviewDecision
    note: str
    energy_wh: BigInt | None = None


@payload(NotInReviewError, NotBillableError)
class ResolveReviewPayload:
    """The session: SETTLING until it is paid, COMPLETED where it was closed unbilled."""

    session: AdminSession | None = None


@strawberry.type
class ResolveReview:
    """The mutation."""

    @mutation(OperatorField(Permission.REFUND))
    @staticmethod
    async def resolve_review(info: Info, input: ResolveReviewInput) -> ResolveReviewPayload:  # noqa: A002
        """Bill a session as metered or with other energy, or write it off."""
        context = info.context
        row = await resolve_review(
            context.services.charging,
            context.tenant_id,
            session_row_id(input.session_id, "sessionId"),
            decision=input.decision,
            energy_wh=input.energy_wh,
            note=input.note,
            actor=await acting(info),
        )
        return ResolveReviewPayload(session=AdminSession.of(row, context))
