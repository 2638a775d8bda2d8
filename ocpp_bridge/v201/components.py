"""Components of the 2.x device model as one text: `Name`, `Name[instance]`, with `@evse` or `@evse.connector`."""

from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import child, number, text


def component_path(component: Payload) -> str:
    """Return the text of a ComponentType."""
    path = text(component, "name") or ""
    if instance := text(component, "instance"):
        path += f"[{instance}]"
    evse = child(component, "evse")
    if (evse_id := number(evse, "id")) is not None:
        path += f"@{evse_id}"
        if (connector := number(evse, "connectorId")) is not None:
            path += f".{connector}"
    return path[:200]


def component_of(path: str) -> Payload:
    """Return the ComponentType of a text."""
    name, _, place = path.partition("@")
    component: Payload = {}
    name, _, instance = name.partition("[")
    component["name"] = name
    if instance:
        component["instance"] = instance.removesuffix("]")
    if place:
        evse, _, connector = place.partition(".")
        component["evse"] = {"id": int(evse)} | ({"connectorId": int(connector)} if connector else {})
    return component


def variable_of(name: str) -> Payload:
    """Return the VariableType of a text."""
    plain_name, _, instance = name.partition("[")
    return {"name": plain_name} | ({"instance": instance.removesuffix("]")} if instance else {})
