import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from sighthound.core.bigwig.files import chromosomes, read_bins
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.interpretation.window_predictions import predict_bins
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.keras_network import weight_shapes
from sighthound.core.model.model import Model, load_model, save_model
from sighthound.core.tracks.track import Track, read_tracks, write_tracks
from sighthound.precompute.cluster.tasks import Workers
from sighthound.precompute.genome_wide import run
from sighthound.precompute.genome_wide.run import Calls, predict_genome
from sighthound.precompute.genome_wide.verify import verify_predictions
from tests.precompute.simulation.planted import LENGTHS, planted_project, tiny_architecture


def random_model(tracks=("factor", "local"), seed=0, **info):
    architecture = tiny_architecture(len(tracks))
    random = np.random.default_rng(seed)
    weights = {
        name: (
            random.uniform(0.5, 1.5, shape)
            if name.endswith(("gamma", "variance"))
            else random.normal(0, 0.3, shape)
        ).astype(np.float32)
        for name, shape in weight_shapes(architecture).items()
    }
    return Model(architecture, weights, tracks, output_scale=[2.0] * len(tracks), info=info)


@pytest.fixture
def project(tmp_path):
    project = planted_project(tmp_path / "project")
    save_model(project.model.directory, random_model())
    return project


def manifest(project):
    return json.loads((project.predictions.directory / "manifest.json").read_text())


def contents(project):
    directory = project.predictions.directory
    return {file.name: file.read_bytes() for file in sorted(directory.glob("*.bw"))}


def predicted(model, genome, chrom, start, end, **options):
    pieces = list(predict_bins(model, genome, chrom, start, end, **options))
    assert [first for first, _ in pieces] == sorted(first for first, _ in pieces)
    return np.concatenate([values for _, values in pieces])


@pytest.mark.parametrize("window_bins", [16, 48, 128])
@pytest.mark.parametrize("ensemble", [Ensemble(), Ensemble(True, (0, 3, -3))])
def test_predictions_do_not_depend_on_where_windows_fall(project, window_bins, ensemble):
    model, genome = load_model(project.model.directory), project.open_genome()
    whole = predicted(model, genome, "chr2", 0, 376, ensemble=ensemble)
    parts = predicted(
        model, genome, "chr2", 0, 376, ensemble=ensemble, window_bins=window_bins, batch_size=3
    )
    assert whole.shape == (376, 2)
    np.testing.assert_allclose(parts, whole, rtol=1e-5, atol=1e-5)
    middle = predicted(model, genome, "chr2", 101, 140, ensemble=ensemble)
    np.testing.assert_allclose(middle, whole[101:140], rtol=1e-5, atol=1e-5)


def test_a_bin_is_predicted_as_from_a_window_that_is_much_longer(project):
    model, genome = load_model(project.model.directory), project.open_genome()
    sequence = genome.one_hot(Interval("chr1", 0, 8000))
    long = model.predict(sequence[None])[0]
    np.testing.assert_allclose(
        predicted(model, genome, "chr1", 200, 210), long[198:208], rtol=1e-5, atol=1e-5
    )


