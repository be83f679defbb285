"""Events, runs and the cache's ledger in a database: SQLite beside the project, or PostgreSQL."""
