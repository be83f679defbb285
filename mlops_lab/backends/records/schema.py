"""Brings a database to the newest schema, and refuses one that is newer still."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from mlops_lab.backends.records.tables import HEAD, metadata
from mlops_lab.errors import BackendError


def ensure(connection: Connection, where: str) -> None:
    """Create or migrate the tables inside the connection's transaction.

    A database at head costs one select; Alembic is imported only for one that lags behind.
    Raises BackendError for a newer one: nothing is ever downgraded.
    """
    if connection.dialect.name == "postgresql":
        # One process at a time; SQLite's BEGIN IMMEDIATE has the same effect.
        connection.execute(text("SELECT pg_advisory_xact_lock(7305813)"))
    found = version(connection)
    if found == HEAD:
        return
    if found is None:
        metadata.create_all(connection)
        connection.execute(
            text(
                "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
                "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
            )
        )
        connection.execute(
            text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD}
        )
        return
    upgrade(connection, where, found)


def version(connection: Connection) -> str | None:
    """The migration that the database stands at; None where it has never seen one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return str(row[0]) if row else None


def upgrade(connection: Connection, where: str, found: str | None) -> None:
    """Run the migrations that the database lacks."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise BackendError(
            f"records at {where} were written by a newer mlops-lab (schema {found}, this one knows "
            f"{HEAD}); run `pip install --upgrade mlops-lab`, or name other records"
        )
    command.upgrade(config, "head")
