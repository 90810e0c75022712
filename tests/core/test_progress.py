import pytest

from sighthound.core.errors import CancelledError, SighthoundError
from sighthound.core.progress import Progress, part_of


def test_parts_are_told_as_progress_of_the_whole_with_their_phase() -> None:
    told: list[tuple[int, int, str]] = []

    def hear(done: int, total: int, phase: str = "", /) -> None:
        told.append((done, total, phase))

    second = part_of(hear, 1, 3)
    assert second is not None
    second(2, 10)
    second(10, 10, "reading")
    assert told == [(12, 30, ""), (20, 30, "reading")]


def test_one_part_and_nobody_listening_stay_as_they_are() -> None:
    def hear(done: int, total: int, phase: str = "", /) -> None: ...

    assert part_of(hear, 0, 1) is hear
    assert part_of(None, 1, 3) is None


def test_what_is_raised_reaches_whoever_runs_and_is_no_mistake_of_the_user() -> None:
    def stop(done: int, total: int, phase: str = "", /) -> None:
        raise CancelledError("this computation was cancelled")

    part: Progress | None = part_of(stop, 1, 2)
    assert part is not None
    with pytest.raises(CancelledError):
        part(0, 1)
    assert not issubclass(CancelledError, SighthoundError)
