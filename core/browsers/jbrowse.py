"""Configurations for JBrowse 2: assembly, genes, variants and signals of our own server.

BigWigs of a track that share a scale are rows of one multi-wiggle track; the others have a track of
their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sighthound.core.browsers.igv import Reference, igv_locus
from sighthound.core.browsers.tracks import LABELS, NEGATIVE, VARIANTS_LABEL, SharedTrack
from sighthound.core.genome.sequence import Interval

_ROW_HEIGHT, _HEIGHT, _ANNOTATION_HEIGHT = 50, 70, 100
_GENES = {"gff3": ("Gff3", "gff"), "gtf": ("Gtf", "gtf"), "bed": ("Bed", "bed")}


def jbrowse_config(
    reference: Reference, tracks: Sequence[SharedTrack], locus: Interval
) -> dict[str, Any]:
    """Make a configuration, for JBrowse Web's `?config=` and for the embedded component.

    Parameters
    ----------
    reference : Reference
    tracks : sequence of SharedTrack
        With absolute addresses.
    locus : Interval

    Returns
    -------
    dict, to be written as JSON
        `assemblies`, `tracks`, and for the component `location` and `shown`, ids of the tracks in
        the order of `tracks`.
    """
    rows = [_genes(reference)] if reference.genes_url else []
    rows += [_variants(reference)] if reference.variants_url else []
    together: dict[str, list[SharedTrack]] = {}
    for shared in tracks:
        key = shared.scale or f"{shared.track.id}-{shared.kind}"
        together.setdefault(key, []).append(shared)
    for key, group in together.items():
        row = _signal(key, group[0]) if len(group) == 1 else _signals(key, group)
        rows.append({**row, "assemblyNames": [reference.name]})
    return {
        "assemblies": [_assembly(reference)],
        "tracks": rows,
        "location": igv_locus(locus),
        "shown": [row["trackId"] for row in rows],
    }


def _assembly(reference: Reference) -> dict[str, Any]:
    adapter: dict[str, Any] = {
        "type": "BgzipFastaAdapter" if reference.gzi_url else "IndexedFastaAdapter",
        "fastaLocation": _at(reference.fasta_url),
        "faiLocation": _at(reference.fai_url),
    }
    if reference.gzi_url:
        adapter["gziLocation"] = _at(reference.gzi_url)
    sequence = {
        "type": "ReferenceSequenceTrack",
        "trackId": f"{reference.name}-sequence",
        "adapter": adapter,
    }
    return {"name": reference.name, "sequence": sequence}


def _genes(reference: Reference) -> dict[str, Any]:
    adapter, word = _GENES[reference.genes_format]
    described: dict[str, Any] = {
        "type": f"{adapter}Adapter",
        f"{word}Location": _at(reference.genes_url),
    }
    if reference.genes_index_url and adapter != "Gtf":
        described = {
            "type": f"{adapter}TabixAdapter",
            f"{word}GzLocation": _at(reference.genes_url),
            "index": _index(reference.genes_index_url),
        }
    return {
        "type": "FeatureTrack",
        "trackId": "genes",
        "name": "Genes",
        "assemblyNames": [reference.name],
        "adapter": described,
        "displays": [_low("genes", "LinearBasicDisplay")],
    }


def _variants(reference: Reference) -> dict[str, Any]:
    return {
        "type": "VariantTrack",
        "trackId": "variants",
        "name": VARIANTS_LABEL,
        "assemblyNames": [reference.name],
        "adapter": {
            "type": "VcfTabixAdapter",
            "vcfGzLocation": _at(reference.variants_url),
            "index": _index(reference.variants_index_url),
        },
        "displays": [_low("variants", "LinearVariantDisplay")],
    }


def _signal(key: str, shared: SharedTrack) -> dict[str, Any]:
    return {
        "type": "QuantitativeTrack",
        "trackId": key,
        "name": shared.label,
        "category": [shared.track.assay or "Signals"],
        "adapter": {"type": "BigWigAdapter", "bigWigLocation": _at(shared.url)},
        "displays": [
            {
                "type": "LinearWiggleDisplay",
                "displayId": f"{key}-display",
                "height": _HEIGHT,
                "autoscale": "local",
                "defaultRendering": "xyplot",
                "renderers": {
                    "XYPlotRenderer": {
                        "type": "XYPlotRenderer",
                        "posColor": shared.colour,
                        "negColor": NEGATIVE,
                    }
                },
            }
        ],
    }


def _signals(key: str, group: Sequence[SharedTrack]) -> dict[str, Any]:
    return {
        "type": "MultiQuantitativeTrack",
        "trackId": key,
        "name": group[0].track.name,
        "category": [group[0].track.assay or "Signals"],
        "adapter": {
            "type": "MultiWiggleAdapter",
            "subadapters": [
                {
                    "type": "BigWigAdapter",
                    "source": LABELS[shared.kind],
                    "color": shared.colour,
                    "bigWigLocation": _at(shared.url),
                }
                for shared in group
            ],
        },
        "displays": [
            {
                "type": "MultiLinearWiggleDisplay",
                "displayId": f"{key}-display",
                "height": _ROW_HEIGHT * len(group),
                "autoscale": "local",
                "defaultRendering": "multirowxy",
            }
        ],
    }


def _low(key: str, kind: str) -> dict[str, Any]:
    """A display that leaves the height of the page to the signals."""
    return {"type": kind, "displayId": f"{key}-display", "height": _ANNOTATION_HEIGHT}


def _index(url: str) -> dict[str, Any]:
    return {"location": _at(url), "indexType": "CSI" if url.endswith(".csi") else "TBI"}


def _at(url: str) -> dict[str, str]:
    return {"uri": url, "locationType": "UriLocation"}
