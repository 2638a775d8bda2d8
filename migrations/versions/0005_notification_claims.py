"""When a worker's claim on a notification ends."""

import sqlalchemy as sa
from alembic import op

revision = "0005_notification_claims"
down_revision = "0004_station_text_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notifications", sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("notifications", "claimed_until")
