"""Genotypes come to the same whichever format they are in, and what is wrong with one is said."""

import gzip
from pathlib import Path

import numpy as np
import pysam
import pytest

from sighthound.core.association.genotypes import read_panel, read_samples
from sighthound.core.association.panel import Panel
from sighthound.core.errors import SighthoundError
from tests.core.association.panels import (
    simulated_copies,
    simulated_sites,
    write_plink,
    write_vcf,
)


def everything(panel: Panel) -> np.ndarray:
    return panel.dosages(0, len(panel))


@pytest.mark.parametrize("people", [4, 7, 9])
def test_plink_and_vcf_give_the_copies_that_were_written(tmp_path: Path, people: int) -> None:
    copies = simulated_copies(12, people, missing=0.1)
    sites = simulated_sites(12, ("1", "2"))
    for phased in (True, False):
        panel = read_panel(write_vcf(tmp_path / "x.vcf", sites, copies, phased))
        np.testing.assert_array_equal(everything(panel), copies)
    panel = read_panel(write_plink(tmp_path / "y", sites, copies))
    np.testing.assert_array_equal(everything(panel), copies)
    assert panel.samples == tuple(f"person{n}" for n in range(people))
    assert list(panel.sites.counted) == list(sites.counted)
    assert read_panel(tmp_path / "y.bed").samples == panel.samples


def test_bgzip_plain_gzip_and_bcf_are_read_too(tmp_path: Path) -> None:
    copies, sites = simulated_copies(6, 5), simulated_sites(6)
    vcf = write_vcf(tmp_path / "x.vcf", sites, copies)
    (tmp_path / "plain.vcf.gz").write_bytes(gzip.compress(vcf.read_bytes()))
    pysam.tabix_compress(str(vcf), str(tmp_path / "b.vcf.gz"))
    with (
        pysam.VariantFile(str(vcf)) as source,
        pysam.VariantFile(str(tmp_path / "x.bcf"), "wb", header=source.header) as sink,
    ):
        for record in source:
            sink.write(record)
    for name in ("plain.vcf.gz", "b.vcf.gz", "x.bcf"):
        np.testing.assert_array_equal(everything(read_panel(tmp_path / name)), copies)


def test_sites_of_several_alleles_haploid_and_half_calls_count_as_said(tmp_path: Path) -> None:
    file = tmp_path / "x.vcf"
    file.write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=1>\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="G">\n'
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="D">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc\td\n"
        "1\t20\t.\tA\tC,G\t.\t.\t.\tGT:DP\t0/1:3\t1|2:4\t2:1\t./1:2\n"
        "1\t10\tfirst\tt\tc\t.\t.\t.\tGT\t0/0\t0|1\t1\t.\n"
    )
    panel = read_panel(file)
    assert list(panel.sites.id) == ["first", "1:20:A:C", "1:20:A:G"]  # in order
    np.testing.assert_array_equal(
        everything(panel), [[0, 1, 2, np.nan], [1, 1, 0, np.nan], [0, 1, 2, np.nan]]
    )
    assert panel.frequency[0] == 0.5
    assert list(panel.calls) == [3, 3, 3]


def test_some_samples_and_common_variants_are_looked_at(tmp_path: Path) -> None:
    copies = np.array([[0, 0, 0, 1], [1, 2, 0, 1], [0, 0, 0, 0]], float)
    panel = read_panel(write_plink(tmp_path / "x", simulated_sites(3), copies))
    assert list(panel.common(0.2).sites.id) == ["rs2"]
    three = panel.of_samples(["person3", "person0", "person1"])
    np.testing.assert_array_equal(everything(three), copies[:, [3, 0, 1]])
    assert list(three.common(0).sites.id) == ["rs1", "rs2"]
    with pytest.raises(SighthoundError, match="no common variant: of 3, none"):
        panel.common(0.6)
    with pytest.raises(SighthoundError, match=r"none of the 2 samples asked for is in .*NA1"):
        panel.of_samples(["NA1", "NA2"])
    with pytest.raises(SighthoundError, match="1 of the 2 samples asked for, such as NA1, are not"):
        panel.of_samples(["NA1", "person0"])
    with pytest.raises(SighthoundError, match="genotypes of 2 samples; LD needs at least 3"):
        panel.of_samples(["person0", "person1"]).common(0)


def test_a_variant_that_all_have_once_does_not_differ(tmp_path: Path) -> None:
    copies = np.array([[1, 1, 1, 1], [1, 2, 0, 1], [1, np.nan, 1, 1]], float)
    panel = read_panel(write_vcf(tmp_path / "x.vcf", simulated_sites(3), copies))
    assert list(panel.common(0).sites.id) == ["rs2"]


def test_faults_are_told_in_one_line(tmp_path: Path) -> None:
    copies, sites = simulated_copies(4, 5), simulated_sites(4)
    stem = write_plink(tmp_path / "x", sites, copies)
    with pytest.raises(SighthoundError, match=r"missing does not exist, nor does .*missing\.bed"):
        read_panel(tmp_path / "missing")
    Path(f"{stem}.fam").write_text("f p 0 0 0 -9\n")
    with pytest.raises(SighthoundError, match=r"has 11 bytes, where 4 variants .* take 7"):
        read_panel(stem)
    Path(f"{stem}.bed").write_bytes(b"\x6c\x1b\x00" + bytes(8))
    with pytest.raises(SighthoundError, match="no variant-major"):
        read_panel(stem)
    Path(f"{stem}.bim").write_text("1\trs1\t0\tten\tA\tC\n")
    with pytest.raises(SighthoundError, match="line 1: position 'ten'"):
        read_panel(stem)
    Path(f"{stem}.fam").unlink()
    with pytest.raises(SighthoundError, match=r"x\.fam does not exist"):
        read_panel(stem)
    only_sites = tmp_path / "sites.vcf"
    only_sites.write_text("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
    with pytest.raises(SighthoundError, match="has no samples, only sites"):
        read_panel(only_sites)
    odd = write_vcf(tmp_path / "odd.vcf", sites, copies)
    odd.write_text(odd.read_text().replace("\t2001\t", "\there\t"))
    with pytest.raises(SighthoundError, match="record 2: position 'here' is no whole number"):
        read_panel(odd)
    write_vcf(odd, sites, copies)
    odd.write_text(odd.read_text().replace("0/1", "0/1/1", 1))
    with pytest.raises(SighthoundError, match="record 1 at 1:1001: genotype '0/1/1'"):
        read_panel(odd)
    write_vcf(odd, sites, copies)
    odd.write_text(odd.read_text().replace("0/1", "0/5", 1))
    with pytest.raises(SighthoundError, match="genotype '0/5', where ALT has 1; expected 0 to 1"):
        read_panel(odd)


def test_a_list_of_samples_has_one_or_two_columns(tmp_path: Path) -> None:
    file = tmp_path / "samples.txt"
    file.write_text("a\nfamily b\n\n")
    assert read_samples(file) == ["a", "b"]
    file.write_text("\n")
    with pytest.raises(SighthoundError, match="names no samples"):
        read_samples(file)
