"""Names for what a mutagenesis finds, on a genome with one planted site."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sighthound.app.inference.motif_tasks import motifs
from sighthound.core.project.settings import load_project

SITE = "ATGACTCAT"
SETTINGS = """
[genome]
name = "planted"
fasta = "genome.fa"
[tracks]
table = "tracks.tsv"
[motifs]
tax_group = "fungi"
"""


@pytest.mark.parametrize("start", [1_000, 0])
def test_a_site_whose_changes_cost_is_named_in_its_place(tmp_path: Path, start: int) -> None:
    rng = np.random.default_rng(3)
    bases = rng.choice(list("ACGT"), 2_000)
    bases[start + 40 : start + 49] = list(SITE)
    (tmp_path / "genome.fa").write_text(f">chrI\n{''.join(bases)}\n")
    (tmp_path / "tracks.tsv").write_text("id\na\n")
    (tmp_path / "sighthound.toml").write_text(SETTINGS)
    effects = rng.normal(0, 0.01, (100, 4))
    effects[40:49] = -1
    effects[np.arange(100), ["ACGT".index(b) for b in bases[start : start + 100]]] = 0

    found = motifs(load_project(tmp_path), "chrI", start, start + 100, effects, "job")
    (named,) = found.motifs
    assert "GCN4" in named.name.upper()
    assert named.start <= start + 44 < named.end
    assert named.by == "effects"
    assert named.q_value < 0.1
    assert named.url.endswith(f"{named.motif}/")
    # The middle of TGACTCA; with G it is the same site on the other strand.
    broken = [c for c in found.changes if c.position == start + 44 and c.kind == "loss"]
    assert {c.alternative for c in broken} == {"A", "T"}
