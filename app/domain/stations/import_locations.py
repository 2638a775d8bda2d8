"""Store a register: one use case that brings locations, EVSEs and connectors to what the register says.

It is idempotent: rows that already say the same are not touched, so a second run changes nothing. Live
status, charger assignment, tariffs and publication are never touched. What is gone from the file stays, for
sessions and chargers may hang on it, and is reported.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from app.db.uow import Database, UnitOfWork
from app.domain.stations.import_batch import BatchWriter, Counts
from app.domain.stations.import_values import too_long
from app.domain.stations.importing.model import ImportedLocation, ImportNote, RejectedRow, Source
from app.domain.stations.tables import Location
from app.kit.clock import Clock

BATCH_SIZE = 500
"""Locations a transaction."""


@dataclass(slots=True)
class ImportReport:
    """What an import did. `notes` are corrections made to imported rows, `missing` the stored ids not in
    the file.
    """

    locations: Counts = field(default_factory=Counts)
    evses: Counts = field(default_factory=Counts)
    connectors: Counts = field(default_factory=Counts)
    rejected: list[RejectedRow] = field(default_factory=list)
    notes: list[ImportNote] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def changed_nothing(self) -> bool:
        """Whether every row was stored already."""
        return not any(c.created or c.updated for c in (self.locations, self.evses, self.connectors))


async def import_locations(
    database: Database,
    tenant_id: UUID,
    source: Source,
    rows: Iterable[ImportedLocation | RejectedRow],
    *,
    clock: Clock,
    on_progress: Callable[[int], None] = lambda rows_done: None,
    batch_size: int = BATCH_SIZE,
) -> ImportReport:
    """Store parsed rows of one source, `batch_size` locations a transaction.

    `on_progress` gets the number of rows done so far after each batch. A batch that fails raises; the
    batches before it are stored, and the next run continues from there.
    """
    report = ImportReport()
    seen: set[str] = set()
    rows_done = 0
    for batch in _batches(rows, batch_size):
        checked = [_checked(row) for row in batch]
        locations = [row for row in checked if isinstance(row, ImportedLocation)]
        report.rejected.extend(row for row in checked if isinstance(row, RejectedRow))
        if locations:
            outcome = await database.transact(tenant_id, _store(locations, source, clock))
            report.locations += outcome.locations
            report.evses += outcome.evses
            report.connectors += outcome.connectors
            report.notes.extend(note for location in locations for note in location.notes)
            report.notes.extend(outcome.notes)
            seen.update(location.source_id for location in locations)
        rows_done += len(batch)
        on_progress(rows_done)
    if not report.changed_nothing:
        async with database.unit_of_work(tenant_id) as uow:
            await uow.session.execute(text("select voltlane_refresh_station_statistics()"))
    report.missing = await _missing(database, tenant_id, source, seen)
    return report


def _checked(row: ImportedLocation | RejectedRow) -> ImportedLocation | RejectedRow:
    """Refuse a location that the tables cannot hold, so that it does not cost its batch."""
    if isinstance(row, RejectedRow) or (fault := too_long(row)) is None:
        return row
    field_name, reason = fault
    return RejectedRow(row.line, reason, field_name)


def _store(locations: list[ImportedLocation], source: Source, clock: Clock) -> Callable[[UnitOfWork], Any]:
    async def work(uow: UnitOfWork) -> BatchWriter:
        # Imports of one source follow each other; two at once would insert the same rows.
        key = {"key": f"import {source} {uow.tenant_id}"}
        await uow.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)
        writer = BatchWriter(uow.session, source, clock)
        await writer.write(locations)
        return writer

    return work


def _batches(
    rows: Iterable[ImportedLocation | RejectedRow], size: int
) -> Iterator[list[ImportedLocation | RejectedRow]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


async def _missing(database: Database, tenant_id: UUID, source: Source, seen: set[str]) -> list[str]:
    """Return the stored ids of the source that the file lacks, within the networks the file speaks of."""
    networks = {_network(source_id) for source_id in seen}
    async with database.read(tenant_id) as session:
        stored = await session.scalars(
            select(Location.source_id).where(Location.source == source).order_by(Location.source_id)
        )
        return [s for s in stored if s not in seen and _network(s) in networks]


def _network(source_id: str) -> str:
    """Return the network before the colon of an OCPI id; ids of the registers have none."""
    return source_id.rpartition(":")[0]
