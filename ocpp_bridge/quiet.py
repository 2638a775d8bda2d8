"""Keeps one misleading line out of the server's log: uvicorn calls every refused handshake an error of the program."""

import logging

_SPURIOUS = "ASGI callable returned without completing handshake."


class RefusalsAreNoErrors(logging.Filter):
    """Drops the line; refusals are logged by the admission itself, with their reason."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is to be logged."""
        return record.msg != _SPURIOUS


def quiet_refusals() -> None:
    """Install the filter on uvicorn's logger, once."""
    logger = logging.getLogger("uvicorn.error")
    if not any(isinstance(known, RefusalsAreNoErrors) for known in logger.filters):
        logger.addFilter(RefusalsAreNoErrors())
