"""NOTIFY and LISTEN: who changes records in PostgreSQL tells those who listen, on any machine.

What is told is one with the commit: it comes when the change can be read, and never without.
"""

from __future__ import annotations

import os
from typing import Any

import sqlalchemy as sa

from mlops_lab.backends.records.engine import connect, explained
from mlops_lab.errors import BackendError

# Records in another schema of the database are another project's, so theirs is another channel.
_CHANNEL = "'mlops_' || md5(current_schema())"
_NOTIFY = sa.text(f"SELECT pg_notify({_CHANNEL}, :said)")


def notify(connection: sa.Connection, *words: str) -> None:
    """Tell all who listen as soon as this is committed; nothing where it is no PostgreSQL."""
    if connection.dialect.name == "postgresql":
        connection.execute(_NOTIFY, {"said": "\n".join(words)})


class Wire:
    """A connection of its own on which commits are heard of, until it is closed or cut off.

    Raises BackendError where the database isn't there, or its driver can't be listened to.
    """

    def __init__(self, url: str) -> None:
        self._engine, where = connect(url)
        self._cut = False
        try:
            with explained(where):
                self._connection = self._engine.connect()
                self._connection.execution_options(isolation_level="AUTOCOMMIT")
                driver: Any = self._connection.connection.driver_connection
                channel = self._connection.execute(sa.text(f"SELECT {_CHANNEL}")).scalar_one()
                self._connection.exec_driver_sql(f'LISTEN "{channel}"')
            if not hasattr(driver, "pgconn"):
                raise BackendError(f"only psycopg hears what is told at {where}")
            self._driver = driver
            # A number of our own: the driver's is gone, and given to others, once it is cut off.
            self._number = os.dup(driver.fileno())
        except BaseException:
            self._engine.dispose()
            raise

    def fileno(self) -> int:
        """What there is to wait for."""
        return self._number

    def heard(self) -> list[tuple[str, ...]]:
        """What was told since the last look, each as its words."""
        found = []
        wire = self._driver.pgconn
        try:
            wire.consume_input()
            while (told := wire.notifies()) is not None:
                found.append(tuple(told.extra.decode("utf-8", "replace").split("\n")))
        except self._driver.OperationalError:
            self._cut = True
        return found

    @property
    def known(self) -> bool:
        """Whether the database still has it on the line, as far as can be seen from here."""
        return not self._cut and not self._driver.closed

    def close(self) -> None:
        """Listen no more."""
        os.close(self._number)
        self._connection.invalidate()  # nothing is said to a database that may be away
        self._connection.close()
        self._engine.dispose()
