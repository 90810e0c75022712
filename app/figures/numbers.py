"""Numbers as a figure's words write them: three figures, a true minus, no zero with a sign.

The same as `formatValue` of assets/ui/scale.js writes, so that figures and rows agree.
"""

from __future__ import annotations

import math

from sighthound.app.figures.theme import as_text

NO_DATA = "no data"
MINUS = "\u2212"
_MANY = 999.5
_FEW = 0.001
_MOST_PERCENT = 1.0  # a rise of more is told in times


def plain(value: float | None) -> str:
    """Write a number with three figures: "1,235", "0.123", "4.20e-5"; "no data" for NaN or None."""
    if value is None or not math.isfinite(value):
        return NO_DATA
    size = abs(value)
    sign = MINUS if value < 0 else ""
    if size == 0:
        return "0"
    if size >= _MANY:
        return f"{sign}{size:,.0f}"
    if size >= _FEW:
        return f"{sign}{size:.{max(0, 2 - math.floor(math.log10(size)))}f}"
    digit, power = f"{size:.2e}".split("e")
    return f"{sign}{digit}e{int(power)}"


def signed(value: float | None) -> str:
    """Write a change: with its sign, but "0" without one."""
    text = plain(value)
    return text if value is None or not math.isfinite(value) or value <= 0 else f"+{text}"


def share(change: float | None, reference: float | None) -> str:
    """Write a change as a share of what it changes: "−12 %", "3.50 times"; nothing of nothing."""
    if change is None or reference is None or not reference > 0 or not math.isfinite(change):
        return ""
    part = change / reference
    if not math.isfinite(part):
        return ""
    if part > _MOST_PERCENT:
        return f"{plain(1 + part)} times"
    percent = 100 * part
    if abs(percent) < 1:
        return f"{signed(percent)} %"
    return f"{MINUS if percent < 0 else '+'}{abs(percent):.{0 if abs(percent) >= 10 else 1}f} %"


def in_unit(text: str, unit: str) -> str:
    """Write a number with its unit, as "1.20 (mean per 64 bp)"."""
    return f"{text} ({as_text(unit)})" if unit and text != NO_DATA else text
