"""Colour in text: none where NO_COLOR is set; where nobody looks, click takes it out."""

from __future__ import annotations

import os

import click


def paint(text: str, colour: str | None = None, *, dim: bool = False) -> str:
    """The text in a colour of the terminal's own, or dimmed."""
    if os.environ.get("NO_COLOR") or not (colour or dim):
        return text
    return click.style(text, fg=colour, dim=dim or None)
