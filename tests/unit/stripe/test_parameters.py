"""The double's parameters are those of the installed stripe-python, and are refused as Stripe refuses them."""

from typing import Any

import pytest

from payments.stripe.double.errors import StripeApiError
from payments.stripe.double.parameters import check, decode, typed_parameters
from payments.stripe.double.payment_intents import CREATE
from payments.stripe.double.routes import ROUTES, Route


def _create(*pairs: tuple[str, str]) -> dict[str, Any]:
    required = [("amount", "5000"), ("currency", "eur")]
    names = {name.split("[")[0] for name, _ in pairs}
    given = [*(pair for pair in required if pair[0] not in names), *pairs]
    return check(decode(given), "PaymentIntentCreateParams", CREATE)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_imitated_parameter_is_one_of_stripes(route: Route) -> None:
    names, required = typed_parameters(route.params_type)
    assert route.supported - set(names) == set()
    assert required - route.supported == set()


def test_typed_as_stripe_types_them() -> None:
    params = _create(
        ("confirm", "true"),
        ("off_session", "one_off"),
        ("capture_method", "manual"),
        ("metadata[session]", "s1"),
        ("metadata[empty]", ""),
        ("expand[0]", "latest_charge"),
        ("automatic_payment_methods[enabled]", "true"),
        ("automatic_payment_methods[allow_redirects]", "never"),
    )
    assert params == {
        "amount": 5000,
        "currency": "eur",
        "confirm": True,
        "off_session": "one_off",
        "capture_method": "manual",
        "metadata": {"session": "s1", "empty": ""},
        "expand": ["latest_charge"],
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    }


@pytest.mark.parametrize(
    ("pair", "code", "param"),
    [
        (("colour", "red"), "parameter_unknown", "colour"),
        # replaced by allowed_payment_method_types in this version of Stripe's API
        (("payment_method_types[0]", "card"), "parameter_unknown", "payment_method_types"),
        (("automatic_payment_methods[colour]", "red"), "parameter_unknown", "automatic_payment_methods[colour]"),
        (
            ("automatic_payment_methods[allow_redirects]", "never"),
            "parameter_missing",
            "automatic_payment_methods[enabled]",
        ),
        (("shipping[name]", "x"), "double_unsupported_parameter", "shipping"),
        (("idempotency_key", "x"), "parameter_unknown", "idempotency_key"),
        (("amount", "12.5"), "parameter_invalid_integer", "amount"),
        (("amount[x]", "1"), None, "amount"),
        (("confirm", "yes"), None, "confirm"),
        (("capture_method", "later"), None, "capture_method"),
        (("customer", ""), "parameter_invalid_empty", "customer"),
        (("metadata", "text"), None, "metadata"),
        (("metadata[a][b]", "text"), None, "metadata"),
    ],
)
def test_refused(pair: tuple[str, str], code: str | None, param: str) -> None:
    with pytest.raises(StripeApiError) as refused:
        _create(pair)
    assert (refused.value.status, refused.value.error_type) == (400, "invalid_request_error")
    assert (refused.value.code, refused.value.param) == (code, param)


def test_a_required_parameter_is_missed() -> None:
    with pytest.raises(StripeApiError) as refused:
        check(decode([("amount", "5000")]), "PaymentIntentCreateParams", CREATE)
    assert refused.value.body() == {
        "error": {
            "type": "invalid_request_error",
            "message": "Missing required param: currency.",
            "code": "parameter_missing",
            "doc_url": "https://stripe.com/docs/error-codes/parameter-missing",
            "param": "currency",
        }
    }
