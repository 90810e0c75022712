"""Who may see what: people and their passwords, groups of tracks, logins, read tokens, the log."""
