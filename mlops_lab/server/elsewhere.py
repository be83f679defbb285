"""`python -m mlops_lab.server.elsewhere SOCKET`: a page that leads to a tracking server's own.

They are no part of a page of ours: their server knows best who may see them, and in what frame.
"""

from __future__ import annotations

import asyncio
import html
import os
import sys
from contextlib import suppress

PLACE = "MLOPS_ELSEWHERE"
"""The variable that holds the address; a command line is everybody's to read."""

_PAGE = """<!doctype html>
<html>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>MLflow</title>
<style>
body {{ display: grid; place-content: center; gap: 8px; min-height: 90vh; text-align: center;
  font: 14px/1.5 system-ui, sans-serif; }}
b {{ font-size: 20px; font-weight: 600; }}
a {{ overflow-wrap: anywhere; }}
</style>
<b>MLflow</b>
<a href="{place}" target="_blank" rel="noopener noreferrer">{place}</a>
</html>
"""


def page(place: str) -> bytes:
    """The page that leads to a place, as it goes over the wire."""
    body = _PAGE.format(place=html.escape(place)).encode()
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
        f"Cache-Control: no-store\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


async def serve(socket: str, place: str) -> None:
    """Show the page to all who come by the socket, for as long as somebody lets us."""

    async def show(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError, asyncio.LimitOverrunError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(page(place))
            await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(show, socket)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], os.environ[PLACE]))
