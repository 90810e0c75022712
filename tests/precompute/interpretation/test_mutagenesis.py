"""Mutagenesis of regions as files: equal to the core functions, and read back."""

import dataclasses
import json

import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pybigtools
import pyBigWig
import pytest

from sighthound import core
from sighthound.core import Ensemble, Interval, SighthoundError, load_model, load_project
from sighthound.core.genome.shuffle import dinucleotide_shuffles
from sighthound.core.interpretation.agreement import agreement
from sighthound.core.model.model import save_model
from sighthound.core.project.settings import ModelSettings
from sighthound.precompute.interpretation import mutagenesis, queries
from sighthound.precompute.interpretation.mutagenesis import knock_out_file, mutagenesis_file
from tests.models import shallow_model
from tests.tiny import BIN, TRACKS, add_members, make_project

REGION = "chrI:20,001-20,030"
FIRST, START, END = 56, 20_000, 20_030  # bin at which the window below starts; the region
TARGET, TARGET_BINS = "chrI:20,040-20,140", [313, 314]
OPTIONS = {"tracks": ["cage.plus", "atac"], "target": TARGET}
BOTH = Ensemble(True)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mutagenesis") / "tiny"
    make_project(folder, model=False, predictions=False)
    save_model(folder / "model", shallow_model(TRACKS))
    return load_project(folder)


@pytest.fixture(scope="module")
def model(project):
    return load_model(project.model.directory)


@pytest.fixture(scope="module")
def window(project):
    """512 bins of chrI, in which the region and its targets see everything they can."""
    return project.open_genome().one_hot(Interval("chrI", FIRST * BIN, (FIRST + 512) * BIN))


@pytest.fixture(autouse=True)
def one_compiled_model(project, model, monkeypatch):
    """Files are asked of the model that `model` holds, so that it is compiled once."""

    def load(path):
        return model if path == project.model.directory else load_model(path)

    monkeypatch.setattr(queries, "load_model", load)


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch):
    monkeypatch.setattr(mutagenesis, "_CHUNK", 13)
    monkeypatch.setattr(mutagenesis, "_SCAN_CHUNK", 4)


def place(position):
    return position - FIRST * BIN


def bins(model, chosen=TARGET_BINS):
    return [bin - FIRST - model.crop for bin in chosen]


def close(found, expected, relative=1e-4):
    assert abs(expected).max() > 0
    np.testing.assert_allclose(found, expected, rtol=0, atol=relative * abs(expected).max())


def test_a_parquet_file_has_a_row_a_substitution(project, model, window, tmp_path):
    (path,) = mutagenesis_file(project, REGION, tmp_path / "out.parquet", **OPTIONS)
    table = pd.read_parquet(path)
    assert list(table.columns) == ["chrom", "position", "ref", "alt", "cage.plus", "atac"]
    assert len(table) == 3 * 30
    assert (table.ref != table.alt).all()
    sequence = project.open_genome().sequence(Interval("chrI", START, END))
    assert list(table.ref) == [base for base in sequence for _ in range(3)]
    expected = core.mutagenesis(
        model, window, place(START), place(END), OPTIONS["tracks"], bins(model)
    )
    rows = table.position - 1 - START
    close(table[OPTIONS["tracks"]], expected[rows, ["ACGT".index(b) for b in table.alt]])
    about = json.loads(pq.read_schema(path).metadata[b"sighthound"])
    assert about["model"] == model.hash
    assert about["genome"] == project.open_genome().fingerprint
    assert about["units"] == {"cage.plus": "sum per 64 bp", "atac": "mean per 64 bp"}
    assert about["region"] == "chrI:20,001-20,030"
    assert [p.name for p in tmp_path.iterdir()] == ["out.parquet"]


def test_without_a_target_every_bin_that_can_change_is_summed(project, model, window, tmp_path):
    (path,) = mutagenesis_file(project, REGION, tmp_path / "out.tsv", tracks=["atac"])
    table = pd.read_csv(path, sep="\t", comment="#")
    expected = core.mutagenesis(model, window, place(START), place(END), ["atac"], dtype="float64")
    close(table.atac, expected[table.position - 1 - START, ["ACGT".index(b) for b in table.alt], 0])


def test_a_gene_is_the_bins_of_its_starts(project, tmp_path):
    options = {"tracks": ["atac"]}
    one = tmp_path / "one.parquet"
    other = tmp_path / "other.parquet"
    mutagenesis_file(project, "chrI:1990-1999", one, target="alpha1", **options)
    mutagenesis_file(project, "chrI:1990-1999", other, target="chrI:2001", **options)
    pd.testing.assert_frame_equal(pd.read_parquet(one), pd.read_parquet(other))


