"""`%mlops`: the command line's words in a notebook."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Any

import click
from IPython.core.magic import Magics, line_cell_magic, magics_class

from mlops_lab.commands.answer import Answer
from mlops_lab.commands.call import ask
from mlops_lab.commands.place import Place
from mlops_lab.errors import MlopsError, UsageError
from mlops_lab.magics.driver import LiveRun
from mlops_lab.magics.notebook import Seen, current_notebook
from mlops_lab.magics.shown import Shown, told
from mlops_lab.magics.view import show_live


@magics_class
class Mlops(Magics):
    """`%mlops WORD …` does what `mlops WORD …` does; this notebook is meant where none is named."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._seen = Seen()
        shell.events.register("pre_run_cell", self._seen)

    @line_cell_magic  # type: ignore[untyped-decorator]  # IPython ships no types
    def mlops(self, line: str, cell: str | None = None) -> Any:
        """Run, explain, compare: `%mlops --help` says all words, `%mlops run --help` each one's."""
        try:
            if cell is not None:
                raise UsageError("a cell begins with: %%mlops step NAME; a line with: %mlops")
            return self._said(self._ask(line), as_json="--json" in line.split())
        except click.ClickException as error:
            raise told(UsageError(error.format_message())) from None
        except MlopsError as error:
            raise told(error) from None

    def _ask(self, line: str) -> Answer | None:
        try:
            words = tuple(shlex.split(line))
        except ValueError as error:
            raise UsageError(f"%mlops {line}: {error}") from None
        shell: Any = self.shell
        return ask(
            Place(
                notebook=lambda: current_notebook(shell),
                drive=self._drive,
                namespace=shell.user_ns,
                words=words or ("--help",),
            )
        )

    def _said(self, answer: Answer | None, *, as_json: bool = False) -> Any:
        if answer is None:
            return None
        if answer.error:
            raise answer.error
        if as_json:
            return answer.data
        return answer.value if answer.value is not None else Shown(answer)

    def _drive(self, words: tuple[str, ...], notebook: Path | None, wait: bool) -> Answer:
        run_id = os.environ.get("MLOPS_RUN_ID")
        if run_id:
            said = f"this is run {run_id} already; %mlops {words[0]} does nothing inside it"
            return Answer(data={"run_id": run_id}, parts=(said,))
        shell: Any = self.shell
        if notebook and notebook.exists() and self._differs(notebook):
            told = f"{notebook.name} runs as saved; what is on the screen differs: save it"
            print(f"mlops: warning: {told}", file=sys.stderr)  # noqa: T201 a notebook's own stderr
        live = LiveRun(words)
        show_live(live, shell)
        if wait or "--json" in words:
            live.wait()
        return Answer(data=live.answer().data, value=live)

    def _differs(self, notebook: Path) -> bool:
        """Whether it is this kernel's notebook, and the screen is known to be ahead of its file."""
        try:
            here = current_notebook(self.shell).samefile(notebook)
        except (MlopsError, OSError):
            return False
        return here and self._seen.unsaved(notebook)
