"""Every word that the front end says can be said in another language, and is said in Korean."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mlops_lab

FRONT = Path(__file__).parents[1] / "labextension"
SCHEMAS = sorted((FRONT / "schema").glob("*.json"))
SOURCES = sorted(path for path in (FRONT / "src").rglob("*.ts*"))
KOREAN = Path(mlops_lab.__file__).parent / "locale" / "ko_KR" / "LC_MESSAGES" / "mlops_lab.json"

TEXT = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(r"\btrans\s*\.\s*(__|_n)\(\s*")
SAID = re.compile(rf"({TEXT})\s*[,)]")
SAID_OF_MANY = re.compile(rf"({TEXT})\s*,\s*({TEXT})\s*,")
BARE = re.compile(r">\s*([A-Za-z][a-z]+(?: [a-z]+)*[.…]?)\s*</")
ATTRIBUTE = re.compile(r"""\b(?:aria-label|title|placeholder|alt)="([^"]*[A-Za-z][^"]*)\"""")
NAMES = {"MLflow", "Ray", "Run"}
"""Other people's names stay as they are."""


def said() -> Iterator[tuple[Path, str, str | None]]:
    """The strings that pass through the translator, the plural beside a singular."""
    for path in SOURCES:
        text = path.read_text()
        for call in CALL.finditer(text):
            many = call[1] == "_n"
            found = (SAID_OF_MANY if many else SAID).match(text, call.end())
            line = text.count("\n", 0, call.start()) + 1
            assert found, f"{path.name}:{line}: the translator needs the text itself"
            yield path, ast.literal_eval(found[1]), ast.literal_eval(found[2]) if many else None


def said_in_settings(schema: dict[str, Any]) -> Iterator[str]:
    """The titles and descriptions that the settings editor shows."""
    yield from (schema[word] for word in ("title", "description") if word in schema)
    for inner in schema.get("properties", {}).values():
        yield from said_in_settings(inner)


def all_said() -> set[str]:
    settings = (text for path in SCHEMAS for text in said_in_settings(json.loads(path.read_text())))
    return {text for _, text, _ in said()} | set(settings)


def korean() -> dict[str, list[str]]:
    return dict(json.loads(KOREAN.read_text()))


def places(text: str) -> list[str]:
    return sorted(re.findall(r"%\d", text))


def test_every_string_is_there_in_korean() -> None:
    assert sorted(all_said() - set(korean())) == []


def test_nothing_is_translated_that_is_said_nowhere() -> None:
    assert sorted(set(korean()) - all_said() - {""}) == []


def test_a_translation_fills_the_places_that_the_string_has() -> None:
    known = korean()
    for _, text, plural in said():
        for one in known[text]:
            assert one.strip(), text
            assert set(places(one)) <= {*places(text), *places(plural or "")}, text
        # JupyterLab passes over what has another number of forms than it is asked for.
        assert len(known[text]) == (1 if plural is None else 2), text


def test_no_words_go_past_the_translator() -> None:
    bare = [
        f"{path.name}: {found[1]}"
        for path in SOURCES
        if path.suffix == ".tsx"
        for pattern in (BARE, ATTRIBUTE)
        for found in pattern.finditer(path.read_text())
        if found[1] not in NAMES
    ]
    assert bare == []


def test_jupyterlab_is_told_where_the_words_are() -> None:
    head = korean()[""]
    assert head == {
        "domain": "mlops_lab",
        "language": "ko-KR",
        "plural_forms": "nplurals=1; plural=0;",
        "version": mlops_lab.__version__,
    }


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_settings_belong_to_the_words_of_ours(schema: Path) -> None:
    body = json.loads(schema.read_text())
    assert body["jupyter.lab.internationalization"] == {"domain": "mlops_lab"}
