"""The mails of an account from the queued job to the file a reader opens."""

import mailbox
from datetime import timedelta
from email.message import Message
from pathlib import Path
from uuid import UUID

import pytest

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.drivers.ports import AccountMailer
from app.domain.drivers.tables import Driver, DriverKind, OneTimeToken, TokenPurpose
from notifications.email.account_mail import AccountMailDeps, QueuedAccountMailer, send_account_email
from notifications.email.maildir import MaildirSender
from notifications.email.port import Email, EmailNotSentError
from tests.contract.notifications.rows import read_jobs
from tests.fakes.clock import FrozenClock

BASE = "http://127.0.0.1:8080"


def raw_of(token: OneTimeToken) -> str:
    return f"raw-{token.purpose.lower()}"


@pytest.fixture
def deps(app_db: Database, clock: FrozenClock, tmp_path: Path) -> AccountMailDeps:
    sender = MaildirSender(tmp_path / "mail", "Voltlane <no-reply@brand.example>", clock)
    return AccountMailDeps(app_db, sender, clock, raw_of, BASE)


class Refusing:
    """A sender whose server does not take the mail."""

    def __init__(self, *, permanent: bool) -> None:
        self.permanent = permanent
        self.asked = 0

    async def send(self, email: Email) -> None:
        self.asked += 1
        raise EmailNotSentError("no", permanent=self.permanent)


async def issue(
    database: Database, tenant: Tenant, clock: FrozenClock, purpose: TokenPurpose, locale: str = "de"
) -> UUID:
    """Store a driver and a token and have its mail queued, as an account use case does."""
    mailer: AccountMailer = QueuedAccountMailer()
    async with database.unit_of_work(tenant.id) as uow:
        driver = Driver(kind=DriverKind.ACCOUNT, email="driver@example.com", locale=locale)
        uow.session.add(driver)
        await uow.session.flush()
        token = OneTimeToken(
            driver_id=driver.id,
            purpose=purpose,
            token_hash="0" * 64,
            email="driver@example.com",
            expires_at=clock.now() + timedelta(hours=48),
        )
        uow.session.add(token)
        await uow.session.flush()
        send = {
            TokenPurpose.VERIFY_EMAIL: mailer.send_verification,
            TokenPurpose.RESET_PASSWORD: mailer.send_password_reset,
        }
        await send[purpose](uow, driver, token)
    return token.id


def read_mails(tmp_path: Path) -> list[Message]:
    folder = tmp_path / "mail"
    return list(mailbox.Maildir(folder, create=False)) if folder.exists() else []


def plain_text(mail: Message) -> str:
    parts = mail.get_payload()
    assert isinstance(parts, list)
    plain = parts[0]
    assert isinstance(plain, Message)
    content = plain.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


@pytest.mark.parametrize(
    ("purpose", "locale", "lines"),
    [
        (
            TokenPurpose.VERIFY_EMAIL,
            "de-DE",
            [f"{BASE}/verify-email?token=raw-verify_email&brand=default", "Gültigkeit des Links: 2 Tage."],
        ),
        (
            TokenPurpose.RESET_PASSWORD,
            "en",
            [
                f"{BASE}/reset-password?token=raw-reset_password&brand=default",
                "This link works for: 2 days. It can be used only once.",
            ],
        ),
    ],
)
async def test_queued_mail_is_written_for_the_tokens_row(
    purpose: TokenPurpose,
    locale: str,
    lines: list[str],
    deps: AccountMailDeps,
    app_db: Database,
    tenant: Tenant,
    clock: FrozenClock,
    tmp_path: Path,
) -> None:
    token_id = await issue(app_db, tenant, clock, purpose, locale)
    [job] = await read_jobs(app_db, tenant)
    assert job["entrypoint"] == "email.account"
    assert job["payload"] == {"tenant": str(tenant.id), "token_id": str(token_id), "attempt": 1}
    await send_account_email(deps, tenant.id, token_id)
    [mail] = read_mails(tmp_path)
    assert mail["To"] == "driver@example.com"
    assert [line for line in plain_text(mail).splitlines() if line in lines] == lines


@pytest.mark.parametrize("case", ["used", "expired", "unknown", "other brand", "secret gone"])
async def test_no_mail_for_a_link_that_would_not_work(
    case: str,
    deps: AccountMailDeps,
    app_db: Database,
    tenant: Tenant,
    other_tenant: Tenant,
    clock: FrozenClock,
    tmp_path: Path,
) -> None:
    token_id = await issue(app_db, tenant, clock, TokenPurpose.VERIFY_EMAIL)
    if case == "used":
        async with app_db.unit_of_work(tenant.id) as uow:
            (await uow.session.get_one(OneTimeToken, token_id)).used_at = clock.now()
    if case == "expired":
        clock.advance(hours=48)

    def gone(token: OneTimeToken) -> str:
        raise LookupError(str(token.id))

    if case == "secret gone":
        deps = AccountMailDeps(app_db, deps.sender, clock, gone, BASE)
    brand = other_tenant if case == "other brand" else tenant
    await send_account_email(deps, brand.id, UUID(int=1) if case == "unknown" else token_id)
    assert read_mails(tmp_path) == []
    assert len(await read_jobs(app_db, tenant)) == 1


@pytest.mark.parametrize(("permanent", "attempts"), [(False, [(1, 0), (2, 15), (3, 30)]), (True, [(1, 0)])])
async def test_a_server_out_of_reach_is_asked_again(
    permanent: bool,
    attempts: list[tuple[int, int]],
    deps: AccountMailDeps,
    app_db: Database,
    tenant: Tenant,
    clock: FrozenClock,
) -> None:
    token_id = await issue(app_db, tenant, clock, TokenPurpose.VERIFY_EMAIL)
    sender = Refusing(permanent=permanent)
    refused = AccountMailDeps(app_db, sender, clock, raw_of, BASE)
    await send_account_email(refused, tenant.id, token_id, 1)
    await send_account_email(refused, tenant.id, token_id, 2)
    assert sender.asked == 2
    jobs = await read_jobs(app_db, tenant)
    assert [(job["payload"]["attempt"], job["delay"]) for job in jobs] == attempts


async def test_the_pause_has_a_ceiling(app_db: Database, tenant: Tenant, clock: FrozenClock) -> None:
    token_id = await issue(app_db, tenant, clock, TokenPurpose.VERIFY_EMAIL)
    refused = AccountMailDeps(app_db, Refusing(permanent=False), clock, raw_of, BASE)
    await send_account_email(refused, tenant.id, token_id, 90)
    assert [job["delay"] for job in await read_jobs(app_db, tenant)] == [0, 1800]


async def test_no_attempt_after_the_link_has_expired(app_db: Database, tenant: Tenant, clock: FrozenClock) -> None:
    token_id = await issue(app_db, tenant, clock, TokenPurpose.VERIFY_EMAIL)
    clock.advance(hours=47, minutes=50)
    refused = AccountMailDeps(app_db, Refusing(permanent=False), clock, raw_of, BASE)
    await send_account_email(refused, tenant.id, token_id, 20)
    assert len(await read_jobs(app_db, tenant)) == 1
