"""Alembic's entrance: migrates the connection that `schema.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from mlops_lab.backends.records.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
# The caller's transaction is the migration's: all of it or none.
context.run_migrations()
