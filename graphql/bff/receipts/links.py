"""Links to a receipt's PDF that open without signing in, for a short time: for a browser or a viewer outside the app.

A link names the brand, the document and its end, signed with a key of the installation that signs nothing else.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.drivers.keys import derive_key, derive_text
from app.kit.settings import Settings
from bff.context import Context
from bff.ids import global_id

LINK_LIFETIME = timedelta(minutes=15)
RECEIPTS_PATH = "/receipts"
_LABEL = "receipt-link"


@dataclass(frozen=True, slots=True)
class ReceiptLink:
    """What a link's token says."""

    tenant_id: UUID
    expires_at: int


def pdf_url(context: Context, document_id: UUID) -> str:
    """Return a link to a document's PDF; the caller has made sure that it is the driver's own."""
    services = context.services
    token = sign(services.settings, context.tenant_id, document_id, services.clock.now())
    name = global_id("Receipt", document_id).replace("=", "%3D")
    return f"{services.settings.base_url}{RECEIPTS_PATH}/{name}.pdf?token={token}"


def sign(settings: Settings, tenant_id: UUID, document_id: UUID, now: datetime) -> str:
    """Return a token for a document that is valid for `LINK_LIFETIME`."""
    expires_at = int((now + LINK_LIFETIME).timestamp())
    signature = _signature(settings.secret_key.get_secret_value(), tenant_id, document_id, expires_at)
    return f"{tenant_id.hex}.{expires_at}.{signature}"


def verify(settings: Settings, token: str, document_id: UUID, now: datetime) -> ReceiptLink | None:
    """Return what a token says, None unless it was signed for this document and has not ended."""
    tenant, _, rest = token.partition(".")
    expires, _, signature = rest.partition(".")
    try:
        link = ReceiptLink(UUID(hex=tenant), int(expires))
    except ValueError:
        return None
    previous = settings.previous_secret_key
    secrets = [settings.secret_key.get_secret_value(), *([previous.get_secret_value()] if previous else [])]
    genuine = any(
        hmac.compare_digest(_signature(secret, link.tenant_id, document_id, link.expires_at), signature)
        for secret in secrets
    )
    return link if genuine and now.timestamp() < link.expires_at else None


def _signature(secret: str, tenant_id: UUID, document_id: UUID, expires_at: int) -> str:
    return derive_text(derive_key(secret, _LABEL), f"{tenant_id}:{document_id}:{expires_at}")
