"""Writes the schema as SDL: `python -m bff.export [FILE]`; `graphql/schema.graphql` by default."""

import sys
from pathlib import Path

from bff.schema import schema

SDL_FILE = Path(__file__).parent.parent / "schema.graphql"


def sdl() -> str:
    """Return the schema as text, with one newline at its end."""
    return schema.as_str().rstrip("\n") + "\n"


if __name__ == "__main__":
    (Path(sys.argv[1]) if len(sys.argv) > 1 else SDL_FILE).write_text(sdl())
