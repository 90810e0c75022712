"""What visitors keep and take away: views, files of their own, how a picture is made again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from sighthound.app.answers.written import Number, OneOf, Optionally


@dataclass(frozen=True)
class KeptView:
    """The name of a view that was kept.

    Attributes
    ----------
    id : str
        A hash of it: the same view has the same name.
    """

    id: str


@dataclass(frozen=True)
class ViewState:
    """A view.

    Attributes
    ----------
    state : object
        The parameters of its address, as they stand there.
    """

    state: dict[str, str]


@dataclass(frozen=True)
class Upload:
    """A visitor's own file.

    Attributes
    ----------
    id : str
        What it is asked for by.
    name : str
        The visitor's.
    kind : str
        `bigwig` also of bedGraph and wiggle.
    bytes : int
        As it came.
    added, expires : float
        Seconds since 1970.
    sha256 : str
        Of the file as it came.
    items : int
        Features or alleles; 0 for a BigWig.
    note : str
        What was left out.
    source : str
        Address it was fetched from, or empty.
    """

    id: str
    name: str
    kind: Annotated[str, OneOf("bigwig", "bed", "vcf")]
    bytes: int
    added: float
    expires: float
    sha256: str
    items: int = 0
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class UploadedFiles:
    """A visitor's own files, and what may be added.

    Attributes
    ----------
    files : array of Upload
        The oldest first.
    upload_mb : int
        How large one may be; 0 where none are taken.
    upload_days : int
        After which a file goes.
    allowed_urls : array of str
        Below which the server fetches files.
    """

    files: tuple[Upload, ...]
    upload_mb: int
    upload_days: int
    allowed_urls: tuple[str, ...]


@dataclass(frozen=True)
class Removed:
    """That a file was removed.

    Attributes
    ----------
    removed : str
        Its id.
    """

    removed: str


@dataclass(frozen=True)
class Feature:
    """A line of a BED or VCF; what it does not say is left out.

    Attributes
    ----------
    start, end : int
        Its bases.
    name : str
        Or the id of a variant.
    score : float
        Of a BED; null where it is no finite number.
    strand : str
        Of a BED.
    color : str
        Of a BED, as red,green,blue.
    blocks : array of [start, end]
        Of a BED12.
    summit : int
        Of a narrowPeak.
    ref, alt : str
        Alleles of a VCF.
    problem : str
        Why the model cannot be asked about a variant.
    """

    start: int
    end: int
    name: Optionally[str] = None
    score: Optionally[Number] = None
    strand: Optionally[str] = None
    color: Optionally[str] = None
    blocks: Optionally[tuple[tuple[int, int], ...]] = None
    summit: Optionally[int] = None
    ref: Optionally[str] = None
    alt: Optionally[str] = None
    problem: Optionally[str] = None


@dataclass(frozen=True)
class Features:
    """Features that touch a window, or, where they are too many to draw, how many are where.

    Attributes
    ----------
    kind : str
        Of the file.
    total : int
        How many touch the window.
    features : array of Feature
        Up to 2,000.
    counts : array of int
        Of more: starts a bin.
    start : int
        First base of the first bin of `counts`.
    bin_bp : int
        Bases of such a bin.
    """

    kind: Annotated[str, OneOf("bed", "vcf")]
    total: int
    features: Optionally[tuple[Feature, ...]] = None
    counts: Optionally[tuple[int, ...]] = None
    start: Optionally[int] = None
    bin_bp: Optionally[int] = None


@dataclass(frozen=True)
class GenomeUsed:
    """The genome of a picture.

    Attributes
    ----------
    name : str
        As the project calls it.
    file : str
        Of the FASTA.
    fingerprint : str
        Of its sequences.
    """

    name: str
    file: str
    fingerprint: str


@dataclass(frozen=True)
class ModelUsed:
    """The model of a picture.

    Attributes
    ----------
    hash : str
        Of the model.
    predictions : str
        What the predicted files average, and by what they were made; empty without such.
    """

    hash: str
    predictions: str


@dataclass(frozen=True)
class Command:
    """A line for a shell.

    Attributes
    ----------
    title : str
        What it makes.
    line : str
        The command.
    """

    title: str
    line: str


@dataclass(frozen=True)
class SourceFile:
    """A file that a picture's data come from.

    Attributes
    ----------
    role : str
        What it holds.
    path : str
        Below the project's folder, or its name.
    bytes : int
        Size.
    inside : bool
        Whether it lies in the project's folder.
    sha256 : str
        Null while it is worked out.
    """

    role: str
    path: str
    bytes: int
    inside: bool
    sha256: str | None


@dataclass(frozen=True)
class Provenance:
    """What a picture was made of, and how to make it again.

    Attributes
    ----------
    software : str
        Name and version.
    genome : GenomeUsed
        The genome.
    model : ModelUsed
        Null without a model.
    locus : str
        Of the picture, 1-based and inclusive.
    address : str
        Of the view.
    commands : array of Command
        That give the very numbers of the picture.
    files : array of SourceFile
        With their hashes.
    complete : bool
        Whether every hash is known; status 202 until then.
    script : str
        All of it for a shell: checks the files, then runs the commands.
    """

    software: str
    genome: GenomeUsed
    model: ModelUsed | None
    locus: str
    address: str
    commands: tuple[Command, ...]
    files: tuple[SourceFile, ...]
    complete: bool
    script: str = ""


@dataclass(frozen=True)
class SharedFile:
    """The address of a BigWig.

    Attributes
    ----------
    track : str
        Id of the track.
    kind : str
        What of it.
    name : str
        For people.
    url : str
        Where it is.
    """

    track: str
    kind: str
    name: str
    url: str


@dataclass(frozen=True)
class Links:
    """Addresses for other genome browsers.

    Attributes
    ----------
    locus : str
        1-based and inclusive.
    igv_js_session : str
        Session of igv.js.
    igv_desktop_session : str
        Session of IGV on the desktop.
    igv_desktop : str
        Opens it in a running IGV.
    jbrowse : str
        Configuration of JBrowse 2.
    hub : str
        Track hub.
    ucsc : str
        Opens the hub at UCSC; null where that cannot reach this server.
    ucsc_note : str
        What to do then.
    bigwigs : array of SharedFile
        The files of the tracks.
    """

    locus: str
    igv_js_session: str
    igv_desktop_session: str
    igv_desktop: str
    jbrowse: str
    hub: str
    ucsc: str | None
    ucsc_note: str
    bigwigs: tuple[SharedFile, ...]


@dataclass(frozen=True)
class AskedAddress:
    """What is asked of the server to fetch.

    Attributes
    ----------
    url : str
        Address of a file, below one of `allowed_urls`.
    """

    url: str


@dataclass(frozen=True)
class AskedPicture:
    """A drawing to be made a PDF, in CSS pixels.

    Attributes
    ----------
    width, height : float
        Of the drawing.
    shapes : array
        As assets/view/draw/shapes.js describes the drawing list.
    width_mm : float
        Of the page.
    title, subject : str
        Of the document.
    """

    width: float
    height: float
    shapes: list[Any]
    width_mm: Optionally[float] = None
    title: Optionally[str] = None
    subject: Optionally[str] = None


@dataclass(frozen=True)
class AskedView:
    """A view whose picture is to be made again.

    Attributes
    ----------
    state : object
        The parameters of its address, as they stand there.
    address : str
        Of the view.
    """

    state: dict[str, str]
    address: Optionally[str] = None
