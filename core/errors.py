"""The one exception a user can cause, shown as one line by the command line and the page."""


class SighthoundError(Exception):
    """A mistake in what the user gave: says what was given, what was expected and what to do."""
