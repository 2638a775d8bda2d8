"""`voltlane export-schema`: the GraphQL schema as SDL."""

from pathlib import Path

from bff.schema import schema


def run_export_schema(file: Path | None) -> None:
    """Write the schema to a file, or print it."""
    sdl = schema.as_str() + "\n"
    if file is None:
        print(sdl, end="")
    else:
        file.write_text(sdl)