def test_hdf5_holds_arrays_and_says_what_they_are(project, model, window, tmp_path):
    path = tmp_path / "out.h5"
    mutagenesis_file(project, REGION, path, ensemble=BOTH, dtype="float64", **OPTIONS)
    expected = core.mutagenesis(
        model, window, place(START), place(END), OPTIONS["tracks"], bins(model),
        ensemble=BOTH, dtype="float64",
    )  # fmt: skip
    with h5py.File(path) as file:
        assert file["effects"].dtype == np.float64
        close(file["effects"][:], expected, 1e-9)
        assert list(file["position"][:]) == list(range(START + 1, END + 1))
        assert list(file["tracks"].asstr()) == OPTIONS["tracks"]
        sequence = b"".join(file["reference"][:]).decode()
        assert sequence == project.open_genome().sequence(Interval("chrI", START, END))
        assert file.attrs["alphabet"] == "ACGT"
        assert file.attrs["model"] == model.hash
        assert file.attrs["coordinates"] == "positions are 1-based, start and end inclusive"


def test_a_dynseq_bigwig_holds_what_each_base_contributes(project, model, window, tmp_path):
    paths = mutagenesis_file(project, REGION, tmp_path / "out.bw", **OPTIONS)
    assert [path.name for path in paths] == ["out.cage.plus.bw", "out.atac.bw"]
    effects = core.mutagenesis(
        model, window, place(START), place(END), OPTIONS["tracks"], bins(model)
    )
    for path, column in zip(paths, effects.transpose(2, 0, 1), strict=True):
        with pyBigWig.open(str(path)) as file:
            found = np.array(file.values("chrI", START - 1, END + 1))
            assert file.chroms() == project.open_genome().lengths
        for zoom in (records := pybigtools.open(str(path))).zooms():
            total = sum(r["sum"] for _, _, r in records.zoom_records(zoom, "chrI"))
            assert total == pytest.approx(np.nansum(found), rel=1e-5)
        assert np.isnan(found[[0, -1]]).all()
        close(found[1:-1], -column.sum(axis=1) / 3)


def test_profiles_add_up_to_the_summed_effects(project, model, window, tmp_path):
    options = {"tracks": ["atac", "cage.minus"], "ensemble": BOTH, "dtype": "float64"}
    for name in ("out.h5", "out.parquet"):
        mutagenesis_file(project, REGION, tmp_path / name, kind="profile", **options)
    whole = core.mutagenesis_profiles(
        model,
        window,
        place(START),
        place(END),
        tracks=options["tracks"],
        ensemble=BOTH,
        dtype="float64",
    )
    with h5py.File(tmp_path / "out.h5") as file:
        starts = file["bin_start"][:] - 1
        assert file["effects"].shape == (30, 4, len(starts), 2)
        at = starts // BIN - FIRST - model.crop
        close(file["effects"][:], whole[:, :, at], 1e-9)
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert (table.bin_end - table.bin_start + 1 == BIN).all()
    summed = table.groupby(["position", "alt"]).atac.sum()
    for (position, alt), value in summed.items():
        expected = whole[position - 1 - START, "ACGT".index(alt), :, 0].sum()
        assert value == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_scans_and_knock_ins_equal_the_core_functions(project, model, window, tmp_path):
    region, first, last = "chrI:20,001-20,010", place(START), place(START + 10)
    options = {**OPTIONS, "ensemble": BOTH, "dtype": "float64"}
    chosen = {"tracks": OPTIONS["tracks"], "bins": bins(model), "ensemble": BOTH}
    chosen["dtype"] = "float64"
    motif, genome = "TGACTCA", project.open_genome()
    deleted, inserted, written = (tmp_path / f"{n}.parquet" for n in ("del", "ins", "in"))
    mutagenesis_file(project, region, deleted, kind="deletions", size=5, **options)
    mutagenesis_file(project, region, inserted, kind="insertions", sequence="gattaca", **options)
    mutagenesis_file(project, region, written, kind="knock_in", sequence=motif, **options)
    for path, expected, refs, alt in (
        (deleted, core.deletion_scan(model, window, first, last, 5, **chosen), 5, "-"),
        (inserted, core.insertion_scan(model, window, first, last, "GATTACA", **chosen), 0, None),
        (
            written,
            core.replacements(model, window, range(first, last), [motif] * 10, **chosen),
            7,
            motif,
        ),
    ):
        table = pd.read_parquet(path)
        close(table[OPTIONS["tracks"]], expected, 1e-9)
        assert list(table.position) == list(range(START + 1, START + 11))
        assert set(table.alt) == {alt or "GATTACA"}
        assert list(table.ref) == [
            genome.sequence(Interval("chrI", p - 1, p - 1 + refs)) or "-" for p in table.position
        ]
        assert (table[OPTIONS["tracks"]] != 0).all(axis=None)


