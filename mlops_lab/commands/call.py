"""One call: words in, answer out, exit code back. Errors become messages here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click

from mlops_lab.commands.answer import Answer
from mlops_lab.commands.failure import failure_json, failure_lines
from mlops_lab.commands.place import Place
from mlops_lab.commands.words import mlops
from mlops_lab.errors import BackendError, MlopsError, RunCancelled


def call(words: Sequence[str], place: Place) -> int:
    """Do what the words say and show the answer; the exit code.

    0 well; 1 a run failed or something it stands on is not there; 2 the call or the notebook is
    wrong; 130 broken off.
    """
    place = replace(place, words=tuple(words))
    try:
        answer = ask(place)
        exit_code = _show(answer, place) if answer else 0
        if answer and answer.behind:
            answer.behind()
        return exit_code
    except (MlopsError, click.ClickException) as error:
        return _show_failure(error, place)
    except (click.Abort, KeyboardInterrupt):
        return _show_failure(RunCancelled("broken off"), place)
    except BrokenPipeError:
        return _leave_quietly()
    except PermissionError as error:
        return _show_failure(_closed(error), place)


def ask(place: Place) -> Answer | None:
    """What the command has to say; None after --help. Raises what it raises."""
    name = "mlops" if place.namespace is None else "%mlops"
    said: Any = mlops.main(list(place.words), prog_name=name, standalone_mode=False, obj=place)
    return said if isinstance(said, Answer) else None


def _show(answer: Answer, place: Place) -> int:
    exit_code = answer.error.exit_code if answer.error else 0
    if place.wants_events or place.wants_json:
        _show_data(answer.data, place, exit_code)
        return exit_code
    for line in answer.text():
        click.echo(line)
    for line in failure_lines(answer.error) if answer.error else ():
        click.echo(line, err=True)
    return exit_code


def _show_failure(error: MlopsError | click.ClickException, place: Place) -> int:
    if place.wants_events or place.wants_json:
        _show_data({"error": failure_json(error)}, place, error.exit_code)
    elif isinstance(error, click.ClickException):
        error.show()
    else:
        for line in failure_lines(error):
            click.echo(line, err=True)
    return error.exit_code


def _show_data(data: Any, place: Place, exit_code: int) -> None:
    if place.wants_events:
        click.echo(
            json.dumps({"kind": "Answer", "exit_code": exit_code, "data": data}, default=str)
        )
    else:
        click.echo(json.dumps(data, indent=2, default=str, ensure_ascii=False))


def _closed(error: PermissionError) -> BackendError:
    what = f"'{error.filename}'" if error.filename else "a file"
    way_out = "make it writable, or copy the notebook to a folder of your own"
    return BackendError(f"{what} can't be read or written: {error.strerror}; {way_out}")


def _leave_quietly() -> int:
    """Say nothing to a reader who has left: `mlops runs logs | head`."""
    import os
    import sys

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
