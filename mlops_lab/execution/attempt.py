"""One attempt at a segment: its cells, one after the other, in one kernel."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING

from mlops_lab.execution.folder import RunFolder
from mlops_lab.execution.page import Page, Tape
from mlops_lab.execution.progress import Progress
from mlops_lab.execution.redaction import Redaction
from mlops_lab.interfaces import KernelDied, Message, Worker
from mlops_lab.ir.step import Cell, Segment

if TYPE_CHECKING:
    from mlops_lab.execution.job import Job

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class CellFailed(Exception):
    """A cell failed; `cell` counts from 1."""

    def __init__(
        self, cell: int, ename: str, evalue: str, traceback: str = "", *, kernel_died: bool = False
    ) -> None:
        super().__init__(cell, ename, evalue)
        self.cell = cell
        self.ename = ename
        self.evalue = evalue
        self.traceback = traceback
        self.kernel_died = kernel_died


class Attempt:
    """Runs cells and shows what they show, on the page, on a tape and in the step's log."""

    def __init__(
        self, job: Job, page: Page, folder: RunFolder, progress: Progress, tape: Tape
    ) -> None:
        self._job = job
        self._page = page
        self._folder = folder
        self._progress = progress
        self._tape = tape
        self._redaction = Redaction(job.secrets)

    async def run(self, worker: Worker, segment: Segment, timeout: float | None) -> None:
        """Run the segment's cells; `timeout` is for all of them. Raises CellFailed."""
        deadline = None if timeout is None else time.monotonic() + timeout
        for place, cell in enumerate(segment.cells):
            left = None if deadline is None else max(0.0, round(deadline - time.monotonic(), 3))
            await self._cell(worker, segment, place, cell, left)

    async def _cell(
        self, worker: Worker, segment: Segment, place: int, cell: Cell, left: float | None
    ) -> None:
        def show(message: Message) -> None:
            self._page.hear(cell.index, message)
            self._tape.hear(place, message)
            self._folder.log(segment.name, _as_text(message))

        def listen(message: Message) -> None:
            for clear in self._redaction.messages(message):
                show(clear)

        self._page.cell_begins(cell.index)
        self._progress.cell_begins(segment.name, cell.number)
        began = time.perf_counter()
        failure: CellFailed | None = None
        try:
            reply = await worker.run(self._job.code(segment, place), listen, timeout=left)
            if reply["status"] == "error" and not cell.may_raise:
                trace = "\n".join(reply.get("traceback", ()))
                reply = self._redaction.content({**reply, "traceback": trace})
                failure = CellFailed(
                    cell.number, reply["ename"], reply["evalue"], reply["traceback"]
                )
        except (KernelDied, TimeoutError) as end:
            name = "DeadKernelError" if isinstance(end, KernelDied) else "TimeoutError"
            said = self._redaction.text(str(end))
            late = isinstance(end, TimeoutError)
            said += f"; step '{segment.name}' has taken all the time it was given" if late else ""
            failure = CellFailed(cell.number, name, said, kernel_died=True)
        except asyncio.CancelledError:
            self._page.cell_ends(cell.index, failed=True)
            raise
        for clear in self._redaction.rest():
            show(clear)
        if failure is not None and failure.kernel_died:
            self._page.fail(cell.index, failure.ename, failure.evalue, [failure.evalue])
        self._redaction.cell(self._page.nb.cells[cell.index])
        self._page.cell_ends(cell.index, failed=failure is not None)
        self._progress.cell_ends(
            segment.name, cell.number, time.perf_counter() - began, failed=failure is not None
        )
        if failure is not None:
            raise failure


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
