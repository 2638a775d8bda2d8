"""Customers, cards, payments, the ledger, receipts, debts and the webhook inbox.

Card data never reaches us: a card is the processor's id, its brand and last four digits. Ledger rows are append-only
and each ledger transaction sums to zero; both are enforced by the database.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import AggregateRow, TenantRow, currency_column, state_column


class Customer(TenantRow):
    """A driver at the card processor."""

    __tablename__ = "customers"

    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"), unique=True)
    processor_id: Mapped[str] = mapped_column(String(80), unique=True)


class PaymentMethod(TenantRow):
    """A saved card, with the driver's consent to later charges."""

    __tablename__ = "payment_methods"

    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"), index=True)
    processor_id: Mapped[str] = mapped_column(String(80))
    brand: Mapped[str] = mapped_column(String(30))
    last4: Mapped[str] = mapped_column(String(4))
    exp_month: Mapped[int] = mapped_column(Integer)
    exp_year: Mapped[int] = mapped_column(Integer)
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    removed_at: Mapped[datetime | None]
    detached_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "processor_id"),
        Index(
            "uq_payment_methods_default",
            "driver_id",
            unique=True,
            postgresql_where=text("is_default and removed_at is null"),
        ),
    )


class CardSetup(TenantRow):
    """A SetupIntent the app was given, until its card is saved."""

    __tablename__ = "card_setups"

    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"), index=True)
    processor_id: Mapped[str | None] = mapped_column(String(80), unique=True)
    completed_at: Mapped[datetime | None]


class PaymentState(StrEnum):
    """Where the payment of a session stands."""

    CREATED = "CREATED"
    REQUIRES_ACTION = "REQUIRES_ACTION"
    AUTHORISED = "AUTHORISED"
    CAPTURING = "CAPTURING"
    CAPTURED = "CAPTURED"
    RELEASING = "RELEASING"
    RELEASED = "RELEASED"
    FAILED = "FAILED"
    DEBT = "DEBT"
    REFUNDED = "REFUNDED"
    DISPUTED = "DISPUTED"


class Payment(AggregateRow):
    """The one payment of a session: a hold, then its capture or release."""

    __tablename__ = "payments"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("charging_sessions.id"), unique=True)
    driver_id: Mapped[UUID | None] = mapped_column(ForeignKey("drivers.id"), index=True)
    payment_method_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_methods.id"))
    state: Mapped[PaymentState] = state_column(PaymentState)
    currency: Mapped[str] = currency_column()
    hold_minor: Mapped[int]
    attempt: Mapped[int] = mapped_column(server_default="1", default=1)
    intent_id: Mapped[str | None] = mapped_column(String(80))
    extra_intent_id: Mapped[str | None] = mapped_column(String(80))
    captured_minor: Mapped[int] = mapped_column(server_default="0", default=0)
    refunded_minor: Mapped[int] = mapped_column(server_default="0", default=0)
    invoiced_minor: Mapped[int | None]
    waived_minor: Mapped[int] = mapped_column(server_default="0", default=0)
    capture_before: Mapped[datetime | None]
    card_brand: Mapped[str | None] = mapped_column(String(30))
    card_last4: Mapped[str | None] = mapped_column(String(4))
    failure_code: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (
        CheckConstraint("refunded_minor <= captured_minor", name="never_refund_more_than_captured"),
        CheckConstraint("captured_minor >= 0 and refunded_minor >= 0", name="not_negative"),
        Index("uq_payments_tenant_intent", "tenant_id", "intent_id", unique=True),
        Index("ix_payments_state", "state"),
    )


class PaymentOperation(TenantRow):
    """A call to the processor, stored with its key before the first attempt and with its result after."""

    __tablename__ = "payment_operations"

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    operation: Mapped[str] = mapped_column(String(30))
    amount_minor: Mapped[int | None]
    request: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]
    done_at: Mapped[datetime | None]


