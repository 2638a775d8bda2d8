"""`resolveIncident`: an operator says what was done."""

import strawberry

from app.domain.operators.permissions import Permission
from app.domain.operators.resolve_incident import AlreadyResolvedError, NeedsDecisionError, resolve_incident
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.types.incident import Incident


@strawberry.input
class ResolveIncidentInput:
    """Which incident, and what was done about it."""

    incident_id: strawberry.ID
    resolution: str


@payload(AlreadyResolvedError, NeedsDecisionError)
class ResolveIncidentPayload:
    """The incident."""

    incident: Incident | None = None


@strawberry.type
class ResolveIncident:
    """The mutation."""

    @mutation(OperatorField(Permission.RESOLVE_INCIDENTS))
    @staticmethod
    async def resolve_incident(info: Info, input: ResolveIncidentInput) -> ResolveIncidentPayload:  # noqa: A002
        """Close an incident. One whose session waits in review is closed by `resolveReview`."""
        services = info.context.services
        row = await resolve_incident(
            services.database,
            info.context.tenant_id,
            services.clock,
            row_id(input.incident_id, "Incident", "incidentId"),
            resolution=input.resolution,
            actor=await acting(info),
        )
        return ResolveIncidentPayload(incident=Incident.of(row))
