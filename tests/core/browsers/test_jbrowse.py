"""Configurations of JBrowse: adapters for each kind of file, and what shares a scale."""

from __future__ import annotations

import dataclasses

import pytest

from sighthound.core.browsers.igv import Reference
from sighthound.core.browsers.jbrowse import jbrowse_config
from sighthound.core.browsers.tracks import SharedTrack
from sighthound.core.genome.sequence import Interval
from sighthound.core.tracks.track import Track

PLAIN = Reference("tiny", "http://x/genome.fa", "http://x/genome.fa.fai")
LOCUS = Interval("chrI", 999, 2_000)
ATAC = Track("atac", "ATAC", "ATAC")


def shared(kind: str) -> SharedTrack:
    return SharedTrack(ATAC, kind, f"http://x/{kind}.bw", "#0b5c97", None, (0.0, 1.0), "chrI:9 A>G")


def test_what_shares_a_scale_is_one_track_and_the_rest_have_their_own() -> None:
    kinds = ("experiment", "prediction", "reference", "alternative", "difference", "saliency")
    config = jbrowse_config(PLAIN, [shared(kind) for kind in kinds], LOCUS)
    assert config["location"] == "chrI:1000-2000"
    assert config["shown"] == ["atac", "atac-difference", "atac-saliency"]
    pair, difference, _ = config["tracks"]
    assert pair["type"] == "MultiQuantitativeTrack"
    sources = [part["source"] for part in pair["adapter"]["subadapters"]]
    assert sources == ["Experiment", "Prediction", "Reference allele", "Alternative allele"]
    assert difference["name"] == "ATAC difference, chrI:9 A>G"
    assert difference["displays"][0]["renderers"]["XYPlotRenderer"]["negColor"] == "#cc4d00"


def test_a_signal_alone_needs_no_multi_wiggle() -> None:
    (row,) = jbrowse_config(PLAIN, [shared("prediction")], LOCUS)["tracks"]
    assert row["adapter"]["type"] == "BigWigAdapter"
    assert row["assemblyNames"] == ["tiny"]


@pytest.mark.parametrize(
    ("form", "index", "adapter"),
    [
        ("gff3", "", "Gff3Adapter"),
        ("gff3", "http://x/genes.gff3.gz.tbi", "Gff3TabixAdapter"),
        ("bed", "http://x/genes.bed.gz.csi", "BedTabixAdapter"),
        ("gtf", "http://x/genes.gtf.gz.tbi", "GtfAdapter"),
    ],
)
def test_every_form_of_genes_has_its_adapter(form: str, index: str, adapter: str) -> None:
    reference = dataclasses.replace(
        PLAIN, genes_url=f"http://x/genes.{form}", genes_format=form, genes_index_url=index
    )
    (genes,) = jbrowse_config(reference, [], LOCUS)["tracks"]
    assert genes["adapter"]["type"] == adapter
    if "Tabix" in adapter:
        kind = "CSI" if index.endswith("csi") else "TBI"
        assert genes["adapter"]["index"]["indexType"] == kind


def test_a_compressed_genome_and_known_variants_name_their_indexes() -> None:
    reference = dataclasses.replace(
        PLAIN, gzi_url="http://x/genome.fa.gz.gzi", variants_url="http://x/v.vcf.gz",
        variants_index_url="http://x/v.vcf.gz.tbi",
    )  # fmt: skip
    config = jbrowse_config(reference, [], LOCUS)
    assert config["assemblies"][0]["sequence"]["adapter"]["type"] == "BgzipFastaAdapter"
    (variants,) = config["tracks"]
    assert variants["adapter"]["vcfGzLocation"]["uri"] == "http://x/v.vcf.gz"
