"""Station search under row-level security: free text by trigram index, statistics after an import.

LIKE is not leakproof: under a policy PostgreSQL may not push it into the index. The function runs as the tables'
owner, for whom one policy opens the locations for reading, and filters the tenant of the transaction itself.

Without statistics the planner sorts all locations instead of walking the position index, and autovacuum comes up to a
minute late. Only an owner may analyse a table, so that too is a function.
"""

from alembic import op

from migrations.rls import APP, BRIDGE

revision = "0004_station_text_search"
down_revision = "0003_row_level_security"
branch_labels = None
depends_on = None

LOCATIONS_WITH_TEXT = """
create function voltlane_locations_with_text(patterns text[]) returns setof uuid
language sql stable security definer rows 200 set search_path = pg_catalog, public as $$
    select l.id from locations l
    where l.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
        and l.search_text like patterns[1]
        and (select bool_and(l.search_text like pattern) from unnest(patterns) as pattern)
$$
"""

REFRESH_STATISTICS = """
create function voltlane_refresh_station_statistics() returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    analyze locations, evses, connectors;
end
$$
"""


def upgrade() -> None:
    op.execute("create policy searched_by_text on locations for select to current_user using (true)")
    op.execute(LOCATIONS_WITH_TEXT)
    op.execute("revoke all on function voltlane_locations_with_text(text[]) from public")
    op.execute(f"grant execute on function voltlane_locations_with_text(text[]) to {APP}, {BRIDGE}")
    op.execute(REFRESH_STATISTICS)
    op.execute("revoke all on function voltlane_refresh_station_statistics() from public")
    op.execute(f"grant execute on function voltlane_refresh_station_statistics() to {APP}")


def downgrade() -> None:
    op.execute("drop function voltlane_refresh_station_statistics()")
    op.execute("drop function voltlane_locations_with_text(text[])")
    op.execute("drop policy searched_by_text on locations")
