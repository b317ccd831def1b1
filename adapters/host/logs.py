"""Structured logs: one JSON object a line with time, level, event, request and shop; no personal data."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from adapters.host.settings import Settings
from adapters.shared.postgres.errors import is_away

_PERSONAL: Final = frozenset({"email", "e_mail", "first_name", "last_name", "phone", "address", "recipient", "body"})


def _without_personal_data(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in _PERSONAL & event.keys():
        event[name] = "(personal)"
    return event


def not_of_an_outage(record: logging.LogRecord) -> bool:
    """The pool writes a traceback for each connection that an outage took; whoever held it says what came of that."""
    error = record.exc_info[1] if record.exc_info else None
    return error is None or not record.name.startswith("sqlalchemy.pool") or not is_away(error)


def configure_logs(settings: Settings) -> None:
    """Send our own and the libraries' logs to standard error in one shape."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_personal_data,
    ]
    last: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
        if settings.log_format == "console"
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    level = logging.getLevelNamesMapping()[settings.log_level]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[
        structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last,
    ]))  # fmt: skip
    handler.addFilter(not_of_an_outage)
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
