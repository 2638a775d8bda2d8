"""The shape of the JSON documents that the double stores and returns."""

from typing import Any

JsonObject = dict[str, Any]
