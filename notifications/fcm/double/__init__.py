"""A double of FCM's HTTP v1 API for development and tests: a process of its own, on loopback only."""
