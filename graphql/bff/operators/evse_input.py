"""What operators may say about EVSEs and connectors, in the API's words."""

from typing import cast

import strawberry
from strawberry import Maybe

from app.domain.stations.admin.create_evse import NumberedConnector
from app.domain.stations.admin.evse_fields import ConnectorFields, EvseFields
from app.domain.stations.states import ConnectorFormat, ConnectorStandard, PowerType
from bff.ids import optional_row_id
from bff.operators.inputs import said

_CONNECTOR = ("standard", "format", "power_type", "max_power_w")


@strawberry.input
class ConnectorFieldsInput:
    """What is said about a connector; what is absent stays as it is, null says that it is not known. Power in W."""

    standard: Maybe[ConnectorStandard | None] = None
    format: Maybe[ConnectorFormat | None] = None
    power_type: Maybe[PowerType | None] = None
    max_power_w: Maybe[int | None] = None

    def fields(self) -> ConnectorFields:
        """Return what is said."""
        return cast(ConnectorFields, said(self, *_CONNECTOR))


@strawberry.input
class NumberedConnectorInput(ConnectorFieldsInput):
    """A connector by its number within the charging point, counted from 1."""

    number: int = strawberry.field()

    def numbered(self) -> NumberedConnector:
        """Return what is said."""
        return NumberedConnector(self.number, self.fields())


@strawberry.input
class EvseFieldsInput:
    """What is said about a charging point; what is absent stays as it is.

    `chargerId` and `ocppEvseNo` go together: the charger that serves it, and the number that charger knows it by
    (OCPP 1.6: the connector id). `evseCode` is what its sticker says. Without `maxPowerW` its connectors' counts.
    """

    charger_id: Maybe[strawberry.ID | None] = None
    ocpp_evse_no: Maybe[int | None] = None
    evse_code: Maybe[str | None] = None
    physical_reference: Maybe[str | None] = None
    max_power_w: Maybe[int | None] = None

    def fields(self) -> EvseFields:
        """Return what is said. Raises NotFoundError."""
        plain = said(self, "ocpp_evse_no", "evse_code", "physical_reference", "max_power_w")
        found = cast(EvseFields, plain)
        if self.charger_id is not None:
            found["charger_id"] = optional_row_id(self.charger_id.value, "Charger", "chargerId")
        return found