def test_every_track_becomes_a_bigwig_to_the_last_base(project):
    predict_genome(project)
    file = project.predictions.directory / "local.bw"
    assert chromosomes(file) == LENGTHS
    model, genome = load_model(project.model.directory), project.open_genome()
    bins = -(-LENGTHS["chr1"] // 16)
    expected = predicted(model, genome, "chr1", 0, bins)[:, 1]
    found = read_bins(file, "chr1", 0, bins * 16, bins)
    np.testing.assert_allclose(found, expected, rtol=1e-3)
    assert found[-1] > 0
    done = manifest(project)
    assert done["complete"]
    assert list(done["files"]) == ["factor", "local"]
    assert done["files"]["local"]["bytes"] == file.stat().st_size
    assert done["tracks"] == ["factor", "local"]
    assert done["model"] == model.hash
    assert not (project.predictions.directory / ".partial").exists()


def test_progress_ends_with_everything_done(project):
    steps = []
    predict_genome(project, progress=lambda done, total, what: steps.append((what, done, total)))
    bases = [(done, total) for what, done, total in steps if what == "network"]
    files = [(done, total) for what, done, total in steps if what == "files"]
    assert bases == sorted(bases)
    assert bases[-1][0] == bases[-1][1] >= sum(LENGTHS.values())
    assert files[-1] == (2, 2)
    assert not (project.predictions.directory / "progress.json").exists()


def test_a_run_says_how_much_of_its_time_was_the_networks(project):
    summary = predict_genome(project)
    assert summary.tracks == ("factor", "local")
    assert 0 < summary.network <= summary.seconds
    assert predict_genome(project).tracks == ()


@pytest.mark.parametrize("step", [1, 2, 3, 5, 6])
def test_a_run_stopped_at_any_point_resumes_and_ends_with_the_same_bytes(project, step):
    class StoppedError(Exception):
        pass

    predict_genome(project)
    expected = contents(project)
    for file in project.predictions.directory.glob("*"):
        file.unlink()
    steps = []

    def stop(done, total, what):
        steps.append(done)
        if len(steps) == step:
            raise StoppedError

    with pytest.raises(StoppedError):
        predict_genome(project, progress=stop)
    predict_genome(project)
    assert contents(project) == expected
    assert manifest(project)["complete"]


def stop_before_files(project):
    class StoppedError(Exception):
        pass

    def stop(task):
        raise StoppedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "assemble", stop)
        with pytest.raises(StoppedError):
            predict_genome(project)


def test_chunks_that_are_there_are_not_computed_again(project, monkeypatch):
    stop_before_files(project)
    monkeypatch.setattr(run, "compute_chunk", None)
    predict_genome(project)
    assert manifest(project)["complete"]


def test_a_damaged_chunk_is_told_and_made_again(project, tmp_path):
    stop_before_files(project)
    chunk = next((project.predictions.directory / ".partial" / "chunks").glob("chr1_*.chunk"))
    content = bytearray(chunk.read_bytes())
    content[100] ^= 1
    chunk.write_bytes(content)
    with pytest.raises(SighthoundError, match=r"damaged \(checksum\) and is removed; run the"):
        predict_genome(project)
    predict_genome(project)
    predict_genome(project, directory=tmp_path / "undisturbed")
    for name, content in contents(project).items():
        assert (tmp_path / "undisturbed" / name).read_bytes() == content


def test_a_complete_run_is_not_repeated(project, monkeypatch):
    predict_genome(project)
    monkeypatch.setattr(run, "compute_chunk", None)
    predict_genome(project)


def test_predictions_of_another_model_are_refused_unless_they_may_be_replaced(project):
    predict_genome(project)
    before = contents(project)
    save_model(project.model.directory, random_model(seed=5))
    with pytest.raises(
        SighthoundError, match=r"predictions of another model \(\w+, now \w+\); move"
    ):
        predict_genome(project)
    assert contents(project) == before
    predict_genome(project, replace=True)
    assert contents(project) != before
    assert manifest(project)["model"] == load_model(project.model.directory).hash


def test_two_workers_write_the_same_bytes(project):
    predict_genome(project)
    expected = contents(project)
    for file in project.predictions.directory.glob("*"):
        file.unlink()
    steps = []
    predict_genome(
        project, workers=Workers(2), progress=lambda done, total, what: steps.append(done / total)
    )
    assert contents(project) == expected
    assert steps[-1] == 1


def test_some_tracks_can_be_predicted_first_and_the_others_later(project):
    predict_genome(project)
    expected = contents(project)
    for file in project.predictions.directory.glob("*"):
        file.unlink()
    predict_genome(project, ["local"])
    assert list(contents(project)) == ["local.bw"]
    predict_genome(project)
    assert contents(project) == expected
    assert sorted(manifest(project)["tracks"]) == ["factor", "local"]


def test_tracks_without_experiments_are_predicted(project):
    write_tracks(project.tracks.table, [Track("a", "a"), Track("b", "b")])
    save_model(project.model.directory, random_model(("a", "b")))
    predict_genome(project)
    assert list(contents(project)) == ["a.bw", "b.bw"]


