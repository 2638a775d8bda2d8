"""Saves cards with the driver's consent to later charges; card data never passes through here.

The app finishes a SetupIntent with the processor's own SDK; what it reports is not believed but read again. A driver
has one customer at the processor, made once by a key derived from the driver.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db.uow import UnitOfWork
from app.kit.errors import NotFoundError
from app.kit.ids import new_id
from payments.deps import PaymentDeps
from payments.errors import CardNotSavedError
from payments.intents import TENANT_METADATA
from payments.stripe.errors import ReplayedFailureError
from payments.stripe.views import CardView, IntentStatus
from payments.tables import CardSetup, Customer, PaymentMethod

SETUP_METADATA = "card_setup"
_CUSTOMER_KEYS = 3


@dataclass(frozen=True, slots=True)
class CardSetupStarted:
    """What the app's SDK needs to save a card; the secret is never logged or stored."""

    setup_id: UUID
    customer_id: str
    client_secret: str


async def start_card_setup(deps: PaymentDeps, tenant_id: UUID, driver_id: UUID) -> CardSetupStarted:
    """Begin saving a card. Raises ProcessorError where the processor cannot."""
    customer_id = await ensure_customer(deps, tenant_id, driver_id)
    async with deps.database.unit_of_work(tenant_id) as uow:
        setup = CardSetup(driver_id=driver_id, created_at=deps.clock.now())
        uow.session.add(setup)
        await uow.session.flush()
        setup_id = setup.id
    intent = await deps.gateway.create_setup_intent(
        customer_id,
        idempotency_key=f"card-setup:{setup_id}",
        metadata={TENANT_METADATA: str(tenant_id), SETUP_METADATA: str(setup_id)},
    )
    async with deps.database.unit_of_work(tenant_id) as uow:
        (await uow.session.get_one(CardSetup, setup_id)).processor_id = intent.id
    return CardSetupStarted(setup_id, customer_id, intent.client_secret)


async def ensure_customer(deps: PaymentDeps, tenant_id: UUID, driver_id: UUID) -> str:
    """Return the driver's customer id at the processor, made where it is missing."""
    async with deps.database.read(tenant_id) as session:
        known = await session.scalar(select(Customer.processor_id).where(Customer.driver_id == driver_id))
    if known is not None:
        return known
    processor_id = await _create_customer(deps, tenant_id, driver_id)
    async with deps.database.unit_of_work(tenant_id) as uow:
        await uow.session.execute(
            insert(Customer)
            .values(id=new_id(), tenant_id=tenant_id, driver_id=driver_id, processor_id=processor_id)
            .on_conflict_do_nothing(index_elements=["driver_id"])
        )
        stored = await uow.session.scalar(select(Customer.processor_id).where(Customer.driver_id == driver_id))
    assert stored is not None
    return stored


async def _create_customer(deps: PaymentDeps, tenant_id: UUID, driver_id: UUID) -> str:
    """Create the customer; without e-mail, so that a repetition is the same request after the driver changed it."""
    last: ReplayedFailureError | None = None
    for number in range(1, _CUSTOMER_KEYS + 1):
        try:
            return await deps.gateway.create_customer(
                email=None,
                driver_ref=str(driver_id),
                tenant_ref=str(tenant_id),
                idempotency_key=f"driver:{driver_id}:customer:{number}",
            )
        except ReplayedFailureError as error:
            last = error  # a second customer, should there be one, holds no card and no money
    assert last is not None
    raise last


async def complete_card_setup(deps: PaymentDeps, tenant_id: UUID, driver_id: UUID, setup_id: UUID) -> UUID:
    """Store the card of a finished setup and return its id; the driver's first card becomes the default. Idempotent.

    Raises NotFoundError, and CardNotSavedError where the bank declined or the driver did not authenticate.
    """
    async with deps.database.read(tenant_id) as session:
        setup = await session.get(CardSetup, setup_id)
    if setup is None or setup.driver_id != driver_id or setup.processor_id is None:
        raise NotFoundError("there is no such card setup", field="setup")
    intent = await deps.gateway.retrieve_setup_intent(setup.processor_id)
    if intent.status is not IntentStatus.SUCCEEDED or intent.payment_method_id is None:
        raise CardNotSavedError(f"the card was not saved: {intent.last_error_code or intent.status.value}")
    card = await deps.gateway.retrieve_payment_method(intent.payment_method_id)
    async with deps.database.unit_of_work(tenant_id) as uow:
        # The customer's lock orders the setups of a driver: one of them makes the first, default card.
        await uow.session.scalar(select(Customer).where(Customer.driver_id == driver_id).with_for_update())
        (await uow.session.get_one(CardSetup, setup_id)).completed_at = deps.clock.now()
        return await _store_card(uow, driver_id, card)


async def _store_card(uow: UnitOfWork, driver_id: UUID, card: CardView) -> UUID:
    known = await uow.session.scalar(select(PaymentMethod).where(PaymentMethod.processor_id == card.id))
    if known is not None:
        return known.id
    has_default = await uow.session.scalar(
        select(PaymentMethod.id).where(
            PaymentMethod.driver_id == driver_id, PaymentMethod.is_default, PaymentMethod.removed_at.is_(None)
        )
    )
    method = PaymentMethod(
        driver_id=driver_id,
        processor_id=card.id,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        is_default=has_default is None,
    )
    uow.session.add(method)
    await uow.session.flush()
    return method.id
