"""An operator says what was done about an incident. One that waits for a decision about money is closed by that."""

from uuid import UUID

from app.db.uow import Database, UnitOfWork
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession, Incident
from app.domain.operators.actor import AdminActor
from app.kit.clock import Clock
from app.kit.errors import ConflictError, InvalidInputError, NotFoundError

_MAX_TEXT = 2000


class AlreadyResolvedError(ConflictError):
    """Somebody resolved the incident before."""

    code = "ALREADY_RESOLVED"

    def __init__(self) -> None:
        super().__init__("The incident has been resolved already.")


class NeedsDecisionError(ConflictError):
    """The incident's session waits in REVIEW: it is resolved by deciding about the session."""

    code = "NEEDS_DECISION"

    def __init__(self) -> None:
        super().__init__("The session waits for a decision about its bill: resolve its review.")


def check_note(text: str, field: str) -> str:
    """Return an explanation without surrounding space. Raises InvalidInputError where there is none."""
    note = text.strip()
    if not 1 <= len(note) <= _MAX_TEXT:
        raise InvalidInputError(f"Please say why, in at most {_MAX_TEXT} characters.", field=field)
    return note


async def resolve_incident(
    database: Database, tenant_id: UUID, clock: Clock, incident_id: UUID, *, resolution: str, actor: AdminActor
) -> Incident:
    """Close an incident. Raises InvalidInputError, NotFoundError, AlreadyResolvedError, NeedsDecisionError."""
    note = check_note(resolution, "resolution")

    async def work(uow: UnitOfWork) -> Incident:
        incident = await uow.session.get(Incident, incident_id, with_for_update=True)
        if incident is None:
            raise NotFoundError("There is no such incident.", field="id")
        if incident.resolved_at is not None:
            raise AlreadyResolvedError
        if incident.session_id is not None and ":review:" in incident.dedupe_key:
            session = await uow.session.get_one(ChargingSession, incident.session_id)
            if session.state is SessionState.REVIEW:
                raise NeedsDecisionError
        incident.resolved_at = clock.now()
        incident.resolved_by = actor.operator_id
        incident.resolution = note
        actor.record(uow, "resolveIncident", {"kind": incident.kind.value, "resolution": note}, incident.id)
        return incident

    return await database.transact(tenant_id, work)
