"""What an operation of the double works with: the store, the double's clock and the request it answers."""

import secrets
from dataclasses import dataclass, field

from app.kit.clock import Clock
from payments.stripe.double.errors import resource_missing
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.store import Store

_CLOCK_OFFSET = "clock_offset_s"
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"


def new_object_id(prefix: str) -> str:
    """Return a random id in Stripe's form: `pi_` and 24 characters."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(24))


class DoubleClock:
    """The machine's clock plus the time an administrator advanced it by; the offset survives a restart."""

    def __init__(self, clock: Clock, store: Store) -> None:
        self._clock = clock
        self._store = store

    def now(self) -> int:
        """Return the double's time in Unix seconds."""
        return int(self._clock.now().timestamp()) + int(self._store.setting(_CLOCK_OFFSET, "0"))

    def advance(self, seconds: int) -> int:
        """Move the double's time forward and return it."""
        offset = int(self._store.setting(_CLOCK_OFFSET, "0")) + seconds
        self._store.set_setting(_CLOCK_OFFSET, str(offset))
        return self.now()

    def real_ms(self) -> int:
        """Return the machine's time in Unix milliseconds: deliveries and signatures follow it."""
        return int(self._clock.now().timestamp() * 1000)


@dataclass(frozen=True)
class ApiRequest:
    """One call to the imitated API, after authentication."""

    method: str
    path: str
    account: str
    raw_params: tuple[tuple[str, str], ...]
    api_version: str | None
    idempotency_key: str | None = None
    publishable: bool = False
    request_id: str = field(default_factory=lambda: new_object_id("req"))


@dataclass
class Context:
    """Everything an operation may touch."""

    store: Store
    clock: DoubleClock
    request: ApiRequest

    @property
    def account(self) -> str:
        """The account the request acts for; empty for the platform itself."""
        return self.request.account

    def new(self, prefix: str, kind: str, members: JsonObject, hidden: JsonObject | None = None) -> JsonObject:
        """Create and store an object with the members every Stripe object has."""
        body: JsonObject = {
            "id": new_object_id(prefix),
            "object": kind,
            "created": self.clock.now(),
            "livemode": False,
            **members,
        }
        self.store.add(self.account, body, hidden)
        return body

    def load(self, kind: str, object_id: str, *, param: str = "id", status: int = 404) -> JsonObject:
        """Return an object of this account or raise Stripe's `resource_missing`."""
        body = self.store.get(self.account, kind, object_id)
        if body is None:
            raise resource_missing(kind, object_id, param, status=status)
        return body

    def emit(self, event_type: str, body: JsonObject) -> None:
        """Record an event with a snapshot of the object and queue its delivery to the endpoint, if there is one."""
        event: JsonObject = {
            "api_version": self.request.api_version,
            "data": {"object": body},
            "pending_webhooks": 1,
            "request": {"id": self.request.request_id, "idempotency_key": self.request.idempotency_key},
            "type": event_type,
        }
        if self.account:
            event["account"] = self.account
        stored = self.new("evt", "event", event)
        if self.store.setting("webhook_url"):
            for _ in range(1 + int(self.store.setting("webhook_duplicates", "0"))):
                self.store.rows(
                    "insert into deliveries (event_id, due_ms) values (?, ?)", stored["id"], self.clock.real_ms()
                )
