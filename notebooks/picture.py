"""The README's picture, made from a real run: python notebooks/picture.py."""

from __future__ import annotations

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

NOTEBOOK = Path(__file__).with_name("01-first-pipeline.ipynb")
PICTURE = Path(__file__).with_name("run.svg")
WIDTH = 92
CONTROL = re.compile(r"(\x1b\[[0-9;?]*[A-Za-z]|\r|\n)")
# Fonts would be fetched from a server by whoever looks at the picture.
FORMAT = re.sub(r"@font-face \{\{.*?\n    \}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def main() -> None:
    """Run the tour's first commands in a terminal, and draw what it shows in the end."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "mlops.toml").touch()
        copy = folder / "digits.ipynb"
        shutil.copy(NOTEBOOK, copy)
        screen = [*seen("mlops run digits.ipynb -p folds 15", folder), ""]
        screen += [*seen("mlops runs show --timeline", folder), ""]
        copy.write_text(copy.read_text().replace("min_samples_leaf=1", "min_samples_leaf=2"))
        screen += [*seen("mlops run digits.ipynb -p folds 15 --explain", folder), ""]
        screen += seen("mlops run digits.ipynb -p folds 15", folder)
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    for line in screen:
        console.print(Text.from_ansi(line), soft_wrap=False)
    console.save_svg(str(PICTURE), title="mlops", code_format=FORMAT, unique_id="run")
    print(f"wrote {PICTURE}")


def seen(command: str, folder: Path) -> list[str]:
    """The prompt, and what a terminal shows when the command is through."""
    script, *words = shlex.split(command)
    program = str(Path(sys.executable).with_name(script))
    mother, child = pty.openpty()
    terminal = {"COLUMNS": str(WIDTH), "LINES": "40", "TERM": "xterm-256color"}
    # Tracking would still write into the folder when it is to be removed.
    environment = {**os.environ, **terminal, "MLOPS_TRACKING": "off"}
    process = subprocess.Popen(
        [program, *words], cwd=folder, env=environment, stdin=child, stdout=child, stderr=child
    )
    os.close(child)
    said = bytearray()
    while part := read(mother):
        said += part
    os.close(mother)
    if process.wait():
        raise SystemExit(f"{command} gave {process.returncode}:\n{said.decode()}")
    return [f"\x1b[1m$ {command}\x1b[0m", *screen_of(said.decode())]


def read(terminal: int) -> bytes:
    """What comes next; nothing once nobody writes any more."""
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says the end of a terminal by an error
        return b""


def screen_of(said: str) -> list[str]:
    """The lines that are left, when the cursor's moves and erasures are done."""
    lines, row = [""], 0
    for part in CONTROL.split(said):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part.endswith("A") and part.startswith("\x1b["):
            row = max(0, row - int(part[2:-1] or 1))
        elif part == "\x1b[2K":
            lines[row] = ""
        elif not CONTROL.fullmatch(part) or part.endswith("m"):
            lines[row] += part
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


if __name__ == "__main__":
    main()
