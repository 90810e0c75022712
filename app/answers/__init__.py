"""Answers as values: a frozen dataclass for everything that the HTTP interface says in JSON."""
