"""A notifier that keeps what drivers would have been told."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.db.uow import UnitOfWork


@dataclass(frozen=True)
class Told:
    """One notification."""

    driver_id: UUID
    kind: str
    payload: dict[str, Any]


@dataclass
class FakeNotifier:
    """Notifications by their dedupe key: the same key again does nothing."""

    by_key: dict[str, Told] = field(default_factory=dict)

    async def notify(
        self, uow: UnitOfWork, *, driver_id: UUID, kind: str, payload: dict[str, Any], dedupe_key: str
    ) -> None:
        """Keep the notification once."""
        self.by_key.setdefault(dedupe_key, Told(driver_id, kind, payload))

    def kinds(self) -> list[str]:
        """Return the kinds in the order they were told."""
        return [told.kind for told in self.by_key.values()]

    def only(self, kind: str) -> Told:
        """Return the one notification of a kind."""
        (told,) = [told for told in self.by_key.values() if told.kind == kind]
        return told
