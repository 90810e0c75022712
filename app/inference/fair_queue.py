"""Questions that wait for the model: interactive before batch, and people in turn.

Of the highest priority that is there, whoever was answered longest ago is next, with the question
that they asked first: so one who asks a hundred waits for them, not everybody else. A question that
several asked comes when the first of them has a turn.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Items, by who asked for them and by priority.

    Examples
    --------
    >>> queue = FairQueue()
    >>> for item in "abc":
    ...     queue.add(item, "many", 0)
    >>> queue.add("d", "one", 0)
    >>> queue.add("e", "one", 1)
    >>> [queue.pop() for _ in range(len(queue))]
    ['e', 'a', 'd', 'b', 'c']
    """

    def __init__(self) -> None:
        # Priority -> who -> items; both in the order of their turns.
        self._turns: dict[int, OrderedDict[str, OrderedDict[Item, None]]] = {}
        self._askers: dict[Item, dict[str, int]] = {}

    def __len__(self) -> int:
        return len(self._askers)

    def __contains__(self, item: Item) -> bool:
        return item in self._askers

    def add(self, item: Item, who: str, priority: int, *, is_next: bool = False) -> None:
        """Add an item, or another who asks for it; `is_next`: before all of its priority."""
        asked = self._askers.setdefault(item, {})
        if who in asked:
            return
        asked[who] = priority
        users = self._turns.setdefault(priority, OrderedDict())
        items = users.setdefault(who, OrderedDict())
        items[item] = None
        if is_next:
            items.move_to_end(item, last=False)
            users.move_to_end(who, last=False)

    def of(self, who: str) -> int:
        """Count the items that somebody waits for."""
        return sum(len(users[who]) for users in self._turns.values() if who in users)

    def remove(self, item: Item) -> None:
        """Take an item out, if it is there, whoever asked for it."""
        for who, priority in self._askers.pop(item, {}).items():
            users = self._turns[priority]
            del users[who][item]
            if not users[who]:
                del users[who]
            if not users:
                del self._turns[priority]

    def pop(self) -> Item | None:
        """Take what is next; None where nothing waits."""
        if not self._turns:
            return None
        users = self._turns[max(self._turns)]
        who, items = next(iter(users.items()))
        item = next(iter(items))
        users.move_to_end(who)
        self.remove(item)
        return item
