"""Saved cards and debts as their driver sees them; card data never passes through here."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from bff.context import Context
from bff.ids import global_id
from bff.money import Money
from payments.tables import Debt as DebtRow
from payments.tables import DebtState
from payments.tables import PaymentMethod as PaymentMethodRow


@strawberry.type
class PaymentMethod(relay.Node):
    """A saved card."""

    id: relay.NodeID[UUID]
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    is_default: bool

    @classmethod
    def of(cls, row: PaymentMethodRow) -> "PaymentMethod":
        """Return a card that was checked to be the caller's own."""
        return cls(
            id=row.id,
            brand=row.brand,
            last4=row.last4,
            exp_month=row.exp_month,
            exp_year=row.exp_year,
            is_default=row.is_default,
        )


@strawberry.type
class Debt(relay.Node):
    """Energy delivered and not paid; new charges are possible once it is."""

    id: relay.NodeID[UUID]
    session_id: strawberry.ID
    amount: Money
    state: DebtState
    created_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, row: DebtRow, context: Context) -> "Debt":
        """Return a debt that was checked to be the caller's own."""
        return cls(
            id=row.id,
            session_id=strawberry.ID(global_id("Session", row.session_id)),
            amount=Money.of_minor(row.amount_minor, row.currency, context.locale),
            state=row.state,
            created_at=row.created_at,
            settled_at=row.settled_at,
        )
