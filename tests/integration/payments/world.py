"""A small world for payment tests: drivers with cards, charging sessions and their ratings, over the real double."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.charging.rating_detail import rating_detail
from app.domain.charging.states import SessionState, StartMethod
from app.domain.charging.tables import ChargingSession, Incident, SessionRating
from app.domain.drivers.tables import Driver, DriverKind
from app.domain.stations.tables import Evse, Location
from app.domain.tariffs import Stretch, StretchState, invoice_totals, rate, simple_tariff
from app.kit.ids import new_id
from app.kit.money import Money
from payments.cards import complete_card_setup, start_card_setup
from payments.deps import PaymentDeps
from payments.holds import SessionPayments
from payments.ledger import assert_balanced
from payments.rows import find_payment
from payments.stripe.client import StripeGateway
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.tables import LedgerAccount, LedgerEntry, LedgerTransaction, Payment
from tests.fakes.clock import FrozenClock

EUR = "EUR"
TARIFF = simple_tariff(
    id="tariff-1",
    currency=EUR,
    energy_per_kwh=Decimal("0.59"),
    idle_per_minute=Decimal("0.10"),
    vat_percent=Decimal(19),
)


@dataclass
class World:
    """One brand's payments."""

    deps: PaymentDeps
    admin: StripeDoubleAdmin
    tenant_id: UUID
    clock: FrozenClock
    payments: SessionPayments = field(init=False)

    def __post_init__(self) -> None:
        self.payments = SessionPayments(self.deps)

    @property
    def gateway(self) -> StripeGateway:
        """The processor's edge."""
        return self.deps.gateway

    async def driver(self, kind: DriverKind = DriverKind.ACCOUNT) -> UUID:
        """Add a driver without a card."""
        async with self.deps.database.unit_of_work(self.tenant_id) as uow:
            row = Driver(kind=kind)
            uow.session.add(row)
            await uow.session.flush()
            return row.id

    async def card(self, driver_id: UUID, card: str = "pm_card_visa") -> UUID:
        """Save a test card, authenticating where it wants that."""
        setup = await start_card_setup(self.deps, self.tenant_id, driver_id)
        intent_id = setup.client_secret.split("_secret_")[0]
        intent = await self.gateway.confirm_setup_intent(intent_id, card, idempotency_key=f"confirm:{setup.setup_id}")
        if intent.status.value == "requires_action":
            await self.admin.authenticate(intent_id)
        return await complete_card_setup(self.deps, self.tenant_id, driver_id, setup.setup_id)

    async def driver_with(self, card: str = "pm_card_visa", kind: DriverKind = DriverKind.ACCOUNT) -> UUID:
        """Add a driver with one saved card."""
        driver_id = await self.driver(kind)
        await self.card(driver_id, card)
        return driver_id

    async def session(
        self, driver_id: UUID | None, state: SessionState = SessionState.PENDING_PAYMENT, **columns: Any
    ) -> UUID:
        """Add a charging session at a location in Berlin."""
        async with self.deps.database.unit_of_work(self.tenant_id) as uow:
            location = Location(
                source="test",
                source_id=new_id().hex,
                name="Ladepark Nord",
                address="Chausseestraße 1",
                postal_code="10115",
                city="Berlin",
                country="DE",
                latitude=Decimal("52.53"),
                longitude=Decimal("13.38"),
                position="(0.59, 0.14, 0.79)",
                time_zone="Europe/Berlin",
            )
            uow.session.add(location)
            await uow.session.flush()
            evse = Evse(location_id=location.id, source_uid="1", evse_code="DE*VLT*E0001*1")
            uow.session.add(evse)
            await uow.session.flush()
            row = ChargingSession(
                state=state,
                start_method=StartMethod.APP,
                driver_id=driver_id,
                evse_id=evse.id,
                location_id=location.id,
                time_zone="Europe/Berlin",
                currency=EUR,
                **columns,
            )
            uow.session.add(row)
            await uow.session.flush()
            return row.id

    async def prepared(self, driver_id: UUID, hold_minor: int = 5000, card: UUID | None = None) -> UUID:
        """Add a session with a prepared hold."""
        session_id = await self.session(driver_id)
        await self.prepare(session_id, driver_id, hold_minor, card)
        return session_id

    async def prepare(
        self, session_id: UUID, driver_id: UUID, hold_minor: int = 5000, card: UUID | None = None
    ) -> None:
        """Prepare a session's hold."""
        async with self.deps.database.unit_of_work(self.tenant_id) as uow:
            await self.payments.prepare_hold(
                uow,
                session_id=session_id,
                driver_id=driver_id,
                amount=Money(hold_minor, EUR),
                payment_method_id=card,
            )

    async def held(self, card: str = "pm_card_visa", hold_minor: int = 5000) -> UUID:
        """Add a session of a new driver with an authorised hold."""
        session_id = await self.prepared(await self.driver_with(card), hold_minor)
        await self.payments.place_hold(self.tenant_id, session_id)
        return session_id

    async def charged(self, session_id: UUID, energy_wh: int, idle_minutes: int = 0) -> int:
        """End a session with so much energy and rate it; return its gross price in cents."""
        start = self.clock.now() - timedelta(hours=2)
        stop = start + timedelta(hours=1)
        end = stop + timedelta(minutes=idle_minutes)
        stretches = [Stretch(start, stop, StretchState.CHARGING, energy_wh)]
        if idle_minutes:
            stretches.append(Stretch(stop, end, StretchState.PARKED))
        priced = rate(TARIFF, ZoneInfo("Europe/Berlin"), stretches)
        totals = invoice_totals(priced, EUR)
        await self.change_session(
            session_id,
            state=SessionState.SETTLING,
            energy_wh=energy_wh,
            started_at=start,
            energy_ended_at=stop,
            ended_at=end,
            meter_start_wh=1000,
            meter_stop_wh=1000 + energy_wh,
        )
        async with self.deps.database.unit_of_work(self.tenant_id) as uow:
            uow.session.add(
                SessionRating(
                    session_id=session_id,
                    net_minor=totals.net.minor,
                    vat_minor=totals.vat.minor,
                    gross_minor=totals.gross.minor,
                    currency=EUR,
                    detail=rating_detail(priced, totals, TARIFF).to_json(),
                )
            )
        return totals.gross.minor

    async def change_session(self, session_id: UUID, **columns: Any) -> None:
        """Set columns of a session."""
        async with self.deps.database.unit_of_work(self.tenant_id) as uow:
            await uow.session.execute(update(ChargingSession).where(ChargingSession.id == session_id).values(**columns))

    async def settle(self, session_id: UUID) -> None:
        """Settle a session."""
        await self.payments.settle(self.tenant_id, session_id)

    async def payment(self, session_id: UUID) -> Payment:
        """Return a session's payment as stored."""
        async with self.deps.database.read(self.tenant_id) as session:
            payment = await find_payment(session, session_id)
        assert payment is not None
        return payment

    async def rows(self, query: Any) -> list[Any]:
        """Return the rows of a query."""
        async with self.deps.database.read(self.tenant_id) as session:
            return list((await session.scalars(query)).all())

    async def count(self, table: Any) -> int:
        """Return how many rows a table has."""
        async with self.deps.database.read(self.tenant_id) as session:
            return int(await session.scalar(select(func.count()).select_from(table)) or 0)

    async def incidents(self) -> list[str]:
        """Return the kinds of all incidents."""
        return sorted(incident.kind.value for incident in await self.rows(select(Incident)))

    async def books(self, session_id: UUID) -> dict[str, int]:
        """Return a session's balance by account, without those at zero, after checking that the books balance."""
        async with self.deps.database.read(self.tenant_id) as session:
            await assert_balanced(session)
            return await _balances(session, session_id)

    async def at_processor(self) -> dict[str, int]:
        """Return what the double holds, captured and refunded, in cents."""
        totals = await self.admin.totals()
        money: dict[str, int] = totals["money"].get("eur", {"held": 0, "captured": 0, "refunded": 0})
        return money

    async def intents(self) -> list[dict[str, Any]]:
        """Return every intent of the double, newest first."""
        return await self.admin.intents()

    async def calls(self, path: str) -> int:
        """Return how many calls to a path (its end) reached the double."""
        return sum(request["path"].endswith(path) for request in await self.admin.requests())

    async def ledger_kinds(self, session_id: UUID) -> list[str]:
        """Return the kinds of a session's ledger transactions in order."""
        query = select(LedgerTransaction.kind).where(LedgerTransaction.session_id == session_id)
        return await self.rows(query.order_by(LedgerTransaction.created_at))


async def _balances(session: AsyncSession, session_id: UUID) -> dict[str, int]:
    rows = await session.execute(
        select(LedgerEntry.account, func.sum(LedgerEntry.amount_minor))
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .where(LedgerTransaction.session_id == session_id)
        .group_by(LedgerEntry.account)
    )
    return {LedgerAccount(account).value: int(amount) for account, amount in rows if amount}
