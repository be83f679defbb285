"""The output notebook as it fills: kernel messages in, cells with papermill's marks out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mlops_lab.interfaces import Message

if TYPE_CHECKING:
    from nbformat import NotebookNode

KEPT = ("stream", "display_data", "execute_result", "error", "update_display_data", "clear_output")
"""The messages that make a cell's outputs; with `execute_input` and comms they are all we keep."""


PIECE = 1 << 15
"""Characters from which on a stream's output is added to no longer: each time copies it all."""


class Page:
    """One notebook. Cells are named by their index, from 0.

    papermill's conventions are kept, but a cell counts as completed only when it was.
    """

    def __init__(self, nb: Any, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.nb = nb
        self._client: Any = None
        self._now = now
        self._started: dict[int, datetime] = {}
        self._updated: dict[int, list[tuple[Any, Any, Any]]] = {}

    def begin(self) -> None:
        """Clear what an earlier run left, and mark every cell as pending."""
        marks = self._marks()
        marks.setdefault("default_parameters", {})
        marks.setdefault("environment_variables", {})
        marks.setdefault("parameters", {})
        marks.update(start_time=self._now().isoformat(), end_time=None, duration=None)
        marks["exception"] = None
        self._begun = self._now()
        for index in range(len(self.nb.cells)):
            self.cell_waits(index)

    def cell_waits(self, index: int) -> None:
        """The cell has not run, or shall run again."""
        cell = self.nb.cells[index]
        cell.metadata["papermill"] = {
            "exception": None,
            "start_time": None,
            "end_time": None,
            "duration": None,
            "status": "pending",
        }
        if cell.cell_type == "code":
            cell.execution_count = None
            self._empty(index)

    def _empty(self, index: int) -> None:
        """Take back what the cell has shown, in other cells' displays too."""
        self.nb.cells[index].outputs = []
        for output, data, metadata in reversed(self._updated.pop(index, [])):
            output["data"], output["metadata"] = data, metadata
        if self._client is not None:
            self._client.clear_before_next_output = False
            self._client.clear_display_id_mapping(index)

    def _marks(self) -> dict[str, Any]:
        marks: dict[str, Any] = self.nb.metadata.setdefault("papermill", {})
        return marks

    def cell_begins(self, index: int, at: datetime | None = None) -> None:
        """The cell was sent to the kernel, now or then."""
        self._started[index] = at or self._now()
        cell = self.nb.cells[index]
        self._empty(index)
        marks = cell.metadata["papermill"]
        marks.update(start_time=self._started[index].isoformat(), status="running")
        marks.update(exception=False, end_time=None, duration=None)

    def cell_ends(self, index: int, *, failed: bool = False, at: datetime | None = None) -> None:
        """The kernel is done with the cell, or is gone."""
        self._join_streams(index)
        end = at or self._now()
        marks = self.nb.cells[index].metadata["papermill"]
        begun = self._started.get(index, end)
        marks.update(end_time=end.isoformat(), duration=(end - begun).total_seconds())
        marks["status"] = "failed" if failed else "completed"
        if failed:
            marks["exception"] = True

    def passes_over(self, index: int) -> None:
        """A cell that never runs (markdown, empty, skipped) is done, as papermill has it."""
        self.nb.cells[index].metadata["papermill"]["status"] = "completed"

    def hear(self, index: int, message: Message, *, known: bool = False) -> None:
        """One message of a cell; `known` ones were shown before, so they need no check."""
        kind = message["msg_type"]
        if kind == "status":
            return
        if kind == "execute_input":
            self.nb.cells[index]["execution_count"] = message["content"]["execution_count"]
            return
        if kind == "stream" and self._goes_on(index, message["content"]):
            return
        if self._client is None and _is_plain(message):
            cell = self.nb.cells[index]
            output = _output if known else _checked
            cell.outputs.append(output({"header": {"msg_type": kind}, **message}))
            if "execution_count" in message["content"]:
                cell["execution_count"] = message["content"]["execution_count"]
            return
        self._through_nbclient(index, message)

    def _through_nbclient(self, index: int, message: Message) -> None:
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionComplete

        if self._client is None:
            self._client = NotebookClient(self.nb, record_timing=False, coalesce_streams=True)
            self._client.reset_execution_trackers()
            self._client.clear_before_next_output = False
        kind = message["msg_type"]
        display = (message["content"].get("transient") or {}).get("display_id")
        for other, places in self._client._display_id_map.get(display, {}).items():
            if other != index:
                found = (self.nb.cells[other].outputs[place] for place in places)
                shown = [(output, output["data"], output["metadata"]) for output in found]
                self._updated.setdefault(index, []).extend(shown)
        message = {"metadata": {}, "parent_header": {}, "header": {"msg_type": kind}, **message}
        with suppress(CellExecutionComplete):
            self._client.process_message(message, self.nb.cells[index], index)

    def _goes_on(self, index: int, content: dict[str, Any]) -> bool:
        """Add a stream's text to the output that it belongs to, if it still grows."""
        outputs = self.nb.cells[index].outputs
        cleared = self._client is not None and self._client.clear_before_next_output
        last = outputs[-1] if outputs and not cleared else {}
        if last.get("output_type") != "stream" or last["name"] != content["name"]:
            return False
        if len(last["text"]) > PIECE:
            return False
        last["text"] += content["text"]
        return True

    def _join_streams(self, index: int) -> None:
        """One output for what was printed in one go; displays keep knowing their places."""
        runs: list[list[Any]] = []
        places: dict[int, int] = {}
        for place, output in enumerate(self.nb.cells[index].outputs):
            same = runs and output.output_type == runs[-1][0].output_type == "stream"
            if same and output.name == runs[-1][0].name:
                runs[-1].append(output)
            else:
                runs.append([output])
            places[place] = len(runs) - 1
        for first, *rest in runs:
            if rest:
                first["text"] = "".join(output["text"] for output in (first, *rest))
        self.nb.cells[index].outputs = [run[0] for run in runs]
        for cells in self._client._display_id_map.values() if self._client is not None else ():
            if index in cells:
                cells[index] = [places[place] for place in cells[index]]

    def end(self) -> None:
        """The run is over, well or not; cells that did not run stay pending."""
        marks = self._marks()
        failed = any(cell.metadata["papermill"]["exception"] for cell in self.nb.cells)
        marks["exception"] = True if failed else None
        end = self._now()
        marks.update(end_time=end.isoformat(), duration=(end - self._begun).total_seconds())
        if self._client is not None and self._client.widget_state:
            self._client.set_widgets_metadata()

    def fail(self, index: int, ename: str, evalue: str, traceback: list[str]) -> None:
        """Show an error that the kernel could not show itself, because it died or was too slow."""
        content = {"ename": ename, "evalue": evalue, "traceback": traceback}
        self.hear(index, {"msg_type": "error", "content": content})


def _is_plain(message: Message) -> bool:
    """Whether a message only adds an output, so that nbclient, slow to import, is not needed."""
    if message["msg_type"] in ("display_data", "execute_result"):
        return not (message["content"].get("transient") or {}).get("display_id")
    return message["msg_type"] in ("stream", "error")


def _checked(message: Message) -> NotebookNode:
    from nbformat.v4 import output_from_msg

    return output_from_msg(message)


def _output(message: Message) -> NotebookNode:
    """What nbformat makes of a message, without the check, for which it would build a parser."""
    from nbformat import NotebookNode

    kind, content = message["msg_type"], message["content"]
    output = NotebookNode(output_type=kind)
    for name in _FIELDS[kind]:
        output[name] = content[name]
    return output


_FIELDS = {
    "stream": ("name", "text"),
    "error": ("ename", "evalue", "traceback"),
    "display_data": ("metadata", "data"),
    "execute_result": ("metadata", "data", "execution_count"),
}


class Tape:
    """What a segment's cells showed, to be shown again when the segment is adopted.

    Each item is (cell's place in the segment, message type, content); streams are joined.
    """

    def __init__(self) -> None:
        self.items: list[list[Any]] = []

    def hear(self, place: int, message: Message) -> None:
        """Keep a message, if it shows."""
        kind, content = message["msg_type"], message["content"]
        if kind == "execute_input":
            content = {"execution_count": content["execution_count"]}
        elif kind not in KEPT and not kind.startswith("comm_"):
            return
        last = self.items[-1] if self.items else None
        if kind == "stream" and last is not None and last[:2] == [place, "stream"]:
            if last[2]["name"] == content["name"] and len(last[2]["text"]) <= PIECE:
                last[2]["text"] += content["text"]
                return
        self.items.append([place, kind, copy.deepcopy(content)])

    def shows_results(self) -> bool:
        """Whether a cell showed its last expression's value."""
        return any(kind == "execute_result" for _, kind, _ in self.items)

    def shows_numbers(self) -> bool:
        """Whether something shown quotes an execution count, as tracebacks do."""
        return any(
            kind == "error" or (kind == "stream" and "In[" in content["text"])
            for _, kind, content in self.items
        )


def replay(page: Page, cells: list[int], items: list[list[Any]], counts: dict[int, int]) -> None:
    """Show a tape again; `counts` maps a cell's place to the execution count it gets now."""
    for place, kind, shown in items:
        content = copy.deepcopy(shown)
        if "execution_count" in content and place in counts:
            content["execution_count"] = counts[place]
        page.hear(cells[place], {"msg_type": kind, "content": content}, known=True)
