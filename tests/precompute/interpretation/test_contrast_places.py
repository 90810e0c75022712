"""Where two tracks differ most: ranked by both signals, each with the motif that does most."""

import numpy as np
import pytest

from sighthound import core
from sighthound.core import Interval, SighthoundError, load_project
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.interpretation.windows import locus_window
from sighthound.core.model.ensemble import claiming
from sighthound.core.model.model import load_model, save_model
from sighthound.core.project.contrast_lists import read_contrast_list
from sighthound.precompute.interpretation.contrast_places import find_contrasts
from tests.models import shallow_model
from tests.tiny import BIN, LENGTHS, TRACKS, make_project

BINS = {chrom: -(-length // BIN) for chrom, length in LENGTHS.items()}
# Bins of chrI -> measured and predicted sums a bin of cage.plus; cage.minus has none.
PLANTED = {100: (7, 3), 200: (3, 15), 300: (31, 0), 400: (15, 1)}


def write(path, signals):
    lengths = {chrom: LENGTHS[chrom] for chrom in signals}
    write_bigwig(path, lengths, signals.items(), BIN, mantissa_bits=None)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = make_project(tmp_path_factory.mktemp("contrasts") / "lab", model=False)
    save_model(folder / "model", shallow_model(TRACKS))
    for kind, column in (("experiments", 0), ("predictions", 1)):
        for track in ("cage.plus", "cage.minus"):
            values = {chrom: np.zeros(n, np.float32) for chrom, n in BINS.items()}
            for bin, both in PLANTED.items():
                values["chrI"][bin] = both[column] * (track == "cage.plus")
            # A base's share: the experiments of these tracks are sums of bases.
            scale = BIN if kind == "experiments" else 1
            write(folder / kind / f"{track}.bw", {c: v / scale for c, v in values.items()})
    # The one at bin 400 would be among them, were it not unmappable.
    (folder / "unmappable.bed").write_text(f"chrI\t{400 * BIN}\t{401 * BIN}\n")
    (folder / "peaks.bed").write_text(
        "".join(
            f"chrI\t{bin * BIN + 5}\t{(bin + 2) * BIN - 5}\tpeak{bin}\n" for bin in (*PLANTED, 500)
        )
        + f"chrI\t{199 * BIN}\t{201 * BIN}\tshoulder\n"
    )
    settings = folder / "sighthound.toml"
    settings.write_text(
        settings.read_text().replace(
            'genes = "genes.gff3"', 'genes = "genes.gff3"\nunmappable = "unmappable.bed"'
        )
        + '\n[motifs]\ntax_group = "fungi"\n'
    )
    return load_project(folder)


def ranked(project, order):
    file = find_contrasts(
        project, "cage.plus", "cage.minus", places=project.root / "peaks.bed", top=3, order=order
    )
    return read_contrast_list(file).table


def test_places_are_ranked_by_what_both_signals_say_and_overlaps_left_out(project):
    rows = ranked(project, "both").to_dict("records")
    assert [(r["place"], r["measured"], r["predicted"]) for r in rows] == [
        ("peak100", 3, 2), ("peak200", 2, 4),
    ]  # fmt: skip
    first = rows[0]
    assert (first["start"], first["end"]) == (100 * BIN + 1, 102 * BIN)
    assert (first["experiment"], first["other_experiment"], first["prediction"]) == (7, 0, 3)
    assert (first["track"], first["other"], first["rank"]) == ("cage.plus", "cage.minus", 1)
    assert list(ranked(project, "measured")["place"]) == ["peak300", "peak100", "peak200"]


def test_what_a_motif_adds_is_what_its_bases_are_worth_to_the_contrast(project):
    table = ranked(project, "predicted")
    assert list(table["place"]) == ["peak200", "peak100"]
    model, genome = load_model(project.model.directory), project.open_genome()
    for row in table.to_dict("records"):
        if not row["motif"]:
            assert np.isnan(row["effect"])
            continue
        assert row["effect"] > 0, "towards the difference"
        assert 0 <= row["q_value"] <= 1
        window = locus_window(model, "chrI", row["start"] - 1 - BIN, row["end"] + BIN)
        low, high = row["motif_start"] - 1, row["motif_end"]
        x, first = window.one_hot(genome), window.interval.start
        bins = [window.predicted_index(b) for b in range(row["start"] - 1, row["end"], BIN)]
        effects = core.mutagenesis(
            model, x, low - first, high - first, tracks=["cage.plus/cage.minus"], bins=bins,
            ensemble=claiming(BIN),
        )[..., 0]  # fmt: skip
        worth = core.contributions(genome.one_hot(Interval("chrI", low, high)), effects)
        # A motif may reach beyond what was mutated.
        assert row["effect"] == pytest.approx(float(worth.sum()), rel=0.2, abs=1e-4)


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (("cage.plus", "cage.plus"), "is no contrast"),
        (("cage.plus", "no"), "unknown track 'no'"),
    ],
)
def test_tracks_that_cannot_be_compared_are_refused(project, pair, message):
    with pytest.raises(SighthoundError, match=message):
        find_contrasts(project, *pair)
