"""What an OCPP version is to the bridge: schemas, message handlers, command translation, baseline, spelling of errors.

A further version is one more instance in `versions.py`; nothing else names a version.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.charging.commands import Command, CommandOutcome
from app.domain.stations.states import OcppVersion
from ocpp_bridge.baseline import Wish
from ocpp_bridge.config import BridgeConfig
from ocpp_bridge.faults import Fault
from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import MessageHandler
from ocpp_bridge.schemas import SchemaSet
from ocpp_bridge.variables import ReportedVariable


@dataclass(frozen=True, slots=True)
class WireCall:
    """A CALL to a charger."""

    action: str
    payload: Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One OCPP version."""

    name: OcppVersion
    schemas: SchemaSet
    handlers: Mapping[str, MessageHandler]
    spelling: Mapping[Fault, str]
    answers_unreadable: bool
    """Whether a frame without a readable id gets a CALLERROR with the id -1 (2.x) or silence (1.6)."""
    build: Callable[[Command], WireCall]
    """Translate a command. Raises CannotTranslateError where the version has no such thing."""
    outcome: Callable[[Command, Payload], CommandOutcome]
    """Translate the charger's answer."""
    variables: Callable[[Command, Payload], Sequence[ReportedVariable]]
    """Configuration values an answer carries."""
    wishes: Callable[[BridgeConfig], Sequence[Wish]]
    """The baseline configuration, in order."""
    ask_status: Callable[[Sequence[int]], Sequence[Command]]
    """Commands that make a charger report its EVSEs (by number) anew."""

    def error_code(self, fault: Fault) -> str:
        """Return the version's spelling of a reason."""
        return self.spelling.get(fault, fault.value)


def handlers_of(*handlers: MessageHandler) -> dict[str, MessageHandler]:
    """Return handlers by action."""
    return {handler.action: handler for handler in handlers}


class CannotTranslateError(Exception):
    """The command cannot be said in the charger's version; the message says why."""
