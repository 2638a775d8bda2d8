"""A charger: its connection, its configuration, and what it was told to do."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

import bff.operators.enums  # noqa: F401  registers the enums
from app.domain.charging.tables import ChargerCommand as CommandRow
from app.domain.charging.tables import CommandState
from app.domain.stations.admin.variables import ReportedVariable
from app.domain.stations.states import OcppVersion, RegistrationStatus
from app.domain.stations.tables import Charger as ChargerRow
from app.kit.logging import redact
from bff.context import Info
from bff.fields import computed
from bff.operators.loaders import admin_loaders
from bff.operators.types.network import AdminEvse, AdminLocation


@strawberry.type
class ChargerVariable:
    """A configuration value as last reported: a 1.6 key (component empty) or a 2.x component's variable.

    `wanted` is what we asked the charger to set, `refusal` why it did not. Values of secrets are not shown.
    """

    component: str
    variable: str
    attribute: str
    value: str | None
    readonly: bool | None
    wanted: str | None
    refusal: str | None
    reported_at: datetime

    @classmethod
    def of(cls, found: ReportedVariable) -> "ChargerVariable":
        """Return a variable."""
        return cls(
            component=found.component,
            variable=found.variable,
            attribute=found.attribute,
            value=found.value,
            readonly=found.readonly,
            wanted=found.wanted,
            refusal=found.refusal,
            reported_at=found.reported_at,
        )


@strawberry.type
class ChargerCommand(relay.Node):
    """A command to a charger. `answer` is the charger's own payload, `detail` its word or what went wrong."""

    id: relay.NodeID[UUID]
    action: str
    state: CommandState
    payload: JSON
    answer: JSON | None
    detail: str | None
    requested_by: str
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    row: strawberry.Private[CommandRow]

    @classmethod
    def of(cls, row: CommandRow) -> "ChargerCommand":
        """Return a command, without tokens."""
        payload: Any = redact(row.payload)
        answer: Any = redact(row.answer)
        return cls(
            id=row.id,
            action=row.action,
            state=row.state,
            payload=payload,
            answer=answer,
            detail=row.detail,
            requested_by=row.requested_by,
            created_at=row.created_at,
            sent_at=row.sent_at,
            answered_at=row.answered_at,
            row=row,
        )

    @computed
    async def charger(self, info: Info) -> Annotated["Charger", strawberry.lazy("bff.operators.types.charger")] | None:
        """The charger."""
        row = await admin_loaders(info.context).chargers.load(self.row.charger_id)
        return Charger.of(row) if row else None


@strawberry.type
class Charger(relay.Node):
    """A charging station that speaks OCPP. `operative` is the operators' wish, whatever the charger reports."""

    id: relay.NodeID[UUID]
    identity: str
    connected: bool
    node: str | None
    ocpp_version: OcppVersion | None
    registration: RegistrationStatus
    security_profile: int
    allow_missing_subprotocol: bool
    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    connected_at: datetime | None
    disconnected_at: datetime | None
    last_seen_at: datetime | None
    booted_at: datetime | None
    clock_skew_seconds: int | None
    operative: bool
    fault_code: str | None
    violations: int
    last_violation: str | None
    row: strawberry.Private[ChargerRow]

    @classmethod
    def of(cls, row: ChargerRow) -> "Charger":
        """Return a charger, without its password's hash."""
        same = [name for name in cls.__annotations__ if name not in ("id", "row")]
        return cls(id=row.id, row=row, **{name: getattr(row, name) for name in same})

    @computed
    async def location(self, info: Info) -> AdminLocation | None:
        """Where it stands."""
        row = await info.context.loaders.locations.load(self.row.location_id) if self.row.location_id else None
        return AdminLocation.of(row) if row else None

    @computed
    async def evses(self, info: Info) -> list[AdminEvse]:
        """The charging points it serves, by its own numbers."""
        context = info.context
        rows = await admin_loaders(context).evses_of_charger.load(self.row.id)
        views = await context.loaders.evses.load_many([row.id for row in rows])
        return [AdminEvse.of(view) for view in views if view is not None]

    @computed
    async def variables(self, info: Info) -> list[ChargerVariable]:
        """Its configuration as it last reported it."""
        return [ChargerVariable.of(found) for found in await admin_loaders(info.context).variables.load(self.row.id)]

    @computed
    async def last_commands(self, info: Info) -> list[ChargerCommand]:
        """The last ten commands, newest first."""
        return [ChargerCommand.of(row) for row in await admin_loaders(info.context).last_commands.load(self.row.id)]
