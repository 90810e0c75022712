"""A lab's one settings file, sighthound.toml: read, validated, every path resolved.

Each section of the file is one frozen dataclass here; its fields are the section's keys.
"""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import json
import os
import re
import tomllib
import typing
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from sighthound.core.annotation.genes import Genes, read_genes
from sighthound.core.errors import SighthoundError
from sighthound.core.files import Stamp, file_stamp
from sighthound.core.genome.sequence import Genome
from sighthound.core.project.environment import settings_in
from sighthound.core.project.sections import section_values
from sighthound.core.text import is_bgzip, plain_line, read_text
from sighthound.core.tracks.track import Track, read_tracks
from sighthound.core.variants.tabix_index import find_index, vcf_index

SETTINGS_FILE = "sighthound.toml"
MOST_FOLDS = 20
_KEPT_AS_THEY_ARE = ("training", "tune")  # sections whose keys are validated by who uses them
_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_SCHEDULER = re.compile(r"tls://[^\s/]+:\d+")
_ALLOWED_URL = re.compile(r"^https?://[^\s/@?#]+/([^\s@?#\\]*/)?$")


@dataclass(frozen=True)
class GenomeSettings:
    """[genome]: the assembly and what lies on it; gaps and blacklist are BED files."""

    fasta: Path
    name: str = ""
    genes: Path | None = None
    gaps: Path | None = None
    blacklist: Path | None = None
    unmappable: Path | None = None


@dataclass(frozen=True)
class TracksSettings:
    """[tracks]: the table of experiments, and one of sets of them for everybody."""

    table: Path
    sets: Path | None = None


@dataclass(frozen=True)
class DatasetSettings:
    """[dataset]: windows, bins and folds.

    `sequence_length`, in bases, and `crop`, in bins a side, say what the network sees and how
    much of it is scored; `valid` and `test` are chromosome names or a fraction of the windows.
    `phases` is the number of places inside a bin at which a training window may begin: more of
    them show a small genome's sequence in more ways, at as many times the disk. `stride` is the
    bases from one training window to the next; 0 lays them end to end. `homologous` is the share
    of sequence above which two pieces are put into one fold; 0 does not ask. `folds` divides the
    genome into so many parts for cross-validation, in place of `valid` and `test`. `records` is a
    folder of TFRecords of the published scripts, to be read in place of experiments.
    """

    directory: Path = Path("dataset")
    sequence_length: int = 131_072
    bin: int = 128
    crop: int = 32
    valid: tuple[str, ...] | float = 0.05
    test: tuple[str, ...] | float = 0.05
    max_unmappable: float = 0.3
    phases: int = 1
    stride: int = 0
    homologous: float = 0.0
    folds: int = 0
    records: Path | None = None


@dataclass(frozen=True)
class ModelSettings:
    """[model]: where the trained model lies."""

    directory: Path = Path("model")


@dataclass(frozen=True)
class PredictionsSettings:
    """[predictions]: where the predicted BigWigs lie."""

    directory: Path = Path("predictions")


@dataclass(frozen=True)
class VariantsSettings:
    """[variants]: variants known in the lab's samples; `vcf` is compressed by bgzip and indexed."""

    vcf: Path | None = None

    @property
    def index(self) -> Path | None:
        """The VCF's index, made by tabix (.tbi) or bcftools (.csi)."""
        return find_index(self.vcf) if self.vcf else None


@dataclass(frozen=True)
class MotifsSettings:
    """[motifs]: which JASPAR matrices name what the model sees."""

    release: str = "JASPAR2026"
    collection: str = "CORE"
    tax_group: str = ""


