"""Who may do what: every route, taken from the web application's own rules, and every way in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, ClassVar

import pytest
import tornado.httpclient
import tornado.websocket
from jupyter_server.auth.authorizer import Authorizer
from tornado.web import RequestHandler

from mlops_lab.backends.records.sql import SqlRecords
from mlops_lab.server.extension import ROUTES

from . import story

ONE = "20261121-100000-aaaa"
EVIL = "https://evil.example"

ACTIONS = {
    ("POST", "pipeline/compile"): ("read", "mlops_lab:pipeline"),
    ("POST", "pipeline/explain"): ("read", "mlops_lab:pipeline"),
    ("POST", "pipeline/suggest"): ("read", "mlops_lab:pipeline"),
    ("GET", "runs"): ("read", "mlops_lab:runs"),
    ("POST", "runs"): ("execute", "mlops_lab:runs"),
    ("GET", "runs/RUN"): ("read", "mlops_lab:runs"),
    ("DELETE", "runs/RUN"): ("write", "mlops_lab:runs"),
    ("POST", "runs/RUN/cancel"): ("execute", "mlops_lab:runs"),
    ("POST", "runs/RUN/resume"): ("execute", "mlops_lab:runs"),
    ("POST", "runs/RUN/again"): ("execute", "mlops_lab:runs"),
    ("POST", "runs/RUN/console"): ("execute", "mlops_lab:runs"),
    ("POST", "runs/RUN/release"): ("execute", "mlops_lab:runs"),
    ("GET", "runs/RUN/log"): ("read", "mlops_lab:runs"),
    ("GET", "runs/RUN/notebook"): ("read", "mlops_lab:runs"),
    ("GET", "runs/RUN/diff/RUN"): ("read", "mlops_lab:runs"),
    ("GET", "events"): ("read", "mlops_lab:runs"),
    ("GET", "openapi.json"): ("read", "mlops_lab:runs"),
}
"""What each route asks the authorizer; one that is missing here makes a test fail."""


class Asked(Authorizer):
    """Allows what a test says, and remembers what it was asked about ours."""

    allowed: ClassVar[set[str]] = set()
    asked: ClassVar[list[tuple[str, str]]] = []

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        if resource.startswith("mlops_lab"):
            self.asked.append((action, resource))
        return action in self.allowed or not resource.startswith("mlops_lab")


@pytest.fixture(params=[{"read", "write", "execute"}])
def jp_server_config(jp_server_config: dict[str, Any], request: Any) -> dict[str, Any]:
    Asked.allowed, Asked.asked = request.param, []
    jp_server_config["ServerApp"]["authorizer_class"] = Asked
    return jp_server_config


def rules(app: Any) -> Iterator[tuple[str, Any, Any]]:
    """Our rules of the web application: the path with RUN for a run's id, matcher, handler."""
    for router in (app.wildcard_router, app.default_router):
        for rule in router.rules:
            for inner in getattr(rule.target, "rules", [rule]):
                handler = inner.target
                if getattr(handler, "__module__", "").startswith("mlops_lab"):
                    pattern = inner.matcher.regex.pattern.rstrip("$")
                    path = re.sub(r"\(\[\^/\]\+\)", "RUN", pattern).partition("mlops-lab/")[2]
                    yield path.replace("\\", ""), inner.matcher, handler


def methods(handler: Any) -> list[str]:
    ours = [name for name in handler.SUPPORTED_METHODS if name not in {"OPTIONS", "HEAD"}]
    nothing = RequestHandler._unimplemented_method
    return [name for name in ours if getattr(handler, name.lower()) is not nothing]


def routes(app: Any) -> list[tuple[str, str]]:
    return [(method, path) for path, _, handler in rules(app) for method in methods(handler)]


@pytest.fixture
def knock_at(http_server_client: Any, jp_base_url: str, jp_serverapp: Any) -> Any:
    """Ask a route with the headers that a test says, and no others; the status."""

    async def knock_at(method: str, path: str, run_id: str = ONE, **headers: str) -> int:
        url = f"{jp_base_url}mlops-lab/{path.replace('RUN', run_id)}?path=cars/train.ipynb&step=a"
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        body = "{}" if method == "POST" else None
        if body and "Content-Type" not in said:
            said["Content-Type"] = "application/json"
        answer = await http_server_client.fetch(
            url, method=method, headers=said, body=body, raise_error=False, follow_redirects=False
        )
        if answer.code in (401, 403):
            assert b"secret" not in answer.body
        return int(answer.code)

    return knock_at


