"""`startCharging`: the driver starts a charge; the answer comes as soon as the payment is decided."""

import strawberry

from app.domain.charging.errors import (
    ChargerOfflineError,
    EvseOccupiedError,
    EvseReservedError,
    EvseUnavailableError,
)
from app.domain.charging.start_charging import PriceChangedError, StartRequest, start_charging
from app.domain.charging.states import StartMethod
from app.domain.pricing.store import NoTariffError
from app.domain.principals import PrincipalKind
from bff.access import DriverField
from bff.cards.processor import PaymentUnavailableError, told_to_the_driver
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import checked_key, optional_row_id, row_id
from bff.own import own_session
from bff.scalars import BigInt
from bff.sessions.types import Session
from payments.errors import NoPaymentMethodError, OpenDebtError


@strawberry.input
class StartChargingInput:
    """Where to charge and how much at most. `quotedTariffHash`: start only at the price that was shown."""

    evse_id: strawberry.ID
    idempotency_key: strawberry.ID
    connector_id: strawberry.ID | None = None
    payment_method_id: strawberry.ID | None = None
    quoted_tariff_hash: str | None = None
    max_energy_wh: BigInt | None = None
    max_cost_minor: BigInt | None = None
    max_duration_seconds: int | None = None
    max_soc: int | None = None

    def request(self) -> StartRequest:
        """Return the use case's request. Raises UserError."""
        return StartRequest(
            evse_id=row_id(self.evse_id, "Evse", "evseId"),
            connector_id=optional_row_id(self.connector_id, "Connector", "connectorId"),
            payment_method_id=optional_row_id(self.payment_method_id, "PaymentMethod", "paymentMethodId"),
            quoted_tariff_hash=self.quoted_tariff_hash,
            max_energy_wh=self.max_energy_wh,
            max_cost_minor=self.max_cost_minor,
            max_duration_seconds=self.max_duration_seconds,
            max_soc=self.max_soc,
        )


@payload(
    ChargerOfflineError,
    EvseUnavailableError,
    EvseOccupiedError,
    EvseReservedError,
    NoTariffError,
    PriceChangedError,
    NoPaymentMethodError,
    OpenDebtError,
    PaymentUnavailableError,
)
class StartChargingPayload:
    """The session, to be followed by `sessionUpdates`. A declined card is a session that failed, not an error here."""

    session: Session | None = None
    client_secret: str | None = None


@strawberry.type
class StartCharging:
    """The mutation."""

    @mutation(DriverField())
    @staticmethod
    async def start_charging(info: Info, input: StartChargingInput) -> StartChargingPayload:  # noqa: A002
        """Start a charge. The same key again answers the same session; `clientSecret` is for the payment SDK."""
        context = info.context
        guest = context.caller.kind is PrincipalKind.GUEST
        async with told_to_the_driver():
            started = await start_charging(
                context.services.charging,
                context.tenant_id,
                driver_id=context.driver_id,
                method=StartMethod.GUEST if guest else StartMethod.APP,
                request=input.request(),
                idempotency_key=checked_key(input.idempotency_key),
            )
        row = await own_session(context, started.session_id)
        return StartChargingPayload(session=Session.of(row, context), client_secret=started.client_secret)
