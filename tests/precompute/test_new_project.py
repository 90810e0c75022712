"""`sighthound init`: a project from a FASTA file and a folder of BigWigs."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sighthound.app.cli import cli
from sighthound.core import SighthoundError, load_project
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.model.model import save_model
from sighthound.core.tracks.track import Track, tracks_table
from sighthound.precompute.new_project import guess_tracks, init_project
from tests.models import small_model


@pytest.fixture
def files(tmp_path):
    """A genome, genes and three experiments, in a folder beside the project."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "g.fa").write_text(">chrI\n" + "ACGT" * 250 + "\n")
    (data / "genes.bed").write_text("chrI\t10\t50\tGENE1\t0\t+\n")
    for name in ("WT_CAGE.plus", "WT_CAGE.minus", "H3K4me3 day 2"):
        values = [("chrI", np.ones(10, np.float32))]
        write_bigwig(data / f"{name}.bw", {"chrI": 1000}, values, 100)
    return data


def test_a_new_project_can_be_loaded_as_it_is(tmp_path, files):
    tracks = init_project(tmp_path / "lab", files / "g.fa", files / "genes.bed", files, "toy")
    project = load_project(tmp_path / "lab")
    assert project.read_tracks() == sorted(tracks, key=lambda t: t.id)
    assert project.genome.name == "toy"
    assert project.read_genes()["GENE1"].strand == "+"
    assert project.training == {"architecture": "small"}


def test_file_names_tell_assay_strand_and_pair():
    names = ["H3K4me3 day 2.bw", "WT_CAGE.minus.bw", "WT_CAGE.plus.bw", "mystery.bigWig"]
    tracks = {track.id: track for track in guess_tracks([Path(name) for name in names])}
    assert tracks["H3K4me3_day_2"].assay == "ChIP"
    assert tracks["WT_CAGE.minus"].strand_pair == "WT_CAGE.plus"
    assert tracks["WT_CAGE.plus"].aggregation == "sum"
    assert (tracks["mystery"].assay, tracks["mystery"].strand) == ("", ".")


def test_a_project_is_not_overwritten(tmp_path, files):
    init_project(tmp_path / "lab", files / "g.fa", None, files)
    with pytest.raises(SighthoundError, match="is a project already"):
        init_project(tmp_path / "lab", files / "g.fa", None, files)


def test_an_experiment_of_another_assembly_stops_it_and_nothing_is_written(tmp_path, files):
    write_bigwig(files / "other.bw", {"chrI": 999}, [("chrI", np.ones(9, np.float32))], 111)
    with pytest.raises(SighthoundError, match="another assembly: its chrI has 999 bases"):
        init_project(tmp_path / "lab", files / "g.fa", None, files)
    assert not (tmp_path / "lab").exists()


def test_a_damaged_experiment_stops_it_with_file_and_chromosome(tmp_path, files):
    values = np.random.default_rng(3).random(1000).astype(np.float32)
    write_bigwig(files / "odd.bw", {"chrI": 1000}, [("chrI", values)], 1)
    data = bytearray((files / "odd.bw").read_bytes())
    data[1000:1100] = bytes(100)
    (files / "odd.bw").write_bytes(data)
    with pytest.raises(SighthoundError, match=r"odd\.bw: damaged BigWig, chromosome chrI \("):
        init_project(tmp_path / "lab", files / "g.fa", None, files)
    assert not (tmp_path / "lab").exists()


def test_what_a_mac_leaves_beside_the_files_is_passed_over(tmp_path, files):
    before = init_project(tmp_path / "before", files / "g.fa", None, files)
    for file in list(files.iterdir()):
        (files / f"._{file.name}").write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X        ")
    (files / "folder.bw").mkdir()
    after = init_project(tmp_path / "after", files / "g.fa", None, files)
    assert [track.id for track in after] == [track.id for track in before]


@pytest.mark.parametrize(
    "name", ['Odd "v1"', "back\\slash", "two\nlines", "\U0001f41f", "\x07\x7f"]
)
def test_any_name_gives_settings_that_can_be_read(tmp_path, files, name):
    init_project(tmp_path / "lab", files / "g.fa", None, files, name)
    assert load_project(tmp_path / "lab").genome.name == " ".join(
        name.replace("\x07\x7f", "").split()
    )


