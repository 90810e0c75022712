"""Coverage of aligned reads as a BigWig, multi-mapping reads shared out, GC content corrected.

The steps of Kelley et al. 2018 (Methods, "Data processing"): alignments are read, reads that fit
several places are shared among them, coverage is corrected for GC, and every base is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sighthound.core import __version__
from sighthound.core.bigwig.files import check_bigwig_output, write_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output, whole_file
from sighthound.core.genome.sequence import Genome
from sighthound.core.progress import Progress
from sighthound.core.tracks.card import Card, card_file, write_card
from sighthound.core.tracks.card_pictures import picture_files, write_pictures
from sighthound.precompute.reads.alignments import read_alignments
from sighthound.precompute.reads.assays import (
    CUT_ASSAYS,
    NO_SHIFT,
    Assay,
    Position,
    Shift,
    assay_named,
    parse_shift,
)
from sighthound.precompute.reads.bam_files import header_lengths
from sighthound.precompute.reads.counting import Counting
from sighthound.precompute.reads.counting_options import ChoosingOptions, CountingOptions
from sighthound.precompute.reads.cut_motif import CutSites, check_shift, find_motif
from sighthound.precompute.reads.exclusions import (
    blacklisted_stretches,
    without_many_places,
    without_stretches,
)
from sighthound.precompute.reads.fragments import is_text, read_fragments
from sighthound.precompute.reads.gc_content import GC_SD, fit_gc
from sighthound.precompute.reads.multireads import kernel_radius, share_reads
from sighthound.precompute.reads.places import Alignments, GenomeLine, together
from sighthound.precompute.reads.strand_correlation import learn_fragment_length
from sighthound.precompute.reads.strand_values import StrandValues, scale_factor

Multi = Literal["em", "fraction", "unique"]

_READING = 80  # percent of the progress that reading takes
_FOLDERS = re.compile(r"(?:[^\s,;]*/)+(?=[^\s,;])")
_UNCHECKED = (
    "whether the reads are shifted already was not looked at: that needs the genome (--genome)"
)
_STRAND_WORDS = {"+": "plus", "-": "minus"}


@dataclass(frozen=True)
class CoverageReport:
    """What `coverage` counted.

    Attributes
    ----------
    outputs : tuple of Path
        The BigWigs that were written, a strand each where both were asked for.
    cards : tuple of Card
        What stands beside each.
    """

    outputs: tuple[Path, ...]
    cards: tuple[Card, ...]

    @property
    def card(self) -> Card:
        return self.cards[0]

    @property
    def alignments(self) -> int:
        return self.card.alignments

    @property
    def unique_reads(self) -> int:
        return self.card.unique_reads

    @property
    def multi_reads(self) -> int:
        return self.card.multi_reads

    @property
    def reads(self) -> int:
        return self.unique_reads + self.multi_reads


def coverage(
    inputs: Path | str | Sequence[Path | str],
    output: Path | str,
    *,
    assay: str | None = None,
    multi: Multi = "em",
    smoothing_sd: float | None = None,
    iterations: int = 10,
    tolerance: float = 0.05,
    genome: Path | str | None = None,
    correct_gc: bool = False,
    position: Position | None = None,
    mate: int | None = None,
    shift: int | str | Shift | None = None,
    fragment_length: int | None = None,
    fragment_sizes: tuple[int, int] | None = None,
    strand: str | None = None,
    min_mapq: int = 0,
    keep_duplicates: bool = False,
    umi_tag: str | None = None,
    max_places: int | None = None,
    blacklist: Path | str | None = None,
    clip: int | None = None,
    clip_multi: float | None = None,
    normalise: str = "none",
    scale_by: Path | str | float | None = None,
    effective_size: int | None = None,
    command: str = "",
    progress: Progress | None = None,
) -> CoverageReport:
    """Write the coverage of aligned reads or fragments as a BigWig with one value a base.

    A card (`core.tracks.card`) beside each BigWig says what it was made of.

    Parameters
    ----------
    inputs : path or paths
        BAM, SAM or CRAM holding every alignment of a read (bowtie2 -k, STAR, HISAT2), in any
        order, with or without index and NH tags; or fragments as text (`reads.fragments`). The
        reads of several files add up.
    output : path
        BigWig to write; written beside and renamed when complete. With both strands, two: a name
        ending in .bw gets .plus and .minus before it.
    assay : str, optional
        Sets what is not given of position, shift, mate, strand and smoothing (`reads.assays`).
    multi : "em", "fraction" or "unique"
        Reads with n places are shared by expectation-maximisation, count 1/n at each, or are
        left out.
    smoothing_sd : float
        Standard deviation in bases of the Gaussian that smooths coverage between rounds; 32.
    iterations, tolerance : int, float
        Sharing stops after `iterations` rounds, or when shares change by less than `tolerance` a
        read.
    genome : path, optional
        FASTA; needed by fragments, whose files name no chromosomes' lengths, to correct GC, and to
        see whether cut sites are shifted already (`reads.cut_motif`).
    correct_gc : bool
        Divide by what GC content predicts.
    position : "5prime", "center", "fragment" or "aligned"
        What a read counts at: its 5' base (CAGE, STRIPE-seq, ATAC, DNase; the default), the middle
        base of its fragment (ChIP), or every base of its fragment. Of a fragment in text, "5prime"
        are both ends. "aligned" is every base that a read is aligned to, without introns; each
        mate counts.
    mate : 1 or 2, optional
        Count the 5' ends of this mate only; both otherwise. Of aligned bases: the mate whose strand
        is the RNA's (2 for dUTP).
    shift : int, str or Shift
        Bases by which a 5' position moves downstream, along the read: 4, or by strand "+4/-5".
    fragment_length : int, optional
        Bases in a fragment where reads are single-end, learned from their strands where none is
        given (`reads.strand_correlation`); proper pairs carry their own.
    fragment_sizes : (int, int), optional
        Count only fragments of so many bases, both inclusive (nucleosome-free: 0 to 120).
    strand : "+", "-" or "both", optional
        Count this strand only: the strand of the read, turned for mate 2. Reads are then shared
        among places on both strands, each by the coverage of its own strand.
    min_mapq : int
        Alignments below this mapping quality are left out before places are counted.
    keep_duplicates : bool
        Count reads that are flagged as duplicates.
    umi_tag : str, optional
        The tag that holds UMIs (RX): of reads with one place, strand and UMI the first counts,
        whatever their flags say.
    max_places : int, optional
        Leave out reads with more places than this.
    blacklist : path, optional
        BED of regions in which no read counts; a read keeps its parts elsewhere.
    clip : int, optional
        Cut piles: a base may have one read, and more than c, up to this, where a Poisson variable
        with the mean of the smoothed coverage there exceeds c with a probability above 0.01.
        Reads are shared by coverage that is cut, too.
    clip_multi : float, optional
        The most that shares of reads with several places may add up to at a base, also where reads
        are shared.
    normalise : "none", "cpm" or "rpgc"
        Nothing; per million reads that count; or to a mean of 1 over the effective genome.
    scale_by : path or float, optional
        Multiply by a factor; or, of a BAM of spiked-in reads, by a million over those.
    effective_size : int, optional
        Bases of the genome that reads can come from; all of them by default.
    command : str
        For the card.
    progress : callable, optional
        Called with (percent done, 100).

    Raises
    ------
    SighthoundError
        An option is out of range; an input is missing, of another kind, truncated, of another
        genome than the others, or has nothing that counts; the output cannot be written, or is
        the name of a file that is no BigWig.
    """
    paths = [Path(p) for p in ([inputs] if isinstance(inputs, str | Path) else inputs)]
    preset = Assay("") if assay is None else assay_named(assay)
    position = position or preset.position
    at_5_prime = position == "5prime"
    texts = [path for path in paths if is_text(path)]
    if mate is None and position in ("5prime", "aligned") and not texts:
        mate = preset.mate
    sd = preset.smoothing_sd if smoothing_sd is None else smoothing_sd
    moved = parse_shift(shift) if shift is not None else preset.shift if at_5_prime else NO_SHIFT
    strand = strand or preset.strands
    options = CountingOptions(
        position, sd, iterations, mate, moved, fragment_length, fragment_sizes
    )
    options.check(multi, strand, clip, clip_multi, normalise, scale_by)
    bed = None if blacklist is None else Path(blacklist)
    chosen = ChoosingOptions(min_mapq, keep_duplicates, umi_tag, max_places, bed)
    chosen.check(texts)
    outputs = _outputs(Path(output), strand)
    for file in outputs:
        check_bigwig_output(file)
        check_output(card_file(file))
    margin = 2 * max(kernel_radius(sd), kernel_radius(GC_SD))
    lengths = _lengths(paths, texts, genome)
    line = GenomeLine.of(lengths, margin, stranded=strand is not None)
    opened = None if genome is None else _matching_genome(Path(genome), line, paths[0])
    if correct_gc and opened is None:
        raise SighthoundError("correcting GC needs the genome; give its FASTA (--genome)")
    learned = None
    bams = [path for path in paths if path not in texts]
    if bams and position in ("center", "fragment") and fragment_length is None:
        learned = learn_fragment_length(bams, min_mapq)
        fragment_length = None if learned is None else learned.length
    counting = Counting(
        position, mate, moved, fragment_length, min_mapq, keep_duplicates, fragment_sizes, umi_tag
    )
    forbidden = None
    if bed is not None:
        forbidden = blacklisted_stretches(bed, line, paths[0])
    are_cuts = _are_cuts(options, assay, strand)
    cuts = CutSites() if are_cuts and opened is not None else None
    alignments = _read_all(paths, texts, line, opened, counting, cuts, progress)
    if max_places is not None:
        alignments = without_many_places(alignments, max_places)
    if forbidden is not None:
        alignments = without_stretches(alignments, forbidden)
    _refuse_nothing(alignments, paths)
    check, remarks = None, list(alignments.remarks)
    if cuts is not None and opened is not None:
        check = check_shift(find_motif(cuts, line.lengths, opened), moved, assay)
    elif are_cuts and assay is not None:
        remarks.append(_UNCHECKED)
    weights, rounds, change = share_reads(
        alignments, line, multi, sd, iterations, tolerance, clip=clip, clip_multi=clip_multi
    )
    gc = None if opened is None or not correct_gc else fit_gc(opened, line, alignments)
    kind, factor = scale_factor(
        alignments, weights, counting, line, normalise, scale_by, effective_size
    )
    if progress:
        progress(_READING + 5, 100)
    cards = []
    with ExitStack() as files:  # all are there, or none is
        for number, file in enumerate(outputs):
            row = 1 if strand == "-" or number == 1 else 0
            counts = StrandValues(
                line, row, alignments, weights, gc=gc, factor=factor, clip=clip,
                clip_multi=clip_multi, sd=sd,
            )  # fmt: skip
            part = files.enter_context(whole_file(file))
            write_bigwig(part, line.lengths, counts.chromosomes(), 1, mantissa_bits=None)
            card = Card(
                inputs=tuple(path.name for path in paths),
                alignments=len(alignments),
                unique_reads=len(alignments.unique),
                multi_reads=len(alignments.first),
                left_out={why: n for why, n in alignments.skipped.items() if n},
                counted_at=str(options),
                strand="." if strand is None else "+-"[row],
                multi=multi,
                em_rounds=rounds,
                em_change=round(change, 6),
                em_converged=rounds == 0 or change < tolerance,
                normalisation=kind,
                factor=factor,
                clip=clip,
                clipped_bases=counts.clipped,
                depth=round(counts.total, 4),
                gc=None if gc is None else gc.curve(),
                shift_check=check,
                fragments=learned,
                chosen_by=str(chosen),
                clip_multi=clip_multi,
                clipped_multi_bases=counts.clipped_multi,
                remarks=tuple(_FOLDERS.sub("", remark) for remark in remarks),
                command=command,
                version=__version__,
            )
            cards.append(card)
            if progress:
                progress(_READING + 5 + 15 * (number + 1) // len(outputs), 100)
        for file in outputs:  # a card is of the BigWig beside it, or not there
            for beside in (card_file(file), *picture_files(file)):
                beside.unlink(missing_ok=True)
    for file, card in zip(outputs, cards, strict=True):
        write_card(file, card)
        write_pictures(file, card)
    return CoverageReport(outputs, tuple(cards))


def _are_cuts(options: CountingOptions, assay: str | None, strand: str | None) -> bool:
    """Whether reads end where an enzyme cut, or may do so for all that was said."""
    if options.position != "5prime" or options.mate is not None:
        return False
    return assay in CUT_ASSAYS or (assay is None and strand is None)


def _outputs(output: Path, strand: str | None) -> tuple[Path, ...]:
    if strand != "both":
        return (output,)
    stem = output.name.removesuffix(output.suffix)
    return tuple(
        output.with_name(f"{stem}.{word}{output.suffix}") for word in _STRAND_WORDS.values()
    )


def _lengths(
    paths: Sequence[Path], texts: Sequence[Path], genome: Path | str | None
) -> dict[str, int]:
    """Take the chromosomes of the alignments' headers, which must be equal; else of the genome."""
    if not paths:
        raise SighthoundError("there is nothing to count; give a BAM or a file of fragments")
    headers = {path: header_lengths(path) for path in paths if path not in texts}
    for path, lengths in headers.items():
        first, expected = next(iter(headers.items()))
        if lengths != expected:
            raise SighthoundError(
                f"{path} was aligned to other chromosomes than {first}; only reads of one genome "
                "add up"
            )
    if headers:
        return next(iter(headers.values()))
    if genome is None:
        raise SighthoundError(
            f"{paths[0]} holds fragments, which do not say how long chromosomes are; give the "
            "genome's FASTA (--genome)"
        )
    return dict(Genome(Path(genome)).lengths)


