"""Idempotency keys as Stripe keeps them.

The first answer of an executed call is saved with its key, a 500 included, and replayed to every repetition with
the same parameters for 24 hours; other parameters or another endpoint are an `idempotency_error`. A call refused
before execution (unknown parameter, another call with the key still running) saves nothing.
"""

import hashlib
import json
from dataclasses import dataclass

from payments.stripe.double.context import ApiRequest
from payments.stripe.double.errors import StripeApiError
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.store import Store

_KEPT_S = 24 * 60 * 60
_LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """The first answer given to a key."""

    status: int
    body: JsonObject
    request_id: str


def saved_answer(store: Store, request: ApiRequest, now: int) -> SavedAnswer | None:
    """Return what to replay; raises `idempotency_error` if the key was used for something else."""
    key = request.idempotency_key
    if key is None:
        return None
    if len(key) > _LONGEST_KEY:
        raise _misused(f"Idempotency key is too long: {len(key)} characters, at most {_LONGEST_KEY}.")
    store.rows("delete from idempotency where created < ?", now - _KEPT_S)
    found = store.rows("select * from idempotency where account = ? and key = ?", request.account, key)
    if not found:
        return None
    if found[0]["endpoint"] != _endpoint(request):
        raise _misused(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{_endpoint(request)}' vs '{found[0]['endpoint']}'). Try using a key other than '{key}' if you meant "
            "to execute a different request."
        )
    if found[0]["fingerprint"] != _fingerprint(request):
        raise _misused(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
    return SavedAnswer(found[0]["status"], json.loads(found[0]["body"]), found[0]["request_id"])


def save_answer(store: Store, request: ApiRequest, now: int, status: int, body: JsonObject) -> None:
    """Remember the answer for the request's key, if it has one."""
    if request.idempotency_key is None:
        return
    store.rows(
        "insert or replace into idempotency values (?, ?, ?, ?, ?, ?, ?, ?)",
        request.account,
        request.idempotency_key,
        now,
        _endpoint(request),
        _fingerprint(request),
        request.request_id,
        status,
        json.dumps(body),
    )


def key_in_use(key: str) -> StripeApiError:
    """Return the 409 for a key whose first call is still running."""
    return StripeApiError(
        409,
        "invalid_request_error",
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later.",
        code="idempotency_key_in_use",
    )


def _misused(message: str) -> StripeApiError:
    return StripeApiError(400, "idempotency_error", message)


def _endpoint(request: ApiRequest) -> str:
    return f"{request.method} {request.path}"


def _fingerprint(request: ApiRequest) -> str:
    return hashlib.sha256(json.dumps(sorted(request.raw_params)).encode()).hexdigest()
