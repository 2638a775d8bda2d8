"""Stripe's list envelope: newest first, cursors by id, `created` ranges, one to a hundred a page; and `expand`."""

from collections.abc import Iterable, Mapping
from typing import Any

from payments.stripe.double.context import Context
from payments.stripe.double.errors import invalid_request, resource_missing
from payments.stripe.double.json_types import JsonObject

_DEFAULT_LIMIT = 10
_LARGEST_LIMIT = 100
_EXPANDABLE = {
    "latest_charge": "charge",
    "payment_method": "payment_method",
    "customer": "customer",
    "payment_intent": "payment_intent",
    "charge": "charge",
}


def page(
    ctx: Context,
    kind: str,
    params: JsonObject,
    filters: Iterable[str] = (),
    among: Mapping[str, list[str] | None] | None = None,
) -> JsonObject:
    """Return one page of the account's objects of a kind.

    `filters` are members that must equal the parameter of the same name, `among` allows several values.
    """
    limit = params.get("limit", _DEFAULT_LIMIT)
    if not 1 <= limit <= _LARGEST_LIMIT:
        raise invalid_request(f"Invalid integer: limit must be 1 to {_LARGEST_LIMIT}.", param="limit")
    where = {name: params[name] for name in filters if params.get(name) is not None}
    found = [
        body
        for body in ctx.store.select(ctx.account, kind, where)
        if _created_matches(body["created"], params.get("created"))
        and all(values is None or body[name] in values for name, values in (among or {}).items())
    ]
    if cursor := params.get("starting_after"):
        found = found[_position(found, cursor, "starting_after", kind) + 1 :]
    if cursor := params.get("ending_before"):
        before = found[: _position(found, cursor, "ending_before", kind)]
        chosen, has_more = before[-limit:], len(before) > limit
    else:
        chosen, has_more = found[:limit], len(found) > limit
    return {"object": "list", "url": ctx.request.path, "has_more": has_more, "data": chosen}


def expand(ctx: Context, body: JsonObject, paths: list[str]) -> JsonObject:
    """Return the object, or each object of a list, with the named ids replaced by their objects."""
    expanded = body
    for path in paths:
        if body.get("object") == "list":
            if not path.startswith("data."):
                raise _cannot_expand(path)
            name = path.removeprefix("data.")
            expanded = {**expanded, "data": [_expand_one(ctx, item, name) for item in expanded["data"]]}
        else:
            expanded = _expand_one(ctx, expanded, path)
    return expanded


def _expand_one(ctx: Context, body: JsonObject, name: str) -> JsonObject:
    if name not in body or name not in _EXPANDABLE:
        raise _cannot_expand(name)
    if not isinstance(body[name], str):
        return body
    return {**body, name: ctx.store.get(ctx.account, _EXPANDABLE[name], body[name])}


def _cannot_expand(path: str) -> Exception:
    return invalid_request(f"This property cannot be expanded ({path}).", param="expand")


def _created_matches(created: int, wanted: Any) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, int):
        return created == wanted
    return (
        ("gt" not in wanted or created > wanted["gt"])
        and ("gte" not in wanted or created >= wanted["gte"])
        and ("lt" not in wanted or created < wanted["lt"])
        and ("lte" not in wanted or created <= wanted["lte"])
    )


def _position(found: list[JsonObject], cursor: str, param: str, kind: str) -> int:
    for index, body in enumerate(found):
        if body["id"] == cursor:
            return index
    raise resource_missing(kind, cursor, param, status=400)
