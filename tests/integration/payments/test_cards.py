"""Saved cards: set up with consent, one the default, removed for good."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select

from app.kit.errors import NotFoundError
from payments.card_list import list_cards, remove_card, set_default_card
from payments.cards import complete_card_setup, ensure_customer, start_card_setup
from payments.errors import CardInUseError, CardNotSavedError
from payments.stripe.double.faults import Fault, FaultKind, Phase
from payments.stripe.errors import ProcessorUnavailableError
from payments.sweep import sweep_payments
from payments.tables import CardSetup, Customer, PaymentMethod
from tests.integration.payments.world import World


async def _cards(world: World, driver_id: UUID) -> list[tuple[str, bool]]:
    async with world.deps.database.read(world.tenant_id) as session:
        return [(card.last4, card.is_default) for card in await list_cards(session, driver_id)]


async def test_the_first_card_is_the_default_and_later_ones_are_not(world: World) -> None:
    driver_id = await world.driver_with("pm_card_visa")
    await world.card(driver_id, "pm_card_mastercard")
    assert await _cards(world, driver_id) == [("4242", True), ("4444", False)]
    assert await world.count(Customer) == 1


async def test_a_customer_is_made_once_by_whoever_comes_first(world: World) -> None:
    driver_id = await world.driver()
    await world.admin.inject(Fault(FaultKind.DROP, Phase.AFTER, path="/customers$"))
    with pytest.raises(ProcessorUnavailableError):
        await ensure_customer(world.deps, world.tenant_id, driver_id)
    ids = await asyncio.gather(*(ensure_customer(world.deps, world.tenant_id, driver_id) for _ in range(6)))
    assert len(set(ids)) == 1
    assert (await world.admin.totals())["customers"] == 1


async def test_an_unfinished_setup_saves_nothing(world: World) -> None:
    driver_id = await world.driver()
    setup = await start_card_setup(world.deps, world.tenant_id, driver_id)
    with pytest.raises(CardNotSavedError):
        await complete_card_setup(world.deps, world.tenant_id, driver_id, setup.setup_id)
    intent_id = setup.client_secret.split("_secret_")[0]
    await world.gateway.confirm_setup_intent(intent_id, "pm_card_authenticationRequired", idempotency_key="c1")
    await world.admin.authenticate(intent_id, succeeded=False)
    with pytest.raises(CardNotSavedError):
        await complete_card_setup(world.deps, world.tenant_id, driver_id, setup.setup_id)
    assert await world.count(PaymentMethod) == 0
    [row] = await world.rows(select(CardSetup))
    assert row.completed_at is None


async def test_completing_twice_stores_one_card_and_only_for_its_driver(world: World) -> None:
    driver_id = await world.driver()
    setup = await start_card_setup(world.deps, world.tenant_id, driver_id)
    await world.gateway.confirm_setup_intent(
        setup.client_secret.split("_secret_")[0], "pm_card_visa", idempotency_key="c1"
    )
    with pytest.raises(NotFoundError):
        await complete_card_setup(world.deps, world.tenant_id, await world.driver(), setup.setup_id)
    ids = await asyncio.gather(
        *(complete_card_setup(world.deps, world.tenant_id, driver_id, setup.setup_id) for _ in range(4))
    )
    assert len(set(ids)) == 1
    assert await _cards(world, driver_id) == [("4242", True)]


async def test_the_default_can_be_changed(world: World) -> None:
    driver_id = await world.driver_with("pm_card_visa")
    other = await world.card(driver_id, "pm_card_mastercard")
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        await set_default_card(uow, driver_id, other)
    assert await _cards(world, driver_id) == [("4444", True), ("4242", False)]
    with pytest.raises(NotFoundError):
        async with world.deps.database.unit_of_work(world.tenant_id) as uow:
            await set_default_card(uow, await world.driver(), other)


async def test_a_removed_card_is_detached_and_the_next_becomes_the_default(world: World) -> None:
    driver_id = await world.driver()
    first = await world.card(driver_id, "pm_card_visa")
    await world.card(driver_id, "pm_card_mastercard")
    for _ in range(2):
        await remove_card(world.deps, world.tenant_id, driver_id, first)
    assert await _cards(world, driver_id) == [("4444", True)]
    row = next(card for card in await world.rows(select(PaymentMethod)) if card.id == first)
    assert row.detached_at is not None
    assert (await world.gateway.retrieve_payment_method(row.processor_id)).customer_id is None
    assert await world.calls("/detach") == 1


async def test_a_card_that_secures_a_hold_stays(world: World) -> None:
    driver_id = await world.driver()
    card = await world.card(driver_id)
    session_id = await world.prepared(driver_id)
    await world.payments.place_hold(world.tenant_id, session_id)
    with pytest.raises(CardInUseError):
        await remove_card(world.deps, world.tenant_id, driver_id, card)
    assert await _cards(world, driver_id) == [("4242", True)]
    await world.payments.release(world.tenant_id, session_id)
    await remove_card(world.deps, world.tenant_id, driver_id, card)
    assert await _cards(world, driver_id) == []


async def test_a_removal_the_processor_did_not_hear_of_is_repeated_by_the_sweep(world: World) -> None:
    driver_id = await world.driver()
    card = await world.card(driver_id)
    await world.admin.inject(Fault(FaultKind.DROP, Phase.BEFORE, path="/detach$"))
    with pytest.raises(ProcessorUnavailableError):
        await remove_card(world.deps, world.tenant_id, driver_id, card)
    assert await _cards(world, driver_id) == []
    world.clock.advance(minutes=2)
    await sweep_payments(world.deps, world.tenant_id)
    [row] = await world.rows(select(PaymentMethod))
    assert (await world.gateway.retrieve_payment_method(row.processor_id)).customer_id is None
