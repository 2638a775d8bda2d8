"""A driver starts a charge: the session and its frozen price first, then the hold, then the command to the charger.

tx1 claims the idempotency key, locks the EVSE, freezes the tariff and adds the session; the hold is placed outside
any transaction with keys derived from the session; tx2 (`apply_hold`) records it and enqueues the start. A crash
anywhere in between is healed by `reconcile`, which repeats the same calls.
"""

from dataclasses import asdict, dataclass
from uuid import UUID

from app.db.idempotency import claim
from app.db.tables import Tenant
from app.db.uow import UnitOfWork
from app.domain.charging.apply_hold import apply_hold
from app.domain.charging.deps import Charging
from app.domain.charging.progress import publish
from app.domain.charging.startable import connector_of, own_reservation, require_startable
from app.domain.charging.states import SessionState, StartMethod
from app.domain.charging.tables import ChargingSession, transaction_numbers
from app.domain.ports import HoldResult
from app.domain.pricing.store import freeze, tariff_for, tariff_of
from app.domain.pricing.tables import TariffSnapshot
from app.domain.stations.tables import Evse, Location
from app.kit.errors import ConflictError, InvalidInputError, NotFoundError
from app.kit.ids import new_id_tag
from app.kit.money import Money

_MAX_SOC = 100


class PriceChangedError(ConflictError):
    """The price is no longer the one the driver was quoted."""

    code = "PRICE_CHANGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRequest:
    """What a driver asks for. Energy Wh, money minor units, duration seconds, state of charge percent."""

    evse_id: UUID
    connector_id: UUID | None = None
    payment_method_id: UUID | None = None
    quoted_tariff_hash: str | None = None
    max_energy_wh: int | None = None
    max_cost_minor: int | None = None
    max_duration_seconds: int | None = None
    max_soc: int | None = None

    def __post_init__(self) -> None:
        for name in ("max_energy_wh", "max_cost_minor", "max_duration_seconds", "max_soc"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise InvalidInputError("a limit must be positive", field=name)
        if self.max_soc is not None and self.max_soc > _MAX_SOC:
            raise InvalidInputError("a state of charge is at most 100 percent", field="max_soc")


@dataclass(frozen=True, slots=True)
class StartedCharge:
    """The session a start led to, and what the app's payment SDK needs if the card wants authentication."""

    session_id: UUID
    client_secret: str | None = None


async def start_charging(
    deps: Charging,
    tenant_id: UUID,
    *,
    driver_id: UUID,
    method: StartMethod,
    request: StartRequest,
    idempotency_key: str,
) -> StartedCharge:
    """Start a charge. The same key again returns the same session and never a second hold.

    Raises UserError: NOT_FOUND, CHARGER_OFFLINE, EVSE_UNAVAILABLE, EVSE_OCCUPIED, EVSE_RESERVED, NO_TARIFF,
    PRICE_CHANGED, NO_PAYMENT_METHOD, OPEN_DEBT, IDEMPOTENCY_CONFLICT.
    """

    async def prepare(uow: UnitOfWork) -> UUID:
        key = await claim(
            uow,
            actor=str(driver_id),
            operation="startCharging",
            key=idempotency_key,
            request=asdict(request),
        )
        if key.result is not None:
            return UUID(key.result["session"])
        session = await _add_session(deps, uow, driver_id, method, request)
        key.result = {"session": str(session.id)}
        return session.id

    session_id = await deps.database.transact(tenant_id, prepare)
    result = await hold_and_apply(deps, tenant_id, session_id)
    return StartedCharge(session_id, result.client_secret if result else None)


async def hold_and_apply(deps: Charging, tenant_id: UUID, session_id: UUID) -> HoldResult | None:
    """Place the hold of a session that still waits for it and record what came of it. Safe to repeat."""
    async with deps.database.read(tenant_id) as db:
        session = await db.get_one(ChargingSession, session_id)
    if session.free_of_charge:
        return None
    if session.state is SessionState.PENDING_ACTION:
        return await deps.payments.read_hold(tenant_id, session_id)
    if session.state is not SessionState.PENDING_PAYMENT:
        return None
    result = await deps.payments.place_hold(tenant_id, session_id)
    await apply_hold(deps, tenant_id, session_id, result)
    return result


async def _add_session(
    deps: Charging, uow: UnitOfWork, driver_id: UUID, method: StartMethod, request: StartRequest
) -> ChargingSession:
    evse = await uow.session.get(Evse, request.evse_id, with_for_update=True)
    if evse is None:
        raise NotFoundError("there is no such charging point", field="evseId")
    connector = await connector_of(uow, evse, request.connector_id)
    await require_startable(uow, evse)
    reservation = await own_reservation(uow, evse, driver_id, deps.clock.now())
    snapshot = await freeze(uow, await tariff_for(uow, evse, connector))
    if request.quoted_tariff_hash not in (None, snapshot.content_hash):
        raise PriceChangedError("the price has changed since it was quoted", field="quotedTariffHash")
    location = await uow.session.get_one(Location, evse.location_id)
    tenant = await uow.session.get_one(Tenant, uow.tenant_id)
    hold = hold_amount(deps, tenant, snapshot, request.max_cost_minor)
    session = ChargingSession(
        created_at=deps.clock.now(),
        state=SessionState.PENDING_PAYMENT,
        start_method=method,
        driver_id=driver_id,
        charger_id=evse.charger_id,
        evse_id=evse.id,
        connector_id=connector.id if connector else None,
        location_id=location.id,
        reservation_id=reservation.id if reservation else None,
        time_zone=location.time_zone,
        currency=hold.currency,
        tariff_snapshot_id=snapshot.id,
        hold_minor=hold.minor,
        start_token=reservation.id_token if reservation else new_id_tag(),
        remote_start_id=await uow.session.scalar(transaction_numbers.next_value()),
        payment_method_id=request.payment_method_id,
        max_energy_wh=request.max_energy_wh,
        max_cost_minor=request.max_cost_minor,
        max_duration_seconds=request.max_duration_seconds,
        max_soc=request.max_soc,
    )
    uow.session.add(session)
    await publish(uow, session, "session.created")
    await deps.payments.prepare_hold(
        uow,
        session_id=session.id,
        driver_id=driver_id,
        amount=hold,
        payment_method_id=request.payment_method_id,
    )
    return session


def hold_amount(deps: Charging, tenant: Tenant, snapshot: TariffSnapshot, max_cost_minor: int | None) -> Money:
    """Return the hold: the driver's limit, else the tariff's preauthorisation, else the brand's, else the default."""
    currency = snapshot.content["currency"]
    if max_cost_minor is not None:
        return Money(max_cost_minor, currency)
    stated = tariff_of(snapshot).preauthorize_amount
    if stated is not None:
        return Money.from_exact(stated, currency)
    return Money(tenant.default_hold_minor or deps.settings.default_hold_minor, currency)
