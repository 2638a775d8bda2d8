"""Keys derived from the one secret of an installation, each for one use only.

A key for links cannot sign access tokens and the other way round. Derivation is HMAC-SHA256 over a label.
"""

import base64
import hashlib
import hmac


def derive_key(secret: str, label: str) -> bytes:
    """Return the 32-byte key for one use."""
    return hmac.new(secret.encode(), f"voltlane:{label}".encode(), hashlib.sha256).digest()


def derive_text(key: bytes, message: str) -> str:
    """Return 43 URL-safe characters (256 bits) that only the key's holder can compute from the message."""
    digest = hmac.new(key, message.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def digest_of(raw: str) -> str:
    """Return what is stored of a token: its SHA-256 in hexadecimal. Tokens are random, so no salt is needed."""
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()
