"""The rows of the suite: small notebooks with their files, read from `cases/*.cells`.

A row in such a file is

    === what is special about it
    file data/points.csv
      x,y
      1,2
    import csv
    ---
    rows = list(csv.reader(open("data/points.csv")))
    --- tags: raises-exception
    rows[7]

A row starts with `===` and its name; `file PATH` is followed by the file's lines, each indented by
two spaces; `---` parts two cells, and may give the tags of the one that follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCell:
    """A code cell of a row."""

    source: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A small notebook, and the files that lie beside it."""

    topic: str
    title: str
    cells: tuple[RowCell, ...]
    files: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The row's name among all, fit for a test's id."""
        return f"{self.topic}-{re.sub(r'[^a-z0-9]+', '-', self.title.lower()).strip('-')}"

    def lay_out(self, folder: Path) -> None:
        """Write the row's files into a folder."""
        for path, content in self.files:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)


def rows() -> tuple[Row, ...]:
    """Every row of every file, in order."""
    return tuple(
        row for path in sorted(CASES.glob("*.cells")) for row in parse(path.read_text(), path.stem)
    )


def parse(text: str, topic: str) -> Iterator[Row]:
    """The rows that a text in the grammar above holds."""
    for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        title, _, body = block.partition("\n")
        files, lines = _files(body.splitlines())
        yield Row(topic=topic, title=title.strip(), files=files, cells=tuple(_cells(lines)))


def _files(lines: list[str]) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    files = []
    while lines and lines[0].startswith("file "):
        path = lines[0].removeprefix("file ").strip()
        end = 1
        while re.match(r"(\n)*  ", "\n".join(lines[end:])):
            end += 1
        files.append((path, "".join(line[2:] + "\n" for line in lines[1:end])))
        lines = lines[end:]
    return tuple(files), lines


def _cells(lines: list[str]) -> Iterator[RowCell]:
    tags: tuple[str, ...] = ()
    source: list[str] = []
    for line in [*lines, "---"]:
        if line != "---" and not line.startswith("--- tags:"):
            source.append(line)
            continue
        if code := "\n".join(source).strip("\n"):
            yield RowCell(source=code, tags=tags)
        tags = tuple(line.removeprefix("--- tags:").split()) if ":" in line else ()
        source = []
