"""The stream: what happens in a project's runs, as it happens."""

from __future__ import annotations

import asyncio
import math
from functools import partial
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
BEHIND = 2**20
"""Bytes that may wait for a client before logs wait, too."""
MOST = 2**23
"""Bytes that may wait for it at all, besides what it is told when it comes."""
LATER = 1013
"""The code with which a socket is closed whose client is to come back later."""


def _may_read(method: Method) -> Method:
    """As `may("read", RUNS)`, without a way to the login page, of which a socket has no use."""
    asked: Any = authorized("read", resource=RUNS)
    return cast("Method", ws_authenticated(asked(method)))


class Stream(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """A client that looks at a project, from its first word on until it leaves."""

    _watch: Watch | None = None
    _joined = False
    _waiting = 0
    _most: float = MOST

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
            await self._join(self._watch, said)
        elif not self._joined:
            raise UsageError('the first word on the stream must be {"kind": "follow"}')
        elif isinstance(said, Tail):
            self._watch.tail(self, said.run_id, said.step, said.after)
        else:
            self._watch.untail(self, said.run_id, said.step)

    async def _join(self, watch: Watch, said: Follow) -> None:
        self._joined = True
        self._most = math.inf  # what it has missed is bounded by itself, and may take its time
        try:
            await watch.join(self, said.seen)
        except MlopsError as error:
            self.send(to_json(StreamFailure(failure=failure(error)), ServerMessage))
            self._hang_up("the records are away for the moment")
            return
        finally:
            self._most = self._waiting + MOST
        if self.ws_connection is None:  # it left in the meantime
            await watch.leave(self)

    @property
    def behind(self) -> bool:
        """Whether so much waits for it that logs had better wait, too."""
        return self._waiting > BEHIND

    def send(self, message: bytes) -> None:
        """Tell the client; nothing where it has gone. One that does not take it is let go."""
        if self._waiting > self._most:
            self._hang_up("too much waits for you; come back with what you have seen")
            return
        try:
            sent = asyncio.ensure_future(self.write_message(message.decode()))
        except WebSocketClosedError:
            return
        self._waiting += len(message)
        sent.add_done_callback(partial(self._sent, len(message)))

    def _sent(self, size: int, sent: asyncio.Future[None]) -> None:
        behind = self.behind
        self._waiting -= size
        if self._watch is not None and behind and not self.behind:
            self._watch.look()  # its logs have waited for that
        if not sent.cancelled():
            sent.exception()  # a client that goes while it is told something is no error

    def _hang_up(self, why: str) -> None:
        self._leave()
        self.close(LATER, why)

    def _leave(self) -> None:
        if self._watch is not None and self._joined:
            self._joined = False
            _LEAVING.add(leaving := asyncio.ensure_future(self._watch.leave(self)))
            leaving.add_done_callback(_LEAVING.discard)

    def on_close(self) -> None:
        """The client has gone."""
        self._leave()
        super().on_close()


_CLIENT: Any = ClientMessage
_LEAVING: set[asyncio.Future[None]] = set()
