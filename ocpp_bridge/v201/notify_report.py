"""NotifyReport (OCPP 2.0.1 B07): the station's variables, in parts; each becomes a row."""

from collections.abc import Iterator

from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import Context, MessageHandler, child, text
from ocpp_bridge.v201.components import component_path
from ocpp_bridge.variables import ReportedVariable, store_reported


def reported_variables(payload: Payload) -> Iterator[ReportedVariable]:
    """Yield every attribute the report names."""
    for item in payload.get("reportData") or []:
        component, variable = child(item, "component"), child(item, "variable")
        name = text(variable, "name")
        if name is None:
            continue
        if instance := text(variable, "instance"):
            name = f"{name}[{instance}]"
        for attribute in item.get("variableAttribute") or [{}]:
            mutability = attribute.get("mutability")
            yield ReportedVariable(
                component=component_path(component),
                variable=name[:200],
                attribute=str(attribute.get("type") or "Actual")[:20],
                value=text(attribute, "value", longest=2500),
                readonly=None if mutability is None else mutability == "ReadOnly",
            )


async def handle(context: Context, payload: Payload) -> Payload:
    """Store the reported variables."""
    await store_reported(
        context.uow, context.station.charger_id, list(reported_variables(payload)), context.received_at
    )
    return {}


NOTIFY_REPORT = MessageHandler(action="NotifyReport", handle=handle, lenient=frozenset({"generatedAt", "seqNo"}))
