"""Runs the web process on Granian: `python -m adapters.host.serve HOST PORT LOG_FORMAT LOG_LEVEL`.

This process watches over the one that serves, and holds what it imports for as long: it is told where to listen and how
to log rather than reading the settings, whose checks take fifteen megabytes.
"""

import sys

from adapters.host.server_log import LogFormat, server_log


def serve_web(host: str, port: int, log_format: LogFormat = "json", log_level: str = "INFO") -> None:
    """Serve until SIGTERM or SIGINT; requests in hand are answered first."""
    from granian import Granian
    from granian.constants import Interfaces, Loops
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    Granian(
        "adapters.host.asgi:create",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=1,
        log_access=False,
        log_level=LogLevels(log_level.lower()),
        log_dictconfig=server_log(log_format),
        websockets=False,
        backlog=2048,
        http1_settings=HTTP1Settings(max_buffer_size=65_536 * 4),
        workers_kill_timeout=15,
        respawn_failed_workers=True,
    ).serve()


if __name__ == "__main__":
    serve_web(sys.argv[1], int(sys.argv[2]), "console" if sys.argv[3] == "console" else "json", sys.argv[4])
