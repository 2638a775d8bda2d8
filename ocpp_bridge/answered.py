"""Answers already given, by content: a message that comes again gets the first answer and has no second effect.

Chargers resend with new message ids, so content decides. Where nothing in the content tells two messages apart (a
start whose clock stands at 1970), the message id is part of it.
"""

import hashlib
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from app.db.uow import UnitOfWork
from ocpp_bridge.frames import Call, Payload
from ocpp_bridge.handling import Context, MessageHandler
from ocpp_bridge.tables import AnsweredCall


def content_digest(context: Context, handler: MessageHandler, call: Call) -> str:
    """Return the SHA-256 of an action and its canonical payload as it came."""
    parts: list[Any] = [call.action, call.payload]
    if not handler.named(call.payload) and not context.time(call.payload.get("timestamp")).trusted:
        parts.append(call.message_id)
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


async def answer_given(uow: UnitOfWork, charger_id: UUID, digest: str) -> Payload | None:
    """Return the answer given before, or None."""
    query = select(AnsweredCall.answer).where(AnsweredCall.charger_id == charger_id, AnsweredCall.digest == digest)
    answer: Payload | None = await uow.session.scalar(query)
    return answer


async def keep_answer(uow: UnitOfWork, charger_id: UUID, call: Call, digest: str, answer: Payload) -> None:
    """Store an answer with its effect. Raises IntegrityError where the same content is being answered elsewhere."""
    uow.session.add(
        AnsweredCall(
            charger_id=charger_id,
            action=call.action[:60],
            message_id=str(call.message_id)[:255],
            digest=digest,
            answer=answer,
        )
    )
    await uow.session.flush()
