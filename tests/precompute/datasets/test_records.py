"""TFRecords of the published data step, trained on as they are."""

import gzip
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import Convolution, Crop
from sighthound.core.model.model import load_model
from sighthound.core.project.held_out import read_held_out
from sighthound.core.project.settings import load_project
from sighthound.precompute.datasets.dataset import open_dataset
from sighthound.precompute.datasets.record_dataset import make_record_dataset
from sighthound.precompute.datasets.records import open_records, read_records
from sighthound.precompute.new_project import init_project
from sighthound.precompute.training.material import open_material
from sighthound.precompute.training.settings import TrainingSettings
from sighthound.precompute.training.train import train
from tests.paths import GOLDEN

RECORDS = GOLDEN / "dataset"


@pytest.fixture(scope="module")
def fasta(tmp_path_factory):
    path = tmp_path_factory.mktemp("genome") / "genome.fa"
    path.write_bytes(gzip.decompress((GOLDEN / "bam_cov" / "genome.fa.gz").read_bytes()))
    return path


@pytest.fixture
def records(tmp_path):
    return shutil.copytree(RECORDS, tmp_path / "records")


@pytest.fixture
def project(tmp_path, fasta, records):
    init_project(tmp_path / "project", fasta, None, None, records=records)
    return load_project(tmp_path / "project")


def test_a_folder_of_records_says_its_windows_bins_and_tracks():
    folder = open_records(RECORDS)
    assert (folder.sequence_length, folder.bin, folder.crop, folder.bins) == (16_384, 128, 8, 112)
    assert [(t.id, t.assay, t.scale, t.clip) for t in folder.tracks] == [
        ("T0", "DNase", None, None),
        ("T1", "ChIP", None, None),
        ("T2", "CAGE", None, None),
    ]


def test_every_record_has_the_genomes_bases_and_its_targets(project):
    summary = make_record_dataset(project)
    assert summary.windows == {"train": 179, "valid": 4, "test": 4}
    data = open_dataset(project)
    bases, target = next(read_records(open_records(RECORDS), "train"))
    first = data.windows[0]
    assert (first.chrom, first.start, first.fold) == ("chr2", 124_880, "train")
    np.testing.assert_array_equal(data.window_targets("chr2", 124_880), target.astype(np.float32))
    place = Interval("chr2", 124_880 - 1024, 124_880 - 1024 + 16_384)
    np.testing.assert_array_equal(project.open_genome().one_hot(place), bases)


def test_a_network_is_trained_and_judged_on_records_alone(project):
    make_record_dataset(project)
    tiny = Architecture(16_384, (Convolution(4, 5, 128), Crop(8)), tracks=3)
    (project.root / "tiny.json").write_text(json.dumps(tiny.to_json()))
    result = train(project, TrainingSettings(architecture="tiny.json", epochs=2, patience=0))
    rows = read_held_out(project)
    assert {track: (row.fold, row.n_bins) for track, row in rows.items()} == {
        f"T{i}": ("test", 4 * 112) for i in range(3)
    }
    assert load_model(result.model).tracks == ("T0", "T1", "T2")
    assert open_material(project).scale.tolist() == [1, 1, 1], "in the records' units"


def number_folds(records, numbers):
    for fold, number in zip(("train", "valid", "test"), numbers, strict=True):
        (records / f"tfrecords/{fold}-0.tfr").rename(records / f"tfrecords/fold{number}-0.tfr")
        bed = records / "sequences.bed"
        bed.write_text(bed.read_text().replace(f"\t{fold}\n", f"\tfold{number}\n"))


