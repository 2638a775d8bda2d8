"""Which job is done by which use case, and which rounds run again and again."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.charging.deps import Charging
from app.domain.charging.hold_after_start import hold_after_start
from app.domain.charging.payment_changed import payment_changed
from app.domain.charging.reconcile import reconcile_sessions
from app.domain.charging.release_hold import release_hold
from app.domain.charging.send_start import send_start
from app.domain.charging.send_stop import send_stop
from app.domain.charging.settle import settle_session
from app.domain.charging.stale_commands import close_stale_commands
from app.domain.drivers.purge import purge_expired
from app.domain.reservations.reconcile import reconcile_reservations
from app.domain.reservations.tell_charger import clear_reservation, place_reservation
from app.kit.clock import Clock
from app.server.worker import Handler, Round
from notifications.dispatch import DispatchDeps, send_notification
from notifications.email.account_mail import AccountMailDeps, send_account_email
from ocpp_bridge.retention import drop_old_frames
from payments.deps import PaymentDeps
from payments.reconcile import reconcile_payments
from payments.sweep import sweep_payments
from payments.webhook_job import process_webhook

_BOOKS_EVERY = timedelta(hours=6)
_BOOKS_COVER = timedelta(days=2)
_PURGE_EVERY = timedelta(hours=1)
_COMMANDS_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class JobDeps:
    """What the jobs work with."""

    charging: Charging
    payments: PaymentDeps
    dispatch: DispatchDeps
    mail: AccountMailDeps
    frames_kept: timedelta


def job_handlers(deps: JobDeps) -> dict[str, Handler]:
    """Return the handler of every job name."""
    charging = deps.charging

    def of_session(work: Callable[[Charging, UUID, UUID], Awaitable[object]]) -> Handler:
        async def handle(tenant_id: UUID, payload: Mapping[str, Any]) -> None:
            await work(charging, tenant_id, UUID(payload["session"]))

        return handle

    def of_reservation(work: Callable[[Charging, UUID, UUID], Awaitable[object]]) -> Handler:
        async def handle(tenant_id: UUID, payload: Mapping[str, Any]) -> None:
            await work(charging, tenant_id, UUID(payload["reservation"]))

        return handle

    async def webhook(tenant_id: UUID, payload: Mapping[str, Any]) -> None:
        await process_webhook(deps.payments, tenant_id, UUID(payload["event"]))

    async def push(tenant_id: UUID, payload: Mapping[str, Any]) -> None:
        await send_notification(deps.dispatch, tenant_id, UUID(payload["notification_id"]))

    async def mail(tenant_id: UUID, payload: Mapping[str, Any]) -> None:
        await send_account_email(deps.mail, tenant_id, UUID(payload["token_id"]), int(payload.get("attempt", 1)))

    return {
        "session.start_charger": of_session(send_start),
        "session.stop_charger": of_session(send_stop),
        "session.hold": of_session(hold_after_start),
        "session.settle": of_session(settle_session),
        "session.payment_changed": of_session(payment_changed),
        "session.release": of_session(release_hold),
        "reservation.place": of_reservation(place_reservation),
        "reservation.clear": of_reservation(clear_reservation),
        "payment.webhook": webhook,
        "notification.send": push,
        "email.account": mail,
    }


def reconcile_rounds(deps: JobDeps) -> list[Round]:
    """Return what runs again and again for every tenant."""
    charging = deps.charging

    async def sessions(tenant_id: UUID) -> None:
        await reconcile_sessions(charging, tenant_id)

    async def reservations(tenant_id: UUID) -> None:
        await reconcile_reservations(charging, tenant_id)

    async def payments(tenant_id: UUID) -> None:
        await sweep_payments(deps.payments, tenant_id)

    async def books(tenant_id: UUID) -> None:
        await reconcile_payments(deps.payments, tenant_id, since=charging.clock.now() - _BOOKS_COVER)

    async def commands(tenant_id: UUID) -> None:
        await close_stale_commands(charging.database, tenant_id, charging.clock)

    async def purge(tenant_id: UUID) -> None:
        await purge_expired(charging.database, tenant_id, charging.clock)
        await drop_old_frames(charging.database, tenant_id, charging.clock, frames_kept=deps.frames_kept)

    return [
        sessions,
        reservations,
        payments,
        _seldom(_COMMANDS_EVERY, charging.clock, commands),
        _seldom(_BOOKS_EVERY, charging.clock, books),
        _seldom(_PURGE_EVERY, charging.clock, purge),
    ]


def _seldom(interval: timedelta, clock: Clock, run: Round) -> Round:
    """Return a round that does its work for a tenant once an interval, the first time at once."""
    done_at: dict[UUID, datetime] = {}

    async def round_(tenant_id: UUID) -> None:
        now = clock.now()
        if tenant_id in done_at and now - done_at[tenant_id] < interval:
            return
        await run(tenant_id)
        done_at[tenant_id] = now

    return round_
