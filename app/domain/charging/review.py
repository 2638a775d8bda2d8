"""An operator decides about a session that the program must not bill alone: as metered, with other energy, or never.

The decision, its audit entry, the resolution of the incident and the job that carries it out are one transaction.
"""

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import update

from app.db.uow import UnitOfWork
from app.domain.charging.deps import Charging
from app.domain.charging.progress import move
from app.domain.charging.rating_detail import RatingDetail
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession, Incident, IncidentKind, SessionRating
from app.domain.charging.unplug import begin_settling
from app.domain.operators.actor import AdminActor
from app.domain.operators.resolve_incident import check_note
from app.kit.errors import ConflictError, InvalidInputError, NotFoundError

_MAX_ENERGY_WH = 10_000_000
_REVIEW_KINDS = (IncidentKind.IMPLAUSIBLE_METER, IncidentKind.UNKNOWN_TRANSACTION)


class ReviewDecision(StrEnum):
    """What becomes of a session in review."""

    BILL_AS_METERED = "BILL_AS_METERED"
    BILL_WITH_ENERGY = "BILL_WITH_ENERGY"
    WRITE_OFF = "WRITE_OFF"


class NotInReviewError(ConflictError):
    """The session waits for no decision."""

    code = "NOT_IN_REVIEW"

    def __init__(self, state: SessionState) -> None:
        super().__init__(f"The session is {state.value}, not in review.", field="sessionId")


class NotBillableError(ConflictError):
    """Nobody, or no price, or no start is known: such a session can only be written off."""

    code = "NOT_BILLABLE"

    def __init__(self, missing: str) -> None:
        super().__init__(f"The session cannot be billed: {missing}.", field="decision")


async def resolve_review(
    deps: Charging,
    tenant_id: UUID,
    session_id: UUID,
    *,
    decision: ReviewDecision,
    energy_wh: int | None,
    note: str,
    actor: AdminActor,
) -> ChargingSession:
    """Decide. `energy_wh` (Wh) goes with BILL_WITH_ENERGY only.

    Raises InvalidInputError, NotFoundError, NotInReviewError, NotBillableError.
    """
    reason = check_note(note, "note")
    _check_energy(decision, energy_wh)

    async def work(uow: UnitOfWork) -> ChargingSession:
        session = await uow.session.get(ChargingSession, session_id, with_for_update=True)
        if session is None:
            raise NotFoundError("There is no such session.", field="sessionId")
        if session.state is not SessionState.REVIEW:
            raise NotInReviewError(session.state)
        given = {
            "decision": decision.value,
            "note": reason,
            "energy_wh": energy_wh,
            "metered_wh": session.energy_wh,
            "suspect_reason": session.suspect_reason,
        }
        if decision is ReviewDecision.WRITE_OFF:
            await _write_off(uow, session)
        else:
            await _bill(uow, session, energy_wh)
        await _close_incidents(deps, uow, session, f"{decision.value}: {reason}", actor)
        actor.record(uow, "resolveReview", given, session.id)
        return session

    return await deps.database.transact(tenant_id, work)


def _check_energy(decision: ReviewDecision, energy_wh: int | None) -> None:
    wanted = decision is ReviewDecision.BILL_WITH_ENERGY
    if wanted != (energy_wh is not None):
        raise InvalidInputError("The energy is given exactly where it is to be billed.", field="energyWh")
    if energy_wh is not None and not 0 <= energy_wh <= _MAX_ENERGY_WH:
        raise InvalidInputError(f"The energy is between 0 and {_MAX_ENERGY_WH} Wh.", field="energyWh")


def _missing(session: ChargingSession) -> str | None:
    """Return what a session lacks to be billed, None where nothing is lacking."""
    if session.tariff_snapshot_id is None:
        return "no price was published when it began"
    if session.driver_id is None and not session.free_of_charge:
        return "nobody is known to pay for it"
    return None if session.started_at is not None else "it is not known when it began"


async def _bill(uow: UnitOfWork, session: ChargingSession, energy_wh: int | None) -> None:
    missing = _missing(session)
    if missing is not None:
        raise NotBillableError(missing)
    session.suspect = False
    session.suspect_reason = None
    if energy_wh is not None:
        session.energy_wh = energy_wh
        session.energy_estimated = False  # decided: a late stop no longer replaces it
    await begin_settling(uow, session)


async def _write_off(uow: UnitOfWork, session: ChargingSession) -> None:
    """Close the session unbilled. One that could have been billed is settled at nothing, so that its hold is released
    and what was captured of it before it could expire goes back; the others never had a payment.
    """
    session.cost_net_minor = 0
    session.cost_gross_minor = 0
    if _missing(session) is not None:
        await move(uow, session, SessionState.COMPLETED)
        return
    session.suspect = False
    uow.session.add(
        SessionRating(
            session_id=session.id,
            net_minor=0,
            vat_minor=0,
            gross_minor=0,
            currency=session.currency,
            exact_gross=Decimal(0),
            detail=RatingDetail(session.currency).to_json(),
        )
    )
    await begin_settling(uow, session)


async def _close_incidents(
    deps: Charging, uow: UnitOfWork, session: ChargingSession, resolution: str, actor: AdminActor
) -> None:
    keys = [f"{kind.value}:review:{session.id}" for kind in _REVIEW_KINDS]
    await uow.session.execute(
        update(Incident)
        .where(Incident.dedupe_key.in_(keys), Incident.resolved_at.is_(None))
        .values(resolved_at=deps.clock.now(), resolved_by=actor.operator_id, resolution=resolution)
    )
