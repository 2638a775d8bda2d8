"""What FCM refuses in a message, checked as strictly as the service does, so that tests find it first.

Source: the FCM HTTP v1 reference for `Message`, `AndroidConfig` and `ApnsConfig`.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from notifications.fcm.double.errors import ErrorAnswer, Fault, fault_answer, invalid_field

_TARGETS = ("fid", "token", "topic", "condition")
_CONTENTS = ("name", "data", "notification", "android", "webpush", "apns", "fcm_options")
_RESERVED_DATA_KEY = re.compile(r"^(from|message_type|google.*|gcm.*)$")
_TOKEN = re.compile(r"^[\w:.\-]{8,4096}$", re.ASCII)
_DURATION = re.compile(r"^(\d+)(\.\d{1,9})?s$")
_MAX_BYTES = 4096
_MAX_TTL_SECONDS = 28 * 24 * 3600
_MAX_COLLAPSE_ID_BYTES = 64


def check_message(message: Any) -> ErrorAnswer | None:
    """Return FCM's answer to a message it refuses, None where it is fine."""
    if not isinstance(message, dict):
        return invalid_field("message", "Invalid value at 'message'")
    for check in _CHECKS:
        problem = check(message)
        if problem is not None:
            return problem
    return None


def _check_fields(message: dict[str, Any]) -> ErrorAnswer | None:
    for name in message:
        if name not in (*_TARGETS, *_CONTENTS):
            why = f"Invalid JSON payload received. Unknown name \"{name}\" at 'message': Cannot find field."
            return invalid_field("message", why)
    return None


def _check_target(message: dict[str, Any]) -> ErrorAnswer | None:
    targets = [name for name in _TARGETS if name in message]
    if len(targets) != 1:
        return invalid_field("message", "Recipient of the message is not set or set more than once.")
    if targets == ["token"] and not (isinstance(message["token"], str) and _TOKEN.match(message["token"])):
        return fault_answer(Fault.INVALID_ARGUMENT)
    return None


def _check_data(message: dict[str, Any]) -> ErrorAnswer | None:
    for position, (key, value) in enumerate(message.get("data", {}).items()):
        place = f"message.data[{position}]"
        if not isinstance(value, str):
            return invalid_field(f"{place}.value", f"Invalid value at '{place}.value' (TYPE_STRING), {value}")
        if _RESERVED_DATA_KEY.match(key):
            return invalid_field(f"{place}.key", f"Invalid data payload key: {key}")
    return None


def _check_size(message: dict[str, Any]) -> ErrorAnswer | None:
    counted = {name: message[name] for name in ("data", "notification") if name in message}
    if len(json.dumps(counted, ensure_ascii=False).encode()) > _MAX_BYTES:
        return invalid_field("message", "Message is too big")
    return None


def _check_android(message: dict[str, Any]) -> ErrorAnswer | None:
    android = message.get("android", {})
    ttl = android.get("ttl")
    if ttl is not None:
        duration = _DURATION.match(ttl) if isinstance(ttl, str) else None
        if duration is None or int(duration[1]) > _MAX_TTL_SECONDS:
            return invalid_field("message.android.ttl", f"Invalid TTL: {ttl}")
    if str(android.get("priority", "normal")).lower() not in ("normal", "high"):
        return invalid_field("message.android.priority", "Invalid value at 'message.android.priority'")
    return None


def _check_apns(message: dict[str, Any]) -> ErrorAnswer | None:
    apns = message.get("apns", {})
    headers = apns.get("headers", {})
    if not all(isinstance(value, str) for value in headers.values()):
        return invalid_field("message.apns.headers", "Invalid value at 'message.apns.headers' (TYPE_STRING)")
    if len(headers.get("apns-collapse-id", "").encode()) > _MAX_COLLAPSE_ID_BYTES:
        return invalid_field("message.apns.headers", "apns-collapse-id must not exceed 64 bytes")
    if "payload" in apns and not isinstance(apns["payload"].get("aps"), dict):
        return invalid_field("message.apns.payload", "APNs payload needs an aps dictionary")
    return None


_CHECKS: tuple[Callable[[dict[str, Any]], ErrorAnswer | None], ...] = (
    _check_fields,
    _check_target,
    _check_data,
    _check_size,
    _check_android,
    _check_apns,
)
