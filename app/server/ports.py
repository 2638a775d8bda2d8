"""The domain's ports bound to what fulfils them: Stripe, the OCPP bridge, the notification queue."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from app.domain.charging.deps import Charging
from app.domain.charging.inbound import Inbound
from app.domain.charging.settings import ChargingSettings
from app.domain.ports import ChargerGateway
from app.server.runtime import Runtime
from notifications.queue import QueuedNotifier
from payments.deps import PaymentDeps
from payments.holds import SessionPayments
from payments.standing import StoredStanding
from payments.stripe.client import StripeGateway


@dataclass(frozen=True)
class Ports:
    """The use cases' dependencies, whatever roles the process has."""

    charging: Charging
    payments: PaymentDeps


async def open_ports(stack: AsyncExitStack, runtime: Runtime, gateway: ChargerGateway) -> Ports:
    """Bind the domain's ports to Stripe, the bridge and the notification queue."""
    processors, clock = runtime.processors, runtime.clock
    stripe = await stack.enter_async_context(StripeGateway(processors.stripe_key, api_base=processors.stripe_api_base))
    payments = PaymentDeps(database=runtime.databases.app, gateway=stripe, clock=clock)
    charging = Charging(
        database=runtime.databases.app,
        clock=clock,
        payments=SessionPayments(payments),
        gateway=gateway,
        notifier=QueuedNotifier(clock),
        settings=ChargingSettings.of(runtime.settings),
    )
    return Ports(charging=charging, payments=payments)


def inbound_deps(runtime: Runtime) -> Inbound:
    """Return what the handlers of chargers' reports need."""
    return Inbound(
        clock=runtime.clock,
        notifier=QueuedNotifier(runtime.clock),
        standing=StoredStanding(),
        settings=ChargingSettings.of(runtime.settings),
    )
