"""Stations: found, described, and watched."""