def test_a_knock_out_reports_n_and_shuffles(project, model, window, tmp_path):
    out = tmp_path / "out.tsv"
    places = ["chrI:20,001-20,012", "chrI:20,050-20,060"]
    knock_out_file(project, places, out, shuffles=6, seed=2, dtype="float64", **OPTIONS)
    table = pd.read_csv(out, sep="\t", comment="#")
    assert list(table.written) == 2 * [
        "N", "shuffles, mean", "shuffles, standard deviation",
    ]  # fmt: skip
    sequence = project.open_genome().sequence(Interval("chrI", 20_049, 20_060))
    effects = core.replacements(
        model,
        window,
        [place(20_049)] * 7,
        ["N" * 11, *dinucleotide_shuffles(sequence, 6, seed=2)],
        tracks=OPTIONS["tracks"],
        bins=bins(model),
        dtype="float64",
    )
    expected = np.stack([effects[0], effects[1:].mean(0), effects[1:].std(0, ddof=1)])
    close(table[OPTIONS["tracks"]][3:], expected, 1e-6)
    assert list(table.start[3:]) == [20_050] * 3
    assert list(table.end[3:]) == [20_060] * 3


@pytest.mark.parametrize(("ending", "step"), [("parquet", 1), ("h5", 3), ("bw", 2)])
def test_an_interrupted_run_goes_on_and_ends_with_the_same_bytes(project, tmp_path, ending, step):
    whole, killed = tmp_path / f"whole.{ending}", tmp_path / f"killed.{ending}"
    options = {"tracks": ["atac"], "target": TARGET}
    mutagenesis_file(project, REGION, whole, **options)
    steps = []

    def kill(done, total):
        steps.append((done, total))
        if len(steps) == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mutagenesis_file(project, REGION, killed, progress=kill, **options)
    assert not killed.exists()
    pieces = sorted((tmp_path / f".killed.{ending}.pieces").glob("*.npz"))
    assert len(pieces) == step
    made = [piece.stat().st_mtime_ns for piece in pieces]

    def look(done, total):
        assert [piece.stat().st_mtime_ns for piece in pieces] == made

    mutagenesis_file(project, REGION, killed, progress=look, **options)
    assert killed.read_bytes() == whole.read_bytes()
    assert {p.name for p in tmp_path.iterdir()} == {whole.name, killed.name}


def test_pieces_of_another_question_or_damaged_ones_are_not_used(project, tmp_path):
    whole, out = tmp_path / "whole.parquet", tmp_path / "out.parquet"
    mutagenesis_file(project, REGION, whole, tracks=["atac"], target=TARGET)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mutagenesis_file(project, REGION, out, tracks=["cage.plus"], target=TARGET, progress=stop)
    with pytest.raises(KeyboardInterrupt):
        mutagenesis_file(project, REGION, out, tracks=["atac"], target=TARGET, progress=stop)
    (piece,) = (tmp_path / ".out.parquet.pieces").glob("*.npz")
    piece.write_bytes(piece.read_bytes()[:100])
    mutagenesis_file(project, REGION, out, tracks=["atac"], target=TARGET)
    assert out.read_bytes() == whole.read_bytes()


def test_bases_out_of_a_targets_reach_have_no_effect_without_being_computed(project, tmp_path):
    out = tmp_path / "out.h5"
    # The target, bin 156, sees 65 bins to either side: up to base 14,208.
    mutagenesis_file(
        project, "chrI:14,170-14,700", out, tracks=["atac"], target="chrI:10,000", dtype="float64"
    )
    with h5py.File(out) as file:
        effects = file["effects"][:]
    assert (effects[:50] != 0).any()
    assert (effects[-300:] == 0).all()


