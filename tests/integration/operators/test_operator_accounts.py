"""Operators sign in and manage each other."""

import pytest
from sqlalchemy import select

from app.db.tables import AuditEntry
from app.domain.operators.permissions import ROLE_PERMISSIONS
from app.domain.operators.tables import Operator, OperatorRole
from tests.integration.bff.api import PASSWORD
from tests.integration.operators.office import Office, code_of, row_of

NEW = {"email": "Sam@Example.com", "name": "Sam", "role": "SUPPORT", "password": "a long enough sentence"}


async def _sign_in(office: Office, email: str, password: str) -> dict[str, object]:
    payload = (await office.api.run("OperatorSignIn", input={"email": email, "password": password})).data
    found: dict[str, object] = payload["signInOperator"]
    return found


async def test_a_new_operator_signs_in_and_refreshes(office: Office) -> None:
    made = (await office.do("OperatorCreateOperator", **NEW))["operator"]
    assert made["permissions"] == sorted(ROLE_PERMISSIONS[OperatorRole.SUPPORT])
    entry = await office.one(select(AuditEntry).where(AuditEntry.subject == str(row_of(made))))
    assert (entry.operation, entry.actor) == ("createOperator", "owner@example.com")
    assert entry.input == {"email": "sam@example.com", "name": "Sam", "role": "SUPPORT"}
    signed_in = await _sign_in(office, "sam@example.com", str(NEW["password"]))
    tokens = signed_in["tokens"]
    assert isinstance(tokens, dict)
    sam = Office(office.api, tokens["accessToken"])
    assert (await sam.run("OperatorMe"))["email"] == "sam@example.com"
    pair = await office.api.do("RefreshSession", "refreshSession", refreshToken=tokens["refreshToken"])
    assert (await Office(office.api, pair["tokens"]["accessToken"]).run("OperatorMe"))["role"] == "SUPPORT"
    assert await office.refused("OperatorCreateOperator", **NEW) == "EMAIL_TAKEN"
    assert await office.refused("OperatorCreateOperator", **NEW | {"email": "b@example.com", "password": "123"}) == (
        "WEAK_PASSWORD"
    )
    assert await office.count(Operator) == 2


async def test_a_wrong_password_signs_nobody_in(office: Office) -> None:
    for email in ("owner@example.com", "nobody@example.com"):
        refused = await _sign_in(office, email, "wrong password here")
        assert refused["tokens"] is None
        assert isinstance(refused["userErrors"], list)
        assert refused["userErrors"][0]["code"] == "SIGN_IN_FAILED"
    assert isinstance((await _sign_in(office, "owner@example.com", PASSWORD))["tokens"], dict)


async def test_a_role_a_password_and_the_right_to_sign_in_are_taken_and_given(office: Office) -> None:
    manager = Office(office.api, await office.api.operator(OperatorRole.MANAGER))
    me = await manager.run("OperatorMe")
    await office.do("OperatorChangeOperatorRole", id=me["id"], role="READ_ONLY")
    row = await office.one(select(Operator).where(Operator.id == row_of(me)))
    assert row.role is OperatorRole.READ_ONLY
    assert (await office.audited("changeOperatorRole")).input == {"role": "READ_ONLY", "previous": "MANAGER"}
    assert code_of(await manager.send("OperatorCreateCharger", identity="X-1")) == "TOKEN_INVALID"

    await office.do("OperatorSetOperatorPassword", id=me["id"], password="another long sentence")
    assert "another" not in str((await office.audited("setOperatorPassword")).input)
    assert (await _sign_in(office, "manager@example.com", PASSWORD))["tokens"] is None
    assert (await _sign_in(office, "manager@example.com", "another long sentence"))["tokens"] is not None

    await office.do("OperatorDisableOperator", id=me["id"])
    assert (await _sign_in(office, "manager@example.com", "another long sentence"))["tokens"] is None
    disabled = await office.one(select(Operator).where(Operator.id == row_of(me)))
    assert disabled.disabled_at == office.world.clock.now()
    await office.do("OperatorEnableOperator", id=me["id"])
    assert (await _sign_in(office, "manager@example.com", "another long sentence"))["tokens"] is not None
    assert [await office.audits(name) for name in ("disableOperator", "enableOperator")] == [1, 1]


@pytest.mark.parametrize(
    ("document", "given"), [("OperatorDisableOperator", {}), ("OperatorChangeOperatorRole", {"role": "MANAGER"})]
)
async def test_the_last_owner_stays(office: Office, document: str, given: dict[str, str]) -> None:
    me = await office.run("OperatorMe")
    before = await office.fingerprint()
    assert await office.refused(document, id=me["id"], **given) == "LAST_OWNER"
    assert await office.fingerprint() == before


async def test_the_audit_log_tells_who_did_what(office: Office) -> None:
    await office.do("OperatorCreateOperator", **NEW)
    log = await office.run("OperatorAuditLog", first=2, operation="createOperator")
    actors = [(edge["node"]["actor"], edge["node"]["input"]["email"]) for edge in log["edges"]]
    assert actors == [("owner@example.com", "sam@example.com"), ("command-line", "owner@example.com")]
    first = await office.run("OperatorAuditLog", first=1)
    second = await office.run("OperatorAuditLog", first=1, after=first["pageInfo"]["endCursor"])
    assert first["edges"][0]["node"]["id"] != second["edges"][0]["node"]["id"]
    assert first["pageInfo"]["hasNextPage"] is True
