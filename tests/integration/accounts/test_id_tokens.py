"""RFID cards: one spelling, one owner, who may block and unblock, what the audit log keeps."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from app.db.tables import AuditEntry
from app.domain.charging.states import SessionState, StartMethod
from app.domain.charging.tables import ChargingSession
from app.domain.drivers.errors import EmailNotVerifiedError, IdTokenInUseError, IdTokenTakenError
from app.domain.drivers.id_tokens import (
    CardManager,
    IdTokenView,
    NewIdToken,
    add_id_token,
    block_id_token,
    list_id_tokens,
    remove_id_token,
    unblock_id_token,
)
from app.domain.drivers.tables import Driver, IdToken
from app.domain.operators.actor import AdminActor
from app.kit.errors import InvalidInputError, NotFoundError
from tests.integration.accounts.conftest import Office

ADMIN = AdminActor("support@example.com", uuid4())
BY_ADMIN = CardManager(admin=ADMIN)


async def _add(office: Office, given: NewIdToken, manager: CardManager = BY_ADMIN) -> IdTokenView:
    return await add_id_token(office.database, office.tenant_id, given, manager=manager)


async def _verified_driver(office: Office, email: str = "ada@example.com") -> UUID:
    driver_id = (await office.sign_up(email)).driver.id
    async with office.database.unit_of_work(office.tenant_id) as uow:
        await uow.session.execute(
            update(Driver).where(Driver.id == driver_id).values(email_verified_at=office.clock.now())
        )
    return driver_id


async def _row(office: Office) -> IdToken:
    async with office.database.read(office.tenant_id) as session:
        return (await session.scalars(select(IdToken))).one()


async def _operations(office: Office) -> list[str]:
    async with office.database.read(office.tenant_id) as session:
        return list(await session.scalars(select(AuditEntry.operation).order_by(AuditEntry.created_at)))


async def test_an_operator_adds_a_card_and_the_audit_log_does_not_keep_its_number(office: Office) -> None:
    driver_id = (await office.sign_up()).driver.id
    given = NewIdToken(" 04a2b3c4d5e6f7 ", driver_id, "Fleet", free_of_charge=True)
    card = await _add(office, given)
    row = await _row(office)
    assert (row.uid, row.driver_id, row.label, row.free_of_charge) == ("04A2B3C4D5E6F7", driver_id, "Fleet", True)
    assert card.id == row.id
    async with office.database.read(office.tenant_id) as session:
        entry = (await session.scalars(select(AuditEntry))).one()
    assert (entry.operation, entry.operator_id, entry.subject) == ("addIdToken", ADMIN.operator_id, str(card.id))
    assert entry.input == {"uid": "…E6F7", "driver_id": str(driver_id), "free_of_charge": True}


async def test_a_number_is_unique_per_brand_in_any_spelling(office: Office, other_office: Office) -> None:
    answers = await asyncio.gather(
        *(_add(office, NewIdToken(uid)) for uid in ("abcd1234", "ABCD1234", "AbCd1234")), return_exceptions=True
    )
    assert sum(isinstance(answer, IdTokenTakenError) for answer in answers) == 2
    assert (await _row(office)).uid == "ABCD1234"
    assert (await _add(other_office, NewIdToken("abcd1234"))).uid == "ABCD1234"


async def test_a_driver_adds_own_cards_only_with_a_verified_address(office: Office) -> None:
    driver_id = (await office.sign_up()).driver.id
    mine = CardManager(driver_id=driver_id)
    with pytest.raises(EmailNotVerifiedError):
        await _add(office, NewIdToken("CARD1"), mine)
    async with office.database.unit_of_work(office.tenant_id) as uow:
        await uow.session.execute(update(Driver).values(email_verified_at=office.clock.now()))
    card = await _add(office, NewIdToken("CARD1", driver_id=uuid4(), free_of_charge=True), mine)
    assert (card.driver_id, card.free_of_charge) == (driver_id, False)
    assert await _operations(office) == []
    assert await list_id_tokens(office.database, office.tenant_id, driver_id=driver_id) == [card]


async def test_a_driver_blocks_but_only_an_operator_unblocks(office: Office) -> None:
    driver_id = await _verified_driver(office)
    mine = CardManager(driver_id=driver_id)
    card = await _add(office, NewIdToken("CARD1"), mine)
    for _ in range(2):
        blocked = await block_id_token(office.database, office.tenant_id, office.clock, card.id, manager=mine)
        office.clock.advance(minutes=1)
    assert (await _row(office)).blocked_at == blocked.blocked_at
    with pytest.raises(IdTokenInUseError):
        await remove_id_token(office.database, office.tenant_id, card.id, manager=mine)
    for _ in range(2):
        await unblock_id_token(office.database, office.tenant_id, card.id, admin=ADMIN)
    assert (await _row(office)).blocked_at is None
    await block_id_token(office.database, office.tenant_id, office.clock, card.id, manager=BY_ADMIN)
    assert await _operations(office) == ["unblockIdToken", "blockIdToken"]


async def test_cards_of_others_are_not_found(office: Office, other_office: Office) -> None:
    owner, eve = await _verified_driver(office), await _verified_driver(office, "eve@example.com")
    card = await _add(office, NewIdToken("CARD1"), CardManager(driver_id=owner))
    strangers = [(office, CardManager(driver_id=eve)), (other_office, BY_ADMIN)]
    for place, manager in strangers:
        with pytest.raises(NotFoundError):
            await block_id_token(place.database, place.tenant_id, place.clock, card.id, manager=manager)
        with pytest.raises(NotFoundError):
            await remove_id_token(place.database, place.tenant_id, card.id, manager=manager)
    assert (await _row(office)).blocked_at is None
    with pytest.raises(NotFoundError):
        await _add(other_office, NewIdToken("CARD2", driver_id=owner))


async def test_a_card_is_removed_with_an_audit_entry(office: Office) -> None:
    card = await _add(office, NewIdToken("CARD1"))
    await remove_id_token(office.database, office.tenant_id, card.id, manager=BY_ADMIN)
    async with office.database.read(office.tenant_id) as session:
        assert list(await session.scalars(select(IdToken))) == []
    assert await _operations(office) == ["addIdToken", "removeIdToken"]


async def test_a_card_that_charged_stays(office: Office) -> None:
    card = await _add(office, NewIdToken("CARD1"))
    async with office.database.unit_of_work(office.tenant_id) as uow:
        session = ChargingSession(
            state=SessionState.COMPLETED,
            start_method=StartMethod.RFID,
            id_token_id=card.id,
            time_zone="Europe/Berlin",
            currency="EUR",
        )
        uow.session.add(session)
    with pytest.raises(IdTokenInUseError):
        await remove_id_token(office.database, office.tenant_id, card.id, manager=BY_ADMIN)
    assert (await _row(office)).id == card.id
    assert await _operations(office) == ["addIdToken"]


@pytest.mark.parametrize(
    "given",
    [NewIdToken(""), NewIdToken("A B"), NewIdToken("Ä"), NewIdToken("A" * 256), NewIdToken("A", type="PAPER")],
)
async def test_bad_cards_are_refused(office: Office, given: NewIdToken) -> None:
    with pytest.raises(InvalidInputError):
        await _add(office, given)
