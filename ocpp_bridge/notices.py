"""Messages that only inform: kept as events of the charger, so that nothing a charger says is dropped."""

from sqlalchemy import select

from app.domain.stations.tables import Charger
from ocpp_bridge.frames import Payload, plain
from ocpp_bridge.handling import Context, Handle, MessageHandler

_ANY = frozenset({"timestamp"})


async def record_notice(context: Context, event_type: str, payload: Payload) -> None:
    """Append an event with the payload verbatim to the charger's log."""
    charger = await context.uow.session.scalar(
        select(Charger).where(Charger.id == context.station.charger_id).with_for_update()
    )
    if charger is not None:
        await context.uow.record(charger, event_type, plain(payload))


def notice(action: str, event_type: str, answer: Payload | None = None) -> MessageHandler:
    """Return a handler that records an event and answers the same each time."""

    async def handle(context: Context, payload: Payload) -> Payload:
        await record_notice(context, event_type, payload)
        return dict(answer or {})

    handler: Handle = handle
    return MessageHandler(action=action, handle=handler, lenient=_ANY)
