"""Receipts: as data and as a PDF."""