def test_a_model_of_other_tracks_is_refused_and_the_difference_named(project):
    tracks = read_tracks(project.tracks.table)
    write_tracks(project.tracks.table, [tracks[0], replace(tracks[1], id="renamed")])
    with pytest.raises(SighthoundError, match="only the model has local; only the table has ren"):
        predict_genome(project)
    assert not project.predictions.directory.exists()


def test_a_replicate_that_the_model_lacks_is_there_to_be_compared(project):
    tracks = read_tracks(project.tracks.table)
    again = replace(tracks[0], id="again", name="again", replicate_of=tracks[0].id)
    write_tracks(project.tracks.table, [*tracks, again])
    predict_genome(project)
    assert sorted(manifest(project)["tracks"]) == sorted(track.id for track in tracks)
    with pytest.raises(SighthoundError, match="'again'"):
        predict_genome(project, tracks=["again"])


def test_a_model_of_another_genome_is_refused(project):
    save_model(project.model.directory, random_model(genome="0123"))
    with pytest.raises(SighthoundError, match="trained on another genome"):
        predict_genome(project)


def test_a_genome_of_which_one_base_changed_is_another(project):
    predict_genome(project)
    fasta = project.genome.fasta
    before = fasta.read_text()
    at = before.index("\n") + 100  # far from the middle, where the fingerprint looks
    other = "A" if before[at] != "A" else "C"
    fasta.write_text(before[:at] + other + before[at + 1 :])
    with pytest.raises(SighthoundError, match="of another sequence of the genome"):
        predict_genome(project)
    with pytest.raises(SighthoundError, match="of another sequence of the genome"):
        verify_predictions(project)
    predict_genome(project, replace=True)
    changed = contents(project)
    fasta.write_text(before)
    predict_genome(project, replace=True)
    assert contents(project) != changed


def test_predictions_whose_manifest_knows_no_bases_are_kept(project):
    predict_genome(project)
    known = manifest(project)
    del known["bases"]
    (project.predictions.directory / "manifest.json").write_text(json.dumps(known))
    files = contents(project)
    predict_genome(project)
    assert contents(project) == files


def test_an_unknown_track_is_named(project):
    with pytest.raises(SighthoundError, match="no track 'factr'"):
        predict_genome(project, ["factr"])


def test_another_precision_is_another_run_and_nearly_the_same(project):
    predict_genome(project)
    file = project.predictions.directory / "local.bw"
    exact = read_bins(file, "chr1", 0, 480 * 16, 480)
    with pytest.raises(SighthoundError, match="of another precision"):
        predict_genome(project, precision="bfloat16")
    predict_genome(project, precision="bfloat16", replace=True)
    rounded = read_bins(file, "chr1", 0, 480 * 16, 480)
    assert manifest(project)["precision"] == "bfloat16"
    assert (rounded != exact).any()
    np.testing.assert_allclose(rounded, exact, rtol=0.1, atol=0.05 * exact.max())


def test_verifying_finds_what_changed_and_the_next_run_mends_it(project):
    predict_genome(project)
    expected = contents(project)
    assert verify_predictions(project) == []
    file = project.predictions.directory / "local.bw"
    content = bytearray(file.read_bytes())
    content[-1000] ^= 255
    file.write_bytes(content)
    (project.predictions.directory / "factor.bw").unlink()
    problems = verify_predictions(project)
    assert [p.rpartition("/")[2] for p in problems] == [
        "factor.bw is missing",
        "local.bw is not what was written",
    ]
    predict_genome(project)
    assert contents(project) == expected
    assert verify_predictions(project) == []


def test_verifying_finds_values_that_are_not_the_models(project):
    predict_genome(project)
    folder = run.PredictionFolder(project.predictions.directory)
    shutil.copy(folder.bigwig("local"), folder.bigwig("factor"))
    folder.done({"factor": folder.manifest.files["local"]})
    problems = verify_predictions(project)
    assert problems
    assert all("factor.bw is not what the model predicts at chr" in p for p in problems)
    predict_genome(project)
    assert verify_predictions(project) == []


def test_nothing_to_verify_and_another_model_are_said(project):
    with pytest.raises(SighthoundError, match="holds no predictions to verify"):
        verify_predictions(project)
    predict_genome(project)
    save_model(project.model.directory, random_model(seed=5))
    with pytest.raises(SighthoundError, match="is of another model"):
        verify_predictions(project)


