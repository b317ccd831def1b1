"""Serves the baselines on Granian with exactly the settings of `grapevine serve`, by running its own code."""

from typing import Any

import granian

from adapters.host.serve import serve_web
from adapters.host.settings import read_settings

_Granian = granian.Granian


def _of_the_baseline(_: str, **options: Any) -> Any:
    return _Granian("benchmarks.baseline.app:create", **options)


if __name__ == "__main__":
    granian.Granian = _of_the_baseline  # type: ignore[assignment]
    settings = read_settings()
    serve_web(settings.host, settings.port)