@pytest.fixture
def cookie(jp_fetch: Any, jp_asyncio_loop: Any) -> dict[str, str]:
    """What a browser has after its user has logged in: cookies, the XSRF token among them."""
    jar: SimpleCookie = SimpleCookie()
    for page, headers in (("api/status", None), ("login", {"Authorization": ""})):
        asking = jp_fetch(page, headers=headers, follow_redirects=False, raise_error=False)
        answer = jp_asyncio_loop.run_until_complete(asking)
        for line in answer.headers.get_list("Set-Cookie"):
            jar.load(line)
    return {name: morsel.value for name, morsel in jar.items()}


def sent(cookie: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookie.items())


def test_every_route_is_known_here_with_what_it_asks(jp_serverapp: Any) -> None:
    assert set(routes(jp_serverapp.web_app)) == set(ACTIONS)
    assert len(list(rules(jp_serverapp.web_app))) == len(ROUTES)


def test_jupyter_finds_no_route_without_authentication(jp_serverapp: Any) -> None:
    app = jp_serverapp.web_app
    assert [app._check_handler_auth(matcher, handler) for _, matcher, handler in rules(app)] == [
        [] for _ in ROUTES
    ]


async def test_nobody_gets_in_without_being_known(
    knock_at: Any, cookie: dict[str, str], jp_serverapp: Any, jp_auth_header: dict[str, str]
) -> None:
    token, known = jp_auth_header["Authorization"], sent(cookie)
    xsrf = cookie["_xsrf"]
    ways: dict[str, dict[str, str]] = {
        "no token": {},
        "a wrong token": {"Authorization": "token 1234"},
        "a forged cookie": {"Cookie": "username-localhost=me"},
        "another site": {"Cookie": known, "X_XSRFToken": xsrf, "Origin": EVIL},
        "no site at all": {"Cookie": known, "X_XSRFToken": xsrf, "Origin": "null"},
        "another host": {"Authorization": token, "Host": "evil.example"},
    }
    for method, path in routes(jp_serverapp.web_app):
        for way, headers in ways.items():
            assert await knock_at(method, path, **headers) in (401, 403), (method, path, way)
    assert Asked.asked == []


async def test_a_page_of_another_site_can_not_make_a_browser_act(
    knock_at: Any, cookie: dict[str, str], jp_serverapp: Any
) -> None:
    """No XSRF token, no act, whatever the content is said to be."""
    for method, path in routes(jp_serverapp.web_app):
        if method != "GET":
            for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
                headers = {"Cookie": sent(cookie), "Content_Type": kind}
                assert await knock_at(method, path, **headers) == 403, (method, path, kind)


async def test_who_is_known_gets_in(
    knock_at: Any, cookie: dict[str, str], jp_serverapp: Any, jp_auth_header: dict[str, str]
) -> None:
    """Else the tests above would prove nothing."""
    ways = (
        {"Authorization": jp_auth_header["Authorization"]},
        {"Cookie": sent(cookie), "X_XSRFToken": cookie["_xsrf"]},
    )
    for way in ways:
        for method, path in routes(jp_serverapp.web_app):
            assert await knock_at(method, path, **way) in (200, 400, 404), (method, path)


async def test_each_route_asks_for_its_own_action(
    knock_at: Any, jp_serverapp: Any, jp_auth_header: dict[str, str]
) -> None:
    for route, question in ACTIONS.items():
        Asked.asked.clear()
        await knock_at(*route, Authorization=jp_auth_header["Authorization"])
        assert Asked.asked[:1] == [question], route


