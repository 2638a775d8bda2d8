"""Checking an e-mail address and password, the same way for drivers and operators.

Every check takes one attempt under the address's and the account's limit and one argon2 verification, whether
or not the account exists. No transaction is open while argon2 computes; who goes on with the result locks the
row and compares the hash again (`still_holds`).
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.attempts import Limit, account_key, address_key, return_attempt, take_attempt
from app.domain.drivers.errors import AccountDisabledError, SignInFailedError
from app.domain.drivers.families import S, lock_subject
from app.domain.drivers.inputs import normalise_email
from app.domain.drivers.passwords import Passwords
from app.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """The limits one kind of sign-in stands under."""

    per_account: Limit
    per_address: Limit

    def keys(self, email: str, client_address: str | None) -> list[tuple[Limit, str]]:
        """Return what is counted, in the order in which the rows are locked."""
        account = (self.per_account, account_key(self.per_account, email))
        if client_address is None:
            return [account]
        return [(self.per_address, address_key(self.per_address, client_address)), account]


@dataclass(frozen=True, slots=True)
class CheckedCredentials:
    """A password that was right for a hash: whose, which hash, its replacement, and the attempts to hand back."""

    subject_id: UUID
    password_hash: str
    new_hash: str | None
    attempt_keys: list[str]


async def check_credentials(
    database: Database,
    tenant_id: UUID,
    clock: Clock,
    *,
    passwords: Passwords,
    table: type[S],
    limits: SignInLimits,
    email: str,
    password: str,
    client_address: str | None,
) -> CheckedCredentials:
    """Check a password. Raises InvalidInputError (no address), RateLimitedError, SignInFailedError."""
    address = normalise_email(email)
    keys = limits.keys(address, client_address)

    async def prepare(uow: UnitOfWork) -> tuple[UUID, str | None] | None:
        for limit, key in keys:
            await take_attempt(uow, limit, key, clock.now())
        found = await uow.session.execute(select(table.id, table.password_hash).where(table.email == address))
        row = found.one_or_none()
        return (row[0], row[1]) if row is not None else None

    account = await database.transact(tenant_id, prepare)
    stored = account[1] if account is not None else None
    verification = await passwords.verify(stored, password)
    if account is None or stored is None or not verification.ok:
        raise SignInFailedError
    return CheckedCredentials(account[0], stored, verification.new_hash, [key for _, key in keys])


async def still_holds(uow: UnitOfWork, table: type[S], checked: CheckedCredentials) -> S:
    """Lock the account, hand its attempts back, renew its hash where due; return it.

    Raises SignInFailedError where the password changed meanwhile, AccountDisabledError.
    """
    subject = await lock_subject(uow, table, checked.subject_id)
    if subject is None or subject.password_hash != checked.password_hash:
        raise SignInFailedError
    if subject.disabled_at is not None:
        raise AccountDisabledError
    for key in checked.attempt_keys:
        await return_attempt(uow, key)
    if checked.new_hash is not None:
        subject.password_hash = checked.new_hash
    return subject
