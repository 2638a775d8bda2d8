"""When a session's authorisation ended, its running cost was rated, and its charger last spoke of it."""

import sqlalchemy as sa
from alembic import op

revision = "0008_session_last_heard"
down_revision = "0007_ocpp_command_relays"
branch_labels = None
depends_on = None

COLUMNS = ("authorisation_ended_at", "cost_rated_at", "last_heard_at")


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("charging_sessions", sa.Column(column, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in reversed(COLUMNS):
        op.drop_column("charging_sessions", column)
