"""OCPP 1.6J: one message a file, gathered in `version.py`."""
