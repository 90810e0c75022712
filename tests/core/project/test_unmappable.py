"""Where reads cannot be placed is read from BED and from mappability alike."""

from dataclasses import replace

import numpy as np
import pytest

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.findings import Findings
from sighthound.core.genome.sequence import Interval
from sighthound.core.project import unmappable
from sighthound.core.project.unmappable import unmappable_regions
from tests.precompute.simulation.planted import LENGTHS, planted_project


@pytest.fixture
def project(tmp_path):
    return planted_project(tmp_path / "project")


def with_file(project, file):
    return replace(project, genome=replace(project.genome, unmappable=file))


def with_mappability(project, values, lengths=LENGTHS):
    write_bigwig(project.root / "map.bw", lengths, values, 1, mantissa_bits=None)
    return with_file(project, project.root / "map.bw")


def mappable():
    return {chrom: np.ones(length, np.float32) for chrom, length in LENGTHS.items()}


def test_bases_of_low_mappability_are_the_regions_of_a_bed(project, monkeypatch):
    monkeypatch.setattr(unmappable, "_BLOCK", 100)
    values = mappable()
    values["chr1"][150:250] = 0.49
    values["chr1"][300:310] = 0.5
    values["chr3"][-7:] = 0
    asked = with_mappability(project, values.items())
    found = unmappable_regions(asked, asked.open_genome())
    assert found == [Interval("chr1", 150, 250), Interval("chr3", 5_993, 6_000)]
    bed = project.root / "map.bed"
    bed.write_text("".join(f"{i.chrom}\t{i.start}\t{i.end}\n" for i in found))
    assert unmappable_regions(with_file(project, bed), project.open_genome()) == found


def test_a_chromosome_without_mappability_is_unmappable_and_counted(project):
    values = mappable()
    del values["chr2"]
    lengths = {chrom: LENGTHS[chrom] for chrom in values}
    asked = with_mappability(project, values.items(), lengths)
    findings = Findings()
    found = unmappable_regions(asked, asked.open_genome(), findings)
    assert found == [Interval("chr2", 0, LENGTHS["chr2"])]
    assert "chr2" in str(findings.all()[0])


def test_mappability_of_other_lengths_is_named(project):
    lengths = {**LENGTHS, "chr2": 6_100}
    asked = with_mappability(project, [("chr2", np.ones(6_100, np.float32))], lengths)
    with pytest.raises(SighthoundError, match=r"its chr2 has 6,100 bases, genome.fa has 6,005"):
        unmappable_regions(asked, asked.open_genome())


def test_mappability_of_other_names_is_named(project):
    asked = with_mappability(project, [("scaffold", np.ones(50, np.float32))], {"scaffold": 50})
    with pytest.raises(SighthoundError, match=r"no chromosome of .* expected names like chr1"):
        unmappable_regions(asked, asked.open_genome())


@pytest.mark.parametrize("value", [1.5, 36.0, -1.0])
def test_what_is_no_share_is_named_with_its_base(project, value):
    values = mappable()
    values["chr2"][41] = value
    asked = with_mappability(project, values.items())
    with pytest.raises(SighthoundError, match=rf"holds {value:g} at chr2:42; expected mappab"):
        unmappable_regions(asked, asked.open_genome())
