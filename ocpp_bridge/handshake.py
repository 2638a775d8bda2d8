"""What a charger's WebSocket request says: brand, identity, credentials, subprotocols. Pure; never raises.

The path is `/ocpp/{tenant}/…/{identity}`: the last segment is the identity, percent-decoded once (OCPP-J §3.1.1),
whatever a charger puts between (some append their own path or a whole address).
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

PREFIX = "/ocpp/"
_LONGEST_IDENTITY = 48


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    """User name and password of an Authorization header; passwords may be any bytes."""

    user: str
    password: bytes


@dataclass(frozen=True, slots=True)
class Handshake:
    """A request to open a socket. `credentials` is None without a usable Authorization header."""

    tenant: str
    identity: str
    offered: tuple[str, ...]
    credentials: BasicCredentials | None
    client: str


def read_handshake(scope: Any) -> Handshake | None:
    """Read an ASGI websocket scope; None where the path names no charger."""
    raw_path = scope.get("raw_path") or str(scope["path"]).encode()
    path = raw_path.split(b"?")[0].decode("latin-1")
    if not path.startswith(PREFIX):
        return None
    segments = [segment for segment in path.removeprefix(PREFIX).split("/") if segment]
    if len(segments) < 2:  # noqa: PLR2004  tenant and identity
        return None
    identity = unquote(segments[-1], errors="replace")
    if not identity or len(identity) > _LONGEST_IDENTITY or not identity.isprintable():
        return None
    headers = {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}
    client = scope.get("client")
    return Handshake(
        tenant=unquote(segments[0], errors="replace").lower(),
        identity=identity,
        offered=tuple(scope.get("subprotocols") or ()),
        credentials=read_basic(headers.get(b"authorization", b"")),
        client=client[0] if client else "",
    )


def read_basic(header: bytes) -> BasicCredentials | None:
    """Read an Authorization header; None where it is not Basic (RFC 7617), empty or broken."""
    scheme, _, encoded = header.strip().partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    user, colon, password = decoded.partition(b":")
    if not colon or not password:
        return None
    return BasicCredentials(user.decode("utf-8", errors="replace"), password)
