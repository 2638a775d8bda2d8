"""`stopSession`: an operator ends a charge, or cancels one that has not begun."""

import strawberry

from app.domain.charging.errors import SessionNotStoppableError
from app.domain.charging.states import StopReason
from app.domain.charging.stop_charging import stop_charging
from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import checked_key
from bff.operators.actor import acting
from bff.operators.ids import session_row_id
from bff.operators.types.session import AdminSession


@strawberry.input
class StopSessionInput:
    """Which session."""

    session_id: strawberry.ID
    idempotency_key: strawberry.ID


@payload(SessionNotStoppableError)
class StopSessionPayload:
    """The session; `stopRequestedAt` is set until the charger confirms."""

    session: AdminSession | None = None


@strawberry.type
class StopSession:
    """The mutation."""

    @mutation(OperatorField(Permission.COMMAND_CHARGERS))
    @staticmethod
    async def stop_session(info: Info, input: StopSessionInput) -> StopSessionPayload:  # noqa: A002
        """Stop a charge. While the charger is offline the stop is noted, visible, and sent later."""
        context, actor = info.context, await acting(info)
        session_id = session_row_id(input.session_id, "sessionId")
        await stop_charging(
            context.services.charging,
            context.tenant_id,
            session_id,
            actor=str(actor.operator_id),
            reason=StopReason.OPERATOR,
            idempotency_key=checked_key(input.idempotency_key),
            admin=actor,
        )
        row = await context.loaders.sessions.load(session_id)
        return StopSessionPayload(session=AdminSession.of(row, context) if row else None)
