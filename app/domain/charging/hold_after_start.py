"""The hold of a charge that began at the charger: by card, or late after its hold was released.

It is taken off-session. Where that fails the charge is stopped remotely; the energy so far is billed or becomes debt.
"""

from uuid import UUID

from sqlalchemy import select

from app.db.tables import Tenant
from app.db.uow import UnitOfWork
from app.domain.charging.deps import Charging
from app.domain.charging.start_charging import hold_amount
from app.domain.charging.states import SessionState, StopReason
from app.domain.charging.stop_request import request_stop
from app.domain.charging.tables import ChargingSession
from app.domain.ports import HoldResult, HoldStatus
from app.domain.pricing.tables import TariffSnapshot
from app.kit.errors import UserError


async def hold_after_start(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """Take the hold of an active session. Raises where the processor did not answer: the job is repeated."""
    if await _still_held(deps, tenant_id, session_id):
        return
    try:
        prepared = await deps.database.transact(tenant_id, lambda uow: _prepare(deps, uow, session_id))
    except UserError as error:
        await _stop(deps, tenant_id, session_id, error.code)
        return
    if not prepared:
        return
    result = await deps.payments.place_hold(tenant_id, session_id, off_session=True)
    if result.status is HoldStatus.UNKNOWN:
        raise HoldUnknownError(f"the hold of session {session_id} is not known yet")
    if result.status is not HoldStatus.AUTHORISED:
        await _stop(deps, tenant_id, session_id, _reason(result))


class HoldUnknownError(Exception):
    """The card processor did not answer; the same call will tell later."""


def _reason(result: HoldResult) -> str:
    return result.failure_code or result.status.value


async def _still_held(deps: Charging, tenant_id: UUID, session_id: UUID) -> bool:
    """Whether an earlier hold lives: a late start overtook its release, or this job was repeated."""
    async with deps.database.read(tenant_id) as db:
        session = await db.get_one(ChargingSession, session_id)
    if session.state is not SessionState.ACTIVE or session.hold_minor is None:
        return False
    return (await deps.payments.read_hold(tenant_id, session_id)).status is HoldStatus.AUTHORISED


async def _prepare(deps: Charging, uow: UnitOfWork, session_id: UUID) -> bool:
    session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
    if session.state is not SessionState.ACTIVE or session.driver_id is None or session.free_of_charge:
        return False
    if session.tariff_snapshot_id is None:
        return False
    snapshot = await uow.session.get_one(TariffSnapshot, session.tariff_snapshot_id)
    tenant = (await uow.session.scalars(select(Tenant).where(Tenant.id == uow.tenant_id))).one()
    amount = hold_amount(deps, tenant, snapshot, session.max_cost_minor)
    session.hold_minor = amount.minor
    await deps.payments.prepare_hold(
        uow,
        session_id=session.id,
        driver_id=session.driver_id,
        amount=amount,
        payment_method_id=session.payment_method_id,
    )
    return True


async def _stop(deps: Charging, tenant_id: UUID, session_id: UUID, detail: str) -> None:
    async def work(uow: UnitOfWork) -> None:
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
        if session.state is SessionState.ACTIVE:
            session.failure_detail = f"the card could not be charged: {detail}"
            await request_stop(uow, session, StopReason.DEAUTHORIZED, deps.clock.now())

    await deps.database.transact(tenant_id, work)
