"""A charging session as its driver sees it."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from app.domain.charging.states import ChargingState, FailureCode, SessionState, StartMethod, StopReason
from app.domain.charging.tables import ChargingSession
from app.domain.pricing.tables import TariffRow, TariffSnapshot
from bff.context import Context, Info
from bff.fields import computed
from bff.money import Money
from bff.pricing.price import Price, price_of
from bff.receipts.types import Receipt
from bff.scalars import BigInt
from bff.sessions.failures import failure_text
from bff.sessions.payment import SessionPayment
from bff.stations.types import Evse, Station


@strawberry.type
class SessionFailure:
    """Why a charge did not happen: a code to decide by, a text to show."""

    code: FailureCode
    message: str

    @classmethod
    def of(cls, code: FailureCode | None, locale: str) -> "SessionFailure | None":
        """Return a failure in the caller's language, None for none."""
        return None if code is None else cls(code=code, message=failure_text(code, locale))


@strawberry.type
class SessionLimits:
    """What the driver limited the charge to; null where not limited."""

    energy_wh: BigInt | None
    cost: Money | None
    duration_seconds: int | None
    soc_percent: int | None


@strawberry.type
class Session(relay.Node):
    """A charge at one charging point. Energy in Wh, power in W, cost with tax as far as it is known.

    `stopPending`: a stop was asked for and the charger has not confirmed it. `sequence` counts the session's updates.
    """

    id: relay.NodeID[UUID]
    sequence: BigInt
    state: SessionState
    start_method: StartMethod
    charging_state: ChargingState | None
    energy_wh: BigInt
    energy_estimated: bool
    power_w: int | None
    soc_percent: int | None
    running_cost: Money | None
    hold: Money | None
    created_at: datetime
    started_at: datetime | None
    energy_ended_at: datetime | None
    ended_at: datetime | None
    last_reading_at: datetime | None
    stop_pending: bool
    stop_reason: StopReason | None
    failure: SessionFailure | None
    limits: SessionLimits
    row: strawberry.Private[ChargingSession]

    @classmethod
    def of(cls, row: ChargingSession, context: Context) -> "Session":
        """Return a session that was checked to be the caller's own."""
        locale = context.locale
        return cls(
            id=row.id,
            sequence=BigInt(row.seq),
            state=row.state,
            start_method=row.start_method,
            charging_state=row.charging_state,
            energy_wh=BigInt(row.energy_wh),
            energy_estimated=row.energy_estimated,
            power_w=row.power_w,
            soc_percent=row.soc_percent,
            running_cost=Money.maybe(row.cost_gross_minor, row.currency, locale),
            hold=Money.maybe(row.hold_minor, row.currency, locale),
            created_at=row.created_at,
            started_at=row.started_at,
            energy_ended_at=row.energy_ended_at,
            ended_at=row.ended_at,
            last_reading_at=row.last_reading_at,
            stop_pending=row.stop_requested_at is not None and row.state is SessionState.ACTIVE,
            stop_reason=row.stop_reason,
            failure=SessionFailure.of(row.failure, locale),
            limits=SessionLimits(
                energy_wh=None if row.max_energy_wh is None else BigInt(row.max_energy_wh),
                cost=Money.maybe(row.max_cost_minor, row.currency, locale),
                duration_seconds=row.max_duration_seconds,
                soc_percent=row.max_soc,
            ),
            row=row,
        )

    @computed
    async def evse(self, info: Info) -> Evse | None:
        """The charging point."""
        view = await info.context.loaders.evses.load(self.row.evse_id) if self.row.evse_id else None
        return Evse.of(view) if view else None

    @computed
    async def station(self, info: Info) -> Station | None:
        """The station."""
        row = await info.context.loaders.locations.load(self.row.location_id) if self.row.location_id else None
        return Station.of(row) if row else None

    @computed
    async def tariff(self, info: Info) -> Price | None:
        """The prices frozen at the start, by which the charge is billed."""
        row = self.row
        frozen = await info.context.loaders.snapshots.load(row.tariff_snapshot_id) if row.tariff_snapshot_id else None
        if frozen is None:
            return None
        return price_of(_as_tariff(frozen), row.time_zone, row.started_at or row.created_at, None, info.context.locale)

    @computed
    async def payment(self, info: Info) -> SessionPayment | None:
        """Its payment; null where nothing is to pay."""
        row = await info.context.loaders.payments.load(self.row.id)
        return SessionPayment.of(row, self.row, info.context) if row else None

    @computed
    async def receipt(self, info: Info) -> Receipt | None:
        """Its receipt, once it was issued."""
        row = await info.context.loaders.receipts.load(self.row.id)
        return Receipt.of(row, info.context) if row else None


def _as_tariff(frozen: TariffSnapshot) -> TariffRow:
    """Return a frozen tariff in the shape of a published one; it is looked at and never stored."""
    currency: str = frozen.content["currency"]
    return TariffRow(
        id=frozen.tariff_id,
        name="",
        currency=currency,
        version=frozen.version,
        content=frozen.content,
        content_hash=frozen.content_hash,
    )
