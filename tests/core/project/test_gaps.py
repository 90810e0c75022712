from pathlib import Path

from sighthound.core import Interval, load_project
from sighthound.core.findings import Findings
from sighthound.core.project.unmappable import assembly_gaps

SETTINGS = """
[genome]
name = "tiny"
fasta = "genome.fa"
{gaps}
[tracks]
table = "tracks.tsv"
[dataset]
sequence_length = 1024
bin = 32
crop = 8
"""


def write(folder: Path, gaps: str = "") -> Path:
    sequence = "N" * 31 + "ACGT" * 20 + "N" * 32 + "A" * 17
    (folder / "genome.fa").write_text(f">chrI\n{sequence}\n")
    (folder / "tracks.tsv").write_text("id\n")
    (folder / "sighthound.toml").write_text(SETTINGS.format(gaps=gaps))
    return folder


def test_runs_of_n_of_a_bin_or_more_are_gaps(tmp_path: Path) -> None:
    project = load_project(write(tmp_path))
    assert assembly_gaps(project, project.open_genome()) == [Interval("chrI", 111, 143)]


def test_a_file_of_gaps_takes_the_place_of_the_sequence(tmp_path: Path) -> None:
    (tmp_path / "gaps.bed").write_text("chrI\t5\t9\nchrX\t1\t2\n")
    project, findings = load_project(write(tmp_path, 'gaps = "gaps.bed"')), Findings()
    assert assembly_gaps(project, project.open_genome(), findings) == [Interval("chrI", 5, 9)]
    assert findings.all()
