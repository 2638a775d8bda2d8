"""A card as operators see it: its last characters only, for who knows a uid can copy the card."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from app.domain.drivers.id_tokens import IdTokenView
from app.domain.drivers.tables import IdToken
from bff.context import Info
from bff.fields import computed
from bff.operators.types.driver import AdminDriver, driver_for

_SHOWN = 4


@strawberry.type
class AdminIdToken(relay.Node):
    """An RFID card or another token that a charger reads. `uidEnding` is the last four characters of its uid."""

    id: relay.NodeID[UUID]
    uid_ending: str
    type: str
    label: str | None
    blocked_at: datetime | None
    expires_at: datetime | None
    free_of_charge: bool
    driver_id: strawberry.Private[UUID | None]

    @classmethod
    def of(cls, found: IdToken | IdTokenView) -> "AdminIdToken":
        """Return a card."""
        return cls(
            id=found.id,
            uid_ending=found.uid[-_SHOWN:],
            type=found.type,
            label=found.label,
            blocked_at=found.blocked_at,
            expires_at=found.expires_at,
            free_of_charge=found.free_of_charge,
            driver_id=found.driver_id,
        )

    @computed
    async def driver(self, info: Info) -> AdminDriver | None:
        """Whose it is."""
        return await driver_for(info.context, self.driver_id)
