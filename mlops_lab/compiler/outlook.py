"""What a segment is expected to do when it runs, from its code and from what was seen of it before.

Only guesses: they decide what is worth trying ahead of home. What counts is seen afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from mlops_lab.ir.outlook import Outlook
from mlops_lab.ir.pipeline import Pipeline
from mlops_lab.ir.plan import IN_TURN, Plan
from mlops_lab.ir.step import Policy, Segment
from mlops_lab.notebook.order import imports, order
from mlops_lab.records.entry import Entry
from mlops_lab.records.versions import GENERATORS, PROCESS, names_history

_SETTINGS = {
    "@pandas": r"set_option|reset_option|pd\.options|display\.",
    "@matplotlib": r"rcParams|style\.use|set_theme|sns\.set\b|sns\.set_\w+|plt\.rc\b",
    "@warnings": r"filterwarnings|simplefilter",
    "@environ": r"os\.environ\[|environ\.(?:setdefault|update|pop)|putenv|%env|%set_env",
    "@cwd": r"\bchdir\b|^\s*%cd\b",
    "@sys.path": r"sys\.path",
    "@numpy": r"set_printoptions|np\.seterr",
    "@decimal": r"getcontext|setcontext",
    "@recursion": r"setrecursionlimit",
    "@ipython": r"%precision|%xmode|ast_node_interactivity|\bdisplay_formatter\b",
}
_SETS = {name: re.compile(pattern, re.MULTILINE) for name, pattern in _SETTINGS.items()}
_SEEDS = re.compile(r"\bseed\s*\(|set_state|setstate|set_seed|seed_everything|manual_seed")
_DRAWS = re.compile(
    r"np\.random\.(?!default_rng|Generator|RandomState)|numpy\.random\.|\brandom\.(?!default_rng)"
    r"|\bsample\(|\bshuffle\(|train_test_split"
)
_ACTS = re.compile(
    r"\.to_(?:csv|parquet|pickle|json|excel|hdf|feather|sql|stata|html)\(\s*[^)\s]|savefig\("
    r"|\bopen\([^)]*,\s*(?:mode\s*=\s*)?['\"][rbt+]*[wax]|\.(?:write_text|write_bytes|mkdir|unlink)\("
    r"|\bmakedirs\(|\b(?:joblib|pickle|torch|json|yaml|cloudpickle)\.(?:dump|save)\("
    r"|\bnp\.save\w*\(|\.save(?:_model|_weights|_pretrained)?\(|\bshutil\.|\bos\.(?:remove|rename|system)"
    r"|\bsubprocess\.|\brequests\.|\burlopen\(|\burlretrieve\(|\bsqlite3\.connect\(|create_engine\("
    r"|\binput\(|\bray\.init\(|load_dataset\(|\bfetch_(?!california|20news)\w+\("
)
_SHELL = re.compile(
    r"^\s*(?:!|%%(?:bash|sh|script|cmd|writefile|file|system|sx)\b|\w[\w, ]*=\s*!"
    r"|%(?:pip|conda)\b)",
    re.MULTILINE,
)
_LOOKS_UP = re.compile(
    r"\b(?:query|eval|sql|execute|numexpr|patsy|dmatri\w+|ols|glm|logit|formula\w*)\b"
)
"""Code that may look up names which stand in strings."""
HISTORY = "a cell of the notebook looks at what others showed"


def outlooks(
    pipeline: Pipeline, plan: Plan, memory: Sequence[Sequence[Entry]]
) -> tuple[Outlook, ...]:
    """What is expected of each segment. `memory` holds the entries of each, the newest first."""
    policies = pipeline.policies()
    after = _after(pipeline)
    history = any(names_history(segment.reads) for segment in pipeline.segments)
    imported = frozenset[str]().union(*(imports(s.cells).names for s in pipeline.segments))
    return tuple(
        _outlook(
            segment,
            policies[index],
            memory[index][0] if memory[index] else None,
            frozenset(after.get(index, ())),
            idle=plan.decisions[index].fate in ("may-run", "left-out"),
            history=history,
            imported=imported,
        )
        for index, segment in enumerate(pipeline.segments)
    )


def foretold(plan: Plan, looks: Sequence[Outlook], memory: Sequence[Sequence[Entry]]) -> Plan:
    """The plan, saying of each segment that will run whether a scout may run it ahead of home."""
    living: dict[str, str] = {}
    writer: dict[str, int] = {}
    done: dict[int, set[int]] = {}  # for each that will run, those that are done when it is
    decisions = []
    for index, (decision, look) in enumerate(zip(plan.decisions, looks, strict=True)):
        last = memory[index][0] if memory[index] else None
        for version in last.writes if last is not None else ():
            for name in version.names:
                living.pop(name, None)
                living |= {name: version.live} if version.live else {}
        if decision.fate in ("cached", "left-out"):
            decisions.append(decision)
            continue
        pending = {name for name in look.reads & writer.keys() if not name.startswith("@")}
        needed = look.at_once(pending) | (look.needs & pending)
        first = {writer[name] for name in needed} | look.after
        first |= {i for above in first for i in done.get(above, ())}
        home = look.bound or look.home or _lives(look, living)
        if not home and not any(looks[above].works for above in done.keys() - first):
            home = f"needs {_few(sorted(needed))} from above" if needed else IN_TURN
        done[index] = first.union(*({writer[n], *done[writer[n]]} for n in pending - needed))
        waits = () if home else tuple(sorted(pending - needed))
        decisions.append(replace(decision, home=home, waits=waits, seconds=look.seconds))
        writer |= dict.fromkeys(look.writes, index)
    return replace(plan, decisions=tuple(decisions))


def _lives(look: Outlook, living: Mapping[str, str]) -> str:
    if PROCESS in living:
        return f"a step above changes {living[PROCESS]}"
    lives = [name for name in sorted(look.reads & living.keys()) if not name.startswith("@")]
    return f"reads {lives[0]}, which lives in one kernel" if lives else ""


def _outlook(
    segment: Segment,
    policy: Policy,
    last: Entry | None,
    after: frozenset[int],
    *,
    idle: bool,
    history: bool,
    imported: frozenset[str],
) -> Outlook:
    text = "\n".join(cell.source for cell in segment.cells)
    needs = set(segment.deletes)
    if _says(_LOOKS_UP, text):
        needs |= segment.hints
    reads = set(segment.reads)
    # A statement like `time.sleep(1)` looks as if it changed what it is called on.
    writes = set(segment.writes | segment.deletes | (segment.changes - imported))
    if last is None:
        writes |= {name for name, pattern in _SETS.items() if _says(pattern, text)}
        if _says(_SEEDS, text) or _says(_DRAWS, text):
            writes |= {*GENERATORS}
            reads |= {*GENERATORS} if _says(_DRAWS, text) else set()
    else:
        reads |= {name for name, digest in last.reads.items() if digest}
        writes |= {name for version in last.writes for name in version.names} | {*last.deletes}
    return Outlook(
        reads=frozenset(reads),
        writes=frozenset(writes),
        needs=frozenset(needs),
        bound=HISTORY if history else _bound(segment, policy),
        home=_home(last, text),
        learned=last.ahead if last is not None else "",
        barrier=policy.serial or segment.everything,
        after=after,
        seconds=last.seconds if last is not None else None,
        idle=idle,
        order=order(segment.cells),
        imports=imports(segment.cells).modules,
    )


@lru_cache(maxsize=16384)
def _says(pattern: re.Pattern[str], text: str) -> bool:
    """Whether code says it; remembered, because an edited notebook is looked at again and again."""
    return pattern.search(text) is not None


def _bound(segment: Segment, policy: Policy) -> str:
    """Why only home can run the segment."""
    if policy.serial:
        return "tagged serial"
    return "looks at the namespace as a whole" if segment.everything else ""


def _home(last: Entry | None, text: str) -> str:
    """Why it is no use to let a scout try the segment."""
    if last is not None and last.ahead:
        return last.ahead
    if last is not None:
        return _was_seen(last)
    if _says(_SHELL, text):
        return "runs a command"
    if _says(_ACTS, text):
        return "writes files or reaches outside, it seems"
    return ""


def _was_seen(last: Entry) -> str:
    if last.files_written:
        return f"writes {_few(last.files_written)}"
    if last.outside:
        return f"acts: {_few(last.outside)}"
    live = [w for w in last.writes if w.live]
    if any(PROCESS in w.names for w in live):
        return f"changes {next(w.live for w in live if PROCESS in w.names)}"
    if live:
        return f"leaves {_few(live[0].names)}, which lives in one kernel"
    return ""


def _few(names: Collection[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:2]) + (" …" if len(listed) > 2 else "")


def _after(pipeline: Pipeline) -> dict[int, set[int]]:
    """What each segment waits for by its step's tags."""
    found: dict[int, set[int]] = {}
    for step in pipeline.steps:
        above = {i for name in step.after for i in pipeline.step(name).segments}
        for index in step.segments:
            found[index] = {i for i in above if i < index}
    return found