@pytest.mark.parametrize(
    ("region", "name", "options", "message"),
    [
        ("chrI:1-60000", "o.h5", {}, "lies beyond the end of chrI, which has 40,000 bases"),
        ("chrI:1-9", "o.csv", {}, r"ends in '\.csv'; for this, expected \.parquet, \.tsv, \.h5"),
        ("chrI:1-9", "o.bw", {"kind": "profile"}, r"ends in '\.bw'; for this, expected"),
        ("chrI:1-9", "o.h5", {"tracks": ["dnase"]}, "the model has no track 'dnase'"),
        ("chrI:1-9", "o.h5", {"target": "chrI:39,000"}, "out of reach of chrI:1-9: .* be zero"),
        ("chrI:1-9", "o.h5", {"target": "chrII:5"}, "out of reach of chrI:1-9"),
        ("chrI:1-9", "o.h5", {"target": "gamma"}, "no gene is called 'gamma'"),
        ("chrI:1-9", "o.h5", {"kind": "deletions", "size": 2}, "deletions .* need a target"),
        ("chrI:1-9", "o.h5", {"kind": "knock_in", "sequence": "TGX"}, "is 'TGX'; expected bases"),
        ("chrI:39,999", "o.h5", {"kind": "knock_in", "sequence": "TGACT"}, "no 5 bases from chrI"),
        ("chrI:1-900", "o.h5", {"limit": 100}, "it would take about .*give --limit 900"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_in_a_line(
    project, tmp_path, region, name, options, message
):
    with pytest.raises(SighthoundError, match=message):
        mutagenesis_file(project, region, tmp_path / name, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_knock_in_stops_where_the_motif_no_longer_fits_the_chromosome(project, tmp_path):
    (path,) = mutagenesis_file(
        project, "chrII:29,990-30,001", tmp_path / "o.parquet", kind="knock_in",
        sequence="TGACTCA", tracks=["atac"],
    )  # fmt: skip
    assert list(pd.read_parquet(path).position) == list(range(29_990, 29_996))


def test_a_model_of_other_tracks_is_refused(tmp_path):
    project = load_project(make_project(tmp_path / "tiny", predictions=False))
    save_model(project.model.directory, shallow_model(["atac", "other"]))
    with pytest.raises(SighthoundError, match=r"only the table has cage\.plus"):
        mutagenesis_file(project, REGION, tmp_path / "o.h5")


def test_effects_around_an_allele_are_those_of_altering_its_sequence(
    project, model, window, tmp_path
):
    genome = project.open_genome()
    bases = {at: genome.sequence(Interval("chrI", at, at + 1)) for at in (20_004, 20_035)}
    other = {at: "ACGT"["CGTA".index(base)] for at, base in bases.items()}
    alleles = [f"chrI:{at + 1} {bases[at]}>{other[at]}" for at in bases]
    mutagenesis_file(project, REGION, tmp_path / "m.h5", alleles=alleles, **OPTIONS)
    altered = window.copy()
    for at, base in other.items():
        altered[place(at)] = core.one_hot(base)[0]
    expected = core.mutagenesis(
        model, altered, place(START), place(END), OPTIONS["tracks"], bins(model)
    )
    with h5py.File(tmp_path / "m.h5") as file:
        found = file["effects"][:]
    close(found, expected)
    assert (found[4, "ACGT".index(other[20_004])] == 0).all()


def test_effects_average_shifts(project, model, window, tmp_path):
    ensemble = Ensemble(True, (0, 3, -2))
    mutagenesis_file(project, REGION, tmp_path / "m.h5", ensemble=ensemble, **OPTIONS)
    expected = core.mutagenesis(
        model, window, place(START), place(END), OPTIONS["tracks"], bins(model), ensemble=ensemble
    )
    with h5py.File(tmp_path / "m.h5") as file:
        close(file["effects"][:], expected)


@pytest.mark.parametrize(
    ("allele", "message"),
    [
        ("chrI:20,005 AAAAAAAAA>CCCCCCCCC", "chrI"),
        ("chrI:20,005:{0}:{0}TT", "moves the bases beside it.*equal lengths"),
    ],
)
def test_an_allele_that_cannot_be_written_into_the_genome_is_refused(
    project, allele, message, tmp_path
):
    base = project.open_genome().sequence(Interval("chrI", 20_004, 20_005))
    with pytest.raises(SighthoundError, match=message):
        mutagenesis_file(
            project, REGION, tmp_path / "m.h5", alleles=[allele.format(base)], **OPTIONS
        )
    assert not list(tmp_path.iterdir())


def test_columns_say_whether_the_networks_agree_on_an_effect(tmp_path):
    project = load_project(make_project(tmp_path / "lab", model=False, predictions=False))
    save_model(project.model.directory, shallow_model(TRACKS))
    members = add_members(project, shallow_model)
    out, region = tmp_path / "out.parquet", "chrI:9,001-9,004"
    asked = {"tracks": ["atac"], "target": "chrI:9,050"}
    mutagenesis_file(project, region, out, with_members=True, **asked)
    table = pd.read_parquet(out)
    about = json.loads(pq.read_schema(out).metadata[b"sighthound"])
    assert about["members"] == [member.hash for member in members]
    said = []
    for member in members:
        save_model(tmp_path / "other" / "model", member)
        other = dataclasses.replace(project, model=ModelSettings(tmp_path / "other" / "model"))
        mutagenesis_file(other, region, tmp_path / "own.parquet", **asked)
        said.append(pd.read_parquet(tmp_path / "own.parquet")["atac"])
    expected = agreement(table["atac"], said)
    assert table["atac.known"].tolist() == expected.is_known.tolist()
    np.testing.assert_allclose(table["atac.members_sd"], expected.deviation, rtol=1e-4, atol=1e-6)
    with pytest.raises(SighthoundError, match="cannot hold what networks say"):
        mutagenesis_file(project, region, tmp_path / "out.bw", with_members=True, **asked)
