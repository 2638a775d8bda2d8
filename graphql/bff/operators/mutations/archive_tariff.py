"""`archiveTariff`: a tariff that holds nowhere any more is put away."""

import strawberry

from app.domain.operators.permissions import Permission
from app.domain.pricing.archive_tariff import TariffInUseError, archive_tariff
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.types.tariff import AdminTariff


@payload(TariffInUseError)
class ArchiveTariffPayload:
    """The tariff."""

    tariff: AdminTariff | None = None


@strawberry.type
class ArchiveTariff:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_TARIFFS))
    @staticmethod
    async def archive_tariff(info: Info, id: strawberry.ID) -> ArchiveTariffPayload:  # noqa: A002
        """Archive a tariff; not while it is the default or assigned anywhere."""
        services = info.context.services
        row = await archive_tariff(
            services.database,
            info.context.tenant_id,
            services.clock,
            row_id(id, "AdminTariff", "id"),
            actor=await acting(info),
        )
        return ArchiveTariffPayload(tariff=AdminTariff.of(row))
