"""What a message handler is, in every version: one action, its rules, and a function from context and payload to
the answer.

To add a message: one module with its function and a `MessageHandler`, one line in the version's table, one same-
named test.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.db.uow import UnitOfWork
from ocpp_bridge.config import BridgeConfig
from ocpp_bridge.domain import Domain
from ocpp_bridge.faults import Fault, UnusableMessageError
from ocpp_bridge.frames import Payload
from ocpp_bridge.station import Station
from ocpp_bridge.translate.samples import whole
from ocpp_bridge.translate.timestamps import ChargerTime, read_time


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler works with: an open unit of work, the domain bound to it, the station, and the time of receipt."""

    uow: UnitOfWork
    domain: Domain
    station: Station
    received_at: datetime
    config: BridgeConfig

    def time(self, raw: Any) -> ChargerTime:
        """Read one of the charger's timestamps."""
        return read_time(raw, received_at=self.received_at, zone=self.station.zone)


Handle = Callable[[Context, Payload], Awaitable[Payload]]


def never(_: Payload) -> bool:
    """Tell that no such message is deduplicated."""
    return False


def always(_: Payload) -> bool:
    """Tell that every such message is deduplicated."""
    return True


def no_acknowledgement(_: Payload) -> Payload | None:
    """Tell that the message may be refused."""
    return None


def empty_acknowledgement(_: Payload) -> Payload | None:
    """Acknowledge with an empty answer."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHandler:
    """How one action is handled.

    `lenient`: properties whose faults `handle` copes with. `deduplicated`: whether the same content is answered
    once and repeated.
    `named`: whether content alone tells two messages apart even where the charger's clock is wrong (it carries a
    transaction id).
    `billing`: whether money hangs on it. `acknowledgement`: what to answer where the message is quarantined instead
    of applied; None where the charger had better send it again.
    """

    action: str
    handle: Handle
    lenient: frozenset[str] = frozenset()
    deduplicated: Callable[[Payload], bool] = never
    named: Callable[[Payload], bool] = always
    billing: bool = False
    acknowledgement: Callable[[Payload], Payload | None] = no_acknowledgement


def number(payload: Payload, name: str) -> int | None:
    """Return a whole number of a payload, or None."""
    return whole(payload.get(name))


def required_number(payload: Payload, name: str) -> int:
    """Return a whole number of a payload. Raises UnusableMessageError."""
    value = number(payload, name)
    if value is None:
        raise UnusableMessageError(Fault.TYPE, f"{name} is not a whole number")
    return value


def text(payload: Payload, name: str, longest: int = 255) -> str | None:
    """Return a text of a payload, cut to what we store, or None where it is absent or empty."""
    value = payload.get(name)
    return str(value)[:longest] or None if value is not None else None


def child(payload: Payload, name: str) -> Payload:
    """Return an object within a payload; empty where it is absent."""
    value = payload.get(name)
    return value if isinstance(value, dict) else {}
