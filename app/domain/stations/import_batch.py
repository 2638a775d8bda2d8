"""One transaction of an import: read what is stored, insert what is new, update what differs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table, any_, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from app.domain.stations.import_values import (
    Values,
    changes,
    connector_values,
    evse_values,
    location_changes,
    location_values,
)
from app.domain.stations.importing.model import ImportedEvse, ImportedLocation, ImportNote, Source
from app.domain.stations.tables import Connector, Evse, Location
from app.kit.clock import Clock
from app.kit.ids import new_id

Stored = dict[tuple[Any, ...], dict[str, Any]]


@dataclass(slots=True)
class Counts:
    """How many rows were created, updated, or already as wanted."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.created + other.created, self.updated + other.updated, self.unchanged + other.unchanged)


@dataclass(slots=True)
class _Change:
    """The rows of one table to insert and to update."""

    counts: Counts
    new: list[Values]
    changed: list[Values]

    def create(self, values: Values) -> UUID:
        """Plan a new row and return its id."""
        row_id = new_id()
        self.new.append({"id": row_id, **values})
        self.counts.created += 1
        return row_id

    def keep(self, stored: dict[str, Any], differing: Values) -> UUID:
        """Plan the update of a stored row, if anything differs, and return its id."""
        row_id: UUID = stored["id"]
        if differing:
            self.changed.append({"id": row_id, **differing})
            self.counts.updated += 1
        else:
            self.counts.unchanged += 1
        return row_id

    def want(self, stored: dict[str, Any] | None, values: Values) -> UUID:
        """Plan a row with these values and return its id."""
        return self.create(values) if stored is None else self.keep(stored, changes(stored, values))


class BatchWriter:
    """Writes the locations of one batch and counts what it did."""

    def __init__(self, session: AsyncSession, source: Source, clock: Clock) -> None:
        self._session = session
        self._source = source
        self._clock = clock
        self.locations = Counts()
        self.evses = Counts()
        self.connectors = Counts()
        self.notes: list[ImportNote] = []

    async def write(self, batch: Sequence[ImportedLocation]) -> None:
        """Bring the stored rows to what the batch says."""
        location_ids = await self._write_locations(batch)
        pairs = [(location, evse, location_ids[location.source_id]) for location in batch for evse in location.evses]
        evse_ids = await self._write_evses(pairs)
        await self._write_connectors([(evse, evse_id) for (_, evse, _), evse_id in zip(pairs, evse_ids, strict=True)])

    async def _write_locations(self, batch: Sequence[ImportedLocation]) -> dict[str, UUID]:
        stored = await self._stored(
            Location,
            (Location.source_id,),
            Location.source == self._source,
            _among(Location.source_id, {location.source_id for location in batch}),
        )
        change = _Change(self.locations, [], [])
        ids: dict[str, UUID] = {}
        for location in batch:
            row = stored.get((location.source_id,))
            ids[location.source_id] = (
                change.create(location_values(location))
                if row is None
                else change.keep(row, location_changes(row, location))
            )
        now = self._clock.now()
        for values in (*change.new, *change.changed):
            values["updated_at"] = now
        await self._apply(Location, change)
        return ids

    async def _write_evses(self, pairs: Sequence[tuple[ImportedLocation, ImportedEvse, UUID]]) -> list[UUID]:
        stored = await self._stored(
            Evse, (Evse.location_id, Evse.source_uid), _among(Evse.location_id, {pair[2] for pair in pairs})
        )
        wanted = [evse_values(evse, location_id) for _, evse, location_id in pairs]
        await self._give_up_taken_codes(pairs, wanted)
        change = _Change(self.evses, [], [])
        ids = [change.want(stored.get((v["location_id"], v["source_uid"])), v) for v in wanted]
        await self._apply(Evse, change)
        return ids

    async def _give_up_taken_codes(
        self, pairs: Sequence[tuple[ImportedLocation, ImportedEvse, UUID]], wanted: list[Values]
    ) -> None:
        """Leave out a code that another EVSE of the tenant bears: a sticker must lead to one EVSE."""
        codes = {values["code_normalized"] for values in wanted} - {None}
        rows = await self._session.execute(
            select(Evse.code_normalized, Evse.location_id, Evse.source_uid).where(_among(Evse.code_normalized, codes))
        )
        bearers = {code: (location_id, source_uid) for code, location_id, source_uid in rows}
        for (location, evse, _), values in zip(pairs, wanted, strict=True):
            code, key = values["code_normalized"], (values["location_id"], values["source_uid"])
            if code is not None and bearers.setdefault(code, key) != key:
                values["evse_code"] = values["code_normalized"] = None
                self.notes.append(
                    ImportNote(location.line, "evse_id", f"{evse.evse_id} belongs to another EVSE: left out")
                )

    async def _write_connectors(self, pairs: Sequence[tuple[ImportedEvse, UUID]]) -> None:
        stored = await self._stored(
            Connector, (Connector.evse_id, Connector.number), _among(Connector.evse_id, {pair[1] for pair in pairs})
        )
        change = _Change(self.connectors, [], [])
        for evse, evse_id in pairs:
            for connector in evse.connectors:
                change.want(stored.get((evse_id, connector.number)), connector_values(connector, evse_id))
        await self._apply(Connector, change)

    async def _stored(self, table: type[Any], key: Sequence[Any], *where: Any) -> Stored:
        columns = [column for column in table.__table__.c if column.name != "position"]
        rows = (await self._session.execute(select(*columns).where(*where))).mappings()
        return {tuple(row[column.key] for column in key): dict(row) for row in rows}

    async def _apply(self, table: type[Any], change: _Change) -> None:
        target: Table = table.__table__
        if change.new:
            await self._session.execute(insert(target), change.new)
        for values in change.changed:
            row_id = values.pop("id")
            statement = update(target).where(target.c.id == bindparam("row_id")).values(values)
            await self._session.execute(statement, {"row_id": row_id})


def _among(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Return `column = any(array)`: one parameter however many values, so the statement is prepared once."""
    array = bindparam(None, list(values), type_=ARRAY(column.type))
    among: ColumnElement[bool] = column == any_(array)
    return among
