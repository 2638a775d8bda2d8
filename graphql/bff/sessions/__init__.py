"""Charging sessions: asked for, started, watched, stopped."""
