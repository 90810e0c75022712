"""`sighthound alleles`, and hubs with them: the bins that variants can change, as BigWig."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyBigWig
import pytest
from click.testing import CliRunner

from sighthound.app.cli import cli
from sighthound.core.browsers.ucsc_check import check_hub
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.interpretation.variant_scores import variant_profiles
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import load_model
from sighthound.core.project.settings import load_project
from sighthound.core.variants.variant import Variant
from sighthound.precompute.hub_folder import write_hub
from sighthound.precompute.interpretation.allele_tracks import write_alleles
from tests.tiny import BIN, LENGTHS, make_project, write_vcf


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("alleles") / "lab")


def substitution(folder: Path, position: int) -> Variant:
    """A change at a 0-based position of chrI that fits the genome."""
    ref = load_project(folder).open_genome().sequence(Interval("chrI", position, position + 1))
    return Variant("chrI", position, ref, "G" if ref != "G" else "T")


def typed(variant: Variant) -> str:
    return f"{variant.chrom}:{variant.position + 1:,} {variant.ref}>{variant.alt}"


def test_the_command_writes_both_alleles_and_their_difference(folder: Path, tmp_path: Path) -> None:
    both = [substitution(folder, 9_000), substitution(folder, 9_100)]
    arguments = ["alleles", folder, *map(typed, both), "--track", "atac", "-o", tmp_path / "out"]
    done = CliRunner().invoke(cli, list(map(str, arguments)))
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "atac.reference.bw", "atac.alternative.bw", "atac.difference.bw"
    }  # fmt: skip
    project = load_project(folder)
    model = load_model(project.model.directory)
    (profile,) = variant_profiles(model, project.open_genome(), [both], tracks=["atac"])
    read = {}
    for kind in ("reference", "alternative", "difference"):
        with pyBigWig.open(str(tmp_path / "out" / f"atac.{kind}.bw")) as file:
            assert file.chroms() == LENGTHS
            assert file.intervals("chrII") is None
            entries = file.intervals("chrI")
        assert (entries[0][0], entries[0][1]) == (profile.start, profile.start + BIN)
        read[kind] = np.array([value for _, _, value in entries], np.float32)
    np.testing.assert_array_equal(read["reference"], profile.reference[:, 0])
    np.testing.assert_array_equal(read["alternative"], profile.alternative[:, 0])
    np.testing.assert_array_equal(read["difference"], read["alternative"] - read["reference"])
    assert np.abs(read["difference"]).max() > 0


def test_strands_and_shifts_are_averaged_as_predict_averages_them(
    folder: Path, tmp_path: Path
) -> None:
    variant = substitution(folder, 9_000)
    arguments = ["alleles", folder, typed(variant), "--track", "atac", "-o", tmp_path]
    options = ["--both-strands", "--shift", "1", "--shift", "-1"]
    done = CliRunner().invoke(cli, list(map(str, [*arguments, *options])))
    assert done.exit_code == 0, done.output
    project = load_project(folder)
    (profile,) = variant_profiles(
        load_model(project.model.directory), project.open_genome(), [[variant]], tracks=["atac"],
        ensemble=Ensemble(True, (0, 1, -1)),
    )  # fmt: skip
    with pyBigWig.open(str(tmp_path / "atac.alternative.bw")) as file:
        entries = file.intervals("chrI")
    read = np.array([value for _, _, value in entries], np.float32)
    np.testing.assert_array_equal(read, profile.alternative[:, 0])


def test_a_bedgraph_says_what_it_is_and_ends_with_the_chromosome(
    folder: Path, tmp_path: Path
) -> None:
    last = substitution(folder, LENGTHS["chrI"] - 3)
    (path,) = write_alleles(
        load_project(folder), [typed(last)], tmp_path, form="bedgraph", tracks=["atac"],
        kinds=["difference"],
    )  # fmt: skip
    title, *lines = path.read_text().splitlines()
    assert title == f'track type=bedGraph name="atac difference, {typed(last)}"'
    assert lines[-1].split("\t")[:3] == ["chrI", str(LENGTHS["chrI"] - BIN), str(LENGTHS["chrI"])]


def test_a_hub_of_alleles_holds_them_and_the_known_variants(folder: Path, tmp_path: Path) -> None:
    settings = folder / "sighthound.toml"
    before = settings.read_text()
    write_vcf(folder, "chrI 40 rs1 A C")
    settings.write_text(before + '\n[variants]\nvcf = "variants.vcf.gz"\n')
    project = load_project(folder)
    shared = write_hub(
        project, tmp_path / "out", variants=[typed(substitution(folder, 9_000))], vcf=True
    )
    settings.write_text(before)
    text = (tmp_path / "out" / "hub.txt").read_text()
    assert check_hub(text) == []
    named = [line.split(" ")[1] for line in text.splitlines() if line.startswith("bigData")]
    assert all((tmp_path / "out" / name).is_file() for name in named)
    assert {"variants.vcf.gz", "variants.vcf.gz.tbi"} < set(named)
    assert len(shared) == 6 + 9
    difference = next(item for item in shared if item.kind == "difference")
    assert difference.extent == difference.limits
    with pyBigWig.open(str(tmp_path / "out" / difference.url)) as file:
        assert file.header()["maxVal"] <= difference.limits[1]
    with pytest.raises(SighthoundError, match=r"no VCF to share; name one .* \[variants\] vcf"):
        write_hub(load_project(folder), tmp_path / "other", vcf=True)


def test_a_variant_of_another_genome_is_one_line(folder: Path, tmp_path: Path) -> None:
    ref = substitution(folder, 9_000).ref
    wrong = f"chrI:9001 {'A' if ref != 'A' else 'C'}>{ref}"
    done = CliRunner().invoke(cli, ["alleles", str(folder), wrong, "-o", str(tmp_path / "out")])
    assert "REF differs from the genome" in str(done.exception)
    assert not (tmp_path / "out").exists()


# The block that ends every file of bgzip (SAM specification, section 4.1.2).
