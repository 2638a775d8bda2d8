"""The edges of the API: what is refused, what is masked, what one request may ask for, whose answer it is."""

import asyncio
import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from app.db.tables import Tenant
from app.domain.charging.errors import ChargerOfflineError
from app.kit.errors import ConflictError
from app.kit.settings import Mode
from bff.ids import global_id
from bff.limits import MAX_BODY_BYTES
from tests.integration.bff.api import Api, serve

ME = "{ me { id } }"
SECRET_TEXT = "select password_hash from drivers -- /srv/app/secret.py"


class BrokenPaymentsError(Exception):
    """What a driver must never read."""


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/x-www-form-urlencoded", "query={brand{slug}}", 415),
        ("text/plain", '{"query": "{brand{slug}}"}', 415),
        ("multipart/form-data; boundary=x", "--x--", 415),
        ("application/json; charset=utf-16", '{"query": "{brand{slug}}"}', 415),
        ("application/json", "{", 400),
        ("application/json", '[{"query": "{brand{slug}}"}]', 400),
        ("application/json", '"query"', 400),
        ("application/json", "{}", 400),
        ("application/json", '{"query": 7}', 400),
        ("application/json", '{"query": "{brand{slug}}", "variables": []}', 200),
        ("application/json", '{"query": "{brand{slug}}", "variables": [1]}', 400),
        ("application/json", '{"query": "{brand{slug}}", "operationName": 1}', 400),
        ("application/json", '{"query": "{brand{slug}}", "extensions": "x"}', 400),
        ("application/json", '{"query": "{brand{slug}}", "operationName": "Other"}', 400),
        ("application/json", '{"query": "subscription { stationStatus { sequence } }"}', 400),
    ],
)
async def test_requests_that_are_none(api: Api, content_type: str, body: str, status: int) -> None:
    response = await api.client.post("/graphql", content=body, headers={"content-type": content_type})
    assert response.status_code == status
    assert ("errors" in response.json()) is (status != 200)


async def test_a_body_has_an_end(api: Api) -> None:
    body = json.dumps({"query": "{ brand { slug } }", "variables": {"x": "y" * MAX_BODY_BYTES}})
    response = await api.client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 413


