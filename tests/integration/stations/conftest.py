"""The carried sample in the database, and a small network with chargers, for the tests of stations."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.stations.import_locations import ImportReport, import_locations
from app.domain.stations.importing.bnetza import parse_bnetza
from app.domain.stations.importing.model import ImportedConnector, ImportedEvse, ImportedLocation
from tests.fakes.clock import FrozenClock

SAMPLE = Path(__file__).parents[3] / "app" / "server" / "data" / "bnetza_sample.csv.gz"

Importer = Callable[..., Any]


def imported(source_id: str, latitude: str = "52.5", longitude: str = "13.4", **changes: Any) -> ImportedLocation:
    """Return a location of one EVSE with one 50 kW connector of unknown standard."""
    location = ImportedLocation(
        source="ocpi",
        source_id=source_id,
        line=1,
        name=f"Site {source_id}",
        operator_name="Operator",
        address="Street 1",
        city="City",
        postal_code="10115",
        country="DE",
        latitude=Decimal(latitude),
        longitude=Decimal(longitude),
        time_zone="Europe/Berlin",
        access=None,
        opening_hours=None,
        evses=(
            ImportedEvse(
                "1", (ImportedConnector(1, max_power_w=50_000),), evse_id=f"DE*T*E{source_id}*1", max_power_w=50_000
            ),
        ),
    )
    return replace(location, **changes)


async def store(database: Database, tenant: Tenant, *locations: Any, **options: Any) -> ImportReport:
    """Import the locations as source `ocpi`."""
    options.setdefault("clock", FrozenClock())
    return await import_locations(database, tenant.id, "ocpi", locations, **options)


@pytest.fixture
async def sample_network(app_db: Database, tenant: Tenant) -> Database:
    """The database with the carried sample of 2,466 sites."""
    await import_locations(app_db, tenant.id, "bnetza", parse_bnetza(SAMPLE), clock=FrozenClock())
    return app_db
