"""Saved cards and debts."""
