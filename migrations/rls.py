"""Row-level security and grants, as every migration that adds a table applies them.

`voltlane_app` is the role of the API and the worker, `voltlane_bridge` that of the OCPP bridge. Neither owns a table
nor bypasses a policy; both see the rows of the tenant set in their transaction, and nothing where none is set.
"""

from collections.abc import Sequence

from alembic import op

APP = "voltlane_app"
BRIDGE = "voltlane_bridge"
_OWN_TENANT = "tenant_id = nullif(current_setting('app.tenant', true), '')::uuid"


def separate_tenants(table: str) -> None:
    """Enable and force row-level security on a table, with the one policy both server roles share."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(
        f"create policy own_tenant on {table} to {APP}, {BRIDGE} using ({_OWN_TENANT}) with check ({_OWN_TENANT})"
    )


def grant(role: str, rights: str, tables: Sequence[str]) -> None:
    """Grant rights on tables to a role."""
    op.execute(f"grant {rights} on {', '.join(tables)} to {role}")


def refuse_changes(table: str) -> None:
    """Make a table append-only for everyone, the owner included."""
    op.execute(
        f"create trigger append_only before update or delete or truncate on {table} "
        "for each statement execute function voltlane_refuse_change()"
    )
