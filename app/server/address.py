"""Where chargers reach the server of a data folder, noted while it serves for the commands that run beside it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.kit.settings import Settings


@contextmanager
def noted_address(settings: Settings) -> Iterator[None]:
    """Note the server's address for as long as it serves; nothing is noted where the data folder is not used."""
    file = _file(settings)
    if not file.parent.is_dir():
        yield
        return
    note = json.dumps({"url": settings.base_url})
    file.write_text(note)
    try:
        yield
    finally:
        # Another process of the folder may have noted its own since.
        if file.exists() and file.read_text() == note:
            file.unlink(missing_ok=True)


def charger_address(settings: Settings) -> str:
    """Return the address to set on chargers: the public one, else that of the running server, else the default."""
    if settings.public_url is None:
        try:
            return str(json.loads(_file(settings).read_text())["url"])
        except (OSError, ValueError, KeyError):
            pass
    return settings.base_url


def _file(settings: Settings) -> Path:
    return settings.data_dir / "ocpp-endpoint.json"
