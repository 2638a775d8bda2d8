"""Identifiers: time-ordered UUIDs for rows, and random tokens that cannot be guessed."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

# Crockford's base 32 without look-alikes: read aloud, typed and printed without mistakes.
_UNAMBIGUOUS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> UUID:
    """Return a new row id (UUID version 7, RFC 9562): unique everywhere, ordered by time."""
    return uuid7()


def new_secret(n_bytes: int = 32) -> str:
    """Return a URL-safe random secret with `n_bytes` bytes of entropy."""
    return secrets.token_urlsafe(n_bytes)


def new_id_tag() -> str:
    """Return a one-time OCPP 1.6 id tag: 20 upper-case alphanumerics (CiString20Type), 100 random bits."""
    return "".join(secrets.choice(_UNAMBIGUOUS) for _ in range(20))


def new_readable_code(length: int) -> str:
    """Return a random code of `length` unambiguous upper-case characters."""
    return "".join(secrets.choice(_UNAMBIGUOUS) for _ in range(length))
