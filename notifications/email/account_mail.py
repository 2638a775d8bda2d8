"""Account mails: queued with the one-time token's row, written and sent by the `email.account` job.

The job names the token by its row; the link's secret is derived while the mail is written, so neither the queue nor
a log ever holds it. A token that was used or has expired meanwhile gets no mail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from app.db.tables import Tenant
from app.db.uow import Database, UnitOfWork
from app.domain.drivers.tables import Driver, OneTimeToken, TokenPurpose
from app.kit.clock import Clock
from notifications.email.port import Email, EmailNotSentError, EmailSender
from notifications.messages.emails import AccountLink, EmailKind, render_email

ACCOUNT_MAIL_JOB = "email.account"
"""The job's name; its payload is `{"tenant": …, "token_id": …, "attempt": …}`."""
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=30)
_DOUBLINGS = 10
_PATHS = {TokenPurpose.VERIFY_EMAIL: "verify-email", TokenPurpose.RESET_PASSWORD: "reset-password"}
_KINDS = {
    TokenPurpose.VERIFY_EMAIL: EmailKind.VERIFY_EMAIL,
    TokenPurpose.RESET_PASSWORD: EmailKind.RESET_PASSWORD,
}

_log = structlog.get_logger(__name__)


class QueuedAccountMailer:
    """The domain's `AccountMailer`."""

    async def send_verification(self, uow: UnitOfWork, driver: Driver, token: OneTimeToken) -> None:
        """Have the link sent that verifies the driver's address."""
        await _queue(uow, token.id, attempt=1)

    async def send_password_reset(self, uow: UnitOfWork, driver: Driver, token: OneTimeToken) -> None:
        """Have the link sent that lets the driver choose a new password."""
        await _queue(uow, token.id, attempt=1)


@dataclass(frozen=True, slots=True)
class AccountMailDeps:
    """What writing and sending need; `raw_token` derives a stored token's secret, LookupError where it cannot."""

    database: Database
    sender: EmailSender
    clock: Clock
    raw_token: Callable[[OneTimeToken], str]
    base_url: str


async def send_account_email(deps: AccountMailDeps, tenant_id: UUID, token_id: UUID, attempt: int = 1) -> None:
    """Write and send the mail of a token; where the server is out of reach, queue another attempt.

    Run twice it may send twice, under the same Message-ID.
    """
    async with deps.database.read(tenant_id) as session:
        token = await session.get(OneTimeToken, token_id)
        driver = await session.get(Driver, token.driver_id) if token is not None else None
        tenant = await session.get_one(Tenant, tenant_id)
    now = deps.clock.now()
    if token is None or driver is None or token.used_at is not None or token.expires_at <= now:
        return
    try:
        await deps.sender.send(_write(deps, tenant, driver, token))
    except LookupError:
        _log.exception("account_mail_secret_gone", one_time_row=str(token_id))
    except EmailNotSentError as error:
        doubled: int = 2 ** min(attempt - 1, _DOUBLINGS)
        pause = min(_FIRST_PAUSE * doubled, _LONGEST_PAUSE)
        again = not error.permanent and now + pause < token.expires_at
        _log.warning("account_mail_not_sent", one_time_row=str(token_id), again=again, error=str(error))
        if again:
            async with deps.database.unit_of_work(tenant_id) as uow:
                await _queue(uow, token_id, attempt=attempt + 1, delay=pause)


def account_link(tenant: Tenant, base_url: str, purpose: TokenPurpose, raw: str) -> str:
    """Return the address to open: at the brand's first host where it has one, else at the server's own."""
    base = f"https://{tenant.hosts[0]}" if tenant.hosts else base_url.rstrip("/")
    brand = "" if tenant.hosts else f"&brand={tenant.slug}"
    return f"{base}/{_PATHS[purpose]}?token={raw}{brand}"


def _write(deps: AccountMailDeps, tenant: Tenant, driver: Driver, token: OneTimeToken) -> Email:
    link = account_link(tenant, deps.base_url, token.purpose, deps.raw_token(token))
    content = AccountLink(tenant.name, link, token.expires_at - deps.clock.now())
    written = render_email(_KINDS[token.purpose], content, driver.locale)
    key = f"{token.purpose.value}:{token.id}"
    return Email(key, token.email, written.subject, written.plain, written.html)


async def _queue(uow: UnitOfWork, token_id: UUID, *, attempt: int, delay: timedelta | None = None) -> None:
    await uow.enqueue(
        ACCOUNT_MAIL_JOB,
        {"token_id": str(token_id), "attempt": attempt},
        dedupe_key=f"account-mail:{token_id}:{attempt}",
        delay=delay,
    )
