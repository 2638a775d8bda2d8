"""Imports every tables module, so that the metadata is whole wherever migrations are made or checked."""

from importlib import import_module

from app.db.base import Base

TABLE_MODULES = (
    "app.db.tables",
    "app.domain.charging.tables",
    "app.domain.drivers.tables",
    "app.domain.operators.tables",
    "app.domain.pricing.tables",
    "app.domain.reservations.tables",
    "app.domain.stations.tables",
    "notifications.tables",
    "ocpp_bridge.tables",
    "payments.tables",
)
"""Every module that declares tables."""

for _module in TABLE_MODULES:
    import_module(_module)

metadata = Base.metadata
