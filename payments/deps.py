"""What every use case of payments works with, in one object that the composition root makes once."""

from dataclasses import dataclass

from app.db.uow import Database
from app.kit.clock import Clock
from payments.stripe.client import StripeGateway


@dataclass(frozen=True, slots=True)
class PaymentDeps:
    """The database, the card processor and the time."""

    database: Database
    gateway: StripeGateway
    clock: Clock
