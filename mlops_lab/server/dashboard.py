"""`python -m mlops_lab.server.dashboard SOCKET`: the warm Ray's dashboard, on a private socket.

Ray is started where it isn't running. Whoever can open the socket still needs Ray's token.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from urllib.parse import urlsplit

from mlops_lab.backends import cluster

PIECE = 2**16


async def serve(socket: str) -> None:
    """Pass on what comes by the socket, for as long as somebody lets us."""
    # Its dashboard moves to another port when Ray is started anew.
    server = await asyncio.start_unix_server(_pass_on, socket)
    async with server:
        await server.serve_forever()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        host, port = await asyncio.to_thread(_address)
        far_reader, far_writer = await asyncio.open_connection(host, port)
    except Exception as error:  # noqa: BLE001  whoever asked is told, whatever it was
        await _refuse(writer, str(error))
        return
    await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))
    for end in (far_writer, writer):
        end.close()


def _address() -> tuple[str, int]:
    known = cluster.status()
    known = known if known.running else cluster.start()
    where = urlsplit(known.dashboard if "//" in known.dashboard else f"//{known.dashboard}")
    return where.hostname or "127.0.0.1", where.port or 8265


async def _refuse(writer: asyncio.StreamWriter, why: str) -> None:
    body = why.encode()
    head = (
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with suppress(OSError):
        writer.write(head.encode() + body)
        await writer.drain()
    writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
