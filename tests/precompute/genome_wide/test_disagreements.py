"""The list of places where prediction and experiment disagree most."""

import numpy as np
import pandas as pd
import pytest

from sighthound.core import SighthoundError, load_project
from sighthound.core.bigwig.files import write_bigwig
from sighthound.precompute.genome_wide.disagreements import find_disagreements, strongest
from tests.tiny import BIN, LENGTHS, make_project

BINS = {chrom: -(-length // BIN) for chrom, length in LENGTHS.items()}


@pytest.fixture
def project(tmp_path):
    """Two tracks of 8 a bin, predicted right but for three planted places.

    `atac` (a mean) has data on chrI only; `cage.plus` (a sum) everywhere; `cage.minus` has no
    prediction.
    """
    folder = make_project(tmp_path / "lab")
    right = {chrom: np.full(n, 8.0, np.float32) for chrom, n in BINS.items()}
    wrong = {chrom: values.copy() for chrom, values in right.items()}
    wrong["chrI"][200:232] = 512
    wrong["chrI"][400:416] = 0
    wrong["chrII"][100:132] = 512
    for track in ("atac", "cage.plus"):
        write(folder / "predictions" / f"{track}.bw", wrong)
    write(folder / "experiments" / "atac.bw", {"chrI": right["chrI"]})
    sums = {chrom: values / BIN for chrom, values in right.items()}
    write(folder / "experiments" / "cage.plus.bw", sums)
    (folder / "predictions" / "cage.minus.bw").unlink()
    return load_project(folder)


def write(path, signals):
    lengths = {chrom: LENGTHS[chrom] for chrom in signals}
    write_bigwig(path, lengths, signals.items(), BIN, mantissa_bits=None)


def rows_of(project, track, **options):
    table = pd.read_parquet(find_disagreements(project, **options))
    rows = table[table["track"] == track].sort_values("rank")
    return [(r.chrom, r.start, r.end, r.fold, round(r.log2_ratio, 1)) for r in rows.itertuples()]


# Windows of 16 bins with 3 or more of the planted ones have at least half of the largest log2.
HIGH, LOW = (187 * BIN + 1, 245 * BIN), (400 * BIN + 1, 416 * BIN)


def test_planted_disagreements_are_found_ranked_and_flagged_by_fold(project):
    assert rows_of(project, "atac") == [("chrI", *HIGH, "", 5.0), ("chrI", *LOW, "", -1.0)]
    assert rows_of(project, "cage.plus") == [
        ("chrI", *HIGH, "", 5.0),
        ("chrII", 87 * BIN + 1, 145 * BIN, "test", 5.0),
        ("chrI", *LOW, "", -1.0),
    ]
    assert rows_of(project, "cage.minus") == []


def test_the_fold_of_a_place_is_that_of_its_windows_once_there_are_any(project):
    project.dataset.directory.mkdir()
    (project.dataset.directory / "folds.bed").write_text("chrI\t0\t14000\tvalid\n")
    assert [fold for *_, fold, _ in rows_of(project, "atac")] == ["valid", ""]


def test_unmappable_and_blacklisted_places_do_not_count(project):
    (project.root / "bad.bed").write_text(f"chrI\t{150 * BIN}\t{260 * BIN}\n")
    settings = project.root / "sighthound.toml"
    for key in ("unmappable", "blacklist"):
        text = settings.read_text()
        line = 'genes = "genes.gff3"'
        settings.write_text(text.replace(line, f'{line}\n{key} = "bad.bed"'))
        assert rows_of(load_project(project.root), "atac") == [("chrI", *LOW, "", -1.0)]
        settings.write_text(text)


def test_only_tracks_whose_files_changed_are_compared_again(project):
    compared = []
    find_disagreements(project, progress=lambda done, total: compared.append(total))
    find_disagreements(project, progress=lambda done, total: compared.append(total))
    assert compared == [2, 2, 2], "up to date: nothing to report"
    right = {"chrI": np.full(BINS["chrI"], 8.0, np.float32)}
    write(project.predictions.directory / "atac.bw", right)
    assert rows_of(project, "atac", progress=lambda done, total: compared.append(total)) == []
    assert compared[3:] == [1, 1]
    assert len(rows_of(project, "cage.plus")) == 3
    assert len(rows_of(project, "cage.plus", top=1)) == 1, "other settings, another list"


def test_the_strongest_of_all_tracks_are_ranked_by_what_is_usual_in_each(project):
    file = find_disagreements(project)
    rows = strongest(file, 3)
    assert [row["overall"] for row in rows] == [1, 2, 3]
    sizes = [abs(row["deviation"]) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert {row["track"] for row in strongest(file, 3, ["atac"])} == {"atac"}


def test_what_cannot_be_compared_is_said(project):
    with pytest.raises(SighthoundError, match="unknown track 'dnase'"):
        find_disagreements(project, ["dnase"])
    with pytest.raises(SighthoundError, match=r"'cage\.minus' has not a predicted BigWig"):
        find_disagreements(project, ["cage.minus"])
    for track in ("atac", "cage.plus"):
        (project.predictions.directory / f"{track}.bw").unlink()
    assert find_disagreements(project) is None
    (project.predictions.directory / "manifest.json").unlink()
    with pytest.raises(SighthoundError, match="make them with 'sighthound predict'"):
        find_disagreements(project)
