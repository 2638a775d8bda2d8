"""`publishTariff`: a tariff from everyday figures or as an OCPI object; the next version of one where it is named."""

from decimal import Decimal
from uuid import UUID

import strawberry

from app.domain.operators.permissions import Permission
from app.domain.pricing.publish_tariff import publish_as_operator
from app.domain.tariffs import Tariff, simple_tariff
from app.domain.tariffs.errors import TariffError
from app.domain.tariffs.parse import load_tariff_json
from app.kit.errors import InvalidInputError
from app.kit.ids import new_id
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import optional_row_id
from bff.operators.actor import acting
from bff.operators.types.tariff import AdminTariff

_MAX_OCPI = 60_000


@strawberry.input
class SimpleTariffInput:
    """Prices in major units, exact decimals as text ("0.59"); all with tax, or all without. What is absent is free.

    `idleGraceMinutes`: so much time after the energy ended costs no idle fee.
    """

    currency: str | None = None
    energy_per_kwh: Decimal | None = None
    time_per_minute: Decimal | None = None
    session_fee: Decimal | None = None
    idle_per_minute: Decimal | None = None
    idle_grace_minutes: int = 0
    reservation_per_minute: Decimal | None = None
    vat_percent: Decimal | None = None
    tax_included: bool = True
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    preauthorize_amount: Decimal | None = None
    energy_step_wh: int = 1
    time_step_seconds: int = 1

    def tariff(self, tariff_id: UUID, currency: str) -> Tariff:
        """Return the tariff. Raises TariffError."""
        figures = {name: getattr(self, name) for name in self.__annotations__ if name != "currency"}
        return simple_tariff(id=str(tariff_id), currency=self.currency or currency, **figures)


@strawberry.input
class PublishTariffInput:
    """Exactly one of `simple` and `ocpi` (the JSON text of an OCPI 2.1.1, 2.2.1 or 2.3.0 tariff object).

    With `tariffId` it is the next version of that tariff; running sessions keep the price they began with.
    """

    name: str
    tariff_id: strawberry.ID | None = None
    simple: SimpleTariffInput | None = None
    ocpi: str | None = None
    make_default: bool = False

    def tariff(self, tariff_id: UUID, currency: str) -> Tariff:
        """Return the tariff. Raises TariffError, InvalidInputError."""
        if (self.simple is None) == (self.ocpi is None):
            raise InvalidInputError("Give the tariff either in everyday figures or as OCPI.", field="simple")
        if self.simple is not None:
            return self.simple.tariff(tariff_id, currency)
        text = self.ocpi or ""
        if len(text) > _MAX_OCPI:
            raise InvalidInputError(f"A tariff has at most {_MAX_OCPI} characters.", field="ocpi")
        return load_tariff_json(text)


@payload(TariffError)
class PublishTariffPayload:
    """The tariff. INVALID_TARIFF: the message begins with the path of what is wrong (`elements[0].…`)."""

    tariff: AdminTariff | None = None


@strawberry.type
class PublishTariff:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_TARIFFS))
    @staticmethod
    async def publish_tariff(info: Info, input: PublishTariffInput) -> PublishTariffPayload:  # noqa: A002
        """Publish a tariff."""
        context = info.context
        tariff_id = optional_row_id(input.tariff_id, "AdminTariff", "tariffId")
        row = await publish_as_operator(
            context.services.database,
            context.tenant_id,
            context.services.clock,
            input.tariff(tariff_id or new_id(), context.tenant.currency),
            name=input.name,
            tariff_id=tariff_id,
            is_default=input.make_default,
            actor=await acting(info),
        )
        return PublishTariffPayload(tariff=AdminTariff.of(row))
