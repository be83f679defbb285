"""Parameters are inferred as papermill does, and what doesn't fit is refused before a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_lab.errors import ParameterError
from mlops_lab.ir.pipeline import Parameter
from mlops_lab.notebook.injected import behind_parameters
from mlops_lab.notebook.parameters import bind, from_cli, infer, is_secret, resolved

INFERRED = {
    "a = 1": ("1", "int", ""),
    "a = 1.5  # how fast": ("1.5", "float", "how fast"),
    "a: float = 1": ("1", "float", ""),
    "a: 'float' = 1": ("1", "float", ""),
    "a = 1  # type: float how fast": ("1", "float", "how fast"),
    "a = 1  # type: float": ("1", "float", ""),
    "a: int = 1  # type: float": ("1", "int", ""),
    "a = 'x # y'  # help": ("'x # y'", "str", "help"),
    "a = True": ("True", "bool", ""),
    "a = None": ("None", None, ""),
    "a = -1": ("-1", "int", ""),
    "a = [\n  1,  # one\n  2,\n]  # some": ("[\n  1,  # one\n  2,\n]", "list", "some"),
    "a = {'b': 1}": ("{'b': 1}", "dict", ""),
    "a = f()": ("f()", None, ""),
    "a: Optional[int] = None": ("None", "Optional[int]", ""),
    "import os\na = 1\nprint(a)": ("1", "int", ""),
    "a = 1\na = 2": ("2", "int", ""),
}


@pytest.mark.parametrize("source", INFERRED)
def test_a_parameter_has_default_kind_and_help(source: str) -> None:
    default, kind, about = INFERRED[source]
    assert infer(source) == (Parameter(name="a", default=default, kind=kind, help=about),)


@pytest.mark.parametrize(
    "source",
    [
        "a = 1",
        "a = 1.5  # help",
        "a: int = 1  # help me",
        "a = 'x'  # type: str text",
        "a: str = 'y'",
    ],
)
def test_papermill_infers_the_same(source: str) -> None:
    from papermill.translators import PythonTranslator

    (theirs,) = PythonTranslator.inspect({"source": source})
    (ours,) = infer(source)
    assert (ours.name, ours.default, ours.help) == (theirs.name, theirs.default, theirs.help)
    if theirs.inferred_type_name != "None":
        assert ours.kind == theirs.inferred_type_name


@pytest.mark.parametrize("source", ["", "# nothing", "x[0] = 1", "a, b = 1, 2", "a = (", "a += 1"])
def test_what_is_no_plain_assignment_is_no_parameter(source: str) -> None:
    assert infer(source) == ()


FITS: list[tuple[str, list[Any], list[Any]]] = [
    ("a = 1", [1, -5, 10**30], [1.0, True, "1", None, [1]]),
    ("a = 1.0", [1, 1.5, float("nan")], [True, "1.0", None]),
    ("a = True", [True, False], [1, 0, "True"]),
    ("a = 'x'", ["y", ""], [1, None, True]),
    ("a = [1]", [[], [1, "x"]], ["x", {}, 1]),
    ("a = {}", [{}, {"x": 1}], [[], "x"]),
    ("a = None", [1, "x", None, []], []),
    ("a: int = None", [1, None], ["x", 1.5]),
    ("a: Optional[float] = 1.0", [1, None], ["x"]),
    ("a: int | str = 1", [1, "x"], [1.5, None]),
    ("a: Union[int, None] = 1", [1, None], ["x"]),
    ("a: List[int] = []", [[1]], ["x"]),
    ("a: Literal['x', 'y'] = 'x'", ["x"], ["z", 1]),
    ("a: typing.Dict[str, int] = {}", [{}], [[]]),
    ("a: Path = Path('x')", ["y", 1], []),
    ("a = f()", ["y", 1], []),
]


@pytest.mark.parametrize(("source", "right", "wrong"), FITS, ids=[row[0] for row in FITS])
def test_a_value_of_the_right_kind_is_taken_and_any_other_refused(
    source: str, right: list[Any], wrong: list[Any]
) -> None:
    parameters = infer(source)
    for value in right:
        assert bind(parameters, {"a": value})["a"] is value
    for value in wrong:
        with pytest.raises(ParameterError, match="parameter 'a' takes"):
            bind(parameters, {"a": value})


def test_every_misfit_is_listed() -> None:
    with pytest.raises(ParameterError) as caught:
        bind(infer("alpha = 1\nname = 'x'"), {"alhpa": 1, "p=1;q": 2, "class": 3, "name": 4})
    assert str(caught.value).splitlines() == [
        "the notebook takes no parameter 'alhpa'. Did you mean 'alpha'?",
        "'p=1;q' can't be a parameter's name: a name of Python is wanted",
        "'class' can't be a parameter's name: a name of Python is wanted",
        "parameter 'name' takes str (default 'x'), not int 4. As text: -r name 4",
    ]


def test_a_notebook_without_parameters_says_how_to_get_some() -> None:
    with pytest.raises(ParameterError, match="no cell of it is tagged 'parameters'"):
        bind((), {"a": 1})


def test_in_another_language_only_names_are_checked() -> None:
    assert bind((), {"a": 1}, python=False) == {"a": 1}
    with pytest.raises(ParameterError, match="can't be a parameter's name"):
        bind((), {"a b": 1}, python=False)


def test_a_reference_to_a_secret_fits_any_kind() -> None:
    assert bind(infer("a = 1"), {"a": "env:TOKEN"}) == {"a": "env:TOKEN"}
    assert is_secret("env:TOKEN")
    assert not is_secret("TOKEN")


@given(st.text())
def test_no_name_but_a_declared_one_passes(name: str) -> None:
    if name != "a":
        with pytest.raises(ParameterError):
            bind(infer("a = 1"), {name: 1})


@given(st.one_of(st.text(), st.integers().map(str), st.floats().map(str), st.booleans().map(str)))
def test_papermill_resolves_text_to_the_same_value(text: str) -> None:
    from papermill.cli import _resolve_type

    assert repr(resolved(text)) == repr(_resolve_type(text))


def test_options_count_in_papermills_order(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("a: 1\nb: 1\nc: 1\nd: 1\n")
    found = from_cli(f=[file], y=["{b: 2, c: 2, d: 2}"], p=[("c", "3"), ("d", "3")], r=[("d", "4")])
    assert found == {"a": 1, "b": 2, "c": 3, "d": "4"}


def test_dates_in_yaml_stay_text() -> None:
    assert from_cli(y=["day: 2026-01-02"]) == {"day": "2026-01-02"}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[1]", "holds no 'NAME: VALUE', but list"),
        ("a: [", "is not YAML"),
        ("a: !!python/object/apply:os.system ['false']", "is not YAML"),
    ],
)
def test_other_yaml_is_refused(text: str, match: str) -> None:
    with pytest.raises(ParameterError, match=match):
        from_cli(y=[text])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"nothing\.yaml"):
        from_cli(f=[tmp_path / "nothing.yaml"])


def test_papermills_cell_goes_behind_kales_parameters() -> None:
    def order(*tags: str) -> list[str]:
        nb = {"cells": [{"metadata": {"tags": [tag]}} for tag in tags]}
        moved = behind_parameters(nb)
        found = [cell["metadata"]["tags"][0] for cell in nb["cells"]]
        assert moved == (found != list(tags))
        return found

    mine, kale = "injected-parameters", "pipeline-parameters"
    assert order(mine, "imports", kale, "step:a") == ["imports", kale, mine, "step:a"]
    assert order("imports", kale, mine) == ["imports", kale, mine]
    assert order(mine, "step:a") == [mine, "step:a"]
    assert order("parameters", mine, kale) == ["parameters", mine, kale]
