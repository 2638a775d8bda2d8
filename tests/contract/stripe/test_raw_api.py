"""What only shows on the wire: headers, the app's publishable key, refused parameters, administrator's mistakes."""

from collections.abc import AsyncIterator

import httpx
import pytest

from payments.stripe.client import StripeGateway
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.stripe.double.process import StripeDoubleProcess

_HOLD = {"amount": "5000", "currency": "eur", "capture_method": "manual"}


@pytest.fixture
async def http(double: StripeDoubleProcess, admin: StripeDoubleAdmin) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=double.url, trust_env=False) as client:
        yield client


def _secret(key: str | None = None) -> dict[str, str]:
    return {"Authorization": "Bearer sk_test_x"} | ({"Idempotency-Key": key} if key else {})


async def test_a_replay_says_so(http: httpx.AsyncClient) -> None:
    first = await http.post("/v1/payment_intents", data=_HOLD, headers=_secret("k1"))
    again = await http.post("/v1/payment_intents", data=_HOLD, headers=_secret("k1"))
    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    other = await http.post("/v1/payment_intents", data={**_HOLD, "amount": "5001"}, headers=_secret("k1"))
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")


async def test_a_request_refused_before_execution_saves_nothing(http: httpx.AsyncClient) -> None:
    unknown = await http.post("/v1/payment_intents", data={**_HOLD, "colour": "red"}, headers=_secret("k1"))
    assert unknown.json()["error"]["code"] == "parameter_unknown"
    right = await http.post("/v1/payment_intents", data=_HOLD, headers=_secret("k1"))
    assert (right.status_code, right.json()["status"]) == (200, "requires_payment_method")


async def test_redirecting_payment_methods_need_a_return_url(http: httpx.AsyncClient) -> None:
    params = {**_HOLD, "confirm": "true", "payment_method": "pm_card_visa"}
    refused = await http.post("/v1/payment_intents", data=params, headers=_secret())
    assert refused.json()["error"]["param"] == "return_url"
    never = {"automatic_payment_methods[enabled]": "true", "automatic_payment_methods[allow_redirects]": "never"}
    accepted = await http.post("/v1/payment_intents", data={**params, **never}, headers=_secret())
    assert accepted.json()["status"] == "requires_capture"


async def test_off_session_needs_confirm(http: httpx.AsyncClient) -> None:
    refused = await http.post("/v1/payment_intents", data={**_HOLD, "off_session": "true"}, headers=_secret())
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "off_session")


async def test_the_app_confirms_with_its_own_key_and_the_client_secret(
    http: httpx.AsyncClient, gateway: StripeGateway, customer_id: str
) -> None:
    setup = await gateway.create_setup_intent(customer_id, idempotency_key="d1:setup:1")
    path = f"/v1/setup_intents/{setup.id}/confirm"
    app = {"Authorization": "Bearer pk_test_app"}
    for secret in ({}, {"client_secret": "seti_wrong"}):
        refused = await http.post(path, data={"payment_method": "pm_card_visa", **secret}, headers=app)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "secret_key_required")
    assert (await http.get("/v1/customers", headers=app)).status_code == 401
    confirmed = await http.post(
        path, data={"payment_method": "pm_card_visa", "client_secret": setup.client_secret}, headers=app
    )
    assert confirmed.json()["status"] == "succeeded"
    assert [card.last4 for card in await gateway.list_payment_methods(customer_id)] == ["4242"]


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer sk_live_x", "Basic a"])
async def test_only_test_keys_are_let_in(http: httpx.AsyncClient, authorization: str) -> None:
    refused = await http.get("/v1/customers", headers={"Authorization": authorization})
    assert refused.status_code == 401


async def test_lists_page_by_cursor(http: httpx.AsyncClient) -> None:
    made = [(await http.post("/v1/customers", headers=_secret())).json()["id"] for _ in range(5)]
    newest_first = made[::-1]
    first = (await http.get("/v1/customers", params={"limit": 2}, headers=_secret())).json()
    assert ([c["id"] for c in first["data"]], first["has_more"]) == (newest_first[:2], True)
    rest = {"limit": 3, "starting_after": newest_first[1]}
    second = (await http.get("/v1/customers", params=rest, headers=_secret())).json()
    assert ([c["id"] for c in second["data"]], second["has_more"]) == (newest_first[2:], False)
    before = {"limit": 1, "ending_before": newest_first[2]}
    back = (await http.get("/v1/customers", params=before, headers=_secret())).json()
    assert ([c["id"] for c in back["data"]], back["has_more"]) == ([newest_first[1]], True)
    unknown = await http.get("/v1/customers", params={"starting_after": "cus_x"}, headers=_secret())
    assert unknown.json()["error"]["code"] == "resource_missing"


@pytest.mark.parametrize(
    ("method", "path", "document", "status"),
    [
        ("POST", "faults", {"kind": "burn", "phase": "before"}, 400),
        ("POST", "faults", {"kind": "error", "phase": "before", "path": "("}, 400),
        ("POST", "intents/pi_x/authenticate", {}, 404),
        ("POST", "webhooks", {"colour": "red"}, 400),
        ("POST", "webhooks/release", {"order": "random"}, 400),
        ("POST", "clock", {}, 400),
        ("GET", "nothing", None, 404),
    ],
)
async def test_an_administrators_mistake_is_told(
    http: httpx.AsyncClient, method: str, path: str, document: dict[str, str] | None, status: int
) -> None:
    answer = await http.request(method, f"/_double/{path}", json=document)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
