"""Stopping a charge, by the driver or an operator. A stop for an offline charger is noted, visible, and sent later."""

from uuid import UUID

from app.db.idempotency import claim
from app.db.uow import UnitOfWork
from app.domain.charging.deps import Charging
from app.domain.charging.errors import SessionNotStoppableError
from app.domain.charging.fail import fail_start
from app.domain.charging.states import ENDED, STARTING, FailureCode, SessionState, StopReason
from app.domain.charging.stop_request import request_stop
from app.domain.charging.tables import ChargingSession
from app.domain.operators.actor import AdminActor
from app.kit.errors import NotFoundError


async def stop_charging(
    deps: Charging,
    tenant_id: UUID,
    session_id: UUID,
    *,
    actor: str,
    reason: StopReason,
    idempotency_key: str,
    driver_id: UUID | None = None,
    admin: AdminActor | None = None,
) -> None:
    """Ask for a stop; before the charge has begun it is cancelled.

    With `driver_id` only that driver's session; with `admin` the stop is an operator's, and audited. Stopping a session
    that already ended is no error.

    Raises UserError: NOT_FOUND, IDEMPOTENCY_CONFLICT, SESSION_NOT_STOPPABLE (it failed).
    """

    async def work(uow: UnitOfWork) -> None:
        key = await claim(
            uow, actor=actor, operation="stopCharging", key=idempotency_key, request={"session": str(session_id)}
        )
        session = await uow.session.get(ChargingSession, session_id, with_for_update=True)
        if session is None or (driver_id is not None and session.driver_id != driver_id):
            raise NotFoundError("there is no such session", field="sessionId")
        if key.result is None:
            key.result = {"session": str(session_id)}
            cancelled = FailureCode.CANCELLED_BY_OPERATOR if admin else FailureCode.CANCELLED_BY_DRIVER
            await _stop(deps, uow, session, reason, cancelled)
            if admin is not None:
                admin.record(uow, "stopSession", {"state": session.state.value, "reason": reason.value}, session_id)

    await deps.database.transact(tenant_id, work)


async def _stop(
    deps: Charging, uow: UnitOfWork, session: ChargingSession, reason: StopReason, cancelled: FailureCode
) -> None:
    if session.state in (SessionState.FAILED, SessionState.CANCELLED):
        raise SessionNotStoppableError("the session never began", field="sessionId")
    if session.state in STARTING:
        await fail_start(uow, session, cancelled)
    elif session.state is SessionState.ACTIVE:
        await request_stop(uow, session, reason, deps.clock.now())
    elif session.state not in ENDED | {SessionState.PARKING}:
        raise SessionNotStoppableError("the session cannot be stopped", field="sessionId")