@dataclass(frozen=True)
class ServerSettings:
    """[server]: the web page; `default_locus` and `default_tracks` are what it opens on.

    Visitors may add files of `upload_mb` each, `uploads_mb` together, which go after `upload_days`;
    or have the server fetch them from below one of `allowed_urls`. `shares_mb` is for views under
    short addresses, which stay. The inference worker may take `worker_memory_mb`, by default three
    quarters of the machine's memory. `hosts` are names under which people reach the server;
    `path` begins all its addresses where it shares a name with others.
    `inference` is where another process has the model, and `inference_keys` the folder of the
    certificate that both have. `accel` is where nginx finds the project's folder for itself.
    `metrics` are addresses or networks that may read figures of the server. Into `access_log` goes
    a line a request.

    `login` says how it knows who is asking: "none" does not ask, "passwords" has a page for it,
    "proxy" believes the header `login_header` of the addresses or networks in `proxies`.
    `person_uploads_mb` and `person_shares` are what one person may keep. `state` is the address of
    the database of logins, tokens and the log; SQLite in PROJECT/.state by default.
    `shared_cache` is the Redis in which web servers that answer together keep what was computed.
    """

    title: str = ""
    host: str = "127.0.0.1"
    port: int = 8050
    threads: int = 8
    simulated: bool = False
    default_locus: str = ""
    default_tracks: tuple[str, ...] = ()
    max_mutagenesis_bp: int = 2_000
    worker_memory_mb: int = 0
    cache_mb: int = 512
    shared_cache: str = ""
    shares_mb: int = 50
    upload_mb: int = 200
    uploads_mb: int = 2_000
    upload_days: int = 14
    allowed_urls: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    path: str = ""
    inference: str = ""
    inference_keys: Path | None = None
    accel: str = ""
    metrics: tuple[str, ...] = ()
    access_log: Path | None = None
    login: str = "none"
    login_header: str = "X-Remote-User"
    proxies: tuple[str, ...] = ()
    person_uploads_mb: int = 1_000
    person_shares: int = 1_000
    state: str = ""


LOGINS = ("none", "passwords", "proxy")


