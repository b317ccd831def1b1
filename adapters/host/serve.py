"""Runs the web process on Granian: `python -m adapters.host.serve HOST PORT`.

This process watches over the one that serves, and holds what it imports for as long: it is told where to listen rather
than reading the settings, whose checks take fifteen megabytes.
"""

import sys


def serve_web(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; requests in hand are answered first."""
    from granian import Granian
    from granian.constants import Interfaces, Loops
    from granian.http import HTTP1Settings

    Granian(
        "adapters.host.asgi:create",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=1,
        log_access=False,
        websockets=False,
        backlog=2048,
        http1_settings=HTTP1Settings(max_buffer_size=65_536 * 4),
        workers_kill_timeout=15,
        respawn_failed_workers=True,
    ).serve()


if __name__ == "__main__":
    serve_web(sys.argv[1], int(sys.argv[2]))
