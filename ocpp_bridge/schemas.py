"""OCPP's JSON schemas, from the files of the `ocpp` package, compiled once a process when first needed.

Formats are not checked here: timestamps are read leniently elsewhere.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import islice
from typing import Any

import jsonschema_rs

from ocpp_bridge.faults import Fault
from ocpp_bridge.frames import Payload

_MOST_ERRORS = 50
_FAULTS = {
    "type": Fault.TYPE,
    "required": Fault.OCCURRENCE,
    "additionalProperties": Fault.OCCURRENCE,
    "minItems": Fault.OCCURRENCE,
    "maxItems": Fault.OCCURRENCE,
}


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One thing wrong with a payload: where, against which keyword, and what the schema wanted."""

    path: tuple[str | int, ...]
    keyword: str
    message: str
    wanted_types: tuple[str, ...] = ()
    options: tuple[Any, ...] = ()
    missing: str | None = None

    @property
    def name(self) -> str:
        """The property at fault."""
        if self.missing is not None:
            return self.missing
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")

    @property
    def fault(self) -> Fault:
        """The error code that tells the charger."""
        return _FAULTS.get(self.keyword, Fault.PROPERTY)


class SchemaSet:
    """The schemas of one OCPP version."""

    def __init__(self, package: str, request_suffix: str) -> None:
        """Take `package` of the ocpp library (v16, v201); request files end in `request_suffix`."""
        self._folder = files("ocpp").joinpath(package).joinpath("schemas")
        self._request_suffix = request_suffix
        self._validators: dict[str, Any] = {}

    @cached_property
    def actions(self) -> frozenset[str]:
        """Every action of the version, in either direction."""
        names = (entry.name.removesuffix(".json") for entry in self._folder.iterdir() if entry.name.endswith(".json"))
        return frozenset(name.removesuffix("Response") for name in names if name.endswith("Response"))

    def request_errors(self, action: str, payload: Payload) -> list[SchemaError]:
        """Return what is wrong with a request; nothing where it is valid."""
        return self._errors(f"{action}{self._request_suffix}", payload)

    def response_errors(self, action: str, payload: Payload) -> list[SchemaError]:
        """Return what is wrong with an answer."""
        return self._errors(f"{action}Response", payload)

    def _errors(self, name: str, payload: Payload) -> list[SchemaError]:
        validator = self._validators.get(name)
        if validator is None:
            text = self._folder.joinpath(f"{name}.json").read_text(encoding="utf-8-sig")
            validator = jsonschema_rs.validator_for(json.loads(text), validate_formats=False)
            self._validators[name] = validator
        if validator.is_valid(payload):
            return []
        return list(_read(islice(validator.iter_errors(payload), _MOST_ERRORS)))


def _read(errors: Iterator[Any]) -> Iterator[SchemaError]:
    for error in errors:
        kind = error.kind
        path = tuple(error.instance_path)
        if kind.name == "required":
            yield SchemaError(path, "required", error.message, missing=kind.property)
        elif kind.name == "type":
            yield SchemaError(path, "type", error.message, wanted_types=tuple(kind.types))
        elif kind.name == "enum":
            yield SchemaError(path, "enum", error.message, options=tuple(kind.options))
        else:
            yield SchemaError(path, kind.name, error.message)
