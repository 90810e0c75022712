"""What docs and the page's modules say of answers is what the answers are."""

from __future__ import annotations

import re

from tests.app.api_docs import DOCS, TYPES, documented, parts, types


def test_the_tables_of_the_docs_are_up_to_date() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert documented(text) == text, "python -m tests.app.api_docs"
    assert text.count("\n### Saliency\n") == 1


def test_the_types_of_the_pages_modules_are_up_to_date() -> None:
    assert TYPES.read_text(encoding="utf-8") == types(), "python -m tests.app.api_docs"


def test_links_of_the_tables_lead_to_tables() -> None:
    text = DOCS.read_text(encoding="utf-8")
    heads = {head.lower() for head in re.findall(r"^### (\w+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#(\w+)\)", text)) <= heads
    assert {name.lower() for name in parts()} <= heads


def test_types_say_what_may_be_left_out_or_null_and_which_words_there_are() -> None:
    text = types()
    assert "  variant?: string;\n" in text
    assert "  context_bp: number | null;\n" in text
    assert '  state: "queued" | "running";\n' in text
    assert "  values: (number | null)[];\n" in text
    assert "  exons: [number, number][];\n" in text
    assert "  levels: Record<string, Record<string, number>>;\n" in text
    assert "  held_out: HeldOut | null;\n" in text
