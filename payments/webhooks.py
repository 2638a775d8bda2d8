"""The inbox of the processor's webhooks: verified, stored once by event id, answered at once, worked off by a job.

An event only says that something happened; what happened is read again from the processor, so duplicates, late and
reordered events do no harm. An event of something that is not ours is acknowledged and ignored: an error would only
make the processor send it again.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from app.db.tables import Tenant
from app.db.tenants import all_tenants
from app.kit.ids import new_id
from payments.deps import PaymentDeps
from payments.intents import TENANT_METADATA
from payments.stripe.views import WebhookEvent as ReceivedEvent
from payments.stripe.webhooks import verify_webhook
from payments.tables import Debt, Payment, WebhookEvent

WEBHOOK_JOB = "payment.webhook"
_log = structlog.get_logger(__name__)


class Acceptance(StrEnum):
    """What became of a verified event; each is answered with 2xx."""

    STORED = "STORED"
    DUPLICATE = "DUPLICATE"
    IGNORED = "IGNORED"


async def receive_webhook(
    deps: PaymentDeps, secrets: Sequence[str], raw_body: bytes, signature_header: str
) -> Acceptance:
    """Take in a webhook's body exactly as received. Raises WebhookRefusedError: answer 400."""
    event = verify_webhook(raw_body, signature_header, secrets, deps.clock.now())
    return await store_event(deps, event)


async def store_event(deps: PaymentDeps, event: ReceivedEvent) -> Acceptance:
    """Store a genuine event in its tenant's inbox and enqueue its job; the same event again changes nothing."""
    tenant_id = await _tenant_of(deps, event.payload["data"]["object"])
    if tenant_id is None:
        _log.info("webhook.ignored", event_id=event.id, event_type=event.type)
        return Acceptance.IGNORED
    async with deps.database.unit_of_work(tenant_id) as uow:
        inserted = await uow.session.scalar(
            insert(WebhookEvent)
            .values(
                id=new_id(),
                tenant_id=tenant_id,
                event_id=event.id[:80],
                type=event.type[:80],
                object_id=_to_read_again(event)[:80] or None,
                created_at=deps.clock.now(),
            )
            .on_conflict_do_nothing(index_elements=["tenant_id", "event_id"])
            .returning(WebhookEvent.id)
        )
        if inserted is None:
            return Acceptance.DUPLICATE
        await uow.enqueue(WEBHOOK_JOB, {"event": str(inserted)})
        return Acceptance.STORED


def _to_read_again(event: ReceivedEvent) -> str:
    """Return the object an event is about: for charges, refunds and disputes their intent."""
    intent_id = event.payload["data"]["object"].get("payment_intent")
    return intent_id if isinstance(intent_id, str) else event.object_id


async def _tenant_of(deps: PaymentDeps, body: dict[str, Any]) -> UUID | None:
    """Return the tenant an object belongs to: by its metadata, else by the intent it names."""
    tenants = await all_tenants(deps.database)
    metadata: dict[str, Any] = body.get("metadata") or {}
    named = metadata.get(TENANT_METADATA)
    if named is not None:
        return next((tenant.id for tenant in tenants if str(tenant.id) == named), None)
    intent_id = body.get("payment_intent")
    return await _tenant_with_intent(deps, tenants, intent_id) if isinstance(intent_id, str) else None


async def _tenant_with_intent(deps: PaymentDeps, tenants: Sequence[Tenant], intent_id: str) -> UUID | None:
    """Find the tenant of a dispute or refund, which carry no metadata of ours; each tenant sees its own rows only."""
    owned = select(Payment.id).where(or_(Payment.intent_id == intent_id, Payment.extra_intent_id == intent_id))
    owed = select(Debt.id).where(Debt.intent_id == intent_id)
    for tenant in tenants:
        async with deps.database.read(tenant.id) as session:
            if await session.scalar(owned.limit(1)) or await session.scalar(owed.limit(1)):
                return tenant.id
    return None