CALLS = """##fileformat=VCFv4.3
##contig=<ID=chr1>
##contig=<ID=chr2>
##FORMAT=<ID=GT,Number=1,Type=String,Description=G>
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	ann
"""


def calls(project, tmp_path, *rows):
    """A VCF of rows (chrom, 1-based position, bases deleted, bases inserted, genotype)."""
    genome, lines = project.open_genome(), []
    for chrom, position, deleted, inserted, genotype in rows:
        ref = genome.sequence(Interval(chrom, position - 1, position + deleted))
        alt = ref[0] + inserted if deleted or inserted else "ACGT"["CGTA".index(ref)]
        lines.append(
            "\t".join([chrom, str(position), ".", ref, alt, ".", ".", ".", "GT", genotype])
        )
    path = tmp_path / "calls.vcf"
    path.write_text(CALLS + "\n".join(lines) + "\n")
    return path


def track(directory, name, chrom="chr1"):
    bins = -(-LENGTHS[chrom] // 16)
    return read_bins(directory / f"{name}.bw", chrom, 0, bins * 16, bins, empty=np.nan)


def test_an_individual_without_variants_nearby_is_predicted_as_the_reference(project, tmp_path):
    predict_genome(project)
    path = calls(project, tmp_path, ("chr1", 4001, 3, "", "1|1"))
    predict_genome(project, directory=tmp_path / "ann", calls=Calls(path))
    reference = track(project.predictions.directory, "local")
    individual = track(tmp_path / "ann", "local")
    np.testing.assert_array_equal(individual[:200], reference[:200])
    assert (individual[245:260] != reference[245:260]).any()
    np.testing.assert_array_equal(
        track(tmp_path / "ann", "local", "chr2"),
        track(project.predictions.directory, "local", "chr2"),
    )


def test_an_individual_with_one_change_is_predicted_as_its_haplotype(project, tmp_path):
    path = calls(project, tmp_path, ("chr1", 3201, 0, "", "1|1"))
    predict_genome(project, directory=tmp_path / "ann", calls=Calls(path))
    model, genome = load_model(project.model.directory), project.open_genome()
    sequence = genome.one_hot(Interval("chr1", 0, 7680))
    sequence[3200] = np.roll(sequence[3200], -1)
    expected = model.predict(sequence[None])[0, :, 1]
    cut = model.crop
    found = track(tmp_path / "ann", "local")
    inner = slice(cut + 20, 480 - cut - 20)
    np.testing.assert_allclose(found[inner], expected[20 : 480 - 2 * cut - 20], rtol=2e-3)


def test_a_deleted_stretch_of_an_individual_has_no_value(project, tmp_path):
    path = calls(project, tmp_path, ("chr1", 1600, 64, "", "1"))
    predict_genome(project, directory=tmp_path / "ann", calls=Calls(path))
    missing = np.flatnonzero(np.isnan(track(tmp_path / "ann", "local")))
    assert missing.tolist() == [100, 101, 102, 103]


def test_two_copies_are_averaged(project, tmp_path):
    path = calls(project, tmp_path, ("chr1", 2001, 5, "", "1|0"), ("chr1", 2400, 0, "ACG", "0|1"))
    mean, first, second = (tmp_path / name for name in ("mean", "first", "second"))
    predict_genome(project, directory=mean, calls=Calls(path))
    predict_genome(project, directory=first, calls=Calls(path, copy=1))
    predict_genome(project, directory=second, calls=Calls(path, "ann", 2))
    expected = (track(first, "factor") + track(second, "factor")) / 2
    np.testing.assert_allclose(track(mean, "factor"), expected, rtol=2e-3)
    assert (track(first, "factor") != track(second, "factor")).any()


def test_an_individual_needs_a_folder_of_its_own(project, tmp_path):
    path = calls(project, tmp_path, ("chr1", 2001, 5, "", "1|0"))
    for directory in (None, project.predictions.directory):
        with pytest.raises(
            SighthoundError, match="need a folder of their own; give one with --out"
        ):
            predict_genome(project, directory=directory, calls=Calls(path))
