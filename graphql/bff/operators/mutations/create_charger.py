"""`createCharger`: an identity, a password that is told once, and the URL to set on the charger."""

from urllib.parse import quote

import strawberry

from app.domain.operators.permissions import Permission
from app.domain.stations.admin.create_charger import create_charger
from app.domain.stations.admin.errors import IdentityTakenError
from bff.access import OperatorField
from bff.context import Context, Info
from bff.fields import mutation, payload
from bff.ids import optional_row_id
from bff.operators.actor import acting
from bff.operators.types.charger import Charger


@strawberry.input
class CreateChargerInput:
    """The charger's OCPP identity and, if known, where it stands."""

    identity: str
    location_id: strawberry.ID | None = None


@payload(IdentityTakenError)
class CreateChargerPayload:
    """The charger. `password` is shown this once; `url` and `password` are set on the charger."""

    charger: Charger | None = None
    url: str | None = None
    password: str | None = None


def charger_url(context: Context, identity: str) -> str:
    """Return the WebSocket URL of a charger (OCPP-J: the identity is the last segment)."""
    base = context.services.settings.base_url.replace("http", "ws", 1)
    return f"{base}/ocpp/{quote(context.tenant.slug, safe='')}/{quote(identity, safe='')}"


@strawberry.type
class CreateCharger:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_STATIONS))
    @staticmethod
    async def create_charger(info: Info, input: CreateChargerInput) -> CreateChargerPayload:  # noqa: A002
        """Register a charger."""
        context = info.context
        made = await create_charger(
            context.services.database,
            context.tenant_id,
            identity=input.identity,
            location_id=optional_row_id(input.location_id, "AdminLocation", "locationId"),
            actor=await acting(info),
        )
        url = charger_url(context, made.charger.identity)
        return CreateChargerPayload(charger=Charger.of(made.charger), url=url, password=made.password)
