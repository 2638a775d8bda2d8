"""Alembic's entry: runs the migrations over a connection that the caller opened as the owner of the tables."""

from alembic import context
from sqlalchemy.dialects.postgresql.base import ischema_names

from migrations.metadata import metadata
from migrations.types import Cube

ischema_names["cube"] = Cube


def _include_object(item: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
    """Leave PgQueuer's own tables and sequences out of comparisons."""
    return not (kind in ("table", "index") and reflected and name is not None and "pgqueuer" in name)


def run() -> None:
    """Run with the connection in the configuration's attributes."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        include_object=_include_object,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
