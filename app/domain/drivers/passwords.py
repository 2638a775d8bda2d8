"""Passwords as argon2id hashes (RFC 9106), computed off the event loop, a few at a time.

One verification is one argon2 computation, whatever is wrong: an unknown account is verified against a hash
that nothing matches, so that it takes as long as a wrong password. Hashing costs memory on purpose; the
semaphore bounds how much of it a burst of sign-ins can take.
"""

import asyncio
import base64
import secrets
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.domain.drivers.errors import WeakPasswordError

MIN_LENGTH = 10
MAX_LENGTH = 1024
_MIN_DISTINCT = 5
_CONCURRENCY = 2
_COMMON = frozenset(
    {"1234567890", "12345678910", "0123456789", "qwertyuiop", "qwertzuiop", "password123", "passwort123"}
)


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a password is right, and its new hash where the stored one was made with other parameters."""

    ok: bool
    new_hash: str | None = None


class Passwords:
    """Hashes and verifies passwords; one instance a process."""

    def __init__(self, hasher: PasswordHasher | None = None, concurrency: int = _CONCURRENCY) -> None:
        self._hasher = hasher or PasswordHasher()
        self._places = asyncio.Semaphore(concurrency)
        self._nobodys_hash = _unmatched_hash(self._hasher)

    async def hash(self, password: str) -> str:
        """Return the encoded argon2id hash of an accepted password."""
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, _prepared(password))

    async def verify(self, password_hash: str | None, password: str) -> Verification:
        """Check a password against a stored hash; None stands for no account or no password and is never right."""
        acceptable = len(password) <= MAX_LENGTH
        async with self._places:
            return await asyncio.to_thread(
                self._verify, password_hash if acceptable else None, password if acceptable else ""
            )

    def _verify(self, password_hash: str | None, password: str) -> Verification:
        prepared = _prepared(password)
        try:
            self._hasher.verify(password_hash or self._nobodys_hash, prepared)
        except (VerificationError, InvalidHashError):
            return Verification(ok=False)
        if password_hash is None:
            return Verification(ok=False)
        if self._hasher.check_needs_rehash(password_hash):
            return Verification(ok=True, new_hash=self._hasher.hash(prepared))
        return Verification(ok=True)


def check_strength(password: str, *, email: str | None = None) -> None:
    """Raise WeakPasswordError for a password that must not be chosen; lengths count characters."""
    if len(password) < MIN_LENGTH:
        raise WeakPasswordError(f"A password has at least {MIN_LENGTH} characters.")
    if len(password) > MAX_LENGTH:
        raise WeakPasswordError(f"A password has at most {MAX_LENGTH} characters.")
    folded = password.casefold()
    if len(set(folded)) < _MIN_DISTINCT or folded in _COMMON:
        raise WeakPasswordError("This password is too easy to guess.")
    if email is not None and folded in (email, email.partition("@")[0]):
        raise WeakPasswordError("A password must differ from the e-mail address.")


def _prepared(password: str) -> bytes:
    """Return the bytes that are hashed: the same for every keyboard's way to write a character (NFKC)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _unmatched_hash(hasher: PasswordHasher) -> str:
    """Return a well-formed hash of no known password, with the hasher's own parameters."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"
