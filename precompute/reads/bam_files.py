"""BAM, SAM and CRAM as streams of alignments, whose faults are told in one line each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pysam

from sighthound.core.errors import SighthoundError
from sighthound.core.files import no_file

# Flags of an alignment (SAM specification, section 1.4).
PAIRED, PROPER, UNMAPPED, REVERSE, READ2 = 0x1, 0x2, 0x4, 0x10, 0x80
SECONDARY, QC_FAIL, DUPLICATE, SUPPLEMENTARY = 0x100, 0x200, 0x400, 0x800
# Of a CRAM all but bases and qualities (SAM_SEQ, SAM_QUAL of htslib): those alone need a reference.
_FIELDS = ["required_fields=0x19ff"]


def header_lengths(bam: Path) -> dict[str, int]:
    """Read the chromosomes that a BAM's header names, and their lengths.

    Raises
    ------
    SighthoundError
        It is no BAM, or names none.
    """
    with opened(bam) as file:
        return dict(zip(file.references, file.lengths, strict=True))


@contextmanager
def opened(bam: Path) -> Iterator[pysam.AlignmentFile]:
    """Open a BAM, keeping htslib's own messages (no index, ...) off the terminal."""
    if not bam.is_file():
        raise SighthoundError(f"{bam} {no_file(bam)}; expected a BAM file")
    verbosity = pysam.set_verbosity(0)
    try:
        try:
            file = pysam.AlignmentFile(str(bam), "r", format_options=_FIELDS)
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())
            if "no SQ lines" in reason or "no sequences defined" in reason:
                raise SighthoundError(
                    f"{bam} has no header that names chromosomes (@SQ); align the reads, or add "
                    "the header: samtools view -t genome.fa.fai"
                ) from None
            raise SighthoundError(
                f"{bam} cannot be read as BAM ({reason}); expected a complete file of aligned reads"
            ) from None
        try:
            yield file
        finally:
            with suppress(OSError):  # of a broken file closing fails, too, and names no reason
                file.close()
    finally:
        pysam.set_verbosity(verbosity)


def stream(file: pysam.AlignmentFile, bam: Path) -> Iterator[pysam.AlignedSegment]:
    """Give every alignment in the order of the file; `bam` is its name.

    Raises
    ------
    SighthoundError
        The file is cut short or broken.
    """
    try:
        yield from file.fetch(until_eof=True)
    except (OSError, ValueError) as error:
        raise SighthoundError(
            f"{bam} is truncated or broken ({' '.join(str(error).split())}); copy or align it again"
        ) from None


def missing_reference(file: pysam.AlignmentFile) -> str:
    """The first file that the header of a CRAM names as its reference and that is not there."""
    named = (line.get("UR", "") for line in file.header.to_dict().get("SQ", ()))
    paths = (text.removeprefix("file://").removeprefix("file:") for text in named if text)
    return next((p for p in dict.fromkeys(paths) if "://" not in p and not Path(p).is_file()), "")
