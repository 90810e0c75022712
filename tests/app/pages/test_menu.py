"""A menu under a button, as ARIA describes it."""

from __future__ import annotations

from sighthound.app.pages.markup import to_html
from sighthound.app.pages.menu import DIVIDER, menu


def test_the_button_says_that_it_opens_the_menu_which_is_named_after_it() -> None:
    made = to_html(menu("export", "Export", [("export-svg", "Picture as SVG")]))
    assert 'aria-haspopup="menu"' in made
    assert 'aria-expanded="false"' in made
    assert 'aria-controls="menu-of-export"' in made
    assert 'id="menu-of-export"' in made
    assert 'aria-labelledby="export"' in made


def test_entries_keep_their_order_and_are_not_stopped_at_by_tab() -> None:
    made = to_html(menu("m", "M", [("a", "First"), DIVIDER, ("b", "Second")]))
    assert made.index("First") < made.index("<hr") < made.index("Second")
    assert made.count('role="menuitem"') == 2
    assert made.lower().count('tabindex="-1"') == 2
