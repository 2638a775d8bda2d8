"""Who may not do what: every admin field against every caller who lacks its permission. No data, no side effect."""

import ast
import json
from pathlib import Path

import pytest

from app.db.tables import Tenant
from app.domain.operators.actor import COMMAND_LINE
from app.domain.operators.create_operator import create_operator
from app.domain.operators.permissions import ROLE_PERMISSIONS, Permission
from app.domain.operators.sign_in_operator import sign_in_operator
from app.domain.operators.tables import OperatorRole
from bff.access import OperatorField, PublicField
from tests.integration.bff.api import PASSWORD, Api
from tests.integration.operators.office import Office, code_of
from tests.integration.operators.permitted import SIGN_IN, admin_fields, documents, inputs

FIELDS = admin_fields()
MAKES_ITS_OWN = {"createLocation", "createOperator", "operatorMe", "operators"}
"""What an operator of another brand may do there with these inputs: nothing in them is ours."""


def test_every_admin_field_declares_a_permission() -> None:
    assert {name for name, field in FIELDS.items() if not isinstance(field.access, OperatorField)} == {SIGN_IN}
    assert isinstance(FIELDS[SIGN_IN].access, PublicField)
    used = {field.permission for field in FIELDS.values()} - {None}
    assert used == set(Permission)


def test_every_admin_field_has_a_document() -> None:
    assert set(documents()) == set(FIELDS)


async def _token(api: Api, caller: str) -> str | None:
    if caller == "anonymous":
        return None
    if caller == "driver":
        return (await api.sign_up())[1]
    if caller == "guest":
        token: str = (await api.run("CreateGuest", input={})).data["createGuest"]["accessToken"]
        return token
    return await api.operator(OperatorRole(caller))


def _forbidden(caller: str) -> list[str]:
    granted = ROLE_PERMISSIONS[OperatorRole(caller)] if caller in OperatorRole.__members__ else frozenset()
    return sorted(name for name, field in FIELDS.items() if field.permission and field.permission not in granted)


@pytest.mark.parametrize("caller", ["anonymous", "driver", "guest", "READ_ONLY", "SUPPORT", "MANAGER"])
async def test_the_forbidden_has_no_answer_and_no_effect(office: Office, caller: str) -> None:
    variables, names = await inputs(office), documents()
    assert set(variables) == set(FIELDS) - {SIGN_IN}
    token = await _token(office.api, caller)
    before = await office.fingerprint()
    refused = {}
    for name in _forbidden(caller):
        answer = await office.api.run(names[name], token=token, **variables[name])
        refused[name] = code_of(answer)
        data = (answer.body.get("data") or {}).get(name) or {}
        assert {key: value for key, value in data.items() if key != "userErrors" and value} == {}, name
    expected = "NOT_SIGNED_IN" if caller == "anonymous" else "NOT_ALLOWED"
    assert refused == dict.fromkeys(_forbidden(caller), expected)
    assert len(refused) >= 5
    assert office.world.gateway.sent == []
    assert await office.fingerprint() == before


async def _owner_of(api: Api, tenant: Tenant) -> str:
    services = api.services
    await create_operator(
        api.world.app,
        tenant.id,
        passwords=services.passwords,
        email="other@example.com",
        name="Otto",
        role=OperatorRole.OWNER,
        password=PASSWORD,
        actor=COMMAND_LINE,
    )
    signed_in = await sign_in_operator(
        api.world.app,
        tenant.id,
        api.world.clock,
        passwords=services.passwords,
        tokens=services.tokens,
        email="other@example.com",
        password=PASSWORD,
        client_address=None,
    )
    return signed_in.tokens.access_token


async def test_another_brands_owner_sees_and_changes_nothing_here(office: Office, other_tenant: Tenant) -> None:
    variables, names = await inputs(office), documents()
    token = await _owner_of(office.api, other_tenant)
    before = await office.fingerprint()
    ours = {str(value) for value in _ids(variables)}
    for name in sorted(set(FIELDS) - {SIGN_IN}):
        answer = await office.api.run(names[name], token=token, **variables[name])
        told = json.dumps(answer.body)
        assert not [value for value in ours if value in told], name
        if name in MAKES_ITS_OWN:
            assert code_of(answer) is None, name
        elif "first" in variables[name]:
            nodes = answer.data[name]["edges"]
            assert name == "auditLog" or nodes == [], name
        else:
            assert code_of(answer) == "NOT_FOUND", name
    assert office.world.gateway.sent == []
    assert await office.fingerprint() == before
    elsewhere = await office.api.run("OperatorMe", token=token, brand=office.world.tenant.slug)
    assert elsewhere.code == "TOKEN_INVALID"


def _ids(variables: object) -> list[str]:
    """Return the global ids among variables."""
    if isinstance(variables, dict):
        return [found for value in variables.values() for found in _ids(value)]
    return [variables] if isinstance(variables, str) and len(variables) > 40 and not set(" @") & set(variables) else []


async def test_the_owner_sees_everything(office: Office) -> None:
    variables, names = await inputs(office), documents()
    for name, field in FIELDS.items():
        if field.permission and "input" not in variables[name] and (name[:5] == "admin" or "first" in variables[name]):
            found = (await office.api.run(names[name], token=office.token, **variables[name])).data[name]
            assert found, name
            assert name in ("chargerCommands", "quarantinedMessages") or found.get("edges", True), name


async def test_a_role_without_drivers_sees_sessions_without_them(office: Office) -> None:
    await inputs(office)
    reader = Office(office.api, await office.api.operator(OperatorRole.READ_ONLY))
    support = Office(office.api, await office.api.operator(OperatorRole.SUPPORT))
    hidden = await reader.run("OperatorSessions", first=10)
    assert [edge["node"]["driver"] for edge in hidden["edges"]] == [None, None]
    shown = await support.run("OperatorSessions", first=10)
    assert all(edge["node"]["driver"]["kind"] == "ACCOUNT" for edge in shown["edges"])


def test_every_document_of_the_operators_is_executed_by_a_test() -> None:
    named: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        named |= {str(given.value) for call in calls for given in ast.walk(call) if isinstance(given, ast.Constant)}
    assert set(documents().values()) - named == set()
