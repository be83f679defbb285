"""Runs, their folds, their events, and the cache's entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create what there is."""
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(80), primary_key=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("notebook", sa.Text(), nullable=False),
        sa.Column("executor", sa.String(80), nullable=False),
        sa.Column("started", sa.Float(), nullable=False),
        sa.Column("seconds", sa.Float()),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("pid_started", sa.Float(), nullable=False),
        sa.Column("mlflow_run_id", sa.String(80)),
    )
    op.create_index("ix_runs_started", "runs", ["started"])
    op.create_index("ix_runs_notebook", "runs", ["notebook", "started"])
    op.create_index("ix_runs_status", "runs", ["status"])
    op.create_table(
        "folds",
        sa.Column("run_id", sa.String(80), primary_key=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("run_id", sa.String(80), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("code", sa.String(128), nullable=False),
        sa.Column("notebook", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(80), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("used", sa.Float(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("ix_entries_code", "entries", ["code"])
    op.create_index("ix_entries_used", "entries", ["used"])