@dataclass(frozen=True)
class Project:
    """A lab's project: its folder and its settings, one attribute a section.

    `training` and `tune` keep the keys of [training] and [tune] as they are;
    `precompute.training.settings` and `precompute.tuning.settings` validate them.
    """

    root: Path
    genome: GenomeSettings
    tracks: TracksSettings
    dataset: DatasetSettings = field(default_factory=DatasetSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    predictions: PredictionsSettings = field(default_factory=PredictionsSettings)
    variants: VariantsSettings = field(default_factory=VariantsSettings)
    motifs: MotifsSettings = field(default_factory=MotifsSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    training: dict[str, Any] = field(default_factory=dict)
    tune: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return plain_line(self.server.title or self.genome.name or self.root.name)

    def open_genome(self) -> Genome:
        """Open the FASTA file; one handle a project and process, until the file changes."""
        return _open_genome(self.genome.fasta)

    def read_genes(self) -> Genes:
        """Read the annotation, again when its file changes; empty where the project has none."""
        return _read_genes(self.genome.genes, self.open_genome())

    def read_tracks(self) -> list[Track]:
        """Read the tracks table."""
        return read_tracks(self.tracks.table)


def load_project(path: str | PathLike[str]) -> Project:
    """Read a project's settings; for [server] the environment goes before the file.

    Parameters
    ----------
    path : path
        The project's folder, or its sighthound.toml.

    Raises
    ------
    SighthoundError
        No settings, not TOML, an unknown section or key, or a value of the wrong kind.
    """
    path = Path(path)
    file = path / SETTINGS_FILE if path.is_dir() else path
    if not file.is_file():
        raise SighthoundError(
            f"{path} is no project: it has no {SETTINGS_FILE}; make one with 'sighthound init'"
        )
    try:
        settings = tomllib.loads(read_text(file))
    except tomllib.TOMLDecodeError as error:
        raise SighthoundError(f"{file} is not valid TOML: {error}") from None
    root = file.parent.resolve()
    sections = {f.name: f for f in dataclasses.fields(Project) if f.name != "root"}
    for name, value in settings.items():
        if name not in sections:
            raise SighthoundError(
                f"{file}: unknown section [{name}]; expected {', '.join(sections)}"
            )
        if not isinstance(value, dict):
            raise SighthoundError(f"{file}: {name} must be a section, written [{name}]")
    kinds = typing.get_type_hints(Project)
    values: dict[str, Any] = {name: settings.get(name, {}) for name in _KEPT_AS_THEY_ARE}
    for name in sections:
        if name not in values:
            values[name] = _section(kinds[name], settings.get(name, {}), root, file, name)
    here = settings_in(os.environ, ServerSettings)
    values["server"] = dataclasses.replace(values["server"], **here)
    project = Project(root=root, **values)
    _check(project, file)
    return project


def toml_text(text: str) -> str:
    """Write a text for a settings file, in quotes, whatever is in it.

    Raises
    ------
    SighthoundError
        Bytes of a name that are no UTF-8, which such a file cannot hold.

    Examples
    --------
    >>> print(toml_text('Odd "v1"'))
    "Odd \\"v1\\""
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise SighthoundError(f"{text!r} is not UTF-8; give another name") from None
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _section(kind: type, given: dict[str, Any], root: Path, file: Path, name: str) -> Any:
    values = section_values(kind, given, name, root, f"{file}: ")
    for info in dataclasses.fields(kind):
        if info.name in values:
            continue
        if info.default is dataclasses.MISSING:
            raise SighthoundError(f"{file}: [{name}] lacks the key {info.name!r}")
        if isinstance(info.default, Path):
            values[info.name] = root / info.default
    return kind(**values)


def _check(project: Project, file: Path) -> None:
    dataset = project.dataset
    if dataset.bin < 1 or dataset.sequence_length < 1 or dataset.sequence_length % dataset.bin:
        raise SighthoundError(
            f"{file}: [dataset] sequence_length {dataset.sequence_length} must be a positive "
            f"multiple of bin {dataset.bin}"
        )
    if dataset.phases < 1 or dataset.bin % dataset.phases:
        raise SighthoundError(
            f"{file}: [dataset] phases {dataset.phases} must divide bin {dataset.bin}"
        )
    bins = dataset.sequence_length // dataset.bin
    if not 0 <= 2 * dataset.crop < bins:
        raise SighthoundError(
            f"{file}: [dataset] crop {dataset.crop} leaves nothing of a window's {bins} bins"
        )
    for key in ("valid", "test"):
        fold = getattr(dataset, key)
        if isinstance(fold, float) and not 0 < fold < 1:
            raise SighthoundError(
                f"{file}: [dataset] {key} is {fold}; expected chromosome names or a fraction "
                "between 0 and 1"
            )
    if not 0 <= dataset.max_unmappable <= 1:
        raise SighthoundError(
            f"{file}: [dataset] max_unmappable is {dataset.max_unmappable}; expected 0 to 1"
        )
    if dataset.stride < 0 or dataset.stride % dataset.bin:
        raise SighthoundError(
            f"{file}: [dataset] stride is {dataset.stride}; expected a multiple of bin "
            f"{dataset.bin}, or 0 for windows end to end"
        )
    if dataset.folds and not 3 <= dataset.folds <= MOST_FOLDS:
        raise SighthoundError(
            f"{file}: [dataset] folds is {dataset.folds}; expected 3 to {MOST_FOLDS}: one to test, "
            "one to validate on, others to train on; or 0 for one division by valid and test"
        )
    shares = (dataset.valid, dataset.test)
    if dataset.folds and shares != (DatasetSettings.valid, DatasetSettings.test):
        raise SighthoundError(
            f"{file}: [dataset] folds makes each of {dataset.folds} parts the test fold of one "
            "model and the validation fold of another; leave valid and test out"
        )
    if not 0 <= dataset.homologous <= 1:
        raise SighthoundError(
            f"{file}: [dataset] homologous is {dataset.homologous}; expected 0 to 1"
        )
    if dataset.homologous and not all(isinstance(f, float) for f in (dataset.valid, dataset.test)):
        raise SighthoundError(
            f"{file}: [dataset] homologous chooses among pieces of the genome, but valid or test "
            "name chromosomes; give both as fractions, or leave homologous out"
        )
    named = (
        project.genome.fasta,
        project.tracks.table,
        project.tracks.sets,
        project.genome.genes,
        project.variants.vcf,
    )
    for where in named:
        if where is not None and not where.is_file():
            raise SighthoundError(f"{file}: {where} does not exist")
    _check_vcf(project.variants, file)
    _check_server(project.server, file)


def _check_server(server: ServerSettings, file: Path) -> None:
    of_one = "person_uploads_mb", "person_shares"
    for key in ("shares_mb", "upload_mb", "uploads_mb", "upload_days", "worker_memory_mb", *of_one):
        if getattr(server, key) < 0:
            raise SighthoundError(
                f"{file}: [server] {key} is {getattr(server, key)}; expected 0 up"
            )
    if server.upload_mb > server.uploads_mb:
        raise SighthoundError(
            f"{file}: [server] upload_mb is {server.upload_mb}, more than uploads_mb, "
            f"{server.uploads_mb}, which is what all visitors' files may take"
        )
    if not _PATH.fullmatch(server.path):
        raise SighthoundError(
            f"{file}: [server] path is {server.path!r}; expected what addresses begin with, as "
            '"/browser", without a slash at its end'
        )
    if server.accel and not _PATH.fullmatch(server.accel):
        raise SighthoundError(
            f"{file}: [server] accel is {server.accel!r}; expected the internal location of the "
            'project\'s folder in nginx, as "/sighthound-files", without a slash at its end'
        )
    for reader in server.metrics:
        try:
            ipaddress.ip_network(reader)
        except ValueError:
            raise SighthoundError(
                f"{file}: [server] metrics has {reader!r}; expected addresses or networks, as in "
                "127.0.0.1 or 10.0.0.0/24"
            ) from None
    if server.inference and not _SCHEDULER.fullmatch(server.inference):
        raise SighthoundError(
            f"{file}: [server] inference is {server.inference!r}; expected where 'sighthound "
            "inference' listens, as tls://127.0.0.1:8786"
        )
    if server.inference and server.inference_keys is None:
        raise SighthoundError(
            f"{file}: [server] inference needs inference_keys, the folder that was given to "
            "'sighthound inference' as --keys"
        )
    for url in server.allowed_urls:
        if not _ALLOWED_URL.match(url):
            raise SighthoundError(
                f"{file}: [server] allowed_urls names {url!r}; expected the beginning of addresses "
                "up to a slash, as in https://data.lab.org/bigwigs/"
            )

    if server.login not in LOGINS:
        raise SighthoundError(
            f"{file}: [server] login is {server.login!r}; expected {', '.join(LOGINS)}"
        )
    if server.login == "proxy" and not server.proxies:
        raise SighthoundError(
            f"{file}: [server] login is by a proxy, and proxies names none; give the addresses "
            f'whose {server.login_header} is believed, as in proxies = ["127.0.0.1"]'
        )
    for proxy in server.proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            raise SighthoundError(
                f"{file}: [server] proxies has {proxy!r}; expected addresses or networks, as in "
                "10.0.0.5 or 10.0.0.0/24"
            ) from None


def _check_vcf(variants: VariantsSettings, file: Path) -> None:
    vcf = variants.vcf
    if vcf is None:
        return
    if not is_bgzip(vcf):
        raise SighthoundError(
            f"{file}: [variants] vcf {vcf} is not compressed by bgzip; sort it by place, run "
            f"'bgzip {vcf.name}' and 'tabix -p vcf {vcf.name}.gz', and name the .gz"
        )
    try:
        vcf_index(vcf)
    except SighthoundError as error:
        raise SighthoundError(f"{file}: [variants] vcf {error}") from None


def _open_genome(fasta: Path) -> Genome:
    try:
        return _genome(fasta, file_stamp(fasta))
    except OSError:
        return Genome(fasta)  # says what is wrong


@functools.lru_cache(maxsize=16)
def _genome(fasta: Path, _stamp: Stamp) -> Genome:
    return Genome(fasta)


def _read_genes(path: Path | None, genome: Genome) -> Genes:
    if path is None:
        return Genes([])
    try:
        return _genes(path, file_stamp(path), genome)
    except OSError:
        return read_genes(path, genome)  # says what is wrong


@functools.lru_cache(maxsize=16)
def _genes(path: Path, _stamp: Stamp, genome: Genome) -> Genes:
    return read_genes(path, genome)
