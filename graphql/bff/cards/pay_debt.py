"""`payDebt`: energy that was delivered and not paid is paid with the driver present."""

from uuid import UUID

import strawberry

from app.db.idempotency import claim
from app.domain.ports import HoldStatus
from bff.access import DriverField
from bff.cards.processor import CardRefusedError, PaymentUnavailableError, told_to_the_driver
from bff.cards.types import Debt
from bff.context import Context, Info
from bff.fields import mutation, payload
from bff.ids import checked_key, optional_row_id, row_id
from payments.debts import DebtPayment, pay_debt
from payments.errors import NoPaymentMethodError
from payments.tables import Debt as DebtRow


@strawberry.input
class PayDebtInput:
    """Which debt, by which card (the default one where none is named)."""

    debt_id: strawberry.ID
    idempotency_key: strawberry.ID
    payment_method_id: strawberry.ID | None = None


@payload(NoPaymentMethodError, CardRefusedError, PaymentUnavailableError)
class PayDebtPayload:
    """The debt, PAID or still OPEN; `clientSecret` where the card wants authentication: then pay again."""

    debt: Debt | None = None
    client_secret: str | None = None


@strawberry.type
class PayDebt:
    """The mutation."""

    @mutation(DriverField())
    @staticmethod
    async def pay_debt(info: Info, input: PayDebtInput) -> PayDebtPayload:  # noqa: A002
        """Pay a debt. A payment that waits for the driver is continued, not begun anew: it is paid once."""
        context = info.context
        debt_id = row_id(input.debt_id, "Debt", "debtId")
        card_id = optional_row_id(input.payment_method_id, "PaymentMethod", "paymentMethodId")
        await _claim(context, checked_key(input.idempotency_key), debt_id, card_id)
        async with told_to_the_driver():
            outcome = await pay_debt(
                context.services.payments,
                context.tenant_id,
                driver_id=context.driver_id,
                debt_id=debt_id,
                payment_method_id=card_id,
            )
        _require_answer(outcome)
        return PayDebtPayload(debt=await _debt(context, debt_id), client_secret=outcome.client_secret)


async def _claim(context: Context, key: str, debt_id: UUID, card_id: UUID | None) -> None:
    """Refuse a key that came with other input. The payment itself is repeatable: a debt is paid once, key or not."""
    request = {"debt": str(debt_id), "card": str(card_id) if card_id else None}
    async with context.services.database.unit_of_work(context.tenant_id) as uow:
        await claim(uow, actor=str(context.driver_id), operation="payDebt", key=key, request=request)


def _require_answer(outcome: DebtPayment) -> None:
    if outcome.status is HoldStatus.DECLINED:
        raise CardRefusedError("the card was declined")
    if outcome.status is HoldStatus.UNKNOWN:
        raise PaymentUnavailableError("the bank has not answered yet, please try again")


async def _debt(context: Context, debt_id: UUID) -> Debt:
    async with context.services.database.read(context.tenant_id) as session:
        return Debt.of(await session.get_one(DebtRow, debt_id), context)
