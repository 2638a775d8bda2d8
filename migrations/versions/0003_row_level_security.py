"""Tenants separated in the database, rights of the server's roles, append-only books."""

from alembic import op
from sqlalchemy import text

from migrations.rls import APP, BRIDGE, grant, refuse_changes, separate_tenants

revision = "0003_row_level_security"
down_revision = "0002_jobs"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "events",
    "audit_entries",
    "ledger_transactions",
    "ledger_entries",
    "billing_documents",
    "tariff_snapshots",
)
JOB_TABLES = ("pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics")

BRIDGE_READS = (
    "tenants",
    "locations",
    "tariffs",
    "debts",
    "payment_methods",
    "payments",
    "devices",
    "session_ratings",
)
BRIDGE_INSERTS = ("events", "tariff_snapshots", "ocpp_frames")
BRIDGE_WRITES = (
    "chargers",
    "evses",
    "connectors",
    "charging_sessions",
    "session_phases",
    "unbound_transactions",
    "incidents",
    "quarantined_messages",
    "id_tokens",
    "reservations",
    "notifications",
    "answered_calls",
    "charger_variables",
    "charger_commands",
)

REFUSE_CHANGE = """
create function voltlane_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'restrict_violation';
end
$$
"""

LEDGER_BALANCE = """
create function voltlane_ledger_balances() returns trigger language plpgsql as $$
begin
    if (select sum(amount_minor) from ledger_entries where transaction_id = new.transaction_id) <> 0 then
        raise exception 'the entries of ledger transaction % do not sum to zero', new.transaction_id
            using errcode = 'check_violation';
    end if;
    return null;
end
$$
"""


def _tenant_tables() -> list[str]:
    rows = op.get_bind().execute(
        text("select table_name from information_schema.columns where column_name = 'tenant_id' "
             "and table_schema = 'public' order by 1")
    )
    return [row[0] for row in rows]


def upgrade() -> None:
    tables = _tenant_tables()
    for table in tables:
        separate_tenants(table)
    changeable = [table for table in tables if table not in APPEND_ONLY and table != "meter_readings"]
    grant(APP, "select", ["tenants", *tables])
    grant(APP, "insert", tables)
    grant(APP, "update, delete", changeable)
    grant(APP, "insert, update", ["tenants"])
    for role in (APP, BRIDGE):
        grant(role, "select", ["alembic_version"])
    grant(BRIDGE, "select", [*BRIDGE_READS, *BRIDGE_INSERTS, *BRIDGE_WRITES, "meter_readings"])
    grant(BRIDGE, "select (id, tenant_id, kind, locale, disabled_at)", ["drivers"])
    grant(BRIDGE, "insert", [*BRIDGE_INSERTS, *BRIDGE_WRITES, "meter_readings"])
    grant(BRIDGE, "update", BRIDGE_WRITES)
    grant(BRIDGE, "delete", ["answered_calls"])
    # A reading is never changed; only what it is bound to and derived from it may be filled in later.
    for role in (APP, BRIDGE):
        grant(role, "update (session_id, energy_wh, suspect_reason)", ["meter_readings"])
        grant(role, "select, insert, update, delete", JOB_TABLES)
        op.execute(f"grant usage on all sequences in schema public to {role}")
    # The bridge serves the sockets of all tenants: it may find and mark any charger, and log frames of many at once.
    op.execute(f"create policy any_charger_seen on chargers for select to {BRIDGE} using (true)")
    op.execute(f"create policy any_charger_marked on chargers for update to {BRIDGE} using (true) with check (true)")
    op.execute(f"create policy any_frame_logged on ocpp_frames for insert to {BRIDGE} with check (true)")
    op.execute(REFUSE_CHANGE)
    for table in APPEND_ONLY:
        refuse_changes(table)
    op.execute(LEDGER_BALANCE)
    op.execute(
        "create constraint trigger ledger_balances after insert on ledger_entries "
        "deferrable initially deferred for each row execute function voltlane_ledger_balances()"
    )


def downgrade() -> None:
    op.execute("drop trigger ledger_balances on ledger_entries")
    op.execute("drop function voltlane_ledger_balances()")
    for table in APPEND_ONLY:
        op.execute(f"drop trigger append_only on {table}")
    op.execute("drop function voltlane_refuse_change()")
    op.execute("drop policy any_frame_logged on ocpp_frames")
    op.execute("drop policy any_charger_marked on chargers")
    op.execute("drop policy any_charger_seen on chargers")
    tables = _tenant_tables()
    for role in (APP, BRIDGE):
        op.execute(f"revoke all on all tables in schema public from {role}")
        op.execute(f"revoke select (id, tenant_id, kind, locale, disabled_at) on drivers from {role}")
        op.execute(f"revoke update (session_id, energy_wh, suspect_reason) on meter_readings from {role}")
        op.execute(f"revoke usage on all sequences in schema public from {role}")
    for table in tables:
        op.execute(f"drop policy own_tenant on {table}")
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable row level security")
