"""The administrator's endpoints: everything a test or demo needs and Stripe has no call for. JSON in and out.

GET    /_double/ready                         {"ready": true}
GET    /_double/intents                       {"intents": […]}, newest first, of all accounts
GET    /_double/refunds                       {"refunds": […]}
GET    /_double/totals                        counts and sums of stored money, see `totals`
GET    /_double/requests                      {"requests": […]}: the log of calls, oldest first
GET    /_double/deliveries                    {"deliveries": […]}: webhook attempts and their last answers
POST   /_double/intents/{id}/authenticate     {"outcome": "succeeded" | "failed"}: the driver's 3-D Secure
POST   /_double/clock                         {"advance_s": 691200}: time passes, holds expire
POST   /_double/faults                        a fault, see `faults`; GET lists the pending, DELETE clears them
POST   /_double/webhooks                      any of {"url", "secret", "paused", "duplicates"}
POST   /_double/webhooks/release              {"order": "original" | "reversed" | "shuffled", "seed": 1}
POST   /_double/webhooks/redeliver            {"event_id": "evt_…"}: deliver once more
POST   /_double/reset                         forget every object, key, fault and setting but the endpoint
"""

import json
import re
from collections.abc import Callable

from payments.stripe.double.authentication import authenticate
from payments.stripe.double.context import ApiRequest
from payments.stripe.double.deliveries import Deliveries
from payments.stripe.double.errors import StripeApiError, invalid_request, resource_missing
from payments.stripe.double.faults import fault_from_json
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.service import StripeDouble
from payments.stripe.double.totals import totals

_AUTHENTICATE = re.compile(r"intents/(\w+)/authenticate")
_AUTOMATIC = ApiRequest("", "", "", (), None)


class Admin:
    """Carries out the administrator's calls."""

    def __init__(self, double: StripeDouble, deliveries: Deliveries) -> None:
        self._double = double
        self._deliveries = deliveries
        self._store = double.store
        self._calls: dict[tuple[str, str], Callable[[JsonObject], JsonObject]] = {
            ("GET", "ready"): lambda _: {"ready": True},
            ("GET", "intents"): lambda _: {"intents": self._store.select(None, "payment_intent", {})},
            ("GET", "refunds"): lambda _: {"refunds": self._store.select(None, "refund", {})},
            ("GET", "totals"): lambda _: totals(self._store),
            ("GET", "requests"): lambda _: {"requests": self._rows("requests")},
            ("GET", "deliveries"): lambda _: {"deliveries": self._rows("deliveries")},
            ("GET", "faults"): self._list_faults,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "clock"): self._advance,
            ("POST", "webhooks"): self._configure,
            ("POST", "webhooks/release"): self._release,
            ("POST", "webhooks/redeliver"): self._redeliver,
            ("POST", "reset"): self._reset,
        }

    def call(self, method: str, path: str, body: bytes) -> tuple[int, JsonObject]:
        """Answer a call below `/_double/`; `path` is the rest, `body` a JSON object or empty."""
        try:
            document = json.loads(body or b"{}")
            with self._store.transaction():
                return 200, self._answer(method, path, document)
        except StripeApiError as error:
            return error.status, error.body()
        except (KeyError, TypeError, ValueError) as error:
            return 400, invalid_request(f"{type(error).__name__}: {error}").body()

    def _answer(self, method: str, path: str, document: JsonObject) -> JsonObject:
        if found := self._calls.get((method, path)):
            return found(document)
        if method == "POST" and (named := _AUTHENTICATE.fullmatch(path)):
            return self._authenticate(named[1], document)
        raise invalid_request(f"Unrecognized request URL ({method}: /_double/{path}).", status=404)

    def _rows(self, table: str) -> list[JsonObject]:
        return [dict(row) for row in self._store.rows(f"select * from {table} order by seq")]  # noqa: S608

    def _authenticate(self, intent_id: str, document: JsonObject) -> JsonObject:
        found = self._store.find(intent_id)
        if found is None or found[1]["object"] not in ("payment_intent", "setup_intent"):
            raise resource_missing("intent", intent_id, "id")
        outcome = document.get("outcome", "succeeded")
        if outcome not in ("succeeded", "failed"):
            raise ValueError("outcome must be succeeded or failed")
        account, intent = found
        context = self._double.context(ApiRequest("", "", account, (), None))
        answer = authenticate(context, intent, succeeded=outcome == "succeeded")
        self._deliveries.wake()
        return answer

    def _advance(self, document: JsonObject) -> JsonObject:
        now = self._double.clock.advance(int(document["advance_s"]))
        self._double.expire_holds(_AUTOMATIC)
        self._deliveries.wake()
        return {"now": now}

    def _list_faults(self, _document: JsonObject) -> JsonObject:
        return {"faults": [fault.to_json() for fault in self._double.faults.pending()]}

    def _add_fault(self, document: JsonObject) -> JsonObject:
        fault = fault_from_json(document)
        self._double.faults.add(fault)
        return fault.to_json()

    def _clear_faults(self, _document: JsonObject) -> JsonObject:
        self._double.faults.clear()
        return self._list_faults({})

    def _configure(self, document: JsonObject) -> JsonObject:
        for name, value in document.items():
            if name not in ("url", "secret", "paused", "duplicates"):
                raise ValueError(f"unknown setting {name}")
            setting = "webhooks_paused" if name == "paused" else f"webhook_{name}"
            self._store.set_setting(setting, str(int(value)) if isinstance(value, bool | int) else value)
        self._deliveries.wake()
        return {name: self._store.setting(name) for name in ("webhook_url", "webhooks_paused", "webhook_duplicates")}

    def _release(self, document: JsonObject) -> JsonObject:
        order = document.get("order", "original")
        if order not in ("original", "reversed", "shuffled"):
            raise ValueError("order must be original, reversed or shuffled")
        return {"released": self._deliveries.release(order, int(document.get("seed", 0)))}

    def _redeliver(self, document: JsonObject) -> JsonObject:
        event_id = document["event_id"]
        found = self._store.find(event_id)
        if found is None or found[1]["object"] != "event":
            raise resource_missing("event", event_id, "event_id")
        self._store.rows(
            "insert into deliveries (event_id, due_ms) values (?, ?)", event_id, self._double.clock.real_ms()
        )
        self._deliveries.wake()
        return found[1]

    def _reset(self, _document: JsonObject) -> JsonObject:
        endpoint = {name: self._store.setting(name) for name in ("webhook_url", "webhook_secret")}
        self._store.wipe()
        self._double.faults.clear()
        for name, value in endpoint.items():
            self._store.set_setting(name, value)
        return {"reset": True}
