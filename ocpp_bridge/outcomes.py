"""From a charger's answer to the outcome of a command."""

from collections.abc import Collection

from app.domain.charging.commands import CommandOutcome
from app.domain.charging.tables import CommandState
from ocpp_bridge.frames import Payload, plain


def outcome_of_status(answer: Payload, status: object, accepted: Collection[str]) -> CommandOutcome:
    """Return ACCEPTED where the status is one of `accepted`, FAILED where there is none, else REJECTED."""
    kept = plain(answer)
    if not isinstance(status, str) or not status:
        return CommandOutcome(state=CommandState.FAILED, answer=kept, detail="the answer has no status")
    state = CommandState.ACCEPTED if status in accepted else CommandState.REJECTED
    return CommandOutcome(state=state, status=status, answer=kept)
