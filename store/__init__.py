"""The rows: every hand-over between stages, kept in SQLite or PostgreSQL."""
