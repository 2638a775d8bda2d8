"""`stopCharging`: the driver ends a charge, or cancels one that has not begun."""

import strawberry

from app.domain.charging.errors import SessionNotStoppableError
from app.domain.charging.states import StopReason
from app.domain.charging.stop_charging import stop_charging
from bff.access import DriverField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import checked_key, row_id
from bff.own import own_session
from bff.sessions.types import Session


@strawberry.input
class StopChargingInput:
    """Which charge to stop."""

    session_id: strawberry.ID
    idempotency_key: strawberry.ID


@payload(SessionNotStoppableError)
class StopChargingPayload:
    """The session; `stopPending` until the charger confirms."""

    session: Session | None = None


@strawberry.type
class StopCharging:
    """The mutation."""

    @mutation(DriverField())
    @staticmethod
    async def stop_charging(info: Info, input: StopChargingInput) -> StopChargingPayload:  # noqa: A002
        """Stop a charge. While the charger is offline the stop is noted, visible, and sent later."""
        context = info.context
        session_id = row_id(input.session_id, "Session", "sessionId")
        await stop_charging(
            context.services.charging,
            context.tenant_id,
            session_id,
            actor=str(context.driver_id),
            reason=StopReason.DRIVER,
            idempotency_key=checked_key(input.idempotency_key),
            driver_id=context.driver_id,
        )
        row = await own_session(context, session_id, "sessionId")
        return StopChargingPayload(session=Session.of(row, context))
