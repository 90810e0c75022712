"""What a user can cause, shown in one line by command line and page, and an end asked for."""


class SighthoundError(Exception):
    """A mistake in what the user gave: says what was given, what was expected and what to do."""


class UnavailableError(SighthoundError):
    """No answer can be given now, though it may be later: no model, or nobody who computes."""


class CancelledError(Exception):
    """A computation ends because nobody wants it any more: as raised by a `Progress`.

    No `SighthoundError`: whoever passes over an item that is wrong must not pass over this.
    """
