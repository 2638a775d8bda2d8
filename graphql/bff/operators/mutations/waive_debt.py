"""`waiveDebt`: nobody will be asked to pay a debt any more."""

import strawberry

from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.cards.processor import PaymentUnavailableError, told_to_the_driver
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.pages import read_one
from bff.operators.types.payment import AdminDebt
from payments.debt_waive import waive_debt
from payments.tables import Debt


@payload(PaymentUnavailableError)
class WaiveDebtPayload:
    """The debt. CONFLICT: it was paid, or is being paid."""

    debt: AdminDebt | None = None


@strawberry.type
class WaiveDebt:
    """The mutation."""

    @mutation(OperatorField(Permission.REFUND))
    @staticmethod
    async def waive_debt(info: Info, id: strawberry.ID) -> WaiveDebtPayload:  # noqa: A002
        """Give up a debt; the driver may charge again."""
        context, debt_id = info.context, row_id(id, "AdminDebt", "id")
        async with told_to_the_driver():
            await waive_debt(context.services.payments, context.tenant_id, debt_id, admin=await acting(info))
        debt = await read_one(context, Debt, debt_id)
        return WaiveDebtPayload(debt=AdminDebt.of(debt, context.locale) if debt else None)
