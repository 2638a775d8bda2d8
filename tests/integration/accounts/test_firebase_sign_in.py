"""Firebase accounts: linked only where both sides verified the address, and never a way into a stranger's account."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from app.domain.drivers.errors import AccountDisabledError, AccountNotLinkedError, TokenInvalidError
from app.domain.drivers.firebase_sign_in import firebase_sign_in
from app.domain.drivers.ports import FirebaseIdentity
from app.domain.drivers.sign_in import SignedIn
from app.domain.drivers.tables import Driver, DriverIdentity, RefreshToken
from app.domain.drivers.verify_email import verify_email
from tests.integration.accounts.conftest import ADDRESS, EMAIL, Office


class KnownTokens:
    """An `IdTokenVerifier` that knows a few tokens."""

    def __init__(self, **identities: FirebaseIdentity) -> None:
        self._identities = identities

    async def verify(self, id_token: str) -> FirebaseIdentity:
        """Return the known identity."""
        if id_token not in self._identities:
            raise TokenInvalidError
        return self._identities[id_token]


VERIFIER = KnownTokens(
    verified=FirebaseIdentity("fb-1", "Ada@Example.com", True, "Ada"),
    unverified=FirebaseIdentity("fb-2", EMAIL, False, "Eve"),
    phone=FirebaseIdentity("fb-3", None, False, None),
    odd=FirebaseIdentity("fb-4", "ü@example.com", True, "N\x00"),
)


async def _firebase(office: Office, token: str) -> SignedIn:
    return await firebase_sign_in(
        office.database,
        office.tenant_id,
        office.clock,
        verifier=VERIFIER,
        tokens=office.tokens,
        id_token=token,
        client_address=ADDRESS,
        device="phone",
    )


async def _drivers(office: Office) -> Sequence[Driver]:
    async with office.database.read(office.tenant_id) as session:
        return (await session.scalars(select(Driver).order_by(Driver.id))).all()


async def _links(office: Office) -> list[tuple[str, str]]:
    async with office.database.read(office.tenant_id) as session:
        rows = await session.scalars(select(DriverIdentity).order_by(DriverIdentity.id))
        return [(row.subject, str(row.driver_id)) for row in rows]


async def test_the_first_sign_in_makes_a_verified_driver_and_the_next_finds_it(office: Office) -> None:
    first, second = await _firebase(office, "verified"), await _firebase(office, "verified")
    [driver] = await _drivers(office)
    assert (driver.email, driver.name, driver.password_hash) == (EMAIL, "Ada", None)
    assert driver.email_verified_at == office.clock.now()
    assert first.driver.id == second.driver.id == driver.id
    assert (first.created, second.created) == (True, False)
    assert await _links(office) == [("fb-1", str(driver.id))]
    assert office.tokens.verify(first.tokens.access_token).subject_id == driver.id


async def test_first_sign_ins_at_once_make_one_driver(office: Office) -> None:
    answers = await asyncio.gather(*(_firebase(office, "verified") for _ in range(8)))
    assert len({answer.driver.id for answer in answers}) == 1
    assert len(await _drivers(office)) == 1
    assert len(await _links(office)) == 1


async def test_accounts_verified_on_both_sides_are_linked(office: Office) -> None:
    mine = await office.sign_up()
    await verify_email(office.database, office.tenant_id, office.clock, token=office.mails.verifications[0][1])
    linked = await _firebase(office, "verified")
    assert linked.driver.id == mine.driver.id
    assert linked.driver.has_password
    assert len(await _drivers(office)) == 1
    assert (await office.sign_in()).driver.id == mine.driver.id


async def test_an_unverified_account_here_is_not_linked(office: Office) -> None:
    await office.sign_up()
    with pytest.raises(AccountNotLinkedError) as refusal:
        await _firebase(office, "verified")
    assert refusal.value.code == "ACCOUNT_NOT_LINKED"
    [driver] = await _drivers(office)
    assert driver.email_verified_at is None
    assert await _links(office) == []
    async with office.database.read(office.tenant_id) as session:
        assert len(list(await session.scalars(select(RefreshToken)))) == 1


@pytest.mark.parametrize("here_verified", [True, False])
async def test_an_unverified_firebase_address_gets_a_driver_without_it(office: Office, here_verified: bool) -> None:
    mine = await office.sign_up()
    if here_verified:
        raw = office.mails.verifications[0][1]
        await verify_email(office.database, office.tenant_id, office.clock, token=raw)
    eve = await _firebase(office, "unverified")
    assert eve.driver.id != mine.driver.id
    assert (eve.driver.email, eve.driver.email_verified) == (None, False)
    assert await _links(office) == [("fb-2", str(eve.driver.id))]


async def test_identities_without_a_usable_address_stay_apart(office: Office) -> None:
    ids = {(await _firebase(office, token)).driver.id for token in ("phone", "odd", "unverified")}
    assert len(ids) == 3
    assert [driver.email for driver in await _drivers(office)] == [None, None, None]


async def test_brands_are_apart_and_disabled_drivers_stay_out(office: Office, other_office: Office) -> None:
    mine, theirs = await _firebase(office, "verified"), await _firebase(other_office, "verified")
    assert mine.driver.id != theirs.driver.id
    async with office.database.unit_of_work(office.tenant_id) as uow:
        await uow.session.execute(update(Driver).values(disabled_at=office.clock.now()))
    with pytest.raises(AccountDisabledError):
        await _firebase(office, "verified")
    assert (await _firebase(other_office, "verified")).driver.id == theirs.driver.id


async def test_an_unknown_token_changes_nothing(office: Office) -> None:
    with pytest.raises(TokenInvalidError):
        await _firebase(office, "forged")
    assert list(await _drivers(office)) == []
