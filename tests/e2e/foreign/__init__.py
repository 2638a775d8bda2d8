"""Charger clients that know the OCPP specifications and nothing of this code base, and the app beside them."""
