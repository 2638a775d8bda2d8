"""Reading of register files: plain or gzip, UTF-8 with stray Windows-1252 bytes, CSV rows with their line
numbers.
"""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.domain.stations.importing.model import RejectedRow
from app.kit.errors import InvalidInputError

_GZIP_MAGIC = b"\x1f\x8b"
_FALLBACK = "voltlane-windows-1252"

Record = tuple[int, list[str]] | RejectedRow  # physical line and fields


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One record with the physical line it begins on (the header is line 1)."""

    line: int
    values: Mapping[str, str]


@contextmanager
def open_text(path: Path) -> Iterator[io.TextIOWrapper]:
    """Open a plain or gzip file as text.

    A byte that is not UTF-8 is read as Windows-1252, so one badly encoded row does not cost the file. Raises
    InvalidInputError when a gzip file turns out to be damaged or cut off.
    """
    with path.open("rb") as raw:
        zipped = raw.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
        raw.seek(0)
        with io.TextIOWrapper(
            gzip.GzipFile(fileobj=raw) if zipped else raw, encoding="utf-8-sig", errors=_FALLBACK, newline=""
        ) as stream:
            try:
                yield stream
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise InvalidInputError(f"{path.name} is a damaged gzip file: {error}", field="file") from error


def read_csv(path: Path, required: frozenset[str]) -> Iterator[CsvRow | RejectedRow]:
    """Yield the records of a CSV file; a record with too few or too many fields is rejected.

    Raises InvalidInputError when a required column is missing: then it is another kind of file.
    """
    with open_text(path) as stream:
        records = _records(stream)
        first = next(records, None)
        header = [name.strip() for name in first[1]] if isinstance(first, tuple) else []
        missing = sorted(required - set(header))
        if missing:
            raise InvalidInputError(f"{path.name} lacks the columns {', '.join(missing)}", field="file")
        yield from (_row(record, header) for record in records)


def _row(record: Record, header: list[str]) -> CsvRow | RejectedRow:
    if isinstance(record, RejectedRow):
        return record
    line, fields = record
    if len(fields) != len(header):
        return RejectedRow(line, f"{len(fields)} fields instead of {len(header)}")
    return CsvRow(line, dict(zip(header, fields, strict=True)))


def _records(stream: io.TextIOWrapper) -> Iterator[Record]:
    reader = csv.reader(stream)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield RejectedRow(line, f"not readable as CSV: {error}")
            continue
        if fields:
            yield line, fields


def _read_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error(_FALLBACK, _read_as_windows_1252)
