"""Voltlane: the backend behind a white-label EV-charging app."""
