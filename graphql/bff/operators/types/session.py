"""A charging session as operators see it: what was measured, what was decided, what was paid."""

from datetime import datetime
from uuid import UUID

import strawberry
from sqlalchemy import and_, or_, select
from strawberry import relay
from strawberry.scalars import JSON

from app.domain.charging.states import ChargingState, FailureCode, SessionState, StartMethod, StopReason
from app.domain.charging.tables import ChargingSession, MeterReading
from bff.context import Context, Info
from bff.fields import computed
from bff.money import Money
from bff.operators.loaders import admin_loaders
from bff.operators.pages import read_rows
from bff.operators.types.charger import Charger, ChargerCommand
from bff.operators.types.driver import AdminDriver, driver_for
from bff.operators.types.incident import Incident, charger_of
from bff.operators.types.network import AdminEvse, AdminLocation, evse_by_id
from bff.operators.types.payment import AdminPayment
from bff.pagination import Connection, Edge, TimeCursor, page_of, require_page_size
from bff.scalars import BigInt
from bff.stations.queries import After, First


@strawberry.type
class SessionReading:
    """A meter value as received. `registerWh` is the charger's register, `energyWh` the session's energy at it.

    A reading with a `suspectReason` counts nothing.
    """

    taken_at: datetime
    received_at: datetime
    context: str | None
    register_wh: BigInt | None
    energy_wh: BigInt | None
    power_w: int | None
    soc_percent: int | None
    suspect_reason: str | None
    samples: JSON

    @classmethod
    def of(cls, row: MeterReading) -> "SessionReading":
        """Return a reading."""
        same = list(cls.__annotations__)
        return cls(**{name: getattr(row, name) for name in same})


@strawberry.type
class AdminSession(relay.Node):
    """A charge. Energy in Wh, power in W. `suspectReason` says why it is not billed by the program alone."""

    id: relay.NodeID[UUID]
    state: SessionState
    start_method: StartMethod
    charging_state: ChargingState | None
    historical: bool
    free_of_charge: bool
    energy_wh: BigInt
    energy_estimated: bool
    meter_start_wh: BigInt | None
    meter_stop_wh: BigInt | None
    power_w: int | None
    soc_percent: int | None
    suspect: bool
    suspect_reason: str | None
    created_at: datetime
    started_at: datetime | None
    energy_ended_at: datetime | None
    ended_at: datetime | None
    last_reading_at: datetime | None
    stop_requested_at: datetime | None
    stop_reason: StopReason | None
    failure: FailureCode | None
    failure_detail: str | None
    ocpp_transaction_id: str | None
    cost_net: Money | None
    cost_gross: Money | None
    hold: Money | None
    row: strawberry.Private[ChargingSession]

    @classmethod
    def of(cls, row: ChargingSession, context: Context) -> "AdminSession":
        """Return a session."""
        own = ("id", "cost_net", "cost_gross", "hold", "row")
        same = [name for name in cls.__annotations__ if name not in own]
        return cls(
            id=row.id,
            cost_net=Money.maybe(row.cost_net_minor, row.currency, context.locale),
            cost_gross=Money.maybe(row.cost_gross_minor, row.currency, context.locale),
            hold=Money.maybe(row.hold_minor, row.currency, context.locale),
            row=row,
            **{name: getattr(row, name) for name in same},
        )

    @computed
    async def driver(self, info: Info) -> AdminDriver | None:
        """Who charges; null where nobody is known, or where the caller may not see drivers."""
        return await driver_for(info.context, self.row.driver_id)

    @computed
    async def evse(self, info: Info) -> AdminEvse | None:
        """The charging point."""
        return await evse_by_id(info.context, self.row.evse_id) if self.row.evse_id else None

    @computed
    async def charger(self, info: Info) -> Charger | None:
        """The charger."""
        return await charger_of(info.context, self.row.charger_id)

    @computed
    async def location(self, info: Info) -> AdminLocation | None:
        """The location."""
        row = await info.context.loaders.locations.load(self.row.location_id) if self.row.location_id else None
        return AdminLocation.of(row) if row else None

    @computed
    async def payment(self, info: Info) -> AdminPayment | None:
        """Its payment; null where nothing was to pay."""
        row = await info.context.loaders.payments.load(self.row.id)
        return AdminPayment.of(row, info.context) if row else None

    @computed
    async def commands(self, info: Info) -> list[ChargerCommand]:
        """What its charger was told for it, oldest first."""
        rows = await admin_loaders(info.context).commands_of_session.load(self.row.id)
        return [ChargerCommand.of(row) for row in rows]

    @computed
    async def incidents(self, info: Info) -> list[Incident]:
        """What needs, or needed, an operator's eye, oldest first."""
        return [Incident.of(row) for row in await admin_loaders(info.context).incidents_of_session.load(self.row.id)]

    @computed
    async def readings(self, info: Info, first: First, after: After = None) -> Connection[SessionReading]:
        """Its meter values in order of time."""
        require_page_size(first)
        cursor = TimeCursor.decode(after)
        query = select(MeterReading).where(MeterReading.session_id == self.row.id)
        if cursor is not None:
            later = MeterReading.taken_at > cursor.created_at
            same = and_(MeterReading.taken_at == cursor.created_at, MeterReading.id > cursor.row_id)
            query = query.where(or_(later, same))
        query = query.order_by(MeterReading.taken_at, MeterReading.id).limit(first + 1)
        rows = await read_rows(info.context, query)
        edges = [
            Edge(cursor=TimeCursor(row.taken_at, row.id).encode(), node=SessionReading.of(row)) for row in rows[:first]
        ]
        return page_of(edges, has_next=len(rows) > first)
