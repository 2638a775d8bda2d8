"""A network, its drivers and every port of charging in one object, with the moves that tests make.

Chargers' reports are applied with the bridge's database role, use cases with the server's; jobs are taken from the
real queue table and run by hand.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select, text

from app.db.events import events_after
from app.db.tables import Event, Tenant
from app.db.uow import Database
from app.domain.charging.deps import Charging
from app.domain.charging.hold_after_start import hold_after_start
from app.domain.charging.inbound import (
    Inbound,
    authorize,
    end_transaction,
    open_transaction,
    record_readings,
    register_boot,
    report_status,
    update_transaction,
)
from app.domain.charging.messages import (
    BootReport,
    ChargerRef,
    Reading,
    ReadingsReport,
    StatusReport,
    TransactionEnd,
    TransactionOpened,
    TransactionStart,
    TransactionUpdate,
)
from app.domain.charging.reconcile import reconcile_sessions
from app.domain.charging.release_hold import release_hold
from app.domain.charging.send_start import send_start
from app.domain.charging.send_stop import send_stop
from app.domain.charging.settings import ChargingSettings
from app.domain.charging.settle import settle_session
from app.domain.charging.start_charging import StartRequest, start_charging
from app.domain.charging.states import Authorization, SessionState, StartMethod, StopReason
from app.domain.charging.stop_charging import stop_charging
from app.domain.charging.tables import ChargingSession, Incident, SessionRating
from app.domain.drivers.tables import Driver, DriverKind
from app.domain.reservations.reconcile import reconcile_reservations
from app.domain.reservations.tables import Reservation
from app.domain.reservations.tell_charger import clear_reservation, place_reservation
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Evse
from app.kit.ids import new_id
from tests.factories import messages
from tests.factories.network import Network, network
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import FakeGateway
from tests.fakes.notifier import FakeNotifier
from tests.fakes.payments import FakePayments
from tests.fakes.standing import FakeStanding

T = TypeVar("T")
Row = TypeVar("Row")


@dataclass
class World:
    """One brand with one charger, unless a test adds more."""

    app: Database
    bridge: Database
    tenant: Tenant
    clock: FrozenClock
    net: Network
    driver: UUID
    gateway: FakeGateway = field(default_factory=FakeGateway)
    payments: FakePayments = field(default_factory=FakePayments)
    notifier: FakeNotifier = field(default_factory=FakeNotifier)
    standing: FakeStanding = field(default_factory=FakeStanding)
    settings: ChargingSettings = field(default_factory=ChargingSettings)

    @property
    def deps(self) -> Charging:
        """What use cases take."""
        return Charging(self.app, self.clock, self.payments, self.gateway, self.notifier, self.settings)

    @property
    def inbound(self) -> Inbound:
        """What handlers of reports take."""
        return Inbound(self.clock, self.notifier, self.standing, self.settings)

    async def another_charger(self, identity: str = "CP2", **options: Any) -> Network:
        """Add a second charger at a site of its own."""
        return await network(self.app, self.tenant, identity=identity, clock=self.clock, priced=False, **options)

    # --- what drivers do -------------------------------------------------------------------------------------------

    async def start(
        self, driver: UUID | None = None, *, evse: UUID | None = None, key: str | None = None, **request: Any
    ) -> UUID:
        """Start by app; return the session."""
        started = await start_charging(
            self.deps,
            self.tenant.id,
            driver_id=driver or self.driver,
            method=StartMethod.APP,
            request=StartRequest(evse_id=evse or self.net.evse, **request),
            idempotency_key=key or str(new_id()),
        )
        return started.session_id

    async def stop(self, session_id: UUID, reason: StopReason = StopReason.DRIVER, key: str | None = None) -> None:
        """Ask for a stop."""
        await stop_charging(
            self.deps,
            self.tenant.id,
            session_id,
            actor="driver",
            reason=reason,
            idempotency_key=key or str(new_id()),
        )

    async def charging(self, *, meter: int = 1000, **request: Any) -> tuple[UUID, str]:
        """Start by app up to the charger's accepted StartTransaction; return the session and its transaction id."""
        session_id = await self.start(**request)
        await self.run_jobs()
        token = (await self.session(session_id)).start_token
        opened = await self.open(id_token=token, meter_start_wh=meter)
        assert opened.session_id == session_id
        await self.run_jobs()
        return session_id, opened.transaction_id

    # --- what chargers say -----------------------------------------------------------------------------------------

    async def _say(self, handler: Callable[..., Awaitable[T]], report: object, charger: ChargerRef | None) -> T:
        async def work(uow: Any) -> T:
            return await handler(uow, self.inbound, charger or self.net.ref, report)

        return await self.bridge.transact(self.tenant.id, work)

    async def authorize(self, token: str, *, charger: ChargerRef | None = None) -> Authorization:
        """Send Authorize."""
        return await self._say(authorize, token, charger)

    async def open(
        self, *, at: datetime | None = None, charger: ChargerRef | None = None, **fields: Any
    ) -> TransactionOpened:
        """Send a start."""
        return await self.open_as(messages.started(at or self.clock.now(), **fields), charger=charger)

    async def open_as(self, start: TransactionStart, *, charger: ChargerRef | None = None) -> TransactionOpened:
        """Send this start."""
        return await self._say(open_transaction, start, charger)

    async def update(
        self, transaction_id: str, *, at: datetime | None = None, charger: ChargerRef | None = None, **fields: Any
    ) -> Authorization | None:
        """Send a 2.x update."""
        report: TransactionUpdate = messages.updated(at or self.clock.now(), transaction_id, **fields)
        return await self._say(update_transaction, report, charger)

    async def read(
        self,
        *readings: Reading,
        transaction_id: str | None = None,
        evse_no: int | None = 1,
        charger: ChargerRef | None = None,
    ) -> None:
        """Send MeterValues."""
        report = ReadingsReport(evse_no=evse_no, transaction_id=transaction_id, readings=readings)
        await self._say(record_readings, report, charger)

    async def meter(self, transaction_id: str, register_wh: int, *, after: int = 60, **fields: Any) -> None:
        """Let time pass (seconds) and send one reading."""
        self.clock.advance(seconds=after)
        await self.read(messages.reading(self.clock.now(), register_wh, **fields), transaction_id=transaction_id)

    async def end(
        self, transaction_id: str, *, at: datetime | None = None, charger: ChargerRef | None = None, **fields: Any
    ) -> Authorization | None:
        """Send the end of a transaction."""
        report: TransactionEnd = messages.ended(at or self.clock.now(), transaction_id, **fields)
        return await self._say(end_transaction, report, charger)

    async def report(
        self,
        status: EvseStatus,
        *,
        at: datetime | None = None,
        evse_no: int | None = 1,
        charger: ChargerRef | None = None,
        **fields: Any,
    ) -> None:
        """Send a status."""
        message: StatusReport = messages.status(at or self.clock.now(), status, evse_no=evse_no, **fields)
        await self._say(report_status, message, charger)

    async def boot(self, *, charger: ChargerRef | None = None) -> None:
        """Send BootNotification."""
        await self._say(register_boot, BootReport(vendor="V", model="M", received_at=self.clock.now()), charger)

    # --- what the worker does --------------------------------------------------------------------------------------

    async def jobs(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the queued jobs, oldest first."""
        async with self.app.read(self.tenant.id) as db:
            rows = await db.execute(
                text("select entrypoint, payload from pgqueuer where status = 'queued' order by id")
            )
            return [(job, json.loads(payload)) for job, payload in rows]

    async def run_jobs(self, *, only: str | None = None) -> list[str]:
        """Run queued jobs until none is left; a job that raises stays out of the queue. Return their names."""
        done: list[str] = []
        while True:
            async with self.app.unit_of_work(self.tenant.id) as uow:
                row = (
                    await uow.session.execute(
                        text(
                            "delete from pgqueuer where id = (select id from pgqueuer where status = 'queued' "
                            "and (cast(:only as text) is null or entrypoint = :only) order by id limit 1) "
                            "returning entrypoint, payload"
                        ),
                        {"only": only},
                    )
                ).one_or_none()
            if row is None:
                return done
            done.append(row[0])
            await self._run(row[0], json.loads(row[1]))

    async def _run(self, job: str, payload: dict[str, Any]) -> None:
        handlers: dict[str, Callable[[UUID], Awaitable[object]]] = {
            "session.start_charger": lambda row: send_start(self.deps, self.tenant.id, row),
            "session.stop_charger": lambda row: send_stop(self.deps, self.tenant.id, row),
            "session.hold": lambda row: hold_after_start(self.deps, self.tenant.id, row),
            "session.release": lambda row: release_hold(self.deps, self.tenant.id, row),
            "session.settle": lambda row: settle_session(self.deps, self.tenant.id, row),
            "reservation.place": lambda row: place_reservation(self.deps, self.tenant.id, row),
            "reservation.clear": lambda row: clear_reservation(self.deps, self.tenant.id, row),
        }
        assert payload["tenant"] == str(self.tenant.id)
        await handlers[job](UUID(payload.get("session") or payload["reservation"]))

    async def reconcile(self, *, after: int = 0) -> None:
        """Let time pass (seconds), go the reconcile rounds once, and run what they enqueued."""
        self.clock.advance(seconds=after)
        await reconcile_sessions(self.deps, self.tenant.id)
        await reconcile_reservations(self.deps, self.tenant.id)
        await self.run_jobs()

    # --- what is stored --------------------------------------------------------------------------------------------

    async def session(self, session_id: UUID) -> ChargingSession:
        """Return a session's row."""
        return await self.row(ChargingSession, session_id)

    async def state(self, session_id: UUID) -> SessionState:
        """Return a session's state."""
        return (await self.session(session_id)).state

    async def row(self, model: type[Row], row_id: UUID) -> Row:
        """Return a row."""
        async with self.app.read(self.tenant.id) as db:
            return await db.get_one(model, row_id)

    async def rows(self, model: type[Row]) -> list[Row]:
        """Return all rows of a table in the order they were made."""
        async with self.app.read(self.tenant.id) as db:
            return list(await db.scalars(select(model).order_by(text("created_at"), text("id"))))

    async def incidents(self) -> list[str]:
        """Return the kinds of all incidents, sorted."""
        return sorted(incident.kind.value for incident in await self.rows(Incident))

    async def rating(self, session_id: UUID) -> SessionRating | None:
        """Return a session's final rating."""
        async with self.app.read(self.tenant.id) as db:
            return await db.scalar(select(SessionRating).where(SessionRating.session_id == session_id))

    async def events(self, aggregate_id: UUID) -> list[Event]:
        """Return an aggregate's events, oldest first."""
        async with self.app.read(self.tenant.id) as db:
            return list(await events_after(db, aggregate_id, 0, limit=100_000))

    async def change(self, model: type[Any], row_id: UUID, **values: Any) -> None:
        """Change a row behind the program's back: what an operator or an earlier version left."""
        async with self.app.unit_of_work(self.tenant.id) as uow:
            row = await uow.session.get_one(model, row_id)
            for name, value in values.items():
                setattr(row, name, value)

    async def evse(self, evse_id: UUID | None = None) -> Evse:
        """Return an EVSE's row."""
        return await self.row(Evse, evse_id or self.net.evse)

    async def reservation(self, reservation_id: UUID) -> Reservation:
        """Return a reservation's row."""
        return await self.row(Reservation, reservation_id)

    async def new_driver(self) -> UUID:
        """Add another driver."""
        async with self.app.unit_of_work(self.tenant.id) as uow:
            row = Driver(kind=DriverKind.ACCOUNT)
            uow.session.add(row)
            await uow.session.flush()
            return row.id
