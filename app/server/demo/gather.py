"""Several small transactions at a time: each waits for its own commit, and the pool is not emptied."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

T = TypeVar("T")
_AT_ONCE = 8


async def gather_few(work: Iterable[Awaitable[T]]) -> list[T]:
    """Return the results in order; the first failure is raised when all others have ended."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(item: Awaitable[T]) -> T:
        async with places:
            return await item

    results = await asyncio.gather(*(one(item) for item in work), return_exceptions=True)
    done: list[T] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        done.append(result)
    return done
