"""Wrong passwords are counted for some minutes, whatever happens to the machine's clock."""

from __future__ import annotations

import time

import pytest

from sighthound.app.rights.logins import MOST_WRONG, WITHIN_S, Logins, TooManyError
from sighthound.app.state.database import Database
from sighthound.core.project.layout import state_address
from sighthound.core.project.settings import Project


def test_a_clock_that_is_set_back_keeps_nobody_out(
    lab: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins, now = Logins(Database(state_address(lab))), time.time()
    for moment in (now + 86_400, now):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        logins.check_tries("ben", "10.0.0.1")
        for _ in range(MOST_WRONG):
            logins.refuse("ben", "10.0.0.1")
        with pytest.raises(TooManyError):
            logins.check_tries("ben", "10.0.0.1")
    monkeypatch.setattr(time, "time", lambda: now + WITHIN_S + 1)
    logins.check_tries("ben", "10.0.0.1")
