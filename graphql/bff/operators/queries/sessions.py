"""Sessions, and what about them needs an operator's eye."""

import strawberry
from sqlalchemy import Select, select

from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession
from app.domain.charging.tables import Incident as IncidentRow
from app.domain.charging.tables import QuarantinedMessage as QuarantinedRow
from app.domain.operators.permissions import Permission
from app.kit.errors import NotFoundError
from bff.access import OperatorField
from bff.context import Info
from bff.fields import query
from bff.ids import optional_row_id
from bff.operators.ids import driver_row_id, session_row_id
from bff.operators.pages import newest_first
from bff.operators.types.incident import Incident, QuarantinedMessage
from bff.operators.types.session import AdminSession
from bff.pagination import Connection
from bff.stations.queries import After, First


@strawberry.input
class AdminSessionFilter:
    """Which sessions; everything that is given must hold."""

    states: list[SessionState] | None = None
    charger_id: strawberry.ID | None = None
    driver_id: strawberry.ID | None = None
    evse_id: strawberry.ID | None = None
    suspect: bool | None = None

    def apply(self, query_: Select[ChargingSession]) -> Select[ChargingSession]:
        """Narrow a query. Raises NotFoundError for an id of something else."""
        for given, type_name, field, column in (
            (self.charger_id, "Charger", "chargerId", ChargingSession.charger_id),
            (self.evse_id, "AdminEvse", "evseId", ChargingSession.evse_id),
        ):
            found = optional_row_id(given, type_name, field)
            if found is not None:
                query_ = query_.where(column == found)
        driver = driver_row_id(self.driver_id, "driverId")
        if driver is not None:
            query_ = query_.where(ChargingSession.driver_id == driver)
        if self.states is not None:
            query_ = query_.where(ChargingSession.state.in_(self.states))
        if self.suspect is not None:
            query_ = query_.where(ChargingSession.suspect.is_(self.suspect))
        return query_


@strawberry.type
class AdminSessionQueries:
    """Queries about sessions."""

    @query(OperatorField(Permission.VIEW_SESSIONS))
    @staticmethod
    async def admin_sessions(
        info: Info,
        first: First,
        after: After = None,
        filter: AdminSessionFilter | None = None,  # noqa: A002  the API's name
    ) -> Connection[AdminSession]:
        """Return sessions, the newest first."""
        context = info.context
        wanted = select(ChargingSession)
        return await newest_first(
            context,
            filter.apply(wanted) if filter else wanted,
            ChargingSession,
            lambda row: AdminSession.of(row, context),
            first=first,
            after=after,
        )

    @query(OperatorField(Permission.VIEW_SESSIONS))
    @staticmethod
    async def admin_session(info: Info, id: strawberry.ID) -> AdminSession:  # noqa: A002  the API's name
        """Return a session, also by the id that its driver's app shows."""
        row = await info.context.loaders.sessions.load(session_row_id(id, "id"))
        if row is None:
            raise NotFoundError("there is no such session", field="id")
        return AdminSession.of(row, info.context)

    @query(OperatorField(Permission.VIEW_SESSIONS))
    @staticmethod
    async def incidents(info: Info, first: First, after: After = None, open_only: bool = True) -> Connection[Incident]:
        """Return incidents, the newest first."""
        wanted = select(IncidentRow)
        if open_only:
            wanted = wanted.where(IncidentRow.resolved_at.is_(None))
        return await newest_first(info.context, wanted, IncidentRow, Incident.of, first=first, after=after)

    @query(OperatorField(Permission.VIEW_SESSIONS))
    @staticmethod
    async def quarantined_messages(info: Info, first: First, after: After = None) -> Connection[QuarantinedMessage]:
        """Return messages that could not be applied, the newest first."""
        return await newest_first(
            info.context, select(QuarantinedRow), QuarantinedRow, QuarantinedMessage.of, first=first, after=after
        )
