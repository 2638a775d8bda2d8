"""Double entry: every movement of money is a ledger transaction whose entries sum to zero.

A transaction is posted once by its key; posting it again does nothing, whatever the entries. Rows are append-only and
the database refuses a transaction that does not balance; here it is refused before it gets there.

    invoice     receivable +gross, revenue -net, VAT payable -VAT
    payment     processor +amount, receivable -amount
    write-off   write-off +amount, receivable -amount
    refund      revenue +net, VAT payable +VAT, processor -gross
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.uow import UnitOfWork
from app.kit.errors import VoltlaneError
from app.kit.ids import new_id
from app.kit.money import Money
from payments.tables import LedgerAccount, LedgerEntry, LedgerTransaction


class LedgerImbalanceError(VoltlaneError):
    """The entries of a transaction do not sum to zero: a programming error."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a transaction in minor units: positive debits the account, negative credits it."""

    account: LedgerAccount
    amount_minor: int
    driver_id: UUID | None = None


async def post(
    uow: UnitOfWork, *, key: str, kind: str, entries: Sequence[Entry], session_id: UUID | None, currency: str
) -> bool:
    """Post a transaction unless its key is known; return whether it was posted. Nothing but zeros is not posted.

    Raises LedgerImbalanceError.
    """
    moved = [entry for entry in entries if entry.amount_minor]
    if sum(entry.amount_minor for entry in moved):
        raise LedgerImbalanceError(f"ledger transaction {key} does not balance")
    if not moved:
        return False
    await uow.session.flush()
    statement = (
        insert(LedgerTransaction)
        .values(id=new_id(), tenant_id=uow.tenant_id, key=key, kind=kind, session_id=session_id, currency=currency)
        .on_conflict_do_nothing(index_elements=["tenant_id", "key"])
        .returning(LedgerTransaction.id)
    )
    transaction_id = await uow.session.scalar(statement)
    if transaction_id is None:
        return False
    uow.session.add_all(
        LedgerEntry(
            transaction_id=transaction_id,
            account=entry.account,
            amount_minor=entry.amount_minor,
            driver_id=entry.driver_id,
        )
        for entry in moved
    )
    await uow.session.flush()
    return True


async def post_invoice(
    uow: UnitOfWork, *, session_id: UUID, driver_id: UUID | None, net: Money, vat: Money, gross: Money
) -> bool:
    """Book what a session costs: the driver owes it."""
    return await post(
        uow,
        key=f"{session_id}:invoice",
        kind="invoice",
        session_id=session_id,
        currency=gross.currency,
        entries=[
            Entry(LedgerAccount.DRIVER_RECEIVABLE, gross.minor, driver_id),
            Entry(LedgerAccount.REVENUE, -net.minor),
            Entry(LedgerAccount.VAT_PAYABLE, -vat.minor),
        ],
    )


async def post_payment(
    uow: UnitOfWork, *, key: str, kind: str, session_id: UUID, driver_id: UUID | None, amount: Money
) -> bool:
    """Book money that reached the processor; a negative amount went back to the card without a credit note."""
    return await post(
        uow,
        key=key,
        kind=kind,
        session_id=session_id,
        currency=amount.currency,
        entries=[
            Entry(LedgerAccount.PROCESSOR, amount.minor),
            Entry(LedgerAccount.DRIVER_RECEIVABLE, -amount.minor, driver_id),
        ],
    )


async def post_write_off(uow: UnitOfWork, *, key: str, session_id: UUID, driver_id: UUID | None, amount: Money) -> bool:
    """Book what nobody will be asked to pay."""
    return await post(
        uow,
        key=key,
        kind="write_off",
        session_id=session_id,
        currency=amount.currency,
        entries=[
            Entry(LedgerAccount.WRITE_OFF, amount.minor),
            Entry(LedgerAccount.DRIVER_RECEIVABLE, -amount.minor, driver_id),
        ],
    )


async def post_refund(uow: UnitOfWork, *, key: str, session_id: UUID, net: Money, vat: Money) -> bool:
    """Book what a credit note gives back to the card."""
    return await post(
        uow,
        key=key,
        kind="refund",
        session_id=session_id,
        currency=net.currency,
        entries=[
            Entry(LedgerAccount.REVENUE, net.minor),
            Entry(LedgerAccount.VAT_PAYABLE, vat.minor),
            Entry(LedgerAccount.PROCESSOR, -(net + vat).minor),
        ],
    )


async def balance(
    session: AsyncSession,
    account: LedgerAccount,
    *,
    currency: str,
    driver_id: UUID | None = None,
    session_id: UUID | None = None,
) -> Money:
    """Return an account's balance, of one driver or one session where given."""
    query = (
        select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0))
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .where(LedgerEntry.account == account, LedgerTransaction.currency == currency)
    )
    if driver_id is not None:
        query = query.where(LedgerEntry.driver_id == driver_id)
    if session_id is not None:
        query = query.where(LedgerTransaction.session_id == session_id)
    return Money(int(await session.scalar(query) or 0), currency)


async def assert_balanced(session: AsyncSession) -> None:
    """Raise LedgerImbalanceError unless every transaction of the tenant sums to zero."""
    query = (
        select(LedgerEntry.transaction_id)
        .group_by(LedgerEntry.transaction_id)
        .having(func.sum(LedgerEntry.amount_minor) != 0)
        .limit(1)
    )
    broken = await session.scalar(query)
    if broken is not None:
        raise LedgerImbalanceError(f"ledger transaction {broken} does not balance")