async def test_get_asks_and_does_nothing(api: Api) -> None:
    asked = await api.client.get("/graphql", params={"query": "{ brand { slug } }"})
    assert asked.json() == {"data": {"brand": {"slug": "default"}}}
    query = "mutation { createGuest(input: {}) { accessToken } }"
    done = await api.client.get("/graphql", params={"query": query})
    assert (done.status_code, done.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("accept", "query", "status", "media"),
    [
        ("*/*", "{ nothing }", 200, "application/json"),
        ("application/json", "{", 200, "application/json"),
        ("application/graphql-response+json", "{ nothing }", 400, "application/graphql-response+json"),
        ("application/graphql-response+json", "{ brand { slug } }", 200, "application/graphql-response+json"),
        ("application/graphql-response+json", ME, 200, "application/graphql-response+json"),
        ("application/json;q=0.5, application/graphql-response+json", "{", 400, "application/graphql-response+json"),
        ("application/json, application/graphql-response+json;q=0.9", "{", 200, "application/json"),
        ("image/png", "{ brand { slug } }", 406, "application/json"),
    ],
)
async def test_the_response_type_is_negotiated(api: Api, accept: str, query: str, status: int, media: str) -> None:
    response = await api.client.post("/graphql", json={"query": query}, headers={"accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (status, f"{media}; charset=utf-8")
    if status == 400:
        assert "data" not in response.json()


@pytest.mark.parametrize(
    "query",
    [
        "{" + " ".join(f"a{i}: brand {{ slug }}" for i in range(21)) + "}",
        "{ brand {" + " slug" * 2100 + "} }",
        '{ evseByCode(code: "x") ' + "{ station { evses " * 8 + "{ id }" + "} }" * 8 + " }",
    ],
)
async def test_documents_beyond_the_limits_run_no_statement(api: Api, query: str, statements: list[str]) -> None:
    await api.post("{ brand { slug } }")
    statements.clear()
    answer = await api.post(query)
    assert answer.code == "GRAPHQL_VALIDATION_FAILED"
    assert statements == []


async def test_programming_errors_are_masked_over_http(api: Api) -> None:
    _, token = await api.sign_up()
    api.world.payments.will(BrokenPaymentsError(SECRET_TEXT))
    answer = await api.run("StartCharging", token=token, input={"evseId": api.evse_id, "idempotencyKey": "key-masked"})
    assert SECRET_TEXT not in json.dumps(answer.body)
    (error,) = answer.body["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": answer.headers["x-request-id"]}
    assert error["message"] == "Something went wrong on our side. Please try again."


@pytest.mark.parametrize("kind", [ValueError, KeyError, RuntimeError, PermissionError])
async def test_programming_errors_are_masked_over_the_socket(
    api: Api, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    _, token = await api.sign_up()

    async def broken(*_: Any, **__: Any) -> None:
        raise kind(SECRET_TEXT)

    monkeypatch.setattr("bff.accounts.queries.get_profile", broken)
    monkeypatch.setattr("bff.sessions.updates.own_session", broken)
    async with api.socket(token) as socket:
        await socket.subscribe("Me")
        message = await socket.receive()
        assert SECRET_TEXT not in json.dumps(message)
        assert message["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL"
        assert (await socket.receive())["type"] == "complete"
        await socket.subscribe("SessionUpdates", op="2", sessionId=global_id("Session", api.world.driver))
        message = await socket.receive()
        assert SECRET_TEXT not in json.dumps(message)
        assert message["payload"][0]["extensions"]["code"] == "INTERNAL"


async def test_a_resolvers_graphql_error_is_a_programming_error_too(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphql import GraphQLError

    async def broken(*_: Any, **__: Any) -> None:
        raise GraphQLError(SECRET_TEXT)

    monkeypatch.setattr("bff.accounts.queries.get_profile", broken)
    _, token = await api.sign_up()
    answer = await api.run("Me", token=token)
    assert (answer.code, SECRET_TEXT in json.dumps(answer.body)) == ("INTERNAL", False)


async def test_an_undeclared_error_is_told_under_its_kinds_code(api: Api) -> None:
    class NovelError(ConflictError):
        code = "NOVEL"

    _, token = await api.sign_up()
    api.world.payments.prepare_error = NovelError("something new")
    payload = await api.start(token)
    assert payload["userErrors"] == [{"field": None, "message": "something new", "code": "CONFLICT"}]
    api.world.payments.prepare_error = ChargerOfflineError("declared")
    payload = await api.start(token)
    assert payload["userErrors"][0]["code"] == "CHARGER_OFFLINE"


async def test_a_failed_commit_reaches_the_client_as_an_error(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.ext.asyncio import AsyncSession

    _, token = await api.sign_up()

    async def fail(_: AsyncSession) -> None:
        raise ConnectionResetError("the server closed the connection")

    monkeypatch.setattr(AsyncSession, "commit", fail)
    answer = await api.run("RegisterDevice", token=token, input={"token": "device-token-1", "platform": "IOS"})
    assert answer.code == "INTERNAL"
    monkeypatch.undo()
    assert (await api.run("Devices", token=token)).data["devices"] == []


async def test_two_hundred_parallel_requests_never_swap(api: Api) -> None:
    drivers = [await api.sign_up() for _ in range(5)]

    async def ask(number: int) -> None:
        driver_id, token = drivers[number % 5]
        answer = await api.post(ME, token=token, x_request_id=f"request-{number:04}")
        assert answer.data["me"]["id"] == global_id("Driver", driver_id)
        assert answer.headers["x-request-id"] == f"request-{number:04}"

    await asyncio.gather(*(ask(number) for number in range(200)))


async def test_the_brand_is_named_by_header_then_token_then_default(api: Api, other_tenant: Tenant) -> None:
    assert (await api.run("Brand")).data["brand"]["slug"] == "default"
    assert (await api.run("Brand", brand="other")).data["brand"]["slug"] == "other"
    _, token = await api.sign_up("here@example.com", brand="other")
    assert (await api.run("Brand", token=token)).data["brand"]["slug"] == "other"
    assert (await api.run("Me", token=token, brand="default")).code == "TOKEN_INVALID"
    unknown = await api.run("Brand", brand="nobody")
    assert (unknown.status, unknown.code) == (400, "UNKNOWN_BRAND")


async def test_a_brand_is_named_by_its_host(api: Api, other_tenant: Tenant) -> None:
    async with api.world.app.unit_of_work(other_tenant.id) as uow:
        (await uow.session.get_one(Tenant, other_tenant.id)).hosts = ["charge.other.example"]
    response = await api.client.post(
        "/graphql", json={"query": "{ brand { slug } }"}, headers={"host": "charge.other.example:443"}
    )
    assert response.json()["data"]["brand"]["slug"] == "other"


async def test_a_token_that_ended_is_told_apart_from_none(api: Api) -> None:
    _, token = await api.sign_up()
    assert (await api.post(ME)).code == "NOT_SIGNED_IN"
    assert (await api.post(ME, token="nonsense")).code == "TOKEN_INVALID"
    assert (await api.post(ME, authorization="Basic abc")).code == "TOKEN_INVALID"
    api.world.clock.advance(minutes=16)
    assert (await api.post(ME, token=token)).code == "TOKEN_EXPIRED"
    assert (await api.post("{ brand { slug } }", token=token)).data["brand"]["slug"] == "default"


async def test_amounts_are_written_in_the_callers_language(api: Api) -> None:
    query = "query($i: QuoteInput!) { quote(input: $i) { hold { formatted } } }"
    variables = {"i": {"evseId": api.evse_id}}
    german = await api.post(query, variables, accept_language="de-DE,de;q=0.9,en;q=0.5")
    english = await api.post(query, variables, accept_language="xx, en-GB;q=0.8, de;q=0.2")
    assert german.data["quote"]["hold"]["formatted"] == "50,00\xa0€"
    assert english.data["quote"]["hold"]["formatted"] == "€50.00"


async def test_production_explains_nothing(api: Api) -> None:
    html = {"accept": "text/html"}
    assert "graphiql" in (await api.client.get("/graphql", headers=html)).text.lower()
    assert "__schema" in (await api.post("{ __schema { queryType { name } } }")).data
    settings = api.services.settings.model_copy(update={"mode": Mode.PRODUCTION})
    async with serve(replace(api.services, settings=settings), api.mails, api.world) as strict:
        asked = await strict.post("{ __schema { queryType { name } } }")
        assert "data" not in asked.body
        assert "introspection has been disabled" in asked.body["errors"][0]["message"]
        misspelt = await strict.post("{ bran { slug } }")
        assert "brand" not in misspelt.body["errors"][0]["message"]
        assert "graphiql" not in (await strict.client.get("/graphql", headers=html)).text.lower()
        assert (await strict.run("Brand")).data["brand"]["slug"] == "default"


async def test_pages_of_other_origins_open_no_socket(api: Api) -> None:
    from websockets.exceptions import InvalidStatus

    with pytest.raises(InvalidStatus) as refused:
        async with api.socket(origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
    async with api.socket(origin=api.url) as socket:
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"
    allowed = replace(api.services, allowed_origins=("https://app.example",))
    async with serve(allowed, api.mails, api.world) as other, other.socket(origin="https://app.example") as socket:
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"


async def test_the_older_subprotocol_is_refused(api: Api) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed, NegotiationError
    from websockets.typing import Subprotocol

    address = api.url.replace("http", "ws") + "/graphql"
    with pytest.raises((ConnectionClosed, NegotiationError)):
        async with connect(address, subprotocols=[Subprotocol("graphql-ws")]) as websocket:
            await websocket.recv()


async def test_compressed_bodies_are_not_unpacked(api: Api) -> None:
    body = gzip.compress(json.dumps({"query": "{ brand { slug } }"}).encode())
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    assert (await api.client.post("/graphql", content=body, headers=headers)).status_code == 400
