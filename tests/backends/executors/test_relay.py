"""A kernel that is elsewhere can be talked to as if it were here."""

from __future__ import annotations

import asyncio
import json
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from zmq.constants import SocketType

from mlops_lab.backends import private
from mlops_lab.backends.executors.kernel import Kernel
from mlops_lab.backends.executors.local import LocalExecutor
from mlops_lab.backends.executors.relay import FarEnd, NearEnd
from mlops_lab.interfaces import Launch

from .console import heard_of, said, talking


class Relayed:
    """A kernel in whose namespace a step has failed, and the near end of the way to it."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / "relayed.json"
        self.there, self.over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live(folder)))
        self._thread.start()
        assert self.there.wait(60)

    async def _live(self, folder: Path) -> None:
        executor = LocalExecutor()
        kernel = await executor.start(Launch(kernel="python3", cwd=folder))
        await kernel.run("x = [1, 2]\nraise ValueError(x)", lambda _: None)
        assert isinstance(kernel, Kernel)
        far = FarEnd(await kernel.let_go())
        near = NearEnd(await asyncio.to_thread(_unseen, far), far.say, far.hear)
        private.write(self.place, near.connection)
        carrying = asyncio.create_task(near.carry())
        self.there.set()
        ended = asyncio.create_task(kernel.ended())
        closed = asyncio.create_task(asyncio.to_thread(self.over.wait))
        await asyncio.wait({ended, closed}, return_when=asyncio.FIRST_COMPLETED)
        self.over.set()
        carrying.cancel()
        await asyncio.gather(carrying, closed, return_exceptions=True)
        ended.cancel()
        near.close()
        far.close()
        await executor.stop(kernel, now=True)

    def close(self) -> None:
        self.over.set()
        self._thread.join(30)


def _unseen(far: FarEnd) -> bytes:
    """The connection as it comes from elsewhere: none of its paths is there."""
    return json.dumps({**far._info, "ip": "/nowhere/k"}).encode()


@pytest.fixture
def relayed(tmp_path: Path) -> Iterator[Relayed]:
    with closing(Relayed(tmp_path)) as found:
        yield found


def test_its_variables_are_there_and_nobody_else_can_reach_it(relayed: Relayed) -> None:
    with talking(relayed.place) as client:
        assert said(client, "print(x)")[0] == "[1, 2]\n"
        assert said(client, "x.append(3)")[1]["status"] == "ok"
        assert said(client, "print(x)")[0] == "[1, 2, 3]\n"
        folder = Path(client.ip).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert len(list(folder.iterdir())) == 5
    relayed.close()
    assert not folder.exists()


def test_two_hear_what_either_runs_and_each_its_own_replies(relayed: Relayed) -> None:
    with talking(relayed.place) as one, talking(relayed.place) as two:
        asked = one.execute("y = 1; print('from one')")
        heard_of(two, lambda message: message["content"].get("text") == "from one\n")
        assert said(two, "print(y)")[0] == "1\n"
        assert one.get_shell_msg(timeout=20)["parent_header"]["msg_id"] == asked
        assert not one.shell_channel.msg_ready()


def test_it_can_ask_for_input(relayed: Relayed) -> None:
    with talking(relayed.place) as client:

        def answer(_: dict[str, Any]) -> None:
            client.input("blue")

        printed, reply = said(
            client, "print(input('colour? '))", allow_stdin=True, stdin_hook=answer
        )
        assert (printed, reply["status"]) == ("blue\n", "ok")


@pytest.mark.parametrize("named", [True, False])
def test_a_cell_that_takes_too_long_is_interrupted(relayed: Relayed, named: bool) -> None:
    with talking(relayed.place) as client:
        code = "print('go', flush=True)\nimport time\ntime.sleep(600)"
        client.execute(code, stop_on_error=False)
        heard_of(client, lambda message: message["content"].get("text") == "go\n")
        if named:
            client.control_channel.send(client.session.msg("interrupt_request", {}))
        else:  # as the server does it
            control = client.connect_control()
            client.session.send(control, "interrupt_request")
            control.close(linger=1000)
        assert client.get_shell_msg(timeout=20)["content"]["ename"] == "KeyboardInterrupt"
        assert said(client, "print(x)")[0] == "[1, 2]\n"


def test_a_flood_and_what_is_large_come_through_whole(relayed: Relayed) -> None:
    with talking(relayed.place) as client:
        assert said(client, "print('z' * 10**7)")[0].count("z") == 10**7
        code = "for i in range(500): display({'text/plain': str(i)}, raw=True)"
        seen: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            if message["msg_type"] == "display_data":
                seen.append(message["content"]["data"]["text/plain"])

        client.execute_interactive(code, timeout=30, output_hook=hear)
        assert seen == [str(i) for i in range(500)]


def test_its_heart_beats_and_told_to_exit_it_is_gone(relayed: Relayed) -> None:
    with talking(relayed.place) as client:
        heart = client.context.socket(SocketType.REQ)
        heart.connect(f"ipc://{client.ip}-{client.hb_port}")
        heart.send(b"ping")
        assert heart.poll(20_000)
        assert heart.recv() == b"ping"
        heart.close(linger=0)
        client.shutdown()
        assert relayed.over.wait(20)
