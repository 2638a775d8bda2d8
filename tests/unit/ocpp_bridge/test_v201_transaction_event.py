"""TransactionEvent: which trigger reasons say that no more energy is authorised."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.domain.charging.messages import TransactionUpdate
from ocpp_bridge.handling import Context
from ocpp_bridge.translate.timestamps import read_time
from ocpp_bridge.v201.transaction_event import handle

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


class _Domain:
    def __init__(self) -> None:
        self.updates: list[TransactionUpdate] = []

    async def update_transaction(self, update: TransactionUpdate) -> None:
        self.updates.append(update)


@pytest.mark.parametrize(
    ("trigger", "ended"),
    [
        ("StopAuthorized", True),
        ("RemoteStop", True),
        ("Deauthorized", True),
        ("EnergyLimitReached", True),
        ("TimeLimitReached", True),
        ("ChargingStateChanged", False),
        ("Authorized", False),
        ("MeterValuePeriodic", False),
        ("EVCommunicationLost", False),
        (None, False),
    ],
)
async def test_the_trigger_reason_tells_the_end_of_the_authorisation(trigger: str | None, ended: bool) -> None:
    domain = _Domain()
    context: Any = SimpleNamespace(
        domain=domain,
        received_at=NOW,
        station=SimpleNamespace(zone=None),
        time=lambda raw: read_time(raw, received_at=NOW, zone=None),
    )
    payload = {
        "eventType": "Updated",
        "timestamp": "2026-11-20T09:59:00Z",
        "triggerReason": trigger,
        "seqNo": 3,
        "transactionInfo": {"transactionId": "TX-1", "chargingState": "EVConnected"},
    }
    assert await handle(cast("Context", context), payload) == {}
    (update,) = domain.updates
    assert (update.transaction_id, update.authorisation_ended) == ("TX-1", ended)