def test_each_fold_of_records_is_the_test_of_one_cross_validation_fold(project, records):
    number_folds(records, (0, 2, 10))
    shares = replace(project.dataset, valid=0.05, test=0.05)
    with pytest.raises(
        SighthoundError, match=r"folds is 4; .* have the folds fold0, fold2, fold10"
    ):
        make_record_dataset(replace(project, dataset=replace(shares, folds=4)))
    folded = replace(project, dataset=replace(shares, folds=3))
    make_record_dataset(folded)
    data = open_dataset(folded)
    tests = [len(data.with_fold(number).fold("test")) for number in range(3)]
    valids = [len(data.with_fold(number).fold("valid")) for number in range(3)]
    assert (tests, valids) == ([179, 4, 4], [4, 4, 179])
    last = data.with_fold(2)
    window = last.fold("test")[0]
    np.testing.assert_array_equal(
        last.window_targets(window.chrom, window.start),
        data.window_targets(window.chrom, window.start),
    )
    assert last.statistics["tracks"][0]["mean"] != data.statistics["tracks"][0]["mean"]


def test_records_of_numbered_folds_are_divided_as_the_settings_say(project, records):
    number_folds(records, (0, 3, 4))
    with pytest.raises(SighthoundError, match=r"names 'valid'; .* the folds fold0, fold3, fold4"):
        make_record_dataset(project)
    shares = replace(project.dataset, valid=0.05, test=0.05)
    with pytest.raises(SighthoundError, match="have the folds fold0, fold3, fold4; say in"):
        make_record_dataset(replace(project, dataset=shares))
    folds = replace(project.dataset, valid=("fold3",), test=("fold4",))
    summary = make_record_dataset(replace(project, dataset=folds))
    assert summary.windows == {"train": 179, "valid": 4, "test": 4}


def test_what_lays_windows_is_refused_beside_records(project):
    wider = replace(project, dataset=replace(project.dataset, stride=128))
    with pytest.raises(SighthoundError, match=r"stride says how windows are laid, which"):
        make_record_dataset(wider)


def cut(records):
    file = records / "tfrecords" / "valid-0.tfr"
    file.write_bytes(file.read_bytes()[:9000])


def lose_a_window(records):
    bed = records / "sequences.bed"
    bed.write_text("".join(bed.read_text().splitlines(keepends=True)[1:]))


def move_windows(records):
    bed = records / "sequences.bed"
    rows = [line.split() for line in bed.read_text().splitlines()]
    bed.write_text("".join(f"{c}\t{int(s) + 1}\t{int(e) + 1}\t{f}\n" for c, s, e, f in rows))


def lose_a_track(records):
    targets = records / "targets.txt"
    targets.write_text("".join(targets.read_text().splitlines(keepends=True)[:-1]))


def claim_another_bin(records):
    file = records / "statistics.json"
    file.write_text(file.read_text().replace('"pool_width": 128', '"pool_width": 64'))


def lose_a_fold(records):
    (records / "tfrecords" / "test-0.tfr").unlink()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (cut, r"valid-0\.tfr is damaged or cut short"),
        (lose_a_window, "are others in the genome|more records of fold 'train' than the 182"),
        (move_windows, r"bases of the record of chr2:124,882-.* are others in the genome"),
        (lose_a_track, r"targets\.txt has 2 rows, statistics\.json num_targets 3"),
        (claim_another_bin, "16384 bases with 1024 cut off each end are not 112 bins of 64"),
        (lose_a_fold, "test names .test.; the records of .* have the folds train, valid"),
    ],
)
def test_spoilt_records_are_named_and_leave_nothing(project, records, spoil, said):
    spoil(records)
    with pytest.raises(SighthoundError, match=said):
        make_record_dataset(project)
    assert [file.name for file in project.root.iterdir() if "dataset" in file.name] == []


def test_records_that_changed_since_make_the_data_set_stale(project, records):
    make_record_dataset(project)
    with (records / "targets.txt").open("a") as file:
        file.write("\n")
    with pytest.raises(SighthoundError, match=r"made from other input \(tracks table changed\)"):
        open_dataset(project)


def test_other_records_of_the_same_size_make_the_data_set_stale(project, records):
    make_record_dataset(project)
    file = records / "tfrecords" / "test-0.tfr"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(SighthoundError, match=r"made from other input \(records changed\)"):
        open_dataset(project)
