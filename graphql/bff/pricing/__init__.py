"""Prices as an app shows them before a charge."""
