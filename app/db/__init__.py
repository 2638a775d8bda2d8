"""The database: engine, unit of work (the only commit), event log, jobs, idempotency."""
