"""The stream: what happens in a project's runs, as it happens."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from mlops_lab.errors import MlopsError, UsageError
from mlops_lab.server.adapters import from_json, to_json
from mlops_lab.server.messages import (
    ClientMessage,
    Follow,
    ServerMessage,
    StreamFailure,
    Tail,
    Untail,
)
from mlops_lab.server.route import RUNS, Method, failure
from mlops_lab.server.site import KEY, Site
from mlops_lab.server.watch import Watch

LONGEST = 1024 * 1024
"""Bytes of a client's longest message."""


def _may_read(method: Method) -> Method:
    """As `may("read", RUNS)`, without a way to the login page, of which a socket has no use."""
    asked: Any = authorized("read", resource=RUNS)
    return cast("Method", ws_authenticated(asked(method)))


class Stream(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """A client that looks at a project, from its first word on until it leaves."""

    _watch: Watch | None = None
    _joined = False

    async def prepare(self, *args: Any, **kwargs: Any) -> None:
        """Find out who asks and from where; a page of another site is refused."""
        await super().prepare(*args, **kwargs)
        if not self.check_origin():
            raise HTTPError(403, "the request comes from another site")

    @_may_read
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Let the client in, or refuse at the door."""
        site: Site = self.settings[KEY]
        try:
            place = site.places.at(str(self.get_query_argument("path", "", strip=False)))
        except MlopsError as error:
            self.set_status(error.http_status)
            self.finish(str(error))
            return
        self._watch = site.projects.watch(place.root)
        await super().get(*args, **kwargs)

    def check_origin(self, origin: str | None = None) -> bool:
        """Whether the client comes from here; a web page from elsewhere does not get in."""
        return bool(super().check_origin(origin))

    async def on_message(self, message: str | bytes) -> None:
        """Do what the client says, or tell it why not."""
        try:
            await self._hear(from_json(_CLIENT, message))
        except MlopsError as error:
            self.send(to_json(StreamFailure(failure=failure(error)), ServerMessage))

    async def _hear(self, said: Follow | Tail | Untail) -> None:
        assert self._watch is not None, "it is found before the client is let in"
        if isinstance(said, Follow):
            self._joined = True
            await self._watch.join(self, said.seen)
            if self.ws_connection is None:  # it left in the meantime
                await self._watch.leave(self)
        elif not self._joined:
            raise UsageError('the first word on the stream must be {"kind": "follow"}')
        elif isinstance(said, Tail):
            self._watch.tail(self, said.run_id, said.step, said.after)
        else:
            self._watch.untail(self, said.run_id, said.step)

    def send(self, message: bytes) -> None:
        """Tell the client; nothing where it has gone."""
        try:
            sent = self.write_message(message.decode())
        except WebSocketClosedError:
            return
        asyncio.ensure_future(sent).add_done_callback(_heed)

    def on_close(self) -> None:
        """The client has gone."""
        if self._watch is not None and self._joined:
            _LEAVING.add(leaving := asyncio.ensure_future(self._watch.leave(self)))
            leaving.add_done_callback(_LEAVING.discard)
        super().on_close()


_CLIENT: Any = ClientMessage
_LEAVING: set[asyncio.Future[None]] = set()


def _heed(sent: asyncio.Future[None]) -> None:
    """A client that goes while it is told something is no error."""
    if not sent.cancelled():
        sent.exception()
