"""OCPP 2.0.1: one message a file, gathered in `version.py`."""
