"""Who is next: interactive before batch, people in turn, and nothing lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sighthound.app.inference.fair_queue import FairQueue


def popped(queue: FairQueue[str]) -> list[str | None]:
    return [queue.pop() for _ in range(len(queue))]


def test_one_who_asks_much_waits_for_it_and_others_do_not() -> None:
    queue = FairQueue[str]()
    for n in range(3):
        queue.add(f"a{n}", "a", 0)
    queue.add("b0", "b", 0)
    queue.add("c0", "c", 0)
    assert popped(queue) == ["a0", "b0", "c0", "a1", "a2"]
    assert queue.pop() is None


def test_what_somebody_waits_for_goes_before_batches_of_anybody() -> None:
    queue = FairQueue[str]()
    queue.add("batch", "a", -1)
    queue.add("click", "b", 1)
    queue.add("panel", "a", 0)
    assert popped(queue) == ["click", "panel", "batch"]


def test_a_question_of_several_comes_with_the_first_of_their_turns_and_once() -> None:
    queue = FairQueue[str]()
    for n in range(2):
        queue.add(f"a{n}", "a", 0)
    queue.add("a1", "b", 0)
    assert (len(queue), queue.of("a"), queue.of("b")) == (2, 2, 1)
    assert popped(queue) == ["a0", "a1"]
    assert queue.of("b") == 0


def test_what_was_interrupted_is_next() -> None:
    queue = FairQueue[str]()
    queue.add("a0", "a", 0)
    queue.add("again", "", 0, is_next=True)
    assert popped(queue) == ["again", "a0"]


steps = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "pop"]), st.integers(0, 5), st.sampled_from("abc"))
)


@given(steps)
def test_it_holds_what_was_added_and_not_taken(done: list[tuple[str, int, str]]) -> None:
    queue, held = FairQueue[int](), set()
    for step, item, who in done:
        if step == "add":
            queue.add(item, who, item % 2)
            held.add(item)
        elif step == "remove":
            queue.remove(item)
            held.discard(item)
        else:
            found = queue.pop()
            assert (found is None) == (not held)
            held.discard(found if found is not None else -1)
        assert len(queue) == len(held)
        assert all(item in queue for item in held)
