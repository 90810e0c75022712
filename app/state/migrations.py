"""The tables of a server's state, made step by step; a step that was shipped is never changed.

Each step is what SQLite and PostgreSQL both read. Times are seconds since 1970; what is secret is
kept as a hash only.
"""

from __future__ import annotations

# Step n is MIGRATIONS[n - 1]: statements that lead from the tables of step n - 1 to those of n.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # Who is logged in, by the hash of what their cookie holds.
        "CREATE TABLE logins (secret TEXT PRIMARY KEY, person TEXT NOT NULL, "
        "made DOUBLE PRECISION NOT NULL, expires DOUBLE PRECISION NOT NULL)",
        # Read tokens of links; `tracks` is a JSON list, or empty for all that the person may see.
        "CREATE TABLE tokens (id TEXT PRIMARY KEY, person TEXT NOT NULL, name TEXT NOT NULL, "
        "tracks TEXT NOT NULL, made DOUBLE PRECISION NOT NULL, expires DOUBLE PRECISION NOT NULL, "
        "revoked DOUBLE PRECISION)",
        # Who kept which view; `needs` is a JSON list of the tracks that it names.
        "CREATE TABLE shares (name TEXT NOT NULL, person TEXT NOT NULL, needs TEXT NOT NULL, "
        "bytes BIGINT NOT NULL, made DOUBLE PRECISION NOT NULL, PRIMARY KEY (name, person))",
        # Who read what: one row an hour and kind of reading, however often.
        "CREATE TABLE readings (hour BIGINT NOT NULL, person TEXT NOT NULL, via TEXT NOT NULL, "
        "route TEXT NOT NULL, tracks TEXT NOT NULL, status BIGINT NOT NULL, "
        "times BIGINT NOT NULL, last DOUBLE PRECISION NOT NULL, "
        "PRIMARY KEY (hour, person, via, route, tracks, status))",
        # Passwords that were wrong.
        "CREATE TABLE refusals (person TEXT NOT NULL, address TEXT NOT NULL, "
        "at DOUBLE PRECISION NOT NULL)",
        "CREATE INDEX refusals_by_time ON refusals (at)",
    ),
)
