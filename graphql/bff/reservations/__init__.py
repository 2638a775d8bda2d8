"""Reservations of a charging point."""
