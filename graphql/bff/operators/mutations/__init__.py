"""What operators can do: one mutation a file, each with the permission it needs and an audit entry of its effect."""
