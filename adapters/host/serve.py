"""Runs the web process on Granian."""

from adapters.host.settings import Settings, read_settings


def serve_web(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests in hand are answered first."""
    from granian import Granian
    from granian.constants import Interfaces, Loops
    from granian.http import HTTP1Settings

    Granian(
        "adapters.host.asgi:create",
        factory=True,
        address=settings.host,
        port=settings.port,
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
    serve_web(read_settings())
