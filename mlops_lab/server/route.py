"""What every route does: who may, what was said, what is answered, what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http.client import responses
from typing import Any, Literal, ParamSpec, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from pydantic import TypeAdapter
from tornado.web import HTTPError, authenticated

from mlops_lab.errors import MlopsError, NotebookError
from mlops_lab.server.adapters import from_json, to_json
from mlops_lab.server.bodies import Failure
from mlops_lab.server.places import Place
from mlops_lab.server.site import KEY, Site

PIPELINE = "mlops_lab:pipeline"
RUNS = "mlops_lab:runs"
"""What an authorizer is asked about, with the actions read, write and execute."""

Said = ParamSpec("Said")
Value = TypeVar("Value")
Method = TypeVar("Method", bound=Callable[..., Any])


def may(action: Literal["read", "write", "execute"], resource: str) -> Callable[[Method], Method]:
    """Let in who is logged in and may do that.

    Both are spelled out: jupyter_server's bare `@authorized` keeps the action of its first call.
    """

    def guarded(method: Method) -> Method:
        asked: Any = authorized(action, resource=resource)
        return cast("Method", authenticated(asked(method)))

    return guarded


class Route(APIHandler):
    """A route. Each method says for itself who `may` call it."""

    async def prepare(self, **_: Any) -> None:
        """Find out who asks and from where; a page of another site is refused."""
        try:
            await super().prepare()
        except HTTPError as error:
            if error.status_code == 404:  # so says Jupyter, as if there were no such route
                raise HTTPError(403, "the request comes from another site") from None
            raise

    @property
    def site(self) -> Site:
        """What all routes share."""
        site: Site = self.settings[KEY]
        return site

    # -- what was said --------------------------------------------------------------------------

    def body(self, kind: type[Value]) -> Value:
        """What the request says. Raises UsageError, naming what is wrong with it."""
        spoken = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if spoken != "application/json":
            raise HTTPError(415, "the request must be in JSON (Content-Type: application/json)")
        return from_json(kind, self.request.body)

    def word(self, name: str, default: str | None = None) -> str:
        """A word of the query; spaces are part of a name."""
        if default is None:
            return str(self.get_query_argument(name, strip=False))
        return str(self.get_query_argument(name, default, strip=False))

    def number(self, name: str, default: int, most: int | None = None) -> int:
        """A number of the query, from 0 to `most`."""
        text = self.word(name, str(default))
        if not text.isascii() or not text.isdigit() or len(text) > 15:
            raise HTTPError(400, f"{name}={text:.20} must be a whole number, 0 or more")
        return int(text) if most is None else min(int(text), most)

    def place(self, path: str | None = None) -> Place:
        """The notebook or folder that is spoken of, in the query where it isn't given."""
        return self.site.places.at(self.word("path") if path is None else path)

    # -- what is answered -----------------------------------------------------------------------

    async def work(
        self, do: Callable[Said, Value], *args: Said.args, **kwargs: Said.kwargs
    ) -> Value:
        """Do what takes a while, beside the server's own thread."""
        return await asyncio.to_thread(do, *args, **kwargs)

    def answer(self, value: object, *, status: int = 200) -> None:
        """Answer with a value."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(to_json(value))

    # -- what went wrong ------------------------------------------------------------------------

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with what went wrong and the way out; never with a traceback."""
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, MlopsError):
            self.set_status(error.http_status)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(_FAILURE.dump_json(failure(error, status_code)))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """A user's mistake is not the server's: it is told, and stands in no log."""
        if not isinstance(value, MlopsError) or value.http_status >= 500:
            super().log_exception(typ, value, tb)


_FAILURE = TypeAdapter(Failure)


def failure(error: BaseException | None, status: int = 500) -> Failure:
    """What went wrong, as it is told."""
    match error:
        case MlopsError():
            return Failure(
                kind=type(error).__name__,
                message=str(error),
                notes=tuple(getattr(error, "__notes__", ())),
                problems=error.problems if isinstance(error, NotebookError) else (),
            )
        case HTTPError():
            reason = responses.get(error.status_code, "Error")
            return Failure(kind=reason.replace(" ", ""), message=error.log_message or reason)
        case None:
            reason = responses.get(status, "Error")
            return Failure(kind=reason.replace(" ", ""), message=reason)
        case _:
            message = "something went wrong in the server; its log says what"
            return Failure(kind="InternalServerError", message=message)
