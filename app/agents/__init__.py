"""A door for language models: read-only tools over the HTTP interface (Model Context Protocol)."""
