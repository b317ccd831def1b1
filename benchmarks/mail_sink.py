"""An SMTP server that takes every mail as slowly as a relay across a network does, and keeps none."""

import asyncio
import contextlib
import signal
import sys
from typing import Final

TAKES_S: Final = 0.05


class Session(asyncio.Protocol):
    """As much of RFC 5321 as a polite client needs. Lines are answered in the order in which they came."""

    def __init__(self) -> None:
        self._buffer = b""
        self._in_mail = False
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._say(b"220 sink")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._take():
            pass

    def _take(self) -> bool:
        end = b"\r\n.\r\n" if self._in_mail else b"\r\n"
        line, found, rest = self._buffer.partition(end)
        if not found:
            return False
        self._buffer = rest
        if self._in_mail:
            self._in_mail = False
            asyncio.get_running_loop().call_later(TAKES_S, self._say, b"250 taken")
        else:
            self._obey(line.upper())
        return True

    def _obey(self, line: bytes) -> None:
        if line.startswith(b"EHLO"):
            self._say(b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8")
        elif line == b"DATA":
            self._in_mail = True
            self._say(b"354 go on")
        elif line == b"QUIT":
            self._say(b"221 bye")
            if self._transport is not None:
                self._transport.close()
        else:
            self._say(b"250 fine")

    def _say(self, line: bytes) -> None:
        if self._transport is not None:
            self._transport.write(line + b"\r\n")


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Session, "127.0.0.1", port)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with server:
        with contextlib.suppress(asyncio.CancelledError):
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