def _read_all(
    paths: Sequence[Path],
    texts: Sequence[Path],
    line: GenomeLine,
    genome: Genome | None,
    counting: Counting,
    cuts: CutSites | None,
    progress: Progress | None,
) -> Alignments:
    sizes = [path.stat().st_size if path.is_file() else 0 for path in paths]
    whole = max(sum(sizes), 1)
    parts = []
    for number, path in enumerate(paths):
        before = sum(sizes[:number])

        def report(done: int, _size: int, _: str = "", /, before: int = before) -> None:
            if progress:
                progress(_READING * (before + done) // whole, 100)

        if path in texts:
            if genome is None:
                raise SighthoundError(f"{path} holds fragments; give the genome's FASTA (--genome)")
            parts.append(read_fragments(path, line, genome, counting, report, cuts))
        else:
            parts.append(read_alignments(path, line, counting, report, cuts))
    return together(parts)


def _refuse_nothing(alignments: Alignments, paths: Sequence[Path]) -> None:
    if not len(alignments):
        reasons = ", ".join(f"{n} {reason}" for reason, n in alignments.skipped.items() if n)
        raise SighthoundError(
            f"{', '.join(map(str, paths))} has no alignments that count "
            f"({reasons or 'it is empty'}); check that its reads were aligned and that the options "
            "fit them"
        )


def _matching_genome(fasta: Path, line: GenomeLine, bam: Path) -> Genome:
    """Open the FASTA and see that it is the genome the reads were aligned to."""
    genome = Genome(fasta)
    for name, length in line.lengths.items():
        try:
            found = genome.lengths[genome.resolve(name)]
        except SighthoundError as error:
            raise SighthoundError(
                f"{bam} was aligned to another genome than {fasta}: {error}; "
                "give the FASTA the reads were aligned to"
            ) from None
        if found != length:
            raise SighthoundError(
                f"{bam} was aligned to another genome than {fasta}: {name} has {length:,} bases in "
                f"the BAM and {found:,} in the FASTA; give the FASTA the reads were aligned to"
            )
    return genome
