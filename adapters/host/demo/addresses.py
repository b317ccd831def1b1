"""Where the demo's web process answers on this machine."""

from adapters.host.settings import Settings


def local_address(settings: Settings) -> str:
    """The web process's address here, whatever its public address is."""
    return f"http://{reachable(settings.host)}:{settings.port}"


def reachable(host: str) -> str:
    """The host as it stands in an address; one that means "everywhere" is reached on the loopback."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
