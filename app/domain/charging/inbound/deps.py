"""What the handlers of chargers' reports need beside their unit of work."""

from dataclasses import dataclass

from app.domain.charging.settings import ChargingSettings
from app.domain.ports import Notifier, PaymentStanding
from app.kit.clock import Clock


@dataclass(frozen=True)
class Inbound:
    """Ports and rules for reports from chargers."""

    clock: Clock
    notifier: Notifier
    standing: PaymentStanding
    settings: ChargingSettings
