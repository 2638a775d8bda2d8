"""Authorize (OCPP 1.6 §4.1): always a decision, never a refusal of the message."""

from app.domain.charging.states import Authorization
from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import Context, MessageHandler
from ocpp_bridge.translate.statuses import authorization_16
from ocpp_bridge.translate.tokens import token_16


async def handle(context: Context, payload: Payload) -> Payload:
    """Decide about the id tag; a missing one is invalid."""
    token = token_16(payload.get("idTag"))
    decision = await context.domain.authorize(token) if token is not None else Authorization.INVALID
    return {"idTagInfo": {"status": authorization_16(decision)}}


def _refusal(_: Payload) -> Payload | None:
    """Decide where we cannot: nobody charges on a guess."""
    return {"idTagInfo": {"status": Authorization.INVALID.value}}


AUTHORIZE = MessageHandler(action="Authorize", handle=handle, lenient=frozenset({"idTag"}), acknowledgement=_refusal)
