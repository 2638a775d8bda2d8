"""What operators can ask for, each root field with the permission it needs."""
