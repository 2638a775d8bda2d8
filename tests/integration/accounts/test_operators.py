"""Operators: sign-in, roles, the last owner, audit entries, brands apart."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.db.tables import AuditEntry
from app.domain.drivers.errors import AccountDisabledError, RateLimitedError, SignInFailedError, WeakPasswordError
from app.domain.drivers.families import principal_is_live
from app.domain.drivers.refresh import refresh
from app.domain.operators.actor import AdminActor
from app.domain.operators.change_operator_role import change_operator_role
from app.domain.operators.disable_operator import disable_operator, enable_operator
from app.domain.operators.errors import LastOwnerError, OperatorExistsError
from app.domain.operators.list_operators import list_operators
from app.domain.operators.set_operator_password import set_operator_password
from app.domain.operators.sign_in_operator import OperatorSignedIn, sign_in_operator
from app.domain.operators.tables import Operator, OperatorRole
from app.domain.principals import PrincipalKind
from app.kit.errors import NotFoundError
from tests.integration.accounts.conftest import ADDRESS, PASSWORD, Office

ACTOR = AdminActor("owner@example.com", uuid4(), "request-1")


async def _sign_in(office: Office, email: str = "owner@example.com", password: str = PASSWORD) -> OperatorSignedIn:
    return await sign_in_operator(
        office.database,
        office.tenant_id,
        office.clock,
        passwords=office.passwords,
        tokens=office.tokens,
        email=email,
        password=password,
        client_address=ADDRESS,
        device="laptop",
    )


async def _change(office: Office, operator_id: UUID, role: OperatorRole) -> None:
    await change_operator_role(
        office.database, office.tenant_id, office.clock, operator_id=operator_id, role=role, actor=ACTOR
    )


async def _disable(office: Office, operator_id: UUID) -> None:
    await disable_operator(office.database, office.tenant_id, office.clock, operator_id=operator_id, actor=ACTOR)


async def _audit(office: Office) -> list[AuditEntry]:
    async with office.database.read(office.tenant_id) as session:
        return list(await session.scalars(select(AuditEntry).order_by(AuditEntry.created_at)))


async def _operator(office: Office, operator_id: UUID) -> Operator:
    async with office.database.read(office.tenant_id) as session:
        return await session.get_one(Operator, operator_id)


async def test_an_operator_is_created_audited_and_signs_in(office: Office) -> None:
    owner = await office.operator(" Owner@Example.com", OperatorRole.OWNER)
    signed_in = await _sign_in(office)
    principal = office.tokens.verify(signed_in.tokens.access_token)
    assert (principal.kind, principal.subject_id) == (PrincipalKind.OPERATOR, owner.id)
    assert (principal.role, principal.tenant_id) == (OperatorRole.OWNER, office.tenant_id)
    created, entered = await _audit(office)
    assert (created.actor, created.operator_id, created.operation) == ("command-line", None, "createOperator")
    assert created.input == {"email": "owner@example.com", "name": "Olga", "role": "OWNER"}
    assert (created.subject, created.outcome) == (str(owner.id), "OK")
    assert (entered.actor, entered.operator_id) == ("owner@example.com", owner.id)
    assert (entered.operation, entered.input) == (
        "signInOperator",
        {"client_address": ADDRESS, "device": "laptop"},
    )
    pair = await refresh(
        office.database,
        office.tenant_id,
        office.clock,
        tokens=office.tokens,
        refresh_token=signed_in.tokens.refresh_token,
    )
    assert office.tokens.verify(pair.access_token).role is OperatorRole.OWNER


async def test_an_address_is_taken_once_per_brand(office: Office, other_office: Office) -> None:
    await office.operator("owner@example.com", OperatorRole.OWNER)
    with pytest.raises(OperatorExistsError):
        await office.operator("OWNER@example.com", OperatorRole.SUPPORT)
    await other_office.operator("owner@example.com", OperatorRole.MANAGER)
    [mine], [theirs] = [await list_operators(place.database, place.tenant_id) for place in (office, other_office)]
    assert (mine.role, theirs.role) == (OperatorRole.OWNER, OperatorRole.MANAGER)
    assert len(await _audit(office)) == 1


async def test_operator_sign_in_is_limited_and_apart_from_drivers(office: Office) -> None:
    await office.operator("owner@example.com", OperatorRole.OWNER)
    await office.sign_up("owner@example.com", "the driver's password")
    with pytest.raises(SignInFailedError):
        await _sign_in(office, password="the driver's password")
    answers = await asyncio.gather(
        *(_sign_in(office, password="wrong password") for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(answer, SignInFailedError) for answer in answers) == 9
    assert sum(isinstance(answer, RateLimitedError) for answer in answers) == 11
    assert (await office.sign_in("owner@example.com", "the driver's password")).driver.name == "Ada"


async def test_a_changed_role_signs_out_and_is_audited(office: Office) -> None:
    await office.operator("owner@example.com", OperatorRole.OWNER)
    support = await office.operator("support@example.com", OperatorRole.SUPPORT)
    principal = office.tokens.verify((await _sign_in(office, "support@example.com")).tokens.access_token)
    before = len(await _audit(office))
    await _change(office, support.id, OperatorRole.SUPPORT)
    assert len(await _audit(office)) == before
    async with office.database.read(office.tenant_id) as session:
        assert await principal_is_live(session, principal, office.clock.now())
    await _change(office, support.id, OperatorRole.MANAGER)
    async with office.database.read(office.tenant_id) as session:
        assert not await principal_is_live(session, principal, office.clock.now())
    entry = (await _audit(office))[-1]
    assert (entry.operation, entry.subject, entry.operator_id, entry.request_id) == (
        "changeOperatorRole",
        str(support.id),
        ACTOR.operator_id,
        "request-1",
    )
    assert entry.input == {"role": "MANAGER", "previous": "SUPPORT"}
    assert (await _operator(office, support.id)).role is OperatorRole.MANAGER


async def test_the_last_owner_stays(office: Office, other_office: Office) -> None:
    owner = await office.operator("owner@example.com", OperatorRole.OWNER)
    gone = await office.operator("gone@example.com", OperatorRole.OWNER)
    await other_office.operator("owner@example.com", OperatorRole.OWNER)
    await _disable(office, gone.id)
    with pytest.raises(LastOwnerError):
        await _disable(office, owner.id)
    with pytest.raises(LastOwnerError):
        await _change(office, owner.id, OperatorRole.MANAGER)
    row = await _operator(office, owner.id)
    assert (row.role, row.disabled_at) == (OperatorRole.OWNER, None)
    assert [entry.operation for entry in await _audit(office)] == ["createOperator"] * 2 + ["disableOperator"]
    with pytest.raises(NotFoundError):
        await _disable(other_office, owner.id)


async def test_owners_who_remove_each_other_leave_one(office: Office) -> None:
    owners = [await office.operator(f"o{n}@example.com", OperatorRole.OWNER) for n in range(4)]
    answers = await asyncio.gather(
        *(_disable(office, owner.id) for owner in owners[:2]),
        *(_change(office, owner.id, OperatorRole.SUPPORT) for owner in owners[2:]),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["LastOwnerError"] + ["NoneType"] * 3
    left = [
        operator
        for operator in await list_operators(office.database, office.tenant_id)
        if operator.role is OperatorRole.OWNER and operator.disabled_at is None
    ]
    assert len(left) == 1


async def test_a_disabled_operator_is_out_until_enabled(office: Office) -> None:
    await office.operator("owner@example.com", OperatorRole.OWNER)
    support = await office.operator("support@example.com", OperatorRole.SUPPORT)
    principal = office.tokens.verify((await _sign_in(office, "support@example.com")).tokens.access_token)
    await _disable(office, support.id)
    await _disable(office, support.id)
    async with office.database.read(office.tenant_id) as session:
        assert not await principal_is_live(session, principal, office.clock.now())
    with pytest.raises(AccountDisabledError):
        await _sign_in(office, "support@example.com")
    await enable_operator(office.database, office.tenant_id, operator_id=support.id, actor=ACTOR)
    assert (await _sign_in(office, "support@example.com")).operator.disabled_at is None
    operations = [entry.operation for entry in await _audit(office)]
    assert operations.count("disableOperator") == 1
    assert operations[-2:] == ["enableOperator", "signInOperator"]


async def test_a_new_password_signs_out_and_lifts_the_limit(office: Office) -> None:
    owner = await office.operator("owner@example.com", OperatorRole.OWNER)
    signed_in = await _sign_in(office)
    for _ in range(10):
        with pytest.raises(SignInFailedError):
            await _sign_in(office, password="wrong password")

    async def set_to(password: str) -> None:
        await set_operator_password(
            office.database,
            office.tenant_id,
            office.clock,
            passwords=office.passwords,
            operator_id=owner.id,
            new_password=password,
            actor=ACTOR,
        )

    with pytest.raises(WeakPasswordError):
        await set_to("owner@example.com")
    await set_to("a password of their own")
    principal = office.tokens.verify(signed_in.tokens.access_token)
    async with office.database.read(office.tenant_id) as session:
        assert not await principal_is_live(session, principal, office.clock.now())
    assert (await _sign_in(office, password="a password of their own")).operator.id == owner.id
    entry = next(entry for entry in await _audit(office) if entry.operation == "setOperatorPassword")
    assert entry.input == {}