@pytest.mark.parametrize("jp_server_config", [set(), {"read"}, {"write"}], indirect=True)
@pytest.mark.parametrize("backwards", [False, True])
async def test_an_authorizer_is_heeded_in_whatever_order_routes_are_called(
    backwards: bool, knock_at: Any, jp_serverapp: Any, jp_auth_header: dict[str, str]
) -> None:
    for route in list(ACTIONS)[:: -1 if backwards else 1]:
        code = await knock_at(*route, Authorization=jp_auth_header["Authorization"])
        assert (code != 403) == (ACTIONS[route][0] in Asked.allowed), (route, code)


@pytest.mark.parametrize("jp_server_config", [{"read"}], indirect=True)
async def test_who_may_only_read_changes_nothing(
    ask: Any, records: SqlRecords, jp_serverapp: Any
) -> None:
    records.append(ONE, story.whole(ONE))
    assert (await ask("GET", "runs", ONE, path=""))[0] == 200
    assert (await ask("DELETE", "runs", ONE, path=""))[0] == 403
    assert (await ask("POST", "runs", body={"path": "cars/train.ipynb"}))[0] == 403
    assert (await ask("GET", "runs", path=""))[1]["total"] == 1


# -- the stream -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, 403),
        ({"Authorization": "token 1234"}, 403),
        ({"Authorization": "TOKEN", "Host": "evil.example"}, 403),
        ({"Cookie": "COOKIE", "Origin": EVIL}, 403),
        ({"Cookie": "COOKIE", "Origin": "null"}, 403),
        ({"Cookie": "COOKIE"}, 101),
        ({"Authorization": "TOKEN"}, 101),
    ],
)
async def test_the_stream_opens_to_those_only_who_are_known(
    headers: dict[str, str],
    code: int,
    cookie: dict[str, str],
    jp_http_port: int,
    jp_base_url: str,
    jp_auth_header: dict[str, str],
) -> None:
    known = {"TOKEN": jp_auth_header["Authorization"], "COOKIE": sent(cookie)}
    url = f"ws://127.0.0.1:{jp_http_port}{jp_base_url}mlops-lab/events?path="
    said = {name: known.get(value, value) for name, value in headers.items()}
    assert await handshake(url, said) == code


@pytest.mark.parametrize("jp_server_config", [{"write", "execute"}], indirect=True)
async def test_the_stream_is_for_those_who_may_read(
    http_server_client: Any, jp_http_port: int, jp_base_url: str, jp_auth_header: dict[str, str]
) -> None:
    url = f"ws://127.0.0.1:{jp_http_port}{jp_base_url}mlops-lab/events?path="
    assert await handshake(url, dict(jp_auth_header)) == 403


async def handshake(url: str, headers: dict[str, str]) -> int:
    request = tornado.httpclient.HTTPRequest(url, headers=headers)
    try:
        socket = await tornado.websocket.websocket_connect(request)
    except tornado.httpclient.HTTPClientError as error:
        return int(error.code)
    socket.close()
    return 101


# -- paths, ids, names, bodies ----------------------------------------------------------------

PATHS = (
    "../outside.ipynb",
    "cars/../../outside.ipynb",
    "..%2foutside.ipynb",
    "%2e%2e/outside.ipynb",
    "%252e%252e%252foutside.ipynb",
    "..\\outside.ipynb",
    "/etc/passwd",
    "//etc/passwd",
    "C:\\outside.ipynb",
    "file:///etc/passwd",
    "s3://bucket/outside.ipynb",
    "../root_dir_too/outside.ipynb",
    "link.ipynb",
    "linked/outside.ipynb",
    "cars/train.ipynb\0",
    "\0",
    "cars/train.ipynb#/../../outside.ipynb",
    "cars/train.ipynb?x=/../outside.ipynb",
    ".hidden/train.ipynb",
    "a" * 5000,
    "a/" * 3000,
    "\uff0e\uff0e/outside.ipynb",
    "\u2025/outside.ipynb",
    "loop",
)


@pytest.fixture
def traps(project: Path) -> Path:
    """Notebooks beside the server's root, and links out of it."""
    outside = story.book(project.parent / "outside.ipynb", {"secret": "secret = 1"})
    story.book(project.parent / "root_dir_too" / "outside.ipynb", {"secret": "secret = 1"})
    story.book(project / ".hidden" / "train.ipynb", {"secret": "secret = 1"})
    (project / "link.ipynb").symlink_to(outside)
    (project / "linked").symlink_to(project.parent)
    (project / "loop").symlink_to(project / "loop")
    return project


