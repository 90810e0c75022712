"""The genes of the yeast recipe: measured ends of transcripts, with the coding sequences of SGD.

The public annotation has measured transcription starts and ends, but no introns, so no codon can be
read off it; the shipped one has exons and coding sequences, but no measured start. Both are of
the same assembly and name genes alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from urllib.parse import quote

from sighthound.core.annotation.transcripts import Gene, Transcript

_UNESCAPED = " ()[]{}:/'+-*.<>@#!?|\"^~$_"


def with_coding(measured: Iterable[Gene], shipped: Iterable[Gene]) -> list[Gene]:
    """Give genes of measured transcripts the introns and coding sequences of another annotation.

    Parameters
    ----------
    measured : iterable of Gene
        One transcript a gene.
    shipped : iterable of Gene
        One transcript a gene; genes are matched by id.

    Returns
    -------
    list of Gene
        Those of `measured`, with their own ends; a gene whose coding sequence does not lie inside
        its measured transcript, or that `shipped` lacks, is left as it was.
    """
    known = {gene.id: gene.transcripts[0] for gene in shipped}
    joined = []
    for gene in measured:
        (transcript,) = gene.transcripts
        other = known.get(gene.id)
        if other and other.coding and _is_inside(other, transcript):
            gene = replace(gene, transcripts=(_joined(transcript, other),))
        joined.append(gene)
    return joined


def gff3_lines(genes: Iterable[Gene]) -> Iterator[str]:
    """Write genes of one transcript each as GFF3: gene, transcript, exons and CDS with phases."""
    yield "##gff-version 3\n"
    for gene in genes:
        yield from _gene_lines(gene)


def _gene_lines(gene: Gene) -> Iterator[str]:
    (transcript,) = gene.transcripts
    coding = zip(transcript.coding, _phases(transcript), strict=True)
    kind = "mRNA" if transcript.coding else "transcript"
    own = _attributes(ID=[f"{gene.id}_{kind}"], Parent=[gene.id])
    part = _attributes(Parent=[f"{gene.id}_{kind}"])
    about = _attributes(
        ID=[gene.id], Name=[gene.name], Alias=gene.aliases, description=[gene.description]
    )
    for feature, start, end, phase, attributes in (
        ("gene", gene.start, gene.end, ".", about),
        (kind, transcript.start, transcript.end, ".", own),
        *(("exon", start, end, ".", part) for start, end in transcript.exons),
        *(("CDS", start, end, str(phase), part) for (start, end), phase in coding),
    ):
        place = f"{gene.chrom}\tSighthound\t{feature}\t{start + 1}\t{end}"
        yield f"{place}\t.\t{gene.strand}\t{phase}\t{attributes}\n"


def _is_inside(other: Transcript, transcript: Transcript) -> bool:
    same_place = (other.chrom, other.strand) == (transcript.chrom, transcript.strand)
    begins, ends = other.coding[0][0], other.coding[-1][1]
    return same_place and transcript.start <= begins and ends <= transcript.end


def _joined(transcript: Transcript, other: Transcript) -> Transcript:
    introns = [
        (end, start)
        for (_, end), (start, _) in pairwise(other.exons)
        if transcript.start < end and start < transcript.end
    ]
    starts = [transcript.start, *(end for _, end in introns)]
    ends = [*(start for start, _ in introns), transcript.end]
    exons = tuple(zip(starts, ends, strict=True))
    return replace(transcript, exons=exons, coding=other.coding, phase=other.phase)


def _phases(transcript: Transcript) -> list[int]:
    """Bases at each coding stretch's 5' end that belong to a codon begun before, ascending."""
    forward = transcript.strand == "+"
    before, phases = -transcript.phase, []
    for start, end in transcript.coding if forward else reversed(transcript.coding):
        phases.append(-before % 3)
        before += end - start
    return phases if forward else phases[::-1]


def _attributes(**values: Iterable[str]) -> str:
    """Column 9; keys without a value are left out."""
    escaped = {
        key: ",".join(quote(value, safe=_UNESCAPED) for value in given if value)
        for key, given in values.items()
    }
    return ";".join(f"{key}={value}" for key, value in escaped.items() if value)
