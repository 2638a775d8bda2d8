"""Devices and what is pushed to them."""
