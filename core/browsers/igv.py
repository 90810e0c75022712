"""Sessions for IGV: the JSON of igv.js, the XML of IGV on the desktop, and links that open them.

BigWigs of a track that are in one unit share a scale (`autoscaleGroup`); contributions of bases are
drawn as letters (`dynseq`), variants that are asked about are marked as regions. Genome, genes and
variants come from our own server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from sighthound.core.browsers.tracks import NEGATIVE, SIGNED, VARIANTS_LABEL, SharedTrack
from sighthound.core.genome.sequence import Interval

# Where IGV on the desktop listens unless told otherwise.
IGV_DESKTOP = "http://localhost:60151"
_HEIGHTS = {"contribution": 100}
_HEIGHT = 60


@dataclass(frozen=True)
class Reference:
    """Addresses of genome, genes and variants; but for the first three, empty where there is none.

    `genes_format` is that of igv.js: gff3, gtf or bed.
    """

    name: str
    fasta_url: str
    fai_url: str
    gzi_url: str = ""
    genes_url: str = ""
    genes_index_url: str = ""
    genes_format: str = ""
    variants_url: str = ""
    variants_index_url: str = ""


def igv_locus(locus: Interval) -> str:
    """Write a locus as IGV reads it: 1-based, inclusive, without commas."""
    return f"{locus.chrom}:{locus.start + 1}-{locus.end}"


def igv_session(
    reference: Reference,
    tracks: Sequence[SharedTrack],
    locus: Interval,
    marked: Sequence[tuple[Interval, str]] = (),
) -> dict[str, Any]:
    """Make a session of igv.js, also the configuration of `igv.createBrowser`.

    Parameters
    ----------
    reference : Reference
    tracks : sequence of SharedTrack
        With absolute addresses.
    locus : Interval
    marked : sequence of (Interval, str)
        Places to mark over all rows, and what they are.

    Returns
    -------
    dict, to be written as JSON
    """
    described: dict[str, Any] = {
        "id": reference.name,
        "name": reference.name,
        "fastaURL": reference.fasta_url,
        "indexURL": reference.fai_url,
    }
    if reference.gzi_url:
        described["compressedIndexURL"] = reference.gzi_url
    rows = [_genes(reference)] if reference.genes_url else []
    rows += [_variants(reference)] if reference.variants_url else []
    session = {
        # Otherwise igv.js asks its own servers for a list of genomes at every start.
        "loadDefaultGenomes": False,
        "reference": described,
        "locus": igv_locus(locus),
        "tracks": rows + [_igv_js_track(shared) for shared in tracks],
    }
    if marked:
        session["roi"] = [
            {
                "name": "; ".join(name for _, name in marked),
                "color": "rgba(204,77,0,0.3)",
                "features": [
                    {"chr": at.chrom, "start": at.start, "end": at.end, "name": name}
                    for at, name in marked
                ],
            }
        ]
    return session


def _genes(reference: Reference) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": "Genes",
        "type": "annotation",
        "format": reference.genes_format,
        "url": reference.genes_url,
        "displayMode": "EXPANDED",
    }
    if reference.genes_index_url:
        return {**row, "indexURL": reference.genes_index_url}
    return {**row, "indexed": False}


def _variants(reference: Reference) -> dict[str, Any]:
    return {
        "name": VARIANTS_LABEL,
        "type": "variant",
        "format": "vcf",
        "url": reference.variants_url,
        "indexURL": reference.variants_index_url,
        "displayMode": "EXPANDED",
        "height": 45,
        # A row a sample would push the signals off the screen.
        "showGenotypes": False,
    }


def _igv_js_track(shared: SharedTrack) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": shared.label,
        "type": "wig",
        "format": "bigwig",
        "url": shared.url,
        "color": _rgb(shared.colour),
        "height": _HEIGHTS.get(shared.kind, _HEIGHT),
        "autoscale": True,
        # What the page draws when zoomed out, and what keeps a peak's height.
        "windowFunction": "mean",
    }
    if shared.scale:
        row["autoscaleGroup"] = shared.scale
    if shared.kind in SIGNED:
        row["altColor"] = _rgb(NEGATIVE)
    return {**row, "graphType": "dynseq"} if shared.kind == "contribution" else row


def igv_desktop_session(
    reference: Reference,
    tracks: Sequence[SharedTrack],
    locus: Interval,
    marked: Sequence[tuple[Interval, str]] = (),
) -> str:
    """Write a session of IGV on the desktop, as XML; parameters as of `igv_session`."""
    session = ElementTree.Element(
        "Session", genome=reference.fasta_url, locus=igv_locus(locus), version="8"
    )
    resources = ElementTree.SubElement(session, "Resources")
    panel = ElementTree.SubElement(session, "Panel", name="DataPanel", height="800")
    scales = dict.fromkeys(shared.scale for shared in tracks if shared.scale)
    groups = {scale: str(number) for number, scale in enumerate(scales, 1)}
    for shared in tracks:
        ElementTree.SubElement(resources, "Resource", path=shared.url, type="bw", name=shared.label)
        settings = {
            "id": shared.url,
            "name": shared.label,
            "clazz": "org.broad.igv.track.DataSourceTrack",
            "attributeKey": shared.label,
            "color": _numbers(shared.colour),
            "altColor": _numbers(NEGATIVE),
            "height": str(_HEIGHTS.get(shared.kind, _HEIGHT)),
            "renderer": "DYNSEQ" if shared.kind == "contribution" else "BAR_CHART",
            "windowFunction": "mean",
            "visible": "true",
            "autoScale": "true",
        }
        if shared.scale:
            settings["autoscaleGroup"] = groups[shared.scale]
        track = ElementTree.SubElement(panel, "Track", settings)
        low, high = shared.limits
        ElementTree.SubElement(
            track,
            "DataRange",
            type="LINEAR",
            drawBaseline="true",
            baseline="0.0",
            flipAxis="false",
            minimum=f"{low:g}",
            maximum=f"{high:g}",
        )
    if reference.genes_url:
        form = {"path": reference.genes_url, "type": reference.genes_format, "name": "Genes"}
        if reference.genes_index_url:
            form["index"] = reference.genes_index_url
        ElementTree.SubElement(resources, "Resource", form)
    if reference.variants_url:
        form = {"path": reference.variants_url, "index": reference.variants_index_url}
        ElementTree.SubElement(
            resources, "Resource", {**form, "type": "vcf", "name": VARIANTS_LABEL}
        )
    if marked:
        regions = ElementTree.SubElement(session, "Regions")
        for at, name in marked:
            ElementTree.SubElement(
                regions, "Region", chromosome=at.chrom, start=str(at.start), end=str(at.end),
                description=name,
            )  # fmt: skip
    ElementTree.indent(session)
    text = ElementTree.tostring(session, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n{text}\n'


def igv_desktop_link(session_url: str, locus: Interval) -> str:
    """Make the link that opens a session in an IGV that runs on the reader's own machine."""
    asked = {"file": session_url, "locus": igv_locus(locus), "merge": "false"}
    return f"{IGV_DESKTOP}/load?{urlencode(asked, quote_via=quote)}"


def _numbers(colour: str) -> str:
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))


def _rgb(colour: str) -> str:
    return f"rgb({_numbers(colour)})"
