"""Idempotency keys: the second arrival of a call gets the first one's answer and has no second effect.

The row is inserted in the transaction of the effect, under a unique index: a concurrent duplicate waits for the
first to commit and then reads its result.
"""

import hashlib
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db.tables import IdempotencyKey
from app.db.uow import UnitOfWork
from app.kit.errors import ConflictError


class IdempotencyConflictError(ConflictError):
    """The key was used before with other input."""

    code = "IDEMPOTENCY_CONFLICT"


def request_hash(request: dict[str, Any]) -> str:
    """Return the SHA-256 of a request's canonical JSON."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()


async def claim(uow: UnitOfWork, *, actor: str, operation: str, key: str, request: dict[str, Any]) -> IdempotencyKey:
    """Return the key's row, locked. `result` is None for the first arrival, whose caller sets it before the commit.

    Raises IdempotencyConflictError where the key came with other input before.
    """
    digest = request_hash(request)
    statement = insert(IdempotencyKey).values(
        tenant_id=uow.tenant_id, actor=actor, operation=operation, key=key, request_hash=digest
    )
    await uow.session.execute(
        statement.on_conflict_do_nothing(index_elements=["tenant_id", "actor", "operation", "key"])
    )
    row = await uow.session.scalar(
        select(IdempotencyKey)
        .where(IdempotencyKey.actor == actor, IdempotencyKey.operation == operation, IdempotencyKey.key == key)
        .with_for_update()
    )
    if row is None:
        raise RuntimeError("an idempotency key vanished inside its transaction")
    if row.request_hash != digest:
        raise IdempotencyConflictError(f"the idempotency key was used before with other input: {key}")
    return row
