"""`voltlane import`: a register's stations into the database, with a progress bar and a report of what was skipped."""

import asyncio
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.domain.stations.import_locations import ImportReport, import_locations
from app.domain.stations.importing.registers import PARSERS
from app.kit.clock import SystemClock
from app.server.cli.common import console, open_tenant

_SHOWN_AT_MOST = 20


def run_import(register: str, file: Path, *, data_dir: Path | None, tenant: str | None) -> None:
    """Import a file and print what was done and which rows were skipped, by line and reason."""
    report = asyncio.run(_import(register, file, data_dir, tenant))
    _print(report)


async def _import(register: str, file: Path, data_dir: Path | None, tenant: str | None) -> ImportReport:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    async with open_tenant(data_dir, tenant) as (_, databases, tenant_id):
        with Progress(*columns, console=console) as progress:
            task = progress.add_task(f"Importing {file.name}", total=None)
            report = await import_locations(
                databases.app,
                tenant_id,
                register,  # type: ignore[arg-type]
                PARSERS[register](file),  # type: ignore[index]
                clock=SystemClock(),
                on_progress=lambda done: progress.update(task, completed=done),
            )
            done = progress.tasks[task].completed
            progress.update(task, total=done)
    return report


def _print(report: ImportReport) -> None:
    table = Table("", "created", "updated", "unchanged")
    for name, counts in (
        ("locations", report.locations),
        ("EVSEs", report.evses),
        ("connectors", report.connectors),
    ):
        table.add_row(name, str(counts.created), str(counts.updated), str(counts.unchanged))
    console.print(table)
    for row in report.rejected[:_SHOWN_AT_MOST]:
        where = f" ({row.field})" if row.field else ""
        console.print(f"skipped line {row.line}{where}: {row.reason}", markup=False, highlight=False)
    if len(report.rejected) > _SHOWN_AT_MOST:
        console.print(f"… and {len(report.rejected) - _SHOWN_AT_MOST} more")
    console.print(
        f"{len(report.rejected)} rows skipped, {len(report.notes)} corrected, "
        f"{len(report.missing)} stored ones are not in the file."
    )
    if report.changed_nothing:
        console.print("Nothing changed: everything was stored already.")