class LedgerAccount(StrEnum):
    """The accounts of the ledger. Money owed to us or held for us is positive."""

    DRIVER_RECEIVABLE = "DRIVER_RECEIVABLE"
    REVENUE = "REVENUE"
    VAT_PAYABLE = "VAT_PAYABLE"
    PROCESSOR = "PROCESSOR"
    WRITE_OFF = "WRITE_OFF"


class LedgerTransaction(TenantRow):
    """A business event in the books; its entries sum to zero."""

    __tablename__ = "ledger_transactions"

    key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(30))
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("charging_sessions.id"), index=True)
    currency: Mapped[str] = currency_column()

    __table_args__ = (UniqueConstraint("tenant_id", "key"),)


class LedgerEntry(TenantRow):
    """One side of a ledger transaction, in minor units; positive debits, negative credits."""

    __tablename__ = "ledger_entries"

    transaction_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transactions.id"), index=True)
    account: Mapped[LedgerAccount] = state_column(LedgerAccount)
    driver_id: Mapped[UUID | None] = mapped_column(ForeignKey("drivers.id"), index=True)
    amount_minor: Mapped[int]


class DebtState(StrEnum):
    """Whether a debt still blocks new starts."""

    OPEN = "OPEN"
    PAID = "PAID"
    WAIVED = "WAIVED"


class Debt(TenantRow):
    """Energy delivered and not paid."""

    __tablename__ = "debts"

    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"), index=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("charging_sessions.id"), unique=True)
    amount_minor: Mapped[int]
    currency: Mapped[str] = currency_column()
    state: Mapped[DebtState] = state_column(DebtState)
    intent_id: Mapped[str | None] = mapped_column(String(80))
    attempt: Mapped[int] = mapped_column(server_default="0", default=0)
    settled_at: Mapped[datetime | None]


class DocumentKind(StrEnum):
    """A receipt, or the credit note that corrects one."""

    RECEIPT = "RECEIPT"
    CREDIT_NOTE = "CREDIT_NOTE"


class NumberSeries(TenantRow):
    """The last number given in a seller's series of a year; locked while a document takes the next one: no gaps."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(String(20))
    year: Mapped[int] = mapped_column(Integer)
    last_number: Mapped[int] = mapped_column(server_default="0", default=0)

    __table_args__ = (UniqueConstraint("tenant_id", "series", "year"),)


class BillingDocument(TenantRow):
    """A receipt or credit note as issued: its full content, never edited."""

    __tablename__ = "billing_documents"

    kind: Mapped[DocumentKind] = state_column(DocumentKind)
    number: Mapped[str] = mapped_column(String(40))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("charging_sessions.id"), index=True)
    driver_id: Mapped[UUID | None] = mapped_column(ForeignKey("drivers.id"), index=True)
    refund_key: Mapped[str | None] = mapped_column(String(120))
    issued_at: Mapped[datetime]
    currency: Mapped[str] = currency_column()
    net_minor: Mapped[int]
    vat_minor: Mapped[int]
    gross_minor: Mapped[int]
    content: Mapped[dict[str, Any]]

    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "refund_key"),
        Index(
            "uq_billing_documents_receipt",
            "session_id",
            unique=True,
            postgresql_where=text("kind = 'RECEIPT'"),
        ),
    )


class Refund(TenantRow):
    """Money given back after a capture, with its credit note."""

    __tablename__ = "refunds"

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    key: Mapped[str] = mapped_column(String(120))
    amount_minor: Mapped[int]
    reason: Mapped[str]
    requested_by: Mapped[str]
    processor_id: Mapped[str | None] = mapped_column(String(80))
    completed_at: Mapped[datetime | None]
    failure_code: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (UniqueConstraint("tenant_id", "key"),)


class WebhookEvent(TenantRow):
    """The inbox of the processor's webhooks: unique by event id, stored before it is answered."""

    __tablename__ = "webhook_events"

    event_id: Mapped[str] = mapped_column(String(80))
    type: Mapped[str] = mapped_column(String(80))
    object_id: Mapped[str | None] = mapped_column(String(80))
    processed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (UniqueConstraint("tenant_id", "event_id"),)
