"""Finding the EVSE and the session a report speaks of. A transaction id counts only on the charger it was given to."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.db.uow import UnitOfWork
from app.domain.charging.incidents import open_incident
from app.domain.charging.messages import ChargerRef
from app.domain.charging.states import LIVE, STARTING, SessionState
from app.domain.charging.tables import ChargingSession, IncidentKind, UnboundTransaction
from app.domain.stations.tables import Charger, Evse
from app.kit.ids import new_id

MAX_ANNOUNCED_EVSES = 64
"""More EVSEs than any charger has: beyond this its numbers are noise. An operator may describe more."""


async def find_evse(uow: UnitOfWork, ref: ChargerRef, evse_no: int | None, *, lock: bool = False) -> Evse | None:
    """Return the charger's EVSE of that number; one that nobody described yet is added to the charger's location.

    A charger adds at most MAX_ANNOUNCED_EVSES by its own word: beyond that there is None, and an incident.
    """
    if evse_no is None or evse_no < 1:
        return None
    query = select(Evse).where(Evse.charger_id == ref.charger_id, Evse.ocpp_evse_no == evse_no)
    evse = await uow.session.scalar(query.with_for_update() if lock else query)
    if evse is not None:
        return evse
    location_id = await uow.session.scalar(select(Charger.location_id).where(Charger.id == ref.charger_id))
    if location_id is None or not await _may_announce(uow, ref, evse_no):
        return None
    # Two first messages may come at once, and an operator may have described the EVSE under this uid already.
    await uow.session.execute(
        insert(Evse)
        .values(
            id=new_id(),
            tenant_id=uow.tenant_id,
            location_id=location_id,
            source_uid=f"{ref.identity}-{evse_no}",
            charger_id=ref.charger_id,
            ocpp_evse_no=evse_no,
            physical_reference=str(evse_no),
        )
        .on_conflict_do_nothing()
    )
    return await uow.session.scalar(query.with_for_update() if lock else query)


async def _may_announce(uow: UnitOfWork, ref: ChargerRef, evse_no: int) -> bool:
    known = await uow.session.scalar(select(func.count()).select_from(Evse).where(Evse.charger_id == ref.charger_id))
    if (known or 0) < MAX_ANNOUNCED_EVSES:
        return True
    await open_incident(
        uow,
        IncidentKind.UNUSABLE_MESSAGE,
        f"evses:{ref.charger_id}",
        {"reason": f"the charger names more than {MAX_ANNOUNCED_EVSES} EVSEs", "evseNo": evse_no},
        charger_id=ref.charger_id,
    )
    return False


async def session_by_transaction(
    uow: UnitOfWork, ref: ChargerRef, transaction_id: str | None
) -> ChargingSession | None:
    """Return the charger's session with a transaction id, locked."""
    if transaction_id is None:
        return None
    return await uow.session.scalar(
        select(ChargingSession)
        .where(ChargingSession.charger_id == ref.charger_id, ChargingSession.ocpp_transaction_id == transaction_id)
        .with_for_update()
    )


async def unbound_transaction(uow: UnitOfWork, ref: ChargerRef, transaction_id: str) -> UnboundTransaction | None:
    """Return the note of a transaction that opened before anyone was authorised."""
    return await uow.session.scalar(
        select(UnboundTransaction).where(
            UnboundTransaction.charger_id == ref.charger_id, UnboundTransaction.transaction_id == transaction_id
        )
    )


async def live_session(uow: UnitOfWork, evse: Evse) -> ChargingSession | None:
    """Return the one session that occupies an EVSE, locked."""
    return await uow.session.scalar(
        select(ChargingSession)
        .where(
            ChargingSession.evse_id == evse.id,
            ChargingSession.state.in_(LIVE),
            ChargingSession.historical.is_(False),
        )
        .with_for_update()
    )


async def asked_for_session(
    uow: UnitOfWork, ref: ChargerRef, *, id_token: str | None, remote_start_id: int | None
) -> ChargingSession | None:
    """Return the session whose remote start a charger answers: by remote start id (2.x) or one-time token (1.6)."""
    query = (
        select(ChargingSession)
        .where(ChargingSession.charger_id == ref.charger_id)
        # A reservation's token is every start's that its driver tries: the one that waits now is meant.
        .order_by(
            ChargingSession.state.in_(STARTING).desc(), ChargingSession.created_at.desc(), ChargingSession.id.desc()
        )
        .limit(1)
        .with_for_update()
    )
    if remote_start_id is not None:
        found = await uow.session.scalar(query.where(ChargingSession.remote_start_id == remote_start_id))
        if found is not None:
            return found
    if id_token is None:
        return None
    return await uow.session.scalar(
        query.where(ChargingSession.start_token == id_token.upper(), ChargingSession.state != SessionState.COMPLETED)
    )
