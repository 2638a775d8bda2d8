"""What the use cases of charging need: the database and the ports, bound together once at the start of the program."""

from dataclasses import dataclass

from app.db.uow import Database
from app.domain.charging.settings import ChargingSettings
from app.domain.ports import ChargerGateway, Notifier, Payments
from app.kit.clock import Clock


@dataclass(frozen=True)
class Charging:
    """The database as the API's and worker's role, the ports, and the rules."""

    database: Database
    clock: Clock
    payments: Payments
    gateway: ChargerGateway
    notifier: Notifier
    settings: ChargingSettings
