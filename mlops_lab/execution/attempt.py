"""One attempt at a segment: its cells, one after the other, in one kernel."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mlops_lab.execution.page import Page, Tape, replay
from mlops_lab.execution.redaction import Redaction
from mlops_lab.interfaces import KernelDied, Message, Worker
from mlops_lab.ir.step import Cell, Segment

if TYPE_CHECKING:
    from mlops_lab.execution.folder import RunFolder
    from mlops_lab.execution.job import Job
    from mlops_lab.execution.progress import Progress

SIGNAL = "mlops_scout"
"""The type of the messages by which a scout's guest speaks to us while a cell runs."""
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class CellFailed(Exception):
    """A cell failed; `cell` counts from 1. `acts` is what its step had done on the outside."""

    def __init__(
        self, cell: int, ename: str, evalue: str, traceback: str = "", *, kernel_died: bool = False
    ) -> None:
        super().__init__(cell, ename, evalue)
        self.cell = cell
        self.ename = ename
        self.evalue = evalue
        self.traceback = traceback
        self.kernel_died = kernel_died
        self.acts: list[str] = []


class Attempt:
    """Runs a segment's cells. What they show goes on the tape, and once it is `on` a page there.

    `spans` are the times at which each cell began and ended, in seconds since 1970. `signal` is
    told what the kernel's guest says meanwhile.
    """

    def __init__(
        self,
        job: Job,
        segment: Segment,
        progress: Progress,
        tape: Tape,
        signal: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self.tape = tape
        self.spans: list[tuple[float, float]] = []
        self._job = job
        self._segment = segment
        self._progress = progress
        self._signal = signal
        self._page: Page | None = None
        self._folder: RunFolder | None = None
        self._redaction = Redaction(job.secrets)
        self._began: list[float] = []

    def on(self, page: Page, folder: RunFolder) -> None:
        """Show on a page what the cells have shown, and what they will."""
        for place, began in enumerate(self._began):
            page.cell_begins(self._segment.cells[place].index, _moment(began))
        replay(page, [cell.index for cell in self._segment.cells], self.tape.items, {})
        if self.tape.items:
            folder.log(self._segment.name, tape_text(self.tape))
        for place, (_, ended) in enumerate(self.spans):
            page.cell_ends(self._segment.cells[place].index, at=_moment(ended))
        self._page, self._folder = page, folder

    @property
    def cell(self) -> int:
        """The cell that it is at, counted from 1."""
        return self._segment.cells[max(0, len(self._began) - 1)].number

    async def run(self, worker: Worker, timeout: float | None) -> None:
        """Run the segment's cells; `timeout` is for all of them. Raises CellFailed."""
        deadline = None if timeout is None else time.monotonic() + timeout
        for place, cell in enumerate(self._segment.cells):
            left = None if deadline is None else max(0.0, round(deadline - time.monotonic(), 3))
            await self._cell(worker, place, cell, left)

    async def _cell(self, worker: Worker, place: int, cell: Cell, left: float | None) -> None:
        began = time.time()
        self._began.append(began)
        if self._page is not None:
            self._page.cell_begins(cell.index)
        self._progress.cell_begins(self._segment.name, cell.number)
        failure: CellFailed | None = None
        try:
            reply = await worker.run(
                self._job.code(self._segment, place), self._listener(place), timeout=left
            )
            if reply["status"] == "error" and not cell.may_raise:
                failure = self._error(cell, reply)
        except (KernelDied, TimeoutError) as end:
            failure = self._cut_short(cell, end)
        except asyncio.CancelledError:
            if self._page is not None:
                self._page.cell_ends(cell.index, failed=True)
            raise
        for clear in self._redaction.rest():
            self._show(place, clear)
        ended = time.time()
        self.spans.append((began, ended))
        if self._page is not None:
            self._close(self._page, cell, failure)
        self._progress.cell_ends(
            self._segment.name, cell.number, ended - began, failed=failure is not None
        )
        if failure is not None:
            raise failure

    def _listener(self, place: int) -> Callable[[Message], None]:
        def listen(message: Message) -> None:
            if message["msg_type"] == SIGNAL:
                if self._signal is not None:
                    self._signal(message["content"])
                return
            for clear in self._redaction.messages(message):
                self._show(place, clear)

        return listen

    def _show(self, place: int, message: Message) -> None:
        self.tape.hear(place, message)
        if self._page is not None and self._folder is not None:
            self._page.hear(self._segment.cells[place].index, message)
            self._folder.log(self._segment.name, _as_text(message))

    def _error(self, cell: Cell, reply: Message) -> CellFailed:
        trace = "\n".join(reply.get("traceback", ()))
        reply = self._redaction.content({**reply, "traceback": trace})
        return CellFailed(cell.number, reply["ename"], reply["evalue"], reply["traceback"])

    def _cut_short(self, cell: Cell, end: Exception) -> CellFailed:
        late = isinstance(end, TimeoutError)
        said = self._redaction.text(str(end))
        said += f"; step '{self._segment.name}' has taken all the time it was given" if late else ""
        name = "TimeoutError" if late else "DeadKernelError"
        return CellFailed(cell.number, name, said, kernel_died=True)

    def _close(self, page: Page, cell: Cell, failure: CellFailed | None) -> None:
        if failure is not None and failure.kernel_died:
            page.fail(cell.index, failure.ename, failure.evalue, [failure.evalue])
        self._redaction.cell(page.nb.cells[cell.index])
        page.cell_ends(cell.index, failed=failure is not None)


def tape_text(tape: Tape) -> str:
    """What was taped, as a step's log has it."""
    items = ({"msg_type": kind, "content": content} for _, kind, content in tape.items)
    return "".join(map(_as_text, items))


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _as_text(message: Message) -> str:
    content = message["content"]
    match message["msg_type"]:
        case "stream":
            return str(content["text"])
        case "execute_result" | "display_data":
            return str(content["data"].get("text/plain", "")) + "\n"
        case "error":
            return _ANSI.sub("", "\n".join(content["traceback"])) + "\n"
        case _:
            return ""
