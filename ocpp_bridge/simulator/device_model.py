"""The 2.0.1 device model over the station's flat variables: reading, writing and reporting (part 2, B05-B07).

A variable `Component.Variable` or `Component.Variable.Instance` belongs to the whole station; each connector
adds the EVSE components the CSMS needs to know the hardware.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ocpp_bridge.simulator.connector import Connector
from ocpp_bridge.simulator.settings import SetOutcome, Settings


def get_variables(settings: Settings, wanted: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a GetVariableResultType for each request; only the Actual attribute exists."""
    results = []
    for item in wanted:
        result = _identity(item)
        setting = settings.get(_name(item))
        if setting is None:
            result["attribute_status"] = _missing(settings, item)
        elif item.get("attribute_type", "Actual") != "Actual":
            result["attribute_status"] = "NotSupportedAttributeType"
        else:
            result |= {"attribute_status": "Accepted", "attribute_value": setting.value}
        results.append(result)
    return results


def set_variables(
    settings: Settings, wanted: Sequence[dict[str, Any]], change: Callable[[str, str], SetOutcome]
) -> list[dict[str, Any]]:
    """Apply each SetVariableDataType through `change` and return the results."""
    results = []
    for item in wanted:
        result = _identity(item)
        if item.get("attribute_type", "Actual") != "Actual":
            result["attribute_status"] = "NotSupportedAttributeType"
        else:
            outcome = change(_name(item), item["attribute_value"])
            result["attribute_status"] = _missing(settings, item) if outcome == "Unknown" else outcome
        results.append(result)
    return results


def report_data(settings: Settings, connectors: Sequence[Connector]) -> list[dict[str, Any]]:
    """Return the ReportDataType of every variable."""
    items = []
    for name, setting in settings:
        component, variable, *instance = name.split(".", 2)
        items.append(
            {
                "component": {"name": component},
                "variable": {"name": variable} | ({"instance": instance[0]} if instance else {}),
                "variable_attribute": [
                    {
                        "type": "Actual",
                        "value": setting.value,
                        "mutability": "ReadOnly" if setting.read_only else "ReadWrite",
                    }
                ],
                "variable_characteristics": {"data_type": setting.data_type, "supports_monitoring": False},
            }
        )
    for connector in connectors:
        items += _hardware(connector)
    return items


def _hardware(connector: Connector) -> list[dict[str, Any]]:
    evse = {"name": "EVSE", "evse": {"id": connector.number}}
    plug = {"name": "Connector", "evse": {"id": connector.number, "connector_id": 1}}
    facts = [
        (evse, "Power", str(connector.outlet.power_w), "decimal", connector.outlet.max_power_w),
        (evse, "AvailabilityState", connector.status_v201, "OptionList", None),
        (plug, "ConnectorType", "cCCS2", "string", None),
    ]
    return [
        {
            "component": component,
            "variable": {"name": name},
            "variable_attribute": [{"type": "Actual", "value": value, "mutability": "ReadOnly"}],
            "variable_characteristics": {"data_type": kind, "supports_monitoring": False, "max_limit": limit},
        }
        for component, name, value, kind, limit in facts
    ]


def _name(item: dict[str, Any]) -> str:
    parts = [item["component"]["name"], item["variable"]["name"], item["variable"].get("instance")]
    return ".".join(part for part in parts if part)


def _missing(settings: Settings, item: dict[str, Any]) -> str:
    prefix = f"{item['component']['name']}."
    known = any(name.startswith(prefix) for name, _setting in settings)
    return "UnknownVariable" if known else "UnknownComponent"


def _identity(item: dict[str, Any]) -> dict[str, Any]:
    result = {"component": item["component"], "variable": item["variable"]}
    if "attribute_type" in item:
        result["attribute_type"] = item["attribute_type"]
    return result
