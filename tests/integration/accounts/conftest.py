"""An account office with fast argon2 parameters, a mailer that keeps what it was given, and a few short calls."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from app.db.tables import Tenant
from app.db.uow import Database, UnitOfWork
from app.domain.drivers.one_time_tokens import OneTimeKeys
from app.domain.drivers.passwords import Passwords
from app.domain.drivers.sign_in import SignedIn, sign_in
from app.domain.drivers.sign_up import SignUp, sign_up
from app.domain.drivers.tables import Driver, OneTimeToken
from app.domain.drivers.tokens import AccessTokens, TokenLifetimes
from app.domain.operators.actor import COMMAND_LINE
from app.domain.operators.create_operator import create_operator
from app.domain.operators.tables import OperatorRole
from app.domain.operators.view import OperatorView
from tests.fakes.clock import FrozenClock

SECRET = "an-installation-secret-of-some-length"
PASSWORD = "correct horse battery"
EMAIL = "ada@example.com"
ADDRESS = "192.0.2.7"


class CountingHasher(PasswordHasher):
    """Real argon2id at the least cost, counting its computations."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.verified = 0
        self.hashed = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  argon2's own name
        self.verified += 1
        return super().verify(hash, password)

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.hashed += 1
        return super().hash(password, salt=salt)


class KeptMails:
    """An `AccountMailer` that remembers the raw tokens by driver and purpose."""

    def __init__(self, keys: OneTimeKeys) -> None:
        self._keys = keys
        self.verifications: list[tuple[UUID, str]] = []
        self.resets: list[tuple[UUID, str]] = []

    async def send_verification(self, uow: UnitOfWork, driver: Driver, token: OneTimeToken) -> None:
        """Keep the link."""
        self.verifications.append((driver.id, self._keys.raw(token)))

    async def send_password_reset(self, uow: UnitOfWork, driver: Driver, token: OneTimeToken) -> None:
        """Keep the link."""
        self.resets.append((driver.id, self._keys.raw(token)))


@dataclass
class Office:
    """Everything account use cases take, for one brand."""

    database: Database
    tenant_id: UUID
    clock: FrozenClock
    hasher: CountingHasher
    passwords: Passwords
    tokens: AccessTokens
    keys: OneTimeKeys
    mails: KeptMails = field(init=False)

    def __post_init__(self) -> None:
        self.mails = KeptMails(self.keys)

    async def sign_up(self, email: str = EMAIL, password: str = PASSWORD, address: str | None = ADDRESS) -> SignedIn:
        """Open an account."""
        return await sign_up(
            self.database,
            self.tenant_id,
            self.clock,
            passwords=self.passwords,
            tokens=self.tokens,
            one_time_keys=self.keys,
            mailer=self.mails,
            given=SignUp(email, password, "Ada"),
            client_address=address,
        )

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD, address: str | None = ADDRESS) -> SignedIn:
        """Sign a device in."""
        return await sign_in(
            self.database,
            self.tenant_id,
            self.clock,
            passwords=self.passwords,
            tokens=self.tokens,
            email=email,
            password=password,
            client_address=address,
        )

    async def operator(self, email: str, role: OperatorRole) -> OperatorView:
        """Add an operator."""
        return await create_operator(
            self.database,
            self.tenant_id,
            passwords=self.passwords,
            email=email,
            name="Olga",
            role=role,
            password=PASSWORD,
            actor=COMMAND_LINE,
        )


def open_office(database: Database, tenant: Tenant, clock: FrozenClock) -> Office:
    """Return an office of a brand."""
    hasher = CountingHasher()
    return Office(
        database,
        tenant.id,
        clock,
        hasher,
        Passwords(hasher, concurrency=4),
        AccessTokens(SECRET, clock, TokenLifetimes()),
        OneTimeKeys(SECRET),
    )


@pytest.fixture
def office(app_db: Database, tenant: Tenant, clock: FrozenClock) -> Office:
    """The default brand's office."""
    return open_office(app_db, tenant, clock)


@pytest.fixture
def other_office(app_db: Database, other_tenant: Tenant, clock: FrozenClock) -> Office:
    """Another brand's office on the same database."""
    return open_office(app_db, other_tenant, clock)
