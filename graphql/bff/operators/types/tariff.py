"""A tariff as operators keep it: its OCPI object, version and hash."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from app.domain.pricing.tables import TariffRow
from app.domain.tariffs import describe
from bff.context import Info
from bff.fields import computed
from bff.pricing.price import PriceComponent, PriceSummary, parsed_tariff
from bff.pricing.summary import summary


@strawberry.type
class AdminTariff(relay.Node):
    """A tariff. `ocpi` is the OCPI 2.3.0 object with decimals as text; `hash` names its exact content."""

    id: relay.NodeID[UUID]
    name: str
    currency: str
    version: int
    hash: str
    is_default: bool
    archived_at: datetime | None
    updated_at: datetime
    ocpi: JSON
    row: strawberry.Private[TariffRow]

    @classmethod
    def of(cls, row: TariffRow) -> "AdminTariff":
        """Return a tariff."""
        content: Any = row.content
        return cls(
            id=row.id,
            name=row.name,
            currency=row.currency,
            version=row.version,
            hash=row.content_hash,
            is_default=row.is_default,
            archived_at=row.archived_at,
            updated_at=row.updated_at,
            ocpi=content,
            row=row,
        )

    @computed
    def components(self, info: Info) -> list[PriceComponent]:
        """The unit prices of a session that starts now in the brand's own time zone."""
        return [PriceComponent.of(view) for view in self._views(info)]

    @computed
    def summary(self, info: Info) -> PriceSummary:
        """The same in one line."""
        views = self._views(info)
        return PriceSummary(de=summary(views, "de"), en=summary(views, "en"))

    def _views(self, info: Info) -> Any:
        context = info.context
        return describe(
            parsed_tariff(self.row), ZoneInfo(context.tenant.time_zone), context.services.clock.now(), power_w=None
        )