def test_folders_with_quotes_and_backslashes_in_their_names_are_written_as_they_are(
    tmp_path, files
):
    odd = files.rename(tmp_path / 'da"ta \\ 2')
    tracks = init_project(tmp_path / "lab", odd / "g.fa", odd / "genes.bed", odd)
    project = load_project(tmp_path / "lab")
    assert project.genome.fasta.resolve() == (odd / "g.fa").resolve()
    assert len(project.read_tracks()) == len(tracks)


def test_experiments_whose_ids_would_be_one_file_are_both_named(tmp_path, files):
    (files / "wt_cage.PLUS.bigWig").write_bytes((files / "WT_CAGE.plus.bw").read_bytes())
    with pytest.raises(
        SighthoundError, match=r"WT_CAGE\.plus\.bw and .*wt_cage\.PLUS\.bigWig would"
    ):
        init_project(tmp_path / "lab", files / "g.fa", None, files)
    assert not (tmp_path / "lab").exists()


def test_a_folder_without_bigwigs_is_named(tmp_path, files):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SighthoundError, match="empty holds no BigWig"):
        init_project(tmp_path / "lab", files / "g.fa", None, tmp_path / "empty")


@pytest.fixture
def model(tmp_path):
    """A model of two tracks, one of them named like an experiment, with its tracks table."""
    tracks = [Track("WT_CAGE.plus", "CAGE", "CAGE"), Track("atac", "ATAC", sample="liver")]
    names = [track.id for track in tracks]
    save_model(tmp_path / "model", small_model(names), {"tracks.tsv": tracks_table(tracks)})
    return tmp_path / "model"


def test_a_model_makes_a_project_whose_tracks_are_predictions_only(tmp_path, files, model):
    init_project(tmp_path / "lab", files / "g.fa", None, None, model=model)
    project = load_project(tmp_path / "lab")
    assert [(t.id, t.sample, t.experiment) for t in project.read_tracks()] == [
        ("WT_CAGE.plus", "", None),
        ("atac", "liver", None),
    ]
    assert project.model.directory.resolve() == model
    assert (project.dataset.bin, project.dataset.crop) == (64, 8)
    assert project.dataset.sequence_length == 4096
    # Which chromosomes the model was trained on is not known: none is shown as held out.
    assert "valid" not in (tmp_path / "lab" / "sighthound.toml").read_text()


def test_a_model_without_a_tracks_table_gives_its_ids(tmp_path, files, model):
    (model / "tracks.tsv").unlink()
    init_project(tmp_path / "lab", files / "g.fa", None, None, model=model)
    names = [track.name for track in load_project(tmp_path / "lab").read_tracks()]
    assert names == ["WT_CAGE.plus", "atac"]


def test_experiments_named_like_a_models_tracks_are_theirs(tmp_path, files, model):
    for name in ("WT_CAGE.minus", "H3K4me3 day 2"):
        (files / f"{name}.bw").unlink()
    init_project(tmp_path / "lab", files / "g.fa", None, files, model=model)
    plus, atac = load_project(tmp_path / "lab").read_tracks()
    assert plus.experiment.name == "WT_CAGE.plus.bw"
    assert atac.experiment is None


def test_an_experiment_that_the_model_does_not_predict_is_refused(tmp_path, files, model):
    with pytest.raises(SighthoundError, match="the model has no track 'H3K4me3_day_2'"):
        init_project(tmp_path / "lab", files / "g.fa", None, files, model=model)
    assert not (tmp_path / "lab").exists()


def test_a_project_of_nothing_is_refused(tmp_path, files):
    with pytest.raises(SighthoundError, match="needs experiments, a model or records"):
        init_project(tmp_path / "lab", files / "g.fa", None, None)


def test_what_an_annotation_loses_is_said_by_init(tmp_path, files):
    (files / "genes.bed").write_text("chrI\t10\t50\tGENE1\t0\t+\nchrM\t10\t50\tCOB\t0\t+\n")
    asked = ["init", tmp_path / "lab", "--fasta", files / "g.fa", "--genes", files / "genes.bed"]
    result = CliRunner().invoke(cli, [*map(str, asked), "--bigwigs", str(files)])
    assert result.exit_code == 0
    expected = "genes: genes on sequences that the genome lacks, left out: 1 (first: COB on chrM)"
    assert expected in result.stderr.splitlines()
