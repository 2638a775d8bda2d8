"""A driver's own cards and open debts."""

import strawberry

from bff.access import DriverField
from bff.cards.types import Debt, PaymentMethod
from bff.context import Info
from bff.fields import query
from payments.card_list import list_cards
from payments.debts import open_debts


@strawberry.type
class CardQueries:
    """Queries about the caller's own cards and debts."""

    @query(DriverField())
    @staticmethod
    async def payment_methods(info: Info) -> list[PaymentMethod]:
        """Return the caller's cards, the default first."""
        context = info.context
        async with context.services.database.read(context.tenant_id) as session:
            return [PaymentMethod.of(row) for row in await list_cards(session, context.driver_id)]

    @query(DriverField())
    @staticmethod
    async def debts(info: Info) -> list[Debt]:
        """Return the caller's open debts, the oldest first."""
        context = info.context
        async with context.services.database.read(context.tenant_id) as session:
            return [Debt.of(row, context) for row in await open_debts(session, context.driver_id)]
