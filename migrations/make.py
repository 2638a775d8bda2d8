"""`python -m migrations.make "what changes"`: write the next numbered migration against a throw-away database."""

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from app.db.embedded import OWNER_ROLE, ensure_roles_and_database, start_embedded
from migrations import runner


async def _make(message: str, folder: Path) -> None:
    versions = Path(__file__).parent / "versions"
    number = len(list(versions.glob("[0-9]*.py"))) + 1
    slug = re.sub(r"\W+", "_", message.lower()).strip("_")[:40]
    server = start_embedded(folder)
    try:
        await ensure_roles_and_database(server)
        url = server.url(OWNER_ROLE)
        await runner.upgrade(url)
        await runner.autogenerate(url, message, f"{number:04d}_{slug}")
    finally:
        server.stop()


def main() -> None:
    """Make the migration in a temporary data folder."""
    with tempfile.TemporaryDirectory(prefix="voltlane-migration-") as folder:
        Path(folder).chmod(0o755)
        asyncio.run(_make(sys.argv[1], Path(folder)))


if __name__ == "__main__":
    main()
