"""The web server: its application, and what starts it."""
