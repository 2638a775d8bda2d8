"""The end of a session's life: its final rating is stored, then paid, then told. Each step is repeated after a crash.

What must not be billed by the program alone goes to REVIEW before anything is priced; a refused start in which no
energy flowed leaves nothing to decide and ends without a bill.
"""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select, update

from app.db.uow import UnitOfWork
from app.domain.charging.deps import Charging
from app.domain.charging.energy_flowed import energy_flowed
from app.domain.charging.incidents import open_incident
from app.domain.charging.progress import move
from app.domain.charging.rating import Rated, load_record
from app.domain.charging.rating_detail import RatingDetail, rating_detail
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession, Incident, IncidentKind, SessionRating
from app.domain.stations.tables import Location
from app.kit.money import Money

_MOOT = (IncidentKind.UNKNOWN_TRANSACTION, IncidentKind.STOP_LOST)
"""What a refused start opens and nobody needs to look at where no energy flowed."""


async def settle_session(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """Rate, pay and complete a session in SETTLING; any other state is left as it is.

    Raises where the processor's answer is unknown: the job is repeated.
    """
    rated = await deps.database.transact(tenant_id, lambda uow: _rate(deps, uow, session_id))
    if not rated:
        return
    receipt_number = await deps.payments.settle(tenant_id, session_id)

    async def complete(uow: UnitOfWork) -> None:
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
        if session.state is SessionState.SETTLING:
            await move(uow, session, SessionState.COMPLETED)
            await _tell_driver(deps, uow, session, receipt_number)

    await deps.database.transact(tenant_id, complete)


async def _rate(deps: Charging, uow: UnitOfWork, session_id: UUID) -> bool:
    """Store the final rating; return whether the session can be paid."""
    session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
    if session.state is not SessionState.SETTLING:
        return False
    if session.refused_as is not None and not await energy_flowed(uow, session):
        await _end_unbilled(uow, session, deps.clock.now())
        return False
    reason = _review_reason(session)
    if reason is not None:
        await _send_to_review(uow, session, reason)
        return False
    existing = await uow.session.scalar(select(SessionRating).where(SessionRating.session_id == session_id))
    if existing is not None:
        return True
    record = await load_record(uow.session, session)
    rated = record.rate(session.ended_at or session.energy_ended_at or session.created_at)
    uow.session.add(_rating_row(session, rated))
    totals = rated.totals
    session.cost_net_minor = 0 if session.free_of_charge else totals.net.minor
    session.cost_gross_minor = 0 if session.free_of_charge else totals.gross.minor
    return True


async def _end_unbilled(uow: UnitOfWork, session: ChargingSession, at: datetime) -> None:
    """A card was refused and the charger obeyed: there is nothing for an operator to decide."""
    session.cost_net_minor = session.cost_gross_minor = 0
    await uow.session.execute(
        update(Incident)
        .where(Incident.session_id == session.id, Incident.kind.in_(_MOOT), Incident.resolved_at.is_(None))
        .values(resolved_at=at, resolution="no energy flowed")
    )
    await move(uow, session, SessionState.COMPLETED)


def _review_reason(session: ChargingSession) -> str | None:
    if session.suspect:
        return session.suspect_reason or "suspect"
    if session.tariff_snapshot_id is None:
        return "no price was published when it began"
    if session.driver_id is None and not session.free_of_charge:
        return "nobody is known to pay for it"
    return None


async def _send_to_review(uow: UnitOfWork, session: ChargingSession, reason: str) -> None:
    await open_incident(
        uow,
        IncidentKind.IMPLAUSIBLE_METER if session.suspect else IncidentKind.UNKNOWN_TRANSACTION,
        f"review:{session.id}",
        {"reason": reason, "energyWh": session.energy_wh},
        charger_id=session.charger_id,
        session_id=session.id,
    )
    await move(uow, session, SessionState.REVIEW)


def _rating_row(session: ChargingSession, rated: Rated) -> SessionRating:
    totals = rated.totals
    zero = Money.zero(session.currency)
    free = session.free_of_charge
    exact = Fraction(0) if free else rated.priced.total_incl
    # What was given away has no price to explain: the receipt's lines add up to its total of nothing.
    detail = RatingDetail(session.currency) if free else rating_detail(rated.priced, totals, rated.tariff)
    return SessionRating(
        session_id=session.id,
        net_minor=(zero if free else totals.net).minor,
        vat_minor=(zero if free else totals.vat).minor,
        gross_minor=(zero if free else totals.gross).minor,
        currency=session.currency,
        exact_gross=None if exact is None else Decimal(exact.numerator) / Decimal(exact.denominator),
        detail=detail.to_json(),
    )


async def _tell_driver(deps: Charging, uow: UnitOfWork, session: ChargingSession, receipt_number: str) -> None:
    if session.driver_id is None:
        return
    location = await uow.session.get(Location, session.location_id) if session.location_id else None
    await deps.notifier.notify(
        uow,
        driver_id=session.driver_id,
        kind="CHARGING_ENDED",
        payload={
            "session_id": session.id,
            "location_name": location.name if location else "",
            "energy_wh": session.energy_wh,
            "cost": {"minor": session.cost_gross_minor or 0, "currency": session.currency},
            "receipt_number": receipt_number,
        },
        dedupe_key=f"ended:{session.id}",
    )
