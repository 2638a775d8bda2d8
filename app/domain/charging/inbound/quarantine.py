"""Messages that are acknowledged and cannot be applied: kept whole with an incident, never dropped, never billed."""

import hashlib
import json
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.db.uow import UnitOfWork
from app.domain.charging.incidents import open_incident
from app.domain.charging.messages import ChargerRef
from app.domain.charging.tables import IncidentKind, QuarantinedMessage
from app.kit.ids import new_id


async def quarantine(
    uow: UnitOfWork,
    ref: ChargerRef,
    action: str,
    payload: dict[str, Any],
    reason: str,
    kind: IncidentKind = IncidentKind.UNUSABLE_MESSAGE,
) -> None:
    """Keep a message and open an incident; the same message again adds nothing."""
    body = json.dumps({"action": action, "payload": payload}, sort_keys=True, default=str)
    digest = hashlib.sha256(body.encode()).hexdigest()
    incident_id = await open_incident(
        uow,
        kind,
        f"{ref.charger_id}:{digest}",
        {"action": action, "reason": reason, "payload": payload},
        charger_id=ref.charger_id,
    )
    await uow.session.execute(
        insert(QuarantinedMessage)
        .values(
            id=new_id(),
            tenant_id=uow.tenant_id,
            charger_id=ref.charger_id,
            action=action,
            payload=payload,
            reason=reason,
            incident_id=incident_id,
            digest=digest,
        )
        .on_conflict_do_nothing(index_elements=["charger_id", "digest"])
    )
