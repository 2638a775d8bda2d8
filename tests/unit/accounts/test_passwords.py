"""Passwords: one argon2 computation a verification, bounded concurrency, any text, what is too weak."""

import asyncio
import threading
from typing import Literal

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from hypothesis import given
from hypothesis import strategies as st

from app.domain.drivers.errors import WeakPasswordError
from app.domain.drivers.passwords import Passwords, Verification, check_strength

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class WatchedHasher(PasswordHasher):
    """Counts verifications and how many run at the same time."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.total = 0
        self.most = 0
        self._running = 0
        self._lock = threading.Lock()
        self._pause = threading.Event()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  argon2's own name
        with self._lock:
            self.total += 1
            self._running += 1
            self.most = max(self.most, self._running)
        self._pause.wait(0.01)
        try:
            return super().verify(hash, password)
        finally:
            with self._lock:
                self._running -= 1


async def test_the_default_is_argon2id_as_rfc_9106_recommends_for_little_memory() -> None:
    parameters = extract_parameters(await Passwords().hash("correct horse battery"))
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (65536, 3, 4)


async def test_every_outcome_costs_one_verification() -> None:
    hasher = WatchedHasher()
    passwords = Passwords(hasher)
    stored = await passwords.hash("correct horse battery")
    cases: list[tuple[str | None, str, bool]] = [
        (stored, "correct horse battery", True),
        (stored, "wrong", False),
        (None, "correct horse battery", False),
        (stored, "x" * 1025, False),
        ("no hash at all", "correct horse battery", False),
    ]
    for count, (known, password, ok) in enumerate(cases, start=1):
        assert await passwords.verify(known, password) == Verification(ok)
        assert hasher.total == count


async def test_no_more_than_two_are_computed_at_a_time() -> None:
    hasher = WatchedHasher()
    passwords = Passwords(hasher, concurrency=2)
    await asyncio.gather(*(passwords.verify(None, "anything") for _ in range(12)))
    assert (hasher.total, hasher.most) == (12, 2)


async def test_a_hash_is_renewed_where_the_parameters_changed_and_the_password_is_right() -> None:
    stored = await Passwords(CHEAP).hash("correct horse battery")
    now = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    renewed = await now.verify(stored, "correct horse battery")
    assert renewed.ok
    assert renewed.new_hash is not None
    assert await now.verify(renewed.new_hash, "correct horse battery") == Verification(ok=True)
    assert await now.verify(stored, "wrong") == Verification(ok=False)


async def test_two_keyboards_write_one_password() -> None:
    passwords = Passwords(CHEAP)
    stored = await passwords.hash("scho\u0308nes Passwort")
    assert (await passwords.verify(stored, "sch\u00f6nes Passwort")).ok


@given(st.text(st.characters(), min_size=1, max_size=60))
def test_any_text_can_be_a_password(password: str) -> None:
    passwords = Passwords(CHEAP)

    async def round_trip() -> bool:
        return (await passwords.verify(await passwords.hash(password), password)).ok

    assert asyncio.run(round_trip())


@pytest.mark.parametrize(
    "password",
    ["", "123456789", "Passwort123", "abababababab", "x" * 1025, "ada.lovelace", "Ada.Lovelace@Example.com"],
)
def test_weak_passwords(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        check_strength(password, email="ada.lovelace@example.com")


def test_lengths_at_the_edge_are_accepted() -> None:
    check_strength("abcde12345")
    check_strength("abcdefgh" * 128)
