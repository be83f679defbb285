"""What a walk through code has found so far."""

from __future__ import annotations

import ast
import keyword
import re
from dataclasses import dataclass, field

WHOLE = frozenset({"globals", "locals", "vars", "dir", "eval", "exec", "get_ipython", "__main__"})
"""Names whose use looks at the namespace as a whole."""

FRAMES = frozenset(
    {
        "_getframe",
        "currentframe",
        "getouterframes",
        "f_globals",
        "f_locals",
        "__globals__",
        "user_ns",
        "user_global_ns",
    }
)
"""Attributes that lead to a namespace."""

# Methods that people end a cell with to look at a value: they leave it as it is.
LOOKS = frozenset(
    """
    head tail sample describe info show plot hist boxplot value_counts corr cov mean median std
    var min max sum count nunique unique isna isnull notna groupby agg aggregate copy query
    sort_values sort_index reset_index set_index merge join rename drop dropna fillna astype
    to_csv to_parquet to_json to_excel to_pickle to_html to_string to_numpy to_frame to_list
    tolist items keys values get score predict predict_proba transform evaluate summary savefig
    save dump print format strip split lower upper replace startswith endswith read_text exists
    write_text is_dir is_file glob iterdir crosstab pivot pivot_table melt quantile nlargest
    nsmallest idxmax idxmin round abs cumsum diff rolling resample apply map dot
    """.split()
)

_WORD = re.compile(r"[^\W\d]\w*")
_LONGEST_HINT = 10_000


@dataclass(slots=True, kw_only=True)
class Found:
    """What a walk has found. `refs` are the global names that a definition will look up."""

    reads: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    hints: set[str] = field(default_factory=set)
    refs: dict[str, frozenset[str]] = field(default_factory=dict)
    everything: bool = False

    def hint(self, text: str) -> None:
        """Remember what may be a name inside a string, as in `df.query('x > @limit')`."""
        if len(text) <= _LONGEST_HINT:
            self.hints.update(word for word in _WORD.findall(text) if not keyword.iskeyword(word))


def root(node: ast.expr) -> str | None:
    """The name that `a.b[c].d` hangs on; None where it hangs on a call or a literal."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def changed_by(call: ast.Call) -> set[str]:
    """The names whose values a call says to change: `inplace=True`, `out=x`, `next(x)`."""
    names = {
        root(word.value)
        for word in call.keywords
        if word.arg == "out" and isinstance(word.value, ast.Name)
    }
    for word in call.keywords:
        is_true = isinstance(word.value, ast.Constant) and word.value.value is True
        if word.arg in ("inplace", "overwrite_input") and is_true:
            names.add(root(call.func))
    if isinstance(call.func, ast.Name) and call.func.id in ("next", "setattr", "delattr"):
        names |= {root(arg) for arg in call.args[:1]}
    return {name for name in names if name is not None}


def changed_by_statement(call: ast.Call) -> str | None:
    """The name whose value a bare `x.method()` probably changes."""
    if isinstance(call.func, ast.Attribute) and call.func.attr not in LOOKS:
        return root(call.func.value)
    return None
