"""Whatever opens a file takes its path as people have it: text, or anything that is a path."""

import importlib
import inspect

import pytest

from sighthound import core
from sighthound.core import Genome, load_model, load_project, read_genes, read_tracks, read_variants
from sighthound.core.model.published import import_model
from tests.paths import GOLDEN, ROOT
from tests.tiny import make_project, write_vcf


class Place:
    """A path of another library."""

    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return str(self.path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = make_project(tmp_path_factory.mktemp("doors") / "tiny")
    write_vcf(folder, "chrI 40 rs1 A C", "chrI 50 rs2 A C", "chrI 60 rs3 A C")
    return folder


@pytest.mark.parametrize("form", [str, Place])
def test_files_are_opened_by_any_kind_of_path(folder, form):
    genome = Genome(form(folder / "genome.fa"))
    assert genome.lengths["chrI"] == 40_000
    assert load_model(form(folder / "model")).bin == 64
    assert load_project(form(folder)).genome.name == "tiny"
    assert len(read_genes(form(folder / "genes.gff3"))) == 3
    assert len(read_tracks(form(folder / "tracks.tsv"))) == 3
    flipped = read_variants(form(folder / "variants.vcf.gz"), genome, "flip")
    assert all(variant.chrom == "chrI" for variant in flipped)


@pytest.mark.parametrize("form", [str, Place])
def test_a_published_model_is_imported_by_any_kind_of_path(form):
    source = GOLDEN / "small_v2"
    imported = import_model(form(source / "model_best.h5"), form(source / "params.json"))
    assert imported.tracks[0].id == "track0"


def test_questions_about_a_window_name_tracks_before_bins():
    for name in core.__all__:
        given = list(inspect.signature(getattr(core, name)).parameters) if name.islower() else []
        if {"tracks", "bins"} <= set(given):
            assert given.index("tracks") == given.index("bins") - 1, name


def test_the_source_has_the_doors_that_are_installed(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    source = importlib.import_module("core")
    rooms = [importlib.import_module(f"core.{room}") for room in ("genome", "tracks", "variants")]
    for module in (source, *rooms):
        installed = importlib.import_module(f"sighthound.{module.__name__}")
        assert all(getattr(module, name) is getattr(installed, name) for name in installed.__all__)
