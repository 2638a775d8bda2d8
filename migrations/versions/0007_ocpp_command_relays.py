"""Commands on their way to the process that owns a charger's socket."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import APP, BRIDGE, grant, separate_tenants

revision = "0007_ocpp_command_relays"
down_revision = "0006_detached_cards"
branch_labels = None
depends_on = None

TABLE = "ocpp_command_relays"
STATES = ("QUEUED", "SENT", "ACCEPTED", "REJECTED", "TIMED_OUT", "OFFLINE", "FAILED")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("charger_id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("payload", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("timeout_seconds", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="commandstate", native_enum=False, length=40), nullable=False),
        sa.Column("outcome", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "tenant_id", sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["charger_id"], ["chargers.id"], name=op.f("fk_ocpp_command_relays_charger_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_ocpp_command_relays_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ocpp_command_relays")),
    )
    op.create_index(op.f("ix_ocpp_command_relays_tenant_id"), TABLE, ["tenant_id"], unique=False)
    separate_tenants(TABLE)
    for role in (APP, BRIDGE):
        grant(role, "select, insert, update, delete", [TABLE])


def downgrade() -> None:
    op.drop_index(op.f("ix_ocpp_command_relays_tenant_id"), table_name=TABLE)
    op.drop_table(TABLE)
