"""Follows one session by one subscription from its start to its end; what was not looked at yet waits in a queue."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from app.kit.errors import VoltlaneError
from app.server.demo.charge import Progress
from app.server.demo.client import ApiClient
from app.server.demo.operations import SESSION_UPDATES

_FAILED = frozenset({"FAILED", "CANCELLED", "REVIEW"})

Show = Callable[[Progress], None]


class ChargeFailedError(VoltlaneError):
    """The session ended otherwise than by a paid charge, or nothing was heard of it in time."""


class Follower:
    """An async context manager over a session's subscription."""

    def __init__(self, api: ApiClient, session_id: str) -> None:
        self._api = api
        self._session_id = session_id
        self._updates: asyncio.Queue[Progress | Exception] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.received = 0
        self.last: Progress | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def until(self, state: str, *, within_s: float, show: Show | None = None) -> Progress:
        """Return the first update in a state; `show` gets every update on the way. Raises ChargeFailedError."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    progress = await self._next(show)
                    if progress.state == state:
                        return progress
        except TimeoutError as error:
            seen = self.last.state if self.last else "nothing"
            raise ChargeFailedError(f"the session was not {state} within {within_s:.0f} s, but {seen}") from error

    async def watch(self, seconds: float, *, least_wh: int, within_s: float, show: Show) -> None:
        """Show updates for a while, and longer until `least_wh` have flowed. Raises ChargeFailedError."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    await self._next(show)
        try:
            async with asyncio.timeout(within_s):
                while self.last is None or self.last.energy_wh < least_wh:
                    await self._next(show)
        except TimeoutError as error:
            raise ChargeFailedError(f"less than {least_wh} Wh flowed in {seconds + within_s:.0f} s") from error

    async def _next(self, show: Show | None) -> Progress:
        update = await self._updates.get()
        if isinstance(update, Exception):
            raise update
        self._check(update)
        self.last = update
        self.received += 1
        if show is not None:
            show(update)
        return update

    def _check(self, update: Progress) -> None:
        """Refuse a failed session, and a sequence that goes back: each update comes once and in order."""
        if update.state in _FAILED:
            raise ChargeFailedError(f"the session is {update.state}: {update.failure or 'no reason given'}")
        if self.last is not None and update.sequence <= self.last.sequence:
            raise ChargeFailedError(f"update {update.sequence} came after {self.last.sequence}")

    async def _listen(self) -> None:
        try:
            async for data in self._api.subscribe(SESSION_UPDATES, sessionId=self._session_id):
                self._updates.put_nowait(Progress.of(data["sessionUpdates"]))
            raise ChargeFailedError("the server ended the subscription")  # noqa: TRY301  handed on as any other failure
        except Exception as error:
            self._updates.put_nowait(error)
