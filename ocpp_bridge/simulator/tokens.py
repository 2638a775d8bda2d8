"""The station's own knowledge of tokens: authorisation cache and local list (1.6 section 3.5, 2.0.1 C10-C13).

Tokens compare without case. The local list outranks the cache.
"""

from collections.abc import Mapping


class Tokens:
    """Who may charge as far as the station itself can tell."""

    def __init__(self) -> None:
        """Start knowing nobody."""
        self.list_version = 0
        self._list: dict[str, str] = {}
        self._cache: dict[str, str] = {}

    def remember(self, uid: str, status: str) -> None:
        """Cache the CSMS's answer about a token."""
        self._cache[uid.casefold()] = status

    def clear_cache(self) -> None:
        """Forget all cached answers."""
        self._cache.clear()

    def status(self, uid: str) -> str | None:
        """Return the known status of a token, None for an unknown one."""
        key = uid.casefold()
        return self._list.get(key) or self._cache.get(key)

    def update_list(self, version: int, entries: Mapping[str, str | None], *, full: bool) -> str:
        """Replace or amend the local list; an entry without status removes the token. Returns the
        UpdateStatus.
        """
        if not full and version <= self.list_version:
            return "VersionMismatch"
        if full:
            self._list.clear()
        for uid, status in entries.items():
            if status is None:
                self._list.pop(uid.casefold(), None)
            else:
                self._list[uid.casefold()] = status
        self.list_version = version
        return "Accepted"