@pytest.mark.parametrize("path", PATHS)
async def test_no_path_leads_out_of_the_servers_root(path: str, ask: Any, traps: Path) -> None:
    for parts in (("pipeline", "compile"), ("pipeline", "explain"), ("runs",)):
        status, answer = await ask("POST", *parts, body={"path": path})
        if status == 200:  # a notebook that is not there may be compiled, if its text is sent
            assert answer["pipeline"] is None
            status = 404
        assert status in (400, 404), (parts, answer)
        assert "secret" not in json.dumps(answer)
    status, answer = await ask("GET", "runs", ONE, "log", path=path, step="a")
    assert status in (400, 404), answer
    assert {child.name for child in traps.parent.iterdir()} >= {"outside.ipynb"}
    assert not (traps.parent / ".mlops").exists()


@pytest.mark.parametrize(
    "run_id",
    [
        "..",
        "%2e%2e",
        "a%2f..%2f..%2fb",
        "..%2f..%2fcars",
        "..%5c..%5ccars",
        "%252e%252e",
        "CON",
        "-rf",
        "a%0ab",
        "a%00b",
        "last",
        "2026",
        "%25",
        "x" * 500,
    ],
)
async def test_a_runs_id_is_an_id_and_nothing_else(
    run_id: str,
    knock_at: Any,
    project: Path,
    records: SqlRecords,
    jp_auth_header: dict[str, str],
) -> None:
    records.append(ONE, story.whole(ONE))
    token = jp_auth_header["Authorization"]
    for method, path in ACTIONS:
        if "RUN" in path:
            code = await knock_at(method, path, run_id, Authorization=token)
            assert code in (400, 404), (method, path)
    assert (project / "cars" / "train.ipynb").exists()
    assert records.read(ONE)


@pytest.mark.parametrize("step", ["../../../mlops", "/etc/passwd", "a/../../b", "", "a\nb", ".."])
async def test_a_steps_name_is_a_name_and_nothing_else(
    step: str, ask: Any, project: Path, records: SqlRecords
) -> None:
    (project / "mlops.log").write_text("a secret")
    records.append(ONE, story.whole(ONE))
    status, answer = await ask("GET", "runs", ONE, "log", path="", step=step)
    assert (status, answer["kind"]) == (404, "NotFound")


async def test_only_json_is_understood(
    knock_at: Any, jp_serverapp: Any, jp_auth_header: dict[str, str]
) -> None:
    token = jp_auth_header["Authorization"]
    for path in ("pipeline/compile", "pipeline/explain", "runs"):
        assert await knock_at("POST", path, Authorization=token, Content_Type="text/plain") == 415


@pytest.mark.parametrize(
    "name", ["x=1;import os", "a\nb", "class", "__class__", "reit", "--executor", ""]
)
async def test_a_parameters_name_is_never_code(name: str, ask: Any, project: Path) -> None:
    body = {"path": "cars/train.ipynb", "options": {"params": {name: 1}}}
    status, answer = await ask("POST", "pipeline", "explain", body=body)
    assert (status, answer["kind"]) in ((422, "ParameterError"), (400, "UsageError"))


@pytest.mark.parametrize("value", ["--help", "; touch hacked", "$(touch hacked)", "-x", "ray; x"])
async def test_an_option_is_a_value_and_nothing_else(value: str, ask: Any, project: Path) -> None:
    for option in ("executor", "upto"):
        body = {"path": "cars/train.ipynb", "options": {option: value}}
        status, answer = await ask("POST", "pipeline", "explain", body=body)
        if option != "executor":  # which is not asked before something runs
            assert status in (400, 404), answer
    assert not list(project.rglob("hacked"))


async def test_an_error_shows_nothing_of_the_servers_inside(
    ask: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("mlops_lab.server.routes.runs.listed", fails)
    status, answer = await ask("GET", "runs", path="")
    assert (status, answer["kind"]) == (500, "InternalServerError")
    assert "secret" not in json.dumps(answer)
