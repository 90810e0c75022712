"""What bars are made of: buttons with accessible names, and a badge that explains itself."""

from __future__ import annotations

from sighthound.app.pages.bar import button, icon_button, simulated_badge
from sighthound.app.pages.markup import to_html


def test_a_sign_is_named_by_words_that_are_shown_on_hovering() -> None:
    made = to_html(icon_button("zoom-in", "+", "Zoom in"))
    assert 'id="zoom-in"' in made
    assert 'title="Zoom in"' in made
    assert 'aria-label="Zoom in"' in made
    assert ">+</button>" in made


def test_a_button_submits_nothing() -> None:
    assert 'type="button"' in to_html(button("share", "Share"))


def test_the_badge_of_simulated_assays_is_reached_by_keys_and_described() -> None:
    badge, tip = map(to_html, simulated_badge())
    assert 'tabindex="0"' in badge.lower()
    assert 'aria-describedby="simulated-tip"' in badge
    assert 'id="simulated-tip"' in tip
    assert "nothing here was measured" in tip
