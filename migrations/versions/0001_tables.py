"""The tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.types import Cube

revision = '0001_tables'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for extension in ('btree_gist', 'cube', 'pg_trgm'):
        op.execute(f'create extension if not exists {extension}')
    op.execute('create sequence ocpp_transaction_numbers start with 100001 maxvalue 2147483647')
    op.execute('create sequence ocpp_reservation_numbers start with 1001 maxvalue 2147483647')
    op.create_table('tenants',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(length=63), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('hosts', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('time_zone', sa.String(), nullable=False),
    sa.Column('locale', sa.String(length=10), server_default='de', nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('seller_name', sa.String(), nullable=False),
    sa.Column('seller_address', sa.String(), nullable=False),
    sa.Column('seller_vat_id', sa.String(), nullable=False),
    sa.Column('support_contact', sa.String(), nullable=False),
    sa.Column('stripe_account', sa.String(), nullable=True),
    sa.Column('default_hold_minor', sa.BigInteger(), nullable=True),
    sa.Column('allow_self_registration', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tenants')),
    sa.UniqueConstraint('slug', name=op.f('uq_tenants_slug'))
    )
    op.create_table('attempt_counters',
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('window_started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('count', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_attempt_counters_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt_counters')),
    sa.UniqueConstraint('tenant_id', 'key', name=op.f('uq_attempt_counters_tenant_id_key'))
    )
    op.create_index(op.f('ix_attempt_counters_tenant_id'), 'attempt_counters', ['tenant_id'], unique=False)
    op.create_table('audit_entries',
    sa.Column('operator_id', sa.Uuid(), nullable=True),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('operation', sa.String(length=80), nullable=False),
    sa.Column('subject', sa.String(), nullable=True),
    sa.Column('input', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('outcome', sa.String(length=60), nullable=False),
    sa.Column('request_id', sa.String(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_audit_entries_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    op.create_index('ix_audit_entries_tenant_created', 'audit_entries', ['tenant_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_audit_entries_tenant_id'), 'audit_entries', ['tenant_id'], unique=False)
    op.create_table('drivers',
    sa.Column('kind', sa.Enum('ACCOUNT', 'GUEST', name='driverkind', native_enum=False, length=40), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('email_verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('password_hash', sa.String(), nullable=True),
    sa.Column('name', sa.String(), nullable=True),
    sa.Column('locale', sa.String(length=10), server_default='de', nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_drivers_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drivers')),
    sa.UniqueConstraint('tenant_id', 'email', name=op.f('uq_drivers_tenant_id_email'))
    )
    op.create_index(op.f('ix_drivers_tenant_id'), 'drivers', ['tenant_id'], unique=False)
    op.create_table('events',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('aggregate_type', sa.String(length=40), nullable=False),
    sa.Column('aggregate_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('type', sa.String(length=60), nullable=False),
    sa.Column('payload', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_events_tenant_id')),
    sa.PrimaryKeyConstraint('aggregate_id', 'seq', name=op.f('pk_events'))
    )
    op.create_index('ix_events_tenant_occurred', 'events', ['tenant_id', 'occurred_at'], unique=False)
    op.create_table('idempotency_keys',
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('operation', sa.String(length=60), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('request_hash', sa.String(length=64), nullable=False),
    sa.Column('result', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_idempotency_keys_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idempotency_keys')),
    sa.UniqueConstraint('tenant_id', 'actor', 'operation', 'key', name=op.f('uq_idempotency_keys_tenant_id_actor_operation_key'))
    )
    op.create_index(op.f('ix_idempotency_keys_tenant_id'), 'idempotency_keys', ['tenant_id'], unique=False)
    op.create_table('number_series',
    sa.Column('series', sa.String(length=20), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('last_number', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_number_series_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_number_series')),
    sa.UniqueConstraint('tenant_id', 'series', 'year', name=op.f('uq_number_series_tenant_id_series_year'))
    )
    op.create_index(op.f('ix_number_series_tenant_id'), 'number_series', ['tenant_id'], unique=False)
    op.create_table('operators',
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('password_hash', sa.String(), nullable=False),
    sa.Column('role', sa.Enum('OWNER', 'MANAGER', 'SUPPORT', 'READ_ONLY', name='operatorrole', native_enum=False, length=40), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_operators_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_operators')),
    sa.UniqueConstraint('tenant_id', 'email', name=op.f('uq_operators_tenant_id_email'))
    )
    op.create_index(op.f('ix_operators_tenant_id'), 'operators', ['tenant_id'], unique=False)
    op.create_table('refresh_tokens',
    sa.Column('subject_kind', sa.Enum('DRIVER', 'OPERATOR', name='subjectkind', native_enum=False, length=40), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('family_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('device', sa.String(length=120), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_refresh_tokens_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refresh_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_refresh_tokens_token_hash'))
    )
    op.create_index('ix_refresh_tokens_family_id', 'refresh_tokens', ['family_id'], unique=False)
    op.create_index('ix_refresh_tokens_subject', 'refresh_tokens', ['subject_kind', 'subject_id'], unique=False)
    op.create_index(op.f('ix_refresh_tokens_tenant_id'), 'refresh_tokens', ['tenant_id'], unique=False)
    op.create_table('tariffs',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('version', sa.BigInteger(), server_default='1', nullable=False),
    sa.Column('content', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('is_default', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_tariffs_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tariffs'))
    )
    op.create_index(op.f('ix_tariffs_tenant_id'), 'tariffs', ['tenant_id'], unique=False)
    op.create_index('uq_tariffs_default', 'tariffs', ['tenant_id'], unique=True, postgresql_where=sa.text('is_default'))
    op.create_table('webhook_events',
    sa.Column('event_id', sa.String(length=80), nullable=False),
    sa.Column('type', sa.String(length=80), nullable=False),
    sa.Column('object_id', sa.String(length=80), nullable=True),
    sa.Column('processed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=80), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_webhook_events_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_events')),
    sa.UniqueConstraint('tenant_id', 'event_id', name=op.f('uq_webhook_events_tenant_id_event_id'))
    )
    op.create_index(op.f('ix_webhook_events_tenant_id'), 'webhook_events', ['tenant_id'], unique=False)
    op.create_table('card_setups',
    sa.Column('driver_id', sa.Uuid(), nullable=False),
    sa.Column('processor_id', sa.String(length=80), nullable=True),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_card_setups_driver_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_card_setups_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card_setups')),
    sa.UniqueConstraint('processor_id', name=op.f('uq_card_setups_processor_id'))
    )
    op.create_index(op.f('ix_card_setups_driver_id'), 'card_setups', ['driver_id'], unique=False)
    op.create_index(op.f('ix_card_setups_tenant_id'), 'card_setups', ['tenant_id'], unique=False)
    op.create_table('customers',
    sa.Column('driver_id', sa.Uuid(), nullable=False),
    sa.Column('processor_id', sa.String(length=80), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_customers_driver_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_customers_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customers')),
    sa.UniqueConstraint('driver_id', name=op.f('uq_customers_driver_id')),
    sa.UniqueConstraint('processor_id', name=op.f('uq_customers_processor_id'))
    )
    op.create_index(op.f('ix_customers_tenant_id'), 'customers', ['tenant_id'], unique=False)
    op.create_table('devices',
    sa.Column('driver_id', sa.Uuid(), nullable=False),
    sa.Column('token', sa.String(length=4096), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('platform', sa.Enum('IOS', 'ANDROID', 'WEB', name='platform', native_enum=False, length=40), nullable=False),
    sa.Column('locale', sa.String(length=10), nullable=False),
    sa.Column('app_version', sa.String(length=30), nullable=True),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_devices_driver_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_devices_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_devices')),
    sa.UniqueConstraint('tenant_id', 'token_hash', name=op.f('uq_devices_tenant_id_token_hash'))
    )
    op.create_index(op.f('ix_devices_driver_id'), 'devices', ['driver_id'], unique=False)
    op.create_index(op.f('ix_devices_tenant_id'), 'devices', ['tenant_id'], unique=False)
    op.create_table('driver_identities',
    sa.Column('driver_id', sa.Uuid(), nullable=False),
    sa.Column('provider', sa.String(length=30), nullable=False),
    sa.Column('subject', sa.String(length=128), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_driver_identities_driver_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_driver_identities_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_driver_identities')),
    sa.UniqueConstraint('tenant_id', 'provider', 'subject', name=op.f('uq_driver_identities_tenant_id_provider_subject'))
    )
    op.create_index(op.f('ix_driver_identities_driver_id'), 'driver_identities', ['driver_id'], unique=False)
    op.create_index(op.f('ix_driver_identities_tenant_id'), 'driver_identities', ['tenant_id'], unique=False)
    op.create_table('id_tokens',
    sa.Column('uid', sa.String(length=255), nullable=False),
    sa.Column('type', sa.String(length=20), server_default='ISO14443', nullable=False),
    sa.Column('driver_id', sa.Uuid(), nullable=True),
    sa.Column('label', sa.String(length=80), nullable=True),
    sa.Column('blocked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('free_of_charge', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_id_tokens_driver_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_id_tokens_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_id_tokens')),
    sa.UniqueConstraint('tenant_id', 'uid', name=op.f('uq_id_tokens_tenant_id_uid'))
    )
    op.create_index(op.f('ix_id_tokens_driver_id'), 'id_tokens', ['driver_id'], unique=False)
    op.create_index(op.f('ix_id_tokens_tenant_id'), 'id_tokens', ['tenant_id'], unique=False)
    op.create_table('locations',
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('source_id', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('operator_name', sa.String(), nullable=True),
    sa.Column('address', sa.String(), nullable=True),
    sa.Column('city', sa.String(), nullable=True),
    sa.Column('postal_code', sa.String(length=20), nullable=True),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('latitude', sa.Numeric(precision=9, scale=6), nullable=False),
    sa.Column('longitude', sa.Numeric(precision=9, scale=6), nullable=False),
    sa.Column('position', Cube(), nullable=False),
    sa.Column('time_zone', sa.String(length=60), nullable=False),
    sa.Column('access', sa.Enum('PUBLIC', 'CUSTOMERS', 'RESTRICTED', 'PRIVATE', name='accesstype', native_enum=False, length=40), nullable=True),
    sa.Column('opening_hours', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('photos', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('amenities', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('directions', sa.String(), nullable=True),
    sa.Column('max_power_w', sa.BigInteger(), nullable=True),
    sa.Column('tariff_id', sa.Uuid(), nullable=True),
    sa.Column('search_text', sa.String(), server_default='', nullable=False),
    sa.Column('published', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariffs.id'], name=op.f('fk_locations_tariff_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_locations_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_locations')),
    sa.UniqueConstraint('tenant_id', 'source', 'source_id', name=op.f('uq_locations_tenant_id_source_source_id'))
    )
    op.create_index('ix_locations_position', 'locations', ['position'], unique=False, postgresql_using='gist')
    op.create_index('ix_locations_search_text', 'locations', ['search_text'], unique=False, postgresql_using='gin', postgresql_ops={'search_text': 'gin_trgm_ops'})
    op.create_index(op.f('ix_locations_tenant_id'), 'locations', ['tenant_id'], unique=False)
    op.create_table('notification_preferences',
    sa.Column('driver_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_notification_preferences_driver_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_notification_preferences_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification_preferences')),
    sa.UniqueConstraint('driver_id', 'kind', name=op.f('uq_notification_preferences_driver_id_kind'))
    )
    op.create_index(op.f('ix_notification_preferences_tenant_id'), 'notification_preferences', ['tenant_id'], unique=False)
    op.create_table('notifications',
    sa.Column('driver_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('payload', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('dedupe_key', sa.String(length=200), nullable=False),
    sa.Column('state', sa.Enum('PENDING', 'SENT', 'SUPPRESSED', 'FAILED', name='notificationstate', native_enum=False, length=40), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('detail', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_notifications_driver_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_notifications_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notifications')),
    sa.UniqueConstraint('tenant_id', 'dedupe_key', name=op.f('uq_notifications_tenant_id_dedupe_key'))
    )
    op.create_index('ix_notifications_driver_created', 'notifications', ['driver_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_notifications_tenant_id'), 'notifications', ['tenant_id'], unique=False)
    op.create_table('one_time_tokens',
    sa.Column('driver_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.Enum('VERIFY_EMAIL', 'RESET_PASSWORD', name='tokenpurpose', native_enum=False, length=40), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_one_time_tokens_driver_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_one_time_tokens_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_one_time_tokens_token_hash'))
    )
    op.create_index(op.f('ix_one_time_tokens_driver_id'), 'one_time_tokens', ['driver_id'], unique=False)
    op.create_index(op.f('ix_one_time_tokens_tenant_id'), 'one_time_tokens', ['tenant_id'], unique=False)
    op.create_table('payment_methods',
    sa.Column('driver_id', sa.Uuid(), nullable=False),
    sa.Column('processor_id', sa.String(length=80), nullable=False),
    sa.Column('brand', sa.String(length=30), nullable=False),
    sa.Column('last4', sa.String(length=4), nullable=False),
    sa.Column('exp_month', sa.Integer(), nullable=False),
    sa.Column('exp_year', sa.Integer(), nullable=False),
    sa.Column('is_default', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_payment_methods_driver_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_payment_methods_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_methods')),
    sa.UniqueConstraint('tenant_id', 'processor_id', name=op.f('uq_payment_methods_tenant_id_processor_id'))
    )
    op.create_index(op.f('ix_payment_methods_driver_id'), 'payment_methods', ['driver_id'], unique=False)
    op.create_index(op.f('ix_payment_methods_tenant_id'), 'payment_methods', ['tenant_id'], unique=False)
    op.create_index('uq_payment_methods_default', 'payment_methods', ['driver_id'], unique=True, postgresql_where=sa.text('is_default and removed_at is null'))
    op.create_table('tariff_snapshots',
    sa.Column('tariff_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('content', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariffs.id'], name=op.f('fk_tariff_snapshots_tariff_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_tariff_snapshots_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tariff_snapshots')),
    sa.UniqueConstraint('tenant_id', 'tariff_id', 'content_hash', name=op.f('uq_tariff_snapshots_tenant_id_tariff_id_content_hash'))
    )
    op.create_index(op.f('ix_tariff_snapshots_tenant_id'), 'tariff_snapshots', ['tenant_id'], unique=False)
    op.create_table('chargers',
    sa.Column('identity', sa.String(length=48), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=True),
    sa.Column('password_hash', sa.String(), nullable=True),
    sa.Column('security_profile', sa.BigInteger(), server_default='1', nullable=False),
    sa.Column('allow_missing_subprotocol', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('registration', sa.Enum('ACCEPTED', 'PENDING', 'REJECTED', name='registrationstatus', native_enum=False, length=40), server_default='ACCEPTED', nullable=False),
    sa.Column('ocpp_version', sa.Enum('ocpp1.6', 'ocpp2.0.1', 'ocpp2.1', name='ocppversion', native_enum=False, length=40), nullable=True),
    sa.Column('vendor', sa.String(), nullable=True),
    sa.Column('model', sa.String(), nullable=True),
    sa.Column('serial_number', sa.String(), nullable=True),
    sa.Column('firmware_version', sa.String(), nullable=True),
    sa.Column('connected', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('generation', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('node', sa.String(), nullable=True),
    sa.Column('connected_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('disconnected_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('booted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('clock_skew_seconds', sa.BigInteger(), nullable=True),
    sa.Column('operative', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('fault_code', sa.String(), nullable=True),
    sa.Column('violations', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('last_violation', sa.String(), nullable=True),
    sa.Column('seq', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_chargers_location_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_chargers_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chargers')),
    sa.UniqueConstraint('tenant_id', 'identity', name=op.f('uq_chargers_tenant_id_identity'))
    )
    op.create_index(op.f('ix_chargers_location_id'), 'chargers', ['location_id'], unique=False)
    op.create_index(op.f('ix_chargers_tenant_id'), 'chargers', ['tenant_id'], unique=False)
    op.create_table('notification_deliveries',
    sa.Column('notification_id', sa.Uuid(), nullable=False),
    sa.Column('device_id', sa.Uuid(), nullable=False),
    sa.Column('outcome', sa.String(length=30), nullable=False),
    sa.Column('message_id', sa.String(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['notification_id'], ['notifications.id'], name=op.f('fk_notification_deliveries_notification_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_notification_deliveries_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification_deliveries')),
    sa.UniqueConstraint('notification_id', 'device_id', name=op.f('uq_notification_deliveries_notification_id_device_id'))
    )
    op.create_index(op.f('ix_notification_deliveries_tenant_id'), 'notification_deliveries', ['tenant_id'], unique=False)
    op.create_table('answered_calls',
    sa.Column('charger_id', sa.Uuid(), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('message_id', sa.String(length=255), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('answer', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['charger_id'], ['chargers.id'], name=op.f('fk_answered_calls_charger_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_answered_calls_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answered_calls')),
    sa.UniqueConstraint('charger_id', 'digest', name=op.f('uq_answered_calls_charger_id_digest'))
    )
    op.create_index('ix_answered_calls_tenant_created', 'answered_calls', ['tenant_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_answered_calls_tenant_id'), 'answered_calls', ['tenant_id'], unique=False)
    op.create_table('charger_variables',
    sa.Column('charger_id', sa.Uuid(), nullable=False),
    sa.Column('component', sa.String(length=200), server_default='', nullable=False),
    sa.Column('variable', sa.String(length=200), nullable=False),
    sa.Column('attribute', sa.String(length=20), server_default='Actual', nullable=False),
    sa.Column('value', sa.String(), nullable=True),
    sa.Column('readonly', sa.Boolean(), nullable=True),
    sa.Column('wanted', sa.String(), nullable=True),
    sa.Column('refusal', sa.String(length=60), nullable=True),
    sa.Column('reported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['charger_id'], ['chargers.id'], name=op.f('fk_charger_variables_charger_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_charger_variables_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_charger_variables')),
    sa.UniqueConstraint('charger_id', 'component', 'variable', 'attribute', name=op.f('uq_charger_variables_charger_id_component_variable_attribute'))
    )
    op.create_index(op.f('ix_charger_variables_tenant_id'), 'charger_variables', ['tenant_id'], unique=False)
    op.create_table('evses',
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('source_uid', sa.String(length=120), nullable=False),
    sa.Column('evse_code', sa.String(length=60), nullable=True),
    sa.Column('code_normalized', sa.String(length=60), nullable=True),
    sa.Column('physical_reference', sa.String(length=60), nullable=True),
    sa.Column('charger_id', sa.Uuid(), nullable=True),
    sa.Column('ocpp_evse_no', sa.BigInteger(), nullable=True),
    sa.Column('status', sa.Enum('AVAILABLE', 'OCCUPIED', 'CHARGING', 'RESERVED', 'UNAVAILABLE', 'FAULTED', 'UNKNOWN', name='evsestatus', native_enum=False, length=40), server_default='UNKNOWN', nullable=False),
    sa.Column('ocpp_status', sa.String(length=40), nullable=True),
    sa.Column('status_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fault_code', sa.String(), nullable=True),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('operative', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('max_power_w', sa.BigInteger(), nullable=True),
    sa.Column('seq', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['charger_id'], ['chargers.id'], name=op.f('fk_evses_charger_id')),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_evses_location_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_evses_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evses')),
    sa.UniqueConstraint('charger_id', 'ocpp_evse_no', name=op.f('uq_evses_charger_id_ocpp_evse_no')),
    sa.UniqueConstraint('location_id', 'source_uid', name=op.f('uq_evses_location_id_source_uid')),
    sa.UniqueConstraint('tenant_id', 'code_normalized', name=op.f('uq_evses_tenant_id_code_normalized'))
    )
    op.create_index(op.f('ix_evses_charger_id'), 'evses', ['charger_id'], unique=False)
    op.create_index(op.f('ix_evses_location_id'), 'evses', ['location_id'], unique=False)
    op.create_index(op.f('ix_evses_tenant_id'), 'evses', ['tenant_id'], unique=False)
    op.create_index('ix_evses_tenant_status', 'evses', ['tenant_id', 'status'], unique=False)
    op.create_table('ocpp_frames',
    sa.Column('charger_id', sa.Uuid(), nullable=False),
    sa.Column('incoming', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('frame', sa.String(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['charger_id'], ['chargers.id'], name=op.f('fk_ocpp_frames_charger_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_ocpp_frames_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ocpp_frames'))
    )
    op.create_index('ix_ocpp_frames_charger_at', 'ocpp_frames', ['charger_id', 'at'], unique=False)
    op.create_index(op.f('ix_ocpp_frames_tenant_id'), 'ocpp_frames', ['tenant_id'], unique=False)
    op.create_table('connectors',
    sa.Column('evse_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('standard', sa.Enum('IEC_62196_T1', 'IEC_62196_T1_COMBO', 'IEC_62196_T2', 'IEC_62196_T2_COMBO', 'IEC_62196_T3A', 'IEC_62196_T3C', 'CHADEMO', 'TESLA_S', 'TESLA_R', 'NACS', 'DOMESTIC_E', 'DOMESTIC_F', 'GBT_AC', 'GBT_DC', 'OTHER', name='connectorstandard', native_enum=False, length=40), nullable=True),
    sa.Column('format', sa.Enum('SOCKET', 'CABLE', name='connectorformat', native_enum=False, length=40), nullable=True),
    sa.Column('power_type', sa.Enum('AC_1_PHASE', 'AC_2_PHASE', 'AC_3_PHASE', 'DC', name='powertype', native_enum=False, length=40), nullable=True),
    sa.Column('max_power_w', sa.BigInteger(), nullable=True),
    sa.Column('tariff_id', sa.Uuid(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['evse_id'], ['evses.id'], name=op.f('fk_connectors_evse_id')),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariffs.id'], name=op.f('fk_connectors_tariff_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_connectors_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_connectors')),
    sa.UniqueConstraint('evse_id', 'number', name=op.f('uq_connectors_evse_id_number'))
    )
    op.create_index(op.f('ix_connectors_evse_id'), 'connectors', ['evse_id'], unique=False)
    op.create_index(op.f('ix_connectors_tenant_id'), 'connectors', ['tenant_id'], unique=False)
    op.create_table('unbound_transactions',
    sa.Column('charger_id', sa.Uuid(), nullable=False),
    sa.Column('transaction_id', sa.String(length=40), nullable=False),
    sa.Column('evse_no', sa.BigInteger(), nullable=True),
    sa.Column('connector_no', sa.BigInteger(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('register_wh', sa.BigInteger(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['charger_id'], ['chargers.id'], name=op.f('fk_unbound_transactions_charger_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_unbound_transactions_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unbound_transactions')),
    sa.UniqueConstraint('charger_id', 'transaction_id', name=op.f('uq_unbound_transactions_charger_id_transaction_id'))
    )
    op.create_index(op.f('ix_unbound_transactions_tenant_id'), 'unbound_transactions', ['tenant_id'], unique=False)
    op.create_table('reservations',
    sa.Column('driver_id', sa.Uuid(), nullable=False),
    sa.Column('evse_id', sa.Uuid(), nullable=False),
    sa.Column('charger_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Enum('PENDING', 'ACTIVE', 'CONSUMED', 'CANCELLED', 'EXPIRED', 'REJECTED', name='reservationstate', native_enum=False, length=40), nullable=False),
    sa.Column('ocpp_reservation_id', sa.BigInteger(), server_default=sa.text("nextval('ocpp_reservation_numbers')"), nullable=False),
    sa.Column('id_token', sa.String(length=20), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rejection', sa.String(length=60), nullable=True),
    sa.Column('reminder_sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('charger_cleared_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('seq', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    postgresql.ExcludeConstraint((sa.column('evse_id'), '='), (sa.text('tstzrange(starts_at, expires_at)'), '&&'), where=sa.text("state in ('PENDING', 'ACTIVE')"), using='gist', name='ex_reservations_overlap'),
    sa.CheckConstraint('expires_at > starts_at', name=op.f('ck_reservations_ends_after_start')),
    sa.ForeignKeyConstraint(['charger_id'], ['chargers.id'], name=op.f('fk_reservations_charger_id')),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_reservations_driver_id')),
    sa.ForeignKeyConstraint(['evse_id'], ['evses.id'], name=op.f('fk_reservations_evse_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_reservations_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reservations'))
    )
    op.create_index(op.f('ix_reservations_driver_id'), 'reservations', ['driver_id'], unique=False)
    op.create_index(op.f('ix_reservations_evse_id'), 'reservations', ['evse_id'], unique=False)
    op.create_index('ix_reservations_state_expires', 'reservations', ['state', 'expires_at'], unique=False)
    op.create_index(op.f('ix_reservations_tenant_id'), 'reservations', ['tenant_id'], unique=False)
    op.create_table('charging_sessions',
    sa.Column('state', sa.Enum('PENDING_PAYMENT', 'PENDING_ACTION', 'PENDING_CHARGER', 'START_UNCERTAIN', 'ACTIVE', 'PARKING', 'SETTLING', 'COMPLETED', 'FAILED', 'CANCELLED', 'REVIEW', name='sessionstate', native_enum=False, length=40), nullable=False),
    sa.Column('start_method', sa.Enum('APP', 'GUEST', 'RFID', 'UNKNOWN', name='startmethod', native_enum=False, length=40), nullable=False),
    sa.Column('driver_id', sa.Uuid(), nullable=True),
    sa.Column('id_token_id', sa.Uuid(), nullable=True),
    sa.Column('charger_id', sa.Uuid(), nullable=True),
    sa.Column('evse_id', sa.Uuid(), nullable=True),
    sa.Column('connector_id', sa.Uuid(), nullable=True),
    sa.Column('location_id', sa.Uuid(), nullable=True),
    sa.Column('reservation_id', sa.Uuid(), nullable=True),
    sa.Column('historical', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('time_zone', sa.String(length=60), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('tariff_snapshot_id', sa.Uuid(), nullable=True),
    sa.Column('free_of_charge', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('hold_minor', sa.BigInteger(), nullable=True),
    sa.Column('start_token', sa.String(length=36), nullable=True),
    sa.Column('remote_start_id', sa.BigInteger(), nullable=True),
    sa.Column('ocpp_transaction_id', sa.String(length=40), nullable=True),
    sa.Column('start_key', sa.String(length=64), nullable=True),
    sa.Column('payment_method_id', sa.Uuid(), nullable=True),
    sa.Column('max_energy_wh', sa.BigInteger(), nullable=True),
    sa.Column('max_cost_minor', sa.BigInteger(), nullable=True),
    sa.Column('max_duration_seconds', sa.BigInteger(), nullable=True),
    sa.Column('max_soc', sa.BigInteger(), nullable=True),
    sa.Column('deadline_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('start_sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('transaction_started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('energy_ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stop_requested_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stop_requested_reason', sa.Enum('DRIVER', 'LOCAL', 'REMOTE', 'OPERATOR', 'LIMIT_ENERGY', 'LIMIT_COST', 'LIMIT_TIME', 'LIMIT_SOC', 'HOLD_REACHED', 'EV_DISCONNECTED', 'DEAUTHORIZED', 'FAULT', 'POWER_LOSS', 'STOP_LOST', 'OTHER', name='stopreason', native_enum=False, length=40), nullable=True),
    sa.Column('stop_reason', sa.Enum('DRIVER', 'LOCAL', 'REMOTE', 'OPERATOR', 'LIMIT_ENERGY', 'LIMIT_COST', 'LIMIT_TIME', 'LIMIT_SOC', 'HOLD_REACHED', 'EV_DISCONNECTED', 'DEAUTHORIZED', 'FAULT', 'POWER_LOSS', 'STOP_LOST', 'OTHER', name='stopreason', native_enum=False, length=40), nullable=True),
    sa.Column('failure', sa.Enum('CARD_DECLINED', 'NO_PAYMENT_METHOD', 'AUTHENTICATION_ABANDONED', 'PAYMENT_UNAVAILABLE', 'CHARGER_OFFLINE', 'CHARGER_REJECTED', 'CHARGER_DID_NOT_START', 'CHARGER_FAULTED', 'CANCELLED_BY_DRIVER', name='failurecode', native_enum=False, length=40), nullable=True),
    sa.Column('failure_detail', sa.String(), nullable=True),
    sa.Column('charging_state', sa.Enum('CHARGING', 'EV_CONNECTED', 'SUSPENDED_EV', 'SUSPENDED_EVSE', 'IDLE', name='chargingstate', native_enum=False, length=40), nullable=True),
    sa.Column('meter_start_wh', sa.BigInteger(), nullable=True),
    sa.Column('meter_last_wh', sa.BigInteger(), nullable=True),
    sa.Column('meter_last_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('meter_stop_wh', sa.BigInteger(), nullable=True),
    sa.Column('energy_wh', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('energy_estimated', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('power_w', sa.BigInteger(), nullable=True),
    sa.Column('soc_percent', sa.BigInteger(), nullable=True),
    sa.Column('last_reading_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cost_net_minor', sa.BigInteger(), nullable=True),
    sa.Column('cost_gross_minor', sa.BigInteger(), nullable=True),
    sa.Column('suspect', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('suspect_reason', sa.String(), nullable=True),
    sa.Column('refused_as', sa.Enum('Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx', 'NoCredit', name='authorization', native_enum=False, length=40), nullable=True),
    sa.Column('last_seq_no', sa.BigInteger(), nullable=True),
    sa.Column('seq_no_gap', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('seq', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint('energy_wh >= 0', name=op.f('ck_charging_sessions_energy_not_negative')),
    sa.ForeignKeyConstraint(['charger_id'], ['chargers.id'], name=op.f('fk_charging_sessions_charger_id')),
    sa.ForeignKeyConstraint(['connector_id'], ['connectors.id'], name=op.f('fk_charging_sessions_connector_id')),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_charging_sessions_driver_id')),
    sa.ForeignKeyConstraint(['evse_id'], ['evses.id'], name=op.f('fk_charging_sessions_evse_id')),
    sa.ForeignKeyConstraint(['id_token_id'], ['id_tokens.id'], name=op.f('fk_charging_sessions_id_token_id')),
    sa.ForeignKeyConstraint(['location_id'], ['locations.id'], name=op.f('fk_charging_sessions_location_id')),
    sa.ForeignKeyConstraint(['reservation_id'], ['reservations.id'], name=op.f('fk_charging_sessions_reservation_id')),
    sa.ForeignKeyConstraint(['tariff_snapshot_id'], ['tariff_snapshots.id'], name=op.f('fk_charging_sessions_tariff_snapshot_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_charging_sessions_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_charging_sessions')),
    sa.UniqueConstraint('charger_id', 'ocpp_transaction_id', name=op.f('uq_charging_sessions_charger_id_ocpp_transaction_id')),
    sa.UniqueConstraint('charger_id', 'start_key', name=op.f('uq_charging_sessions_charger_id_start_key'))
    )
    op.create_index('ix_charging_sessions_start_token', 'charging_sessions', ['charger_id', 'start_token'], unique=False)
    op.create_index('ix_charging_sessions_remote_start', 'charging_sessions', ['charger_id', 'remote_start_id'], unique=False)
    op.create_index(op.f('ix_charging_sessions_charger_id'), 'charging_sessions', ['charger_id'], unique=False)
    op.create_index('ix_charging_sessions_driver_created', 'charging_sessions', ['driver_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_charging_sessions_driver_id'), 'charging_sessions', ['driver_id'], unique=False)
    op.create_index(op.f('ix_charging_sessions_evse_id'), 'charging_sessions', ['evse_id'], unique=False)
    op.create_index('ix_charging_sessions_state_deadline', 'charging_sessions', ['state', 'deadline_at'], unique=False)
    op.create_index(op.f('ix_charging_sessions_tenant_id'), 'charging_sessions', ['tenant_id'], unique=False)
    op.create_index('uq_charging_sessions_live_evse', 'charging_sessions', ['evse_id'], unique=True, postgresql_where=sa.text("state in ('ACTIVE', 'PARKING', 'PENDING_ACTION', 'PENDING_CHARGER', 'PENDING_PAYMENT', 'START_UNCERTAIN') and not historical"))
    op.create_table('billing_documents',
    sa.Column('kind', sa.Enum('RECEIPT', 'CREDIT_NOTE', name='documentkind', native_enum=False, length=40), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('driver_id', sa.Uuid(), nullable=True),
    sa.Column('refund_key', sa.String(length=120), nullable=True),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('vat_minor', sa.BigInteger(), nullable=False),
    sa.Column('gross_minor', sa.BigInteger(), nullable=False),
    sa.Column('content', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_billing_documents_driver_id')),
    sa.ForeignKeyConstraint(['session_id'], ['charging_sessions.id'], name=op.f('fk_billing_documents_session_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_billing_documents_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_billing_documents')),
    sa.UniqueConstraint('tenant_id', 'number', name=op.f('uq_billing_documents_tenant_id_number')),
    sa.UniqueConstraint('tenant_id', 'refund_key', name=op.f('uq_billing_documents_tenant_id_refund_key'))
    )
    op.create_index(op.f('ix_billing_documents_driver_id'), 'billing_documents', ['driver_id'], unique=False)
    op.create_index(op.f('ix_billing_documents_session_id'), 'billing_documents', ['session_id'], unique=False)
    op.create_index(op.f('ix_billing_documents_tenant_id'), 'billing_documents', ['tenant_id'], unique=False)
    op.create_index('uq_billing_documents_receipt', 'billing_documents', ['session_id'], unique=True, postgresql_where=sa.text("kind = 'RECEIPT'"))
    op.create_table('charger_commands',
    sa.Column('charger_id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=True),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('payload', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('requested_by', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('QUEUED', 'SENT', 'ACCEPTED', 'REJECTED', 'TIMED_OUT', 'OFFLINE', 'FAILED', name='commandstate', native_enum=False, length=40), nullable=False),
    sa.Column('answer', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('detail', sa.String(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['charger_id'], ['chargers.id'], name=op.f('fk_charger_commands_charger_id')),
    sa.ForeignKeyConstraint(['session_id'], ['charging_sessions.id'], name=op.f('fk_charger_commands_session_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_charger_commands_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_charger_commands'))
    )
    op.create_index(op.f('ix_charger_commands_charger_id'), 'charger_commands', ['charger_id'], unique=False)
    op.create_index(op.f('ix_charger_commands_session_id'), 'charger_commands', ['session_id'], unique=False)
    op.create_index(op.f('ix_charger_commands_tenant_id'), 'charger_commands', ['tenant_id'], unique=False)
    op.create_table('debts',
    sa.Column('driver_id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('state', sa.Enum('OPEN', 'PAID', 'WAIVED', name='debtstate', native_enum=False, length=40), nullable=False),
    sa.Column('intent_id', sa.String(length=80), nullable=True),
    sa.Column('attempt', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_debts_driver_id')),
    sa.ForeignKeyConstraint(['session_id'], ['charging_sessions.id'], name=op.f('fk_debts_session_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_debts_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_debts')),
    sa.UniqueConstraint('session_id', name=op.f('uq_debts_session_id'))
    )
    op.create_index(op.f('ix_debts_driver_id'), 'debts', ['driver_id'], unique=False)
    op.create_index(op.f('ix_debts_tenant_id'), 'debts', ['tenant_id'], unique=False)
    op.create_table('incidents',
    sa.Column('kind', sa.Enum('UNKNOWN_STOP', 'UNKNOWN_TRANSACTION', 'IMPLAUSIBLE_METER', 'METER_FELL', 'STOP_LOST', 'LATE_START', 'SEQUENCE_GAP', 'CLOCK_DRIFT', 'PAYMENT_MISMATCH', 'PAYMENT_EXPIRED', 'WRITTEN_OFF', 'CHARGER_FAULT', 'UNUSABLE_MESSAGE', name='incidentkind', native_enum=False, length=40), nullable=False),
    sa.Column('charger_id', sa.Uuid(), nullable=True),
    sa.Column('session_id', sa.Uuid(), nullable=True),
    sa.Column('dedupe_key', sa.String(length=200), nullable=False),
    sa.Column('detail', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_by', sa.Uuid(), nullable=True),
    sa.Column('resolution', sa.String(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['charger_id'], ['chargers.id'], name=op.f('fk_incidents_charger_id')),
    sa.ForeignKeyConstraint(['session_id'], ['charging_sessions.id'], name=op.f('fk_incidents_session_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_incidents_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incidents')),
    sa.UniqueConstraint('tenant_id', 'dedupe_key', name=op.f('uq_incidents_tenant_id_dedupe_key'))
    )
    op.create_index(op.f('ix_incidents_charger_id'), 'incidents', ['charger_id'], unique=False)
    op.create_index(op.f('ix_incidents_session_id'), 'incidents', ['session_id'], unique=False)
    op.create_index(op.f('ix_incidents_tenant_id'), 'incidents', ['tenant_id'], unique=False)
    op.create_table('ledger_transactions',
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['charging_sessions.id'], name=op.f('fk_ledger_transactions_session_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_ledger_transactions_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_transactions')),
    sa.UniqueConstraint('tenant_id', 'key', name=op.f('uq_ledger_transactions_tenant_id_key'))
    )
    op.create_index(op.f('ix_ledger_transactions_session_id'), 'ledger_transactions', ['session_id'], unique=False)
    op.create_index(op.f('ix_ledger_transactions_tenant_id'), 'ledger_transactions', ['tenant_id'], unique=False)
    op.create_table('meter_readings',
    sa.Column('session_id', sa.Uuid(), nullable=True),
    sa.Column('charger_id', sa.Uuid(), nullable=False),
    sa.Column('transaction_id', sa.String(length=40), nullable=True),
    sa.Column('evse_no', sa.BigInteger(), nullable=True),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('raw_timestamp', sa.String(length=64), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('context', sa.String(length=40), nullable=True),
    sa.Column('register_wh', sa.BigInteger(), nullable=True),
    sa.Column('energy_wh', sa.BigInteger(), nullable=True),
    sa.Column('power_w', sa.BigInteger(), nullable=True),
    sa.Column('soc_percent', sa.BigInteger(), nullable=True),
    sa.Column('suspect_reason', sa.String(), nullable=True),
    sa.Column('samples', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['charger_id'], ['chargers.id'], name=op.f('fk_meter_readings_charger_id')),
    sa.ForeignKeyConstraint(['session_id'], ['charging_sessions.id'], name=op.f('fk_meter_readings_session_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_meter_readings_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meter_readings'))
    )
    op.create_index('ix_meter_readings_session_taken', 'meter_readings', ['session_id', 'taken_at'], unique=False)
    op.create_index(op.f('ix_meter_readings_tenant_id'), 'meter_readings', ['tenant_id'], unique=False)
    op.create_index('uq_meter_readings_content', 'meter_readings', ['charger_id', 'taken_at', 'digest'], unique=True)
    op.create_table('payments',
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('driver_id', sa.Uuid(), nullable=True),
    sa.Column('payment_method_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Enum('CREATED', 'REQUIRES_ACTION', 'AUTHORISED', 'CAPTURING', 'CAPTURED', 'RELEASING', 'RELEASED', 'FAILED', 'DEBT', 'REFUNDED', 'DISPUTED', name='paymentstate', native_enum=False, length=40), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('hold_minor', sa.BigInteger(), nullable=False),
    sa.Column('attempt', sa.BigInteger(), server_default='1', nullable=False),
    sa.Column('intent_id', sa.String(length=80), nullable=True),
    sa.Column('extra_intent_id', sa.String(length=80), nullable=True),
    sa.Column('captured_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('refunded_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('invoiced_minor', sa.BigInteger(), nullable=True),
    sa.Column('waived_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('capture_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('card_brand', sa.String(length=30), nullable=True),
    sa.Column('card_last4', sa.String(length=4), nullable=True),
    sa.Column('failure_code', sa.String(length=80), nullable=True),
    sa.Column('seq', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint('captured_minor >= 0 and refunded_minor >= 0', name=op.f('ck_payments_not_negative')),
    sa.CheckConstraint('refunded_minor <= captured_minor', name=op.f('ck_payments_never_refund_more_than_captured')),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_payments_driver_id')),
    sa.ForeignKeyConstraint(['payment_method_id'], ['payment_methods.id'], name=op.f('fk_payments_payment_method_id')),
    sa.ForeignKeyConstraint(['session_id'], ['charging_sessions.id'], name=op.f('fk_payments_session_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_payments_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payments')),
    sa.UniqueConstraint('session_id', name=op.f('uq_payments_session_id'))
    )
    op.create_index(op.f('ix_payments_driver_id'), 'payments', ['driver_id'], unique=False)
    op.create_index('ix_payments_state', 'payments', ['state'], unique=False)
    op.create_index(op.f('ix_payments_tenant_id'), 'payments', ['tenant_id'], unique=False)
    op.create_index('uq_payments_tenant_intent', 'payments', ['tenant_id', 'intent_id'], unique=True)
    op.create_table('session_phases',
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('charging_state', sa.Enum('CHARGING', 'EV_CONNECTED', 'SUSPENDED_EV', 'SUSPENDED_EVSE', 'IDLE', name='chargingstate', native_enum=False, length=40), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['charging_sessions.id'], name=op.f('fk_session_phases_session_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_session_phases_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_phases')),
    sa.UniqueConstraint('session_id', 'began_at', 'charging_state', name=op.f('uq_session_phases_session_id_began_at_charging_state'))
    )
    op.create_index(op.f('ix_session_phases_session_id'), 'session_phases', ['session_id'], unique=False)
    op.create_index(op.f('ix_session_phases_tenant_id'), 'session_phases', ['tenant_id'], unique=False)
    op.create_table('session_ratings',
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('vat_minor', sa.BigInteger(), nullable=False),
    sa.Column('gross_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('exact_gross', sa.Numeric(precision=30, scale=15), nullable=True),
    sa.Column('detail', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['charging_sessions.id'], name=op.f('fk_session_ratings_session_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_session_ratings_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_ratings')),
    sa.UniqueConstraint('session_id', name=op.f('uq_session_ratings_session_id'))
    )
    op.create_index(op.f('ix_session_ratings_tenant_id'), 'session_ratings', ['tenant_id'], unique=False)
    op.create_table('ledger_entries',
    sa.Column('transaction_id', sa.Uuid(), nullable=False),
    sa.Column('account', sa.Enum('DRIVER_RECEIVABLE', 'REVENUE', 'VAT_PAYABLE', 'PROCESSOR', 'WRITE_OFF', name='ledgeraccount', native_enum=False, length=40), nullable=False),
    sa.Column('driver_id', sa.Uuid(), nullable=True),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['driver_id'], ['drivers.id'], name=op.f('fk_ledger_entries_driver_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_ledger_entries_tenant_id')),
    sa.ForeignKeyConstraint(['transaction_id'], ['ledger_transactions.id'], name=op.f('fk_ledger_entries_transaction_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entries'))
    )
    op.create_index(op.f('ix_ledger_entries_driver_id'), 'ledger_entries', ['driver_id'], unique=False)
    op.create_index(op.f('ix_ledger_entries_tenant_id'), 'ledger_entries', ['tenant_id'], unique=False)
    op.create_index(op.f('ix_ledger_entries_transaction_id'), 'ledger_entries', ['transaction_id'], unique=False)
    op.create_table('payment_operations',
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('operation', sa.String(length=30), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=True),
    sa.Column('request', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('result', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('error', sa.String(), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_payment_operations_payment_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_payment_operations_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_operations')),
    sa.UniqueConstraint('key', name=op.f('uq_payment_operations_key'))
    )
    op.create_index(op.f('ix_payment_operations_payment_id'), 'payment_operations', ['payment_id'], unique=False)
    op.create_index(op.f('ix_payment_operations_tenant_id'), 'payment_operations', ['tenant_id'], unique=False)
    op.create_table('quarantined_messages',
    sa.Column('charger_id', sa.Uuid(), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('payload', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('incident_id', sa.Uuid(), nullable=True),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['charger_id'], ['chargers.id'], name=op.f('fk_quarantined_messages_charger_id')),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_quarantined_messages_incident_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_quarantined_messages_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quarantined_messages')),
    sa.UniqueConstraint('charger_id', 'digest', name=op.f('uq_quarantined_messages_charger_id_digest'))
    )
    op.create_index(op.f('ix_quarantined_messages_charger_id'), 'quarantined_messages', ['charger_id'], unique=False)
    op.create_index(op.f('ix_quarantined_messages_tenant_id'), 'quarantined_messages', ['tenant_id'], unique=False)
    op.create_table('refunds',
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('requested_by', sa.String(), nullable=False),
    sa.Column('processor_id', sa.String(length=80), nullable=True),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failure_code', sa.String(length=80), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant')::uuid"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_refunds_payment_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_refunds_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refunds')),
    sa.UniqueConstraint('tenant_id', 'key', name=op.f('uq_refunds_tenant_id_key'))
    )
    op.create_index(op.f('ix_refunds_payment_id'), 'refunds', ['payment_id'], unique=False)
    op.create_index(op.f('ix_refunds_tenant_id'), 'refunds', ['tenant_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_refunds_tenant_id'), table_name='refunds')
    op.drop_index(op.f('ix_refunds_payment_id'), table_name='refunds')
    op.drop_table('refunds')
    op.drop_index(op.f('ix_quarantined_messages_tenant_id'), table_name='quarantined_messages')
    op.drop_index(op.f('ix_quarantined_messages_charger_id'), table_name='quarantined_messages')
    op.drop_table('quarantined_messages')
    op.drop_index(op.f('ix_payment_operations_tenant_id'), table_name='payment_operations')
    op.drop_index(op.f('ix_payment_operations_payment_id'), table_name='payment_operations')
    op.drop_table('payment_operations')
    op.drop_index(op.f('ix_ledger_entries_transaction_id'), table_name='ledger_entries')
    op.drop_index(op.f('ix_ledger_entries_tenant_id'), table_name='ledger_entries')
    op.drop_index(op.f('ix_ledger_entries_driver_id'), table_name='ledger_entries')
    op.drop_table('ledger_entries')
    op.drop_index(op.f('ix_session_ratings_tenant_id'), table_name='session_ratings')
    op.drop_table('session_ratings')
    op.drop_index(op.f('ix_session_phases_tenant_id'), table_name='session_phases')
    op.drop_index(op.f('ix_session_phases_session_id'), table_name='session_phases')
    op.drop_table('session_phases')
    op.drop_index('uq_payments_tenant_intent', table_name='payments')
    op.drop_index(op.f('ix_payments_tenant_id'), table_name='payments')
    op.drop_index('ix_payments_state', table_name='payments')
    op.drop_index(op.f('ix_payments_driver_id'), table_name='payments')
    op.drop_table('payments')
    op.drop_index('uq_meter_readings_content', table_name='meter_readings')
    op.drop_index(op.f('ix_meter_readings_tenant_id'), table_name='meter_readings')
    op.drop_index('ix_meter_readings_session_taken', table_name='meter_readings')
    op.drop_table('meter_readings')
    op.drop_index(op.f('ix_ledger_transactions_tenant_id'), table_name='ledger_transactions')
    op.drop_index(op.f('ix_ledger_transactions_session_id'), table_name='ledger_transactions')
    op.drop_table('ledger_transactions')
    op.drop_index(op.f('ix_incidents_tenant_id'), table_name='incidents')
    op.drop_index(op.f('ix_incidents_session_id'), table_name='incidents')
    op.drop_index(op.f('ix_incidents_charger_id'), table_name='incidents')
    op.drop_table('incidents')
    op.drop_index(op.f('ix_debts_tenant_id'), table_name='debts')
    op.drop_index(op.f('ix_debts_driver_id'), table_name='debts')
    op.drop_table('debts')
    op.drop_index(op.f('ix_charger_commands_tenant_id'), table_name='charger_commands')
    op.drop_index(op.f('ix_charger_commands_session_id'), table_name='charger_commands')
    op.drop_index(op.f('ix_charger_commands_charger_id'), table_name='charger_commands')
    op.drop_table('charger_commands')
    op.drop_index('uq_billing_documents_receipt', table_name='billing_documents', postgresql_where=sa.text("kind = 'RECEIPT'"))
    op.drop_index(op.f('ix_billing_documents_tenant_id'), table_name='billing_documents')
    op.drop_index(op.f('ix_billing_documents_session_id'), table_name='billing_documents')
    op.drop_index(op.f('ix_billing_documents_driver_id'), table_name='billing_documents')
    op.drop_table('billing_documents')
    op.drop_index('uq_charging_sessions_live_evse', table_name='charging_sessions', postgresql_where=sa.text("state in ('ACTIVE', 'PARKING', 'PENDING_ACTION', 'PENDING_CHARGER', 'PENDING_PAYMENT', 'START_UNCERTAIN') and not historical"))
    op.drop_index(op.f('ix_charging_sessions_tenant_id'), table_name='charging_sessions')
    op.drop_index('ix_charging_sessions_state_deadline', table_name='charging_sessions')
    op.drop_index(op.f('ix_charging_sessions_evse_id'), table_name='charging_sessions')
    op.drop_index(op.f('ix_charging_sessions_driver_id'), table_name='charging_sessions')
    op.drop_index('ix_charging_sessions_driver_created', table_name='charging_sessions')
    op.drop_index(op.f('ix_charging_sessions_charger_id'), table_name='charging_sessions')
    op.drop_table('charging_sessions')
    op.drop_index(op.f('ix_reservations_tenant_id'), table_name='reservations')
    op.drop_index('ix_reservations_state_expires', table_name='reservations')
    op.drop_index(op.f('ix_reservations_evse_id'), table_name='reservations')
    op.drop_index(op.f('ix_reservations_driver_id'), table_name='reservations')
    op.drop_table('reservations')
    op.drop_table('unbound_transactions')
    op.drop_index(op.f('ix_connectors_tenant_id'), table_name='connectors')
    op.drop_index(op.f('ix_connectors_evse_id'), table_name='connectors')
    op.drop_table('connectors')
    op.drop_index(op.f('ix_ocpp_frames_tenant_id'), table_name='ocpp_frames')
    op.drop_index('ix_ocpp_frames_charger_at', table_name='ocpp_frames')
    op.drop_table('ocpp_frames')
    op.drop_index('ix_evses_tenant_status', table_name='evses')
    op.drop_index(op.f('ix_evses_tenant_id'), table_name='evses')
    op.drop_index(op.f('ix_evses_location_id'), table_name='evses')
    op.drop_index(op.f('ix_evses_charger_id'), table_name='evses')
    op.drop_table('evses')
    op.drop_index(op.f('ix_charger_variables_tenant_id'), table_name='charger_variables')
    op.drop_table('charger_variables')
    op.drop_index(op.f('ix_answered_calls_tenant_id'), table_name='answered_calls')
    op.drop_index('ix_answered_calls_tenant_created', table_name='answered_calls')
    op.drop_table('answered_calls')
    op.drop_index(op.f('ix_notification_deliveries_tenant_id'), table_name='notification_deliveries')
    op.drop_table('notification_deliveries')
    op.drop_index(op.f('ix_chargers_tenant_id'), table_name='chargers')
    op.drop_index(op.f('ix_chargers_location_id'), table_name='chargers')
    op.drop_table('chargers')
    op.drop_index(op.f('ix_tariff_snapshots_tenant_id'), table_name='tariff_snapshots')
    op.drop_table('tariff_snapshots')
    op.drop_index('uq_payment_methods_default', table_name='payment_methods', postgresql_where=sa.text('is_default and removed_at is null'))
    op.drop_index(op.f('ix_payment_methods_tenant_id'), table_name='payment_methods')
    op.drop_index(op.f('ix_payment_methods_driver_id'), table_name='payment_methods')
    op.drop_table('payment_methods')
    op.drop_index(op.f('ix_one_time_tokens_tenant_id'), table_name='one_time_tokens')
    op.drop_index(op.f('ix_one_time_tokens_driver_id'), table_name='one_time_tokens')
    op.drop_table('one_time_tokens')
    op.drop_index(op.f('ix_notifications_tenant_id'), table_name='notifications')
    op.drop_index('ix_notifications_driver_created', table_name='notifications')
    op.drop_table('notifications')
    op.drop_index(op.f('ix_notification_preferences_tenant_id'), table_name='notification_preferences')
    op.drop_table('notification_preferences')
    op.drop_index(op.f('ix_locations_tenant_id'), table_name='locations')
    op.drop_index('ix_locations_search_text', table_name='locations', postgresql_using='gin', postgresql_ops={'search_text': 'gin_trgm_ops'})
    op.drop_index('ix_locations_position', table_name='locations', postgresql_using='gist')
    op.drop_table('locations')
    op.drop_index(op.f('ix_id_tokens_tenant_id'), table_name='id_tokens')
    op.drop_index(op.f('ix_id_tokens_driver_id'), table_name='id_tokens')
    op.drop_table('id_tokens')
    op.drop_index(op.f('ix_driver_identities_tenant_id'), table_name='driver_identities')
    op.drop_index(op.f('ix_driver_identities_driver_id'), table_name='driver_identities')
    op.drop_table('driver_identities')
    op.drop_index(op.f('ix_devices_tenant_id'), table_name='devices')
    op.drop_index(op.f('ix_devices_driver_id'), table_name='devices')
    op.drop_table('devices')
    op.drop_index(op.f('ix_customers_tenant_id'), table_name='customers')
    op.drop_table('customers')
    op.drop_index(op.f('ix_card_setups_tenant_id'), table_name='card_setups')
    op.drop_index(op.f('ix_card_setups_driver_id'), table_name='card_setups')
    op.drop_table('card_setups')
    op.drop_index(op.f('ix_webhook_events_tenant_id'), table_name='webhook_events')
    op.drop_table('webhook_events')
    op.drop_index('uq_tariffs_default', table_name='tariffs', postgresql_where=sa.text('is_default'))
    op.drop_index(op.f('ix_tariffs_tenant_id'), table_name='tariffs')
    op.drop_table('tariffs')
    op.drop_index(op.f('ix_refresh_tokens_tenant_id'), table_name='refresh_tokens')
    op.drop_index('ix_refresh_tokens_subject', table_name='refresh_tokens')
    op.drop_index('ix_refresh_tokens_family_id', table_name='refresh_tokens')
    op.drop_table('refresh_tokens')
    op.drop_index(op.f('ix_operators_tenant_id'), table_name='operators')
    op.drop_table('operators')
    op.drop_index(op.f('ix_number_series_tenant_id'), table_name='number_series')
    op.drop_table('number_series')
    op.drop_index(op.f('ix_idempotency_keys_tenant_id'), table_name='idempotency_keys')
    op.drop_table('idempotency_keys')
    op.drop_index('ix_events_tenant_occurred', table_name='events')
    op.drop_table('events')
    op.drop_index(op.f('ix_drivers_tenant_id'), table_name='drivers')
    op.drop_table('drivers')
    op.drop_index(op.f('ix_audit_entries_tenant_id'), table_name='audit_entries')
    op.drop_index('ix_audit_entries_tenant_created', table_name='audit_entries')
    op.drop_table('audit_entries')
    op.drop_index(op.f('ix_attempt_counters_tenant_id'), table_name='attempt_counters')
    op.drop_table('attempt_counters')
    op.drop_table('tenants')
    op.execute('drop sequence ocpp_transaction_numbers')
    op.execute('drop sequence ocpp_reservation_numbers')
