"""A driver's saved cards: listed, one of them the default, removed for good."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.uow import UnitOfWork
from app.kit.errors import NotFoundError
from payments.deps import PaymentDeps
from payments.errors import CardInUseError
from payments.stripe.errors import InvalidRequestToProcessorError, ProcessorObjectMissingError
from payments.tables import Customer, Payment, PaymentMethod, PaymentState

_HOLDING = (
    PaymentState.CREATED,
    PaymentState.REQUIRES_ACTION,
    PaymentState.AUTHORISED,
    PaymentState.CAPTURING,
    PaymentState.RELEASING,
)


async def list_cards(session: AsyncSession, driver_id: UUID) -> Sequence[PaymentMethod]:
    """Return a driver's cards, the default first, then the newest."""
    query = (
        select(PaymentMethod)
        .where(PaymentMethod.driver_id == driver_id, PaymentMethod.removed_at.is_(None))
        .order_by(PaymentMethod.is_default.desc(), PaymentMethod.created_at.desc(), PaymentMethod.id.desc())
    )
    return (await session.scalars(query)).all()


async def set_default_card(uow: UnitOfWork, driver_id: UUID, payment_method_id: UUID) -> None:
    """Make a card the one that is held on where the driver chooses none. Raises NotFoundError."""
    cards = await _locked_cards(uow, driver_id)
    chosen = next((card for card in cards if card.id == payment_method_id), None)
    if chosen is None:
        raise NotFoundError("there is no such card", field="paymentMethod")
    await _make_default(uow, cards, chosen)


async def remove_card(deps: PaymentDeps, tenant_id: UUID, driver_id: UUID, payment_method_id: UUID) -> None:
    """Remove a card, here and at the processor; the newest other card becomes the default. Again does nothing.

    Raises NotFoundError, CardInUseError while a charge is secured by it, and ProcessorUnavailableError: the card is
    gone here and the removal at the processor is repeated by the sweep.
    """
    async with deps.database.unit_of_work(tenant_id) as uow:
        method = await uow.session.get(PaymentMethod, payment_method_id)
        if method is None or method.driver_id != driver_id:
            raise NotFoundError("there is no such card", field="paymentMethod")
        if method.removed_at is None:
            cards = await _locked_cards(uow, driver_id)
            await _require_unused(uow, payment_method_id)
            method.removed_at = deps.clock.now()
            others = [card for card in cards if card.id != payment_method_id]
            if method.is_default:
                method.is_default = False
                await _make_default(uow, cards, others[0] if others else None)
    await detach_card(deps, tenant_id, payment_method_id)


async def detach_card(deps: PaymentDeps, tenant_id: UUID, payment_method_id: UUID) -> None:
    """Take a removed card from the processor; does nothing where that was done."""
    async with deps.database.read(tenant_id) as session:
        method = await session.get_one(PaymentMethod, payment_method_id)
    if method.removed_at is None or method.detached_at is not None:
        return
    try:
        await deps.gateway.detach_payment_method(
            method.processor_id, idempotency_key=f"card:{payment_method_id}:detach"
        )
    except (InvalidRequestToProcessorError, ProcessorObjectMissingError):
        card = await deps.gateway.retrieve_payment_method(method.processor_id)
        if card.customer_id is not None:
            raise
    async with deps.database.unit_of_work(tenant_id) as uow:
        (await uow.session.get_one(PaymentMethod, payment_method_id)).detached_at = deps.clock.now()


async def _locked_cards(uow: UnitOfWork, driver_id: UUID) -> Sequence[PaymentMethod]:
    await uow.session.scalar(select(Customer).where(Customer.driver_id == driver_id).with_for_update())
    return await list_cards(uow.session, driver_id)


async def _make_default(uow: UnitOfWork, cards: Sequence[PaymentMethod], chosen: PaymentMethod | None) -> None:
    for card in cards:
        card.is_default = False
    await uow.session.flush()  # the unique index admits one default at any moment
    if chosen is not None:
        chosen.is_default = True


async def _require_unused(uow: UnitOfWork, payment_method_id: UUID) -> None:
    holding = select(Payment.id).where(Payment.payment_method_id == payment_method_id, Payment.state.in_(_HOLDING))
    if await uow.session.scalar(holding.limit(1)):
        raise CardInUseError("the card secures a running charge")
