"""Authorize (OCPP 2.0.1 C01): always a decision, never a refusal of the message."""

from app.domain.charging.states import Authorization
from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import Context, MessageHandler
from ocpp_bridge.translate.statuses import authorization_2
from ocpp_bridge.translate.tokens import token_2


async def handle(context: Context, payload: Payload) -> Payload:
    """Decide about the token; a missing one is invalid."""
    token = token_2(payload.get("idToken"))
    decision = await context.domain.authorize(token) if token is not None else Authorization.INVALID
    return {"idTokenInfo": {"status": authorization_2(decision)}}


def _refusal(_: Payload) -> Payload | None:
    """Decide where we cannot: nobody charges on a guess."""
    return {"idTokenInfo": {"status": Authorization.INVALID.value}}


AUTHORIZE = MessageHandler(
    action="Authorize", handle=handle, lenient=frozenset({"idToken", "type"}), acknowledgement=_refusal
)
