"""The picture of docs/association.md: marginal effects and their signed LD profile, as SVG.

`python -m tests.benchmarks.association.profile_picture docs/association/profile.svg` simulates a
trait whose effects are the scores of a tenth of the variants, with the LD of SIGHTHOUND_DATA's
people, and prints how much of the trait's chi-squared each of four predictors explains.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from sighthound.core.association.ld_scores import ld_scores, signed_ld_profile
from sighthound.core.association.signed_profile import per_standard_deviation
from sighthound.core.association.windows import window_ends
from sighthound.precompute.studies.calibration import (
    HERITABILITY,
    PEOPLE,
    WINDOW,
    planted_effects,
    random_annotations,
    simulated_z,
)
from sighthound.precompute.studies.panels import PanelChoice
from tests.benchmarks.reads.truth_picture import Panel, words
from tests.paths import SHARED_DATA

GENOTYPES = SHARED_DATA / "human" / "ld_chr22" / "1000G_eur_chr22"
WIDTH, HEIGHT = 920, 340
VARIANTS = 5_000
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#999999"  # of Okabe and Ito


def draw(path: Path) -> None:
    """Simulate, print and draw."""
    panel, _ = PanelChoice(GENOTYPES, least_frequency=0.01).open()
    panel, rng = panel.take(np.arange(VARIANTS)), np.random.default_rng(0)
    scores = per_standard_deviation(panel, random_annotations(len(panel), 1, rng))
    effects = planted_effects(scores, 1.0, HERITABILITY, rng)
    ends = window_ends(panel.sites, bases=WINDOW)
    profile = signed_ld_profile(panel, ends, effects)[:, 0]
    z = simulated_z(panel, effects, PEOPLE, rng)[:, 0]
    marginal, size = z / np.sqrt(PEOPLE), np.abs(effects[:, 0])
    slope = float(np.polyfit(profile, marginal, 1)[0])
    predictors = {
        "the profile's square": profile**2,
        "LD score by squared score": ld_scores(panel, ends, effects**2)[:, 0],
        "the variant's own |score|": size,
    }
    print(f"slope of marginal effects on the profile: {slope:.3f}")
    for name, values in predictors.items():
        print(f"r2 of chi-squared with {name}: {np.corrcoef(values, z**2)[0, 1] ** 2:.3f}")
    path.parent.mkdir(exist_ok=True)
    picture = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12" fill="#222" role="img">',
        "<title>Marginal effects against the signed LD profile, and chi-squared by it</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *signed_panel(profile, marginal, slope),
        *size_panel(np.abs(profile), size, z**2),
        "</svg>",
    ]
    path.write_text("\n".join(picture) + "\n", encoding="utf-8")


def signed_panel(profile: np.ndarray, marginal: np.ndarray, slope: float) -> list[str]:
    """Every fifth variant, and the line of slope 1."""
    most = float(np.abs(profile).max()) * 1000 * 1.05
    box = Panel(74, 40, 370, 230, (-most, most), (-most, most))
    round_steps = [base * 10.0**power for power in range(-3, 4) for base in (1, 2, 5)]
    step = max(s for s in round_steps if s <= most)
    ticks = [-step, 0.0, step]
    parts = frame(box, f"Marginal effects follow the profile: slope {slope:.2f}",
                  "signed LD profile: sum of r x score (1/1000)", "z / sqrt(N) (1/1000)",
                  {t: f"{t:g}" for t in ticks}, {t: f"{t:g}" for t in ticks})  # fmt: skip
    for x, y in zip(1000 * profile[::5], 1000 * marginal[::5], strict=True):
        at = box.at(float(x), float(np.clip(y, -most, most)))
        parts.append(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="1.6" fill="{BLUE}"/>')
    return [*parts, box.line([-most, most], [-most, most], GREY, filled=False)]


def size_panel(profile: np.ndarray, size: np.ndarray, chi2: np.ndarray) -> list[str]:
    """Mean chi-squared of twentieths of the variants, by either size."""
    groups = 20
    lines = {"|signed LD profile|": (profile, BLUE), "the variant's own |score|": (size, ORANGE)}
    # Most variants have no score: equals in no order, or neighbours would come together.
    mixed = np.random.default_rng(0).permutation(len(chi2))
    means = {}
    for name, (by, _) in lines.items():
        order = mixed[np.argsort(by[mixed], kind="stable")]
        means[name] = [float(chi2[part].mean()) for part in np.array_split(order, groups)]
    most = max(max(values) for values in means.values()) * 1.05
    box = Panel(530, 40, 360, 230, (0, 100), (0, most))
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if most / s <= 6)
    parts = frame(box, "chi-squared by size of profile, and of own score",
                  "percentile of the variants", "mean chi-squared",
                  {t: f"{t:g}" for t in (0, 25, 50, 75, 100)},
                  {float(t): f"{t:g}" for t in range(0, int(most) + 1, step)})  # fmt: skip
    middles = [100 * (n + 0.5) / groups for n in range(groups)]
    for number, (name, (_, colour)) in enumerate(lines.items()):
        parts.append(box.line(middles, means[name], colour, filled=False))
        y = 60 + 18 * number
        parts.append(f'<path d="M546,{y}h20" stroke="{colour}" stroke-width="2"/>')
        parts.append(words(572, y + 4, name, anchor="start"))
    return parts


def frame(
    box: Panel, title: str, x_title: str, y_title: str, x_ticks: dict[float, str],
    y_ticks: dict[float, str],
) -> list[str]:  # fmt: skip
    """Axes, ticks and words."""
    bottom = box.top + box.height
    parts = [
        words(box.left - 44, box.top - 14, title, weight="bold", anchor="start"),
        f'<path d="M{box.left},{box.top}V{bottom}H{box.left + box.width}" fill="none" '
        'stroke="#333"/>',
        words(box.left + box.width / 2, bottom + 40, x_title),
        words(box.left - 46, box.top + box.height / 2, y_title, turned=True),
    ]
    for value, said in x_ticks.items():
        x, _ = box.at(value, box.y[0])
        parts.append(f'<path d="M{x:.1f},{bottom}v4" stroke="#333"/>')
        parts.append(words(x, bottom + 18, said))
    for value, said in y_ticks.items():
        _, y = box.at(box.x[0], value)
        parts.append(f'<path d="M{box.left - 4},{y:.1f}h4" stroke="#333"/>')
        parts.append(words(box.left - 7, y + 4, said, anchor="end"))
    return parts


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
