"""The money of a session as operators see it: hold, captures, refunds, debt, documents."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

import bff.operators.enums  # noqa: F401  registers the enums
from bff.context import Context, Info
from bff.fields import computed
from bff.money import Money
from bff.operators.loaders import admin_loaders
from payments.tables import BillingDocument, DebtState, DocumentKind, Payment, PaymentState
from payments.tables import Debt as DebtRow
from payments.tables import Refund as RefundRow


@strawberry.type
class AdminRefund(relay.Node):
    """Money given back. `completedAt` is null while the processor has not confirmed it."""

    id: relay.NodeID[UUID]
    amount: Money
    reason: str
    requested_by: str
    created_at: datetime
    completed_at: datetime | None
    failure_code: str | None

    @classmethod
    def of(cls, row: RefundRow, currency: str, locale: str) -> "AdminRefund":
        """Return a refund."""
        return cls(
            id=row.id,
            amount=Money.of_minor(row.amount_minor, currency, locale),
            reason=row.reason,
            requested_by=row.requested_by,
            created_at=row.created_at,
            completed_at=row.completed_at,
            failure_code=row.failure_code,
        )


@strawberry.type
class AdminDebt(relay.Node):
    """Energy delivered and not paid; while open it blocks the driver's next start."""

    id: relay.NodeID[UUID]
    amount: Money
    state: DebtState
    created_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, row: DebtRow, locale: str) -> "AdminDebt":
        """Return a debt."""
        return cls(
            id=row.id,
            amount=Money.of_minor(row.amount_minor, row.currency, locale),
            state=row.state,
            created_at=row.created_at,
            settled_at=row.settled_at,
        )


@strawberry.type
class AdminDocument(relay.Node):
    """A receipt or credit note as issued."""

    id: relay.NodeID[UUID]
    kind: DocumentKind
    number: str
    issued_at: datetime
    net: Money
    vat: Money
    gross: Money

    @classmethod
    def of(cls, row: BillingDocument, locale: str) -> "AdminDocument":
        """Return a document."""
        return cls(
            id=row.id,
            kind=row.kind,
            number=row.number,
            issued_at=row.issued_at,
            net=Money.of_minor(row.net_minor, row.currency, locale),
            vat=Money.of_minor(row.vat_minor, row.currency, locale),
            gross=Money.of_minor(row.gross_minor, row.currency, locale),
        )


@strawberry.type
class AdminPayment(relay.Node):
    """The one payment of a session: a hold, then its capture or release."""

    id: relay.NodeID[UUID]
    state: PaymentState
    hold: Money
    invoiced: Money | None
    captured: Money
    refunded: Money
    waived: Money
    card_brand: str | None
    card_last4: str | None
    failure_code: str | None
    processor_reference: str | None
    row: strawberry.Private[Payment]

    @classmethod
    def of(cls, row: Payment, context: Context) -> "AdminPayment":
        """Return a payment."""

        def money(minor: int) -> Money:
            return Money.of_minor(minor, row.currency, context.locale)

        return cls(
            id=row.id,
            state=row.state,
            hold=money(row.hold_minor),
            invoiced=Money.maybe(row.invoiced_minor, row.currency, context.locale),
            captured=money(row.captured_minor),
            refunded=money(row.refunded_minor),
            waived=money(row.waived_minor),
            card_brand=row.card_brand,
            card_last4=row.card_last4,
            failure_code=row.failure_code,
            processor_reference=row.intent_id,
            row=row,
        )

    @computed
    async def refunds(self, info: Info) -> list[AdminRefund]:
        """Its refunds, oldest first."""
        context = info.context
        rows = await admin_loaders(context).refunds_of_payment.load(self.row.id)
        return [AdminRefund.of(row, self.row.currency, context.locale) for row in rows]

    @computed
    async def debt(self, info: Info) -> AdminDebt | None:
        """What of it is, or was, owed."""
        rows = await admin_loaders(info.context).debts_of_session.load(self.row.session_id)
        return AdminDebt.of(rows[0], info.context.locale) if rows else None

    @computed
    async def documents(self, info: Info) -> list[AdminDocument]:
        """The receipt and its credit notes."""
        rows = await admin_loaders(info.context).documents_of_session.load(self.row.session_id)
        return [AdminDocument.of(row, info.context.locale) for row in rows]
