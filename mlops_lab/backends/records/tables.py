"""The tables, as Alembic's migrations leave them."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, MetaData, String, Table, Text

HEAD = "0001"
"""The newest migration; a database that stands there needs no Alembic."""

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s"})

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(80), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("notebook", Text, nullable=False),
    Column("executor", String(80), nullable=False),
    Column("started", Float, nullable=False),
    Column("seconds", Float),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_started", Float, nullable=False),
    Column("mlflow_run_id", String(80)),
    Index("ix_runs_started", "started"),
    Index("ix_runs_notebook", "notebook", "started"),
    Index("ix_runs_status", "status"),
)

folds = Table(
    "folds",
    metadata,
    Column("run_id", String(80), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("body", Text, nullable=False),
)
"""The fold of each run's first `seq` events. Apart from `runs`, so that an append stays small."""

events = Table(
    "events",
    metadata,
    Column("run_id", String(80), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("body", Text, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("code", String(128), nullable=False, index=True),
    Column("notebook", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("run_id", String(80), nullable=False),
    Column("created", Float, nullable=False),
    Column("used", Float, nullable=False, index=True),
    Column("body", Text, nullable=False),
)
