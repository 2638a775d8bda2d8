"""How often a charger's address may be refused before it has to wait: guessing passwords must not pay.

Counted for identity and client address together, so that a stranger cannot lock a charger out.
"""

from collections import OrderedDict
from collections.abc import Callable

_MOST_KEYS = 10_000


class RefusalLimiter:
    """Counts refusals in windows of fixed length, in the memory of this process."""

    def __init__(self, monotonic: Callable[[], float], *, most: int = 10, window_seconds: float = 60) -> None:
        """Allow `most` refusals a window."""
        self._monotonic = monotonic
        self._most = most
        self._window = window_seconds
        self._counts: OrderedDict[tuple[str, ...], tuple[float, int]] = OrderedDict()

    def wait_seconds(self, key: tuple[str, ...]) -> int:
        """Return how long the key must wait before it is looked at again; 0 where it need not."""
        began, count = self._counts.get(key, (0.0, 0))
        left = began + self._window - self._monotonic()
        return int(left) + 1 if count >= self._most and left > 0 else 0

    def refused(self, key: tuple[str, ...]) -> None:
        """Count a refusal."""
        now = self._monotonic()
        began, count = self._counts.pop(key, (now, 0))
        if now - began >= self._window:
            began, count = now, 0
        self._counts[key] = (began, count + 1)
        while len(self._counts) > _MOST_KEYS:
            self._counts.popitem(last=False)

    def forget(self, key: tuple[str, ...]) -> None:
        """Forget a key that was admitted."""
        self._counts.pop(key, None)
