"""The tracks table."""

from pathlib import Path

import numpy as np
import pytest

from sighthound.core import SighthoundError, Track, read_tracks
from sighthound.core.tracks.track import strand_pairs, write_tracks


def table(tmp_path: Path, text: str) -> Path:
    (tmp_path / "tracks.tsv").write_text(text)
    return tmp_path / "tracks.tsv"


def test_a_table_is_read_back_as_it_was_written(tmp_path):
    bigwig = tmp_path / "a.bw"
    bigwig.touch()
    plus = Track("p", "plus", strand="+", experiment=bigwig, scale=0.5, strand_pair="m")
    minus = Track("m", "minus", strand="-", aggregation="sum", clip=9.0, strand_pair="p")
    other = Track("r", "RNA", transform="sqrt", soft_clip=384.0)
    write_tracks(tmp_path / "tracks.tsv", [plus, minus, other])
    assert read_tracks(tmp_path / "tracks.tsv") == [plus, minus, other]
    assert "\ta.bw\t" in (tmp_path / "tracks.tsv").read_text()


def test_only_the_id_is_needed_and_a_track_may_have_no_experiment(tmp_path):
    (track,) = read_tracks(table(tmp_path, "id\nK562.DNase\n"))
    assert track == Track("K562.DNase", "K562.DNase")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("id\n", "no tracks"),
        ("id\ttransform\na\tlog\n", "transform is 'log'; expected one of sqrt, power75"),
        ("id\tsoft_clip\na\t-1\n", "soft_clip is '-1'; expected a positive number"),
        ("id\tclip\tsoft_clip\na\t5\t9\n", "no value comes beyond the soft_clip of 9"),
        (
            "id\tstrand_pair\ttransform\na\tb\tsqrt\nb\ta\t\n",
            "on the other strand, and have not the same transform",
        ),
        (
            "id\tstrand_pair\tscale\ttransform\na\tb\t1\tsqrt\nb\ta\t2\tsqrt\n",
            "have not the same scale",
        ),
        ("id\tcolour\na\tred\n", "unknown column 'colour'"),
        ("name\na\n", "no column 'id'"),
        ("id\na\na\n", "line 3: id 'a' is used twice"),
        ("id\nx y\n", "must be letters"),
        ("id\texperiment\na\tnone.bw\n", r"line 2: experiment 'none\.bw' does not exist"),
        ("id\taggregation\na\tmedian\n", "aggregation is 'median'; expected one of mean, sum"),
        ("id\tscale\na\tnan\n", "scale is 'nan'; expected a positive number"),
        ("id\tstrand_pair\na\tb\n", "which is no id of the table"),
        ("id\tstrand_pair\na\tb\nb\t\n", "must name it in return"),
        ("id\na\tb\n", "2 cells under 1 columns"),
    ],
)
def test_a_mistake_in_the_table_is_named(tmp_path, text, message):
    with pytest.raises(SighthoundError, match=message):
        read_tracks(table(tmp_path, text))


def test_strand_pairs_are_indices():
    tracks = [Track("p", "", strand_pair="m"), Track("x", ""), Track("m", "", strand_pair="p")]
    np.testing.assert_array_equal(strand_pairs(tracks), [2, 1, 0])
