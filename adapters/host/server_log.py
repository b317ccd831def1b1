"""The web server's own few lines (it listens, it stops) in the shape and at the place of all others."""

import json
import logging
from datetime import UTC, datetime
from typing import Any, Final, Literal

LogFormat = Literal["json", "console"]
_HANDLER: Final = "standard error"


class JsonLine(logging.Formatter):
    """One JSON object a line, as `adapters.host.logs` writes them. Without structlog: the watching process lacks it."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def server_log(log_format: LogFormat) -> dict[str, Any]:
    """Granian's `log_dictconfig`."""
    formatter = {"()": JsonLine} if log_format == "json" else {"format": "%(asctime)s [%(levelname)s] %(message)s"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {
            _HANDLER: {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "line"},
        },
        "loggers": {"_granian": {"handlers": [_HANDLER], "level": "INFO", "propagate": False}},
    }
