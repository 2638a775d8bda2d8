"""Decodes a request's parameters and checks names and types against stripe-python's typed parameters.

The typed parameters of the installed library are the list of what Stripe's API of that version accepts. A name that
is not there is refused with Stripe's `parameter_unknown`; one that is there but that the double does not imitate is
refused with `double_unsupported_parameter`, so that nobody comes to rely on something the double would ignore.
"""

import re
import types
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from payments.stripe.double.errors import StripeApiError, invalid_request
from payments.stripe.double.json_types import JsonObject

# Members of the library's own request options, which never travel as parameters.
_LIBRARY_OPTIONS = frozenset(
    [
        "api_key",
        "stripe_version",
        "stripe_account",
        "stripe_context",
        "max_network_retries",
        "idempotency_key",
        "content_type",
        "headers",
    ]
)
_NESTED = re.compile(r"\[([^\]]*)\]")
_INTEGER = re.compile(r"-?\d{1,15}")


@cache
def typed_parameters(type_name: str) -> tuple[Mapping[str, Any], frozenset[str]]:
    """Return the names with their types, and the required names, of one class in `stripe.params`."""
    import stripe.params

    return _hints(getattr(stripe.params, type_name))


@cache
def _hints(typed_dict: Any) -> tuple[Mapping[str, Any], frozenset[str]]:
    hints = get_type_hints(typed_dict, None, {"StripeContext": object, "Mapping": Mapping})
    required = frozenset(typed_dict.__required_keys__) - _LIBRARY_OPTIONS
    return {name: hint for name, hint in hints.items() if name not in _LIBRARY_OPTIONS}, required


def decode(pairs: Iterable[tuple[str, str]]) -> JsonObject:
    """Return nested documents for `a[b][0]=x` pairs; lists stay dictionaries of indices until typed."""
    root: JsonObject = {}
    for name, value in pairs:
        path = [name.split("[", 1)[0], *_NESTED.findall(name)]
        here = root
        for step in path[:-1]:
            here.setdefault(step, {})
            if not isinstance(here[step], dict):
                raise invalid_request(f"Invalid parameter: {name}", param=name)
            here = cast("JsonObject", here[step])
        here[path[-1] or str(len(here))] = value
    return root


def check(raw: JsonObject, type_name: str, supported: frozenset[str]) -> JsonObject:
    """Return typed parameters; raises Stripe's 400 for an unknown, missing, malformed or unimitated one."""
    hints, required = typed_parameters(type_name)
    for name in raw:
        if name not in hints:
            raise _unknown(name)
        if name not in supported:
            raise invalid_request(
                f"Stripe knows the parameter {name}, but this double does not imitate it.",
                code="double_unsupported_parameter",
                param=name,
            )
    return _typed_dict(raw, hints, required, "")


def _typed_dict(raw: JsonObject, hints: Mapping[str, Any], required: frozenset[str], prefix: str) -> JsonObject:
    for name in raw:
        if name not in hints:
            raise _unknown(_join(prefix, name))
    for name in sorted(required - raw.keys()):
        param = _join(prefix, name)
        raise invalid_request(f"Missing required param: {param}.", code="parameter_missing", param=param)
    return {name: _coerce(value, hints[name], _join(prefix, name)) for name, value in raw.items()}


def _coerce(value: Any, hint: Any, param: str) -> Any:
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    if isinstance(value, dict):
        return _coerce_nested(cast("JsonObject", value), options, param)
    literals = [choice for option in options if get_origin(option) is Literal for choice in get_args(option)]
    if value in literals:
        return value or None
    if bool in options:
        if value not in ("true", "false"):
            raise invalid_request(f"Invalid boolean: {value}", param=param)
        return value == "true"
    if int in options:
        if not _INTEGER.fullmatch(value):
            raise invalid_request(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)
        return int(value)
    return _coerce_text(value, options, literals, param)


def _coerce_text(value: str, options: tuple[Any, ...], literals: list[str], param: str) -> str:
    if literals:
        raise invalid_request(f"Invalid {param}: must be one of {', '.join(filter(None, literals))}", param=param)
    if str not in options:
        raise invalid_request(f"Invalid object: {param}", param=param)
    if not value:
        raise invalid_request(f"You passed an empty string for '{param}'.", code="parameter_invalid_empty", param=param)
    return value


def _coerce_nested(value: JsonObject, options: tuple[Any, ...], param: str) -> Any:
    for option in options:
        if hasattr(option, "__required_keys__"):  # a TypedDict, whichever module defines it
            hints, required = _hints(option)
            return _typed_dict(value, hints, required, param)
        if get_origin(option) is list:
            (element,) = get_args(option)
            return [_coerce(item, element, f"{param}[{index}]") for index, item in value.items()]
        if get_origin(option) is dict:
            if any(isinstance(item, dict) for item in value.values()):
                raise invalid_request(f"Invalid hash: {param}", param=param)
            return dict(value)
    raise invalid_request(f"Invalid string: {param}", param=param)


def _unknown(name: str) -> StripeApiError:
    return invalid_request(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def _join(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name
