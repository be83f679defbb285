"""An answer as a notebook shows it."""

from __future__ import annotations

from mlops_lab.commands.answer import Answer, Table
from mlops_lab.magics.shown import Shown


def test_an_answer_that_comes_line_by_line_is_shown_whole_as_text_and_as_html() -> None:
    parts = iter(["a < b", "c", Table(rows=(("d",),)), "e"])
    shown = Shown(Answer(data=None, parts=parts))._repr_mimebundle_()
    assert shown["text/plain"] == "a < b\nc\nd\ne"
    assert "<pre>a &lt; b\nc</pre><table>" in shown["text/html"]
    assert shown["text/html"].endswith("</table><pre>e</pre></div>")
