"""Track hubs for the UCSC Genome Browser, as text.

A hub is a composite of BigWigs, drawn one above the other and chosen by assay, sample and view
(experiment, prediction, ...), and overlays of every experiment with its prediction. For hundreds of
tracks there is UCSC's faceted composite, chosen from a table. Settings are those of UCSC's
"Hub Track Database Definition"; `core.browsers.ucsc_check` checks them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sighthound.core.browsers.tracks import (
    LABELS,
    NEGATIVE,
    PAIRS,
    SIGNED,
    VARIANTS_LABEL,
    SharedTrack,
)
from sighthound.core.browsers.ucsc_text import (
    cut,
    member,
    one_line,
    plain_word,
    rgb,
    stanza,
    unique_words,
    view_limits,
)
from sighthound.core.errors import SighthoundError

SHORT_LABEL, LONG_LABEL = 17, 76
METADATA_FILE = "metadata.tsv"
GENOMES_FILE, TRACK_DB_FILE = "genomes.txt", "trackDb.txt"
_NOT_GIVEN = "not given"
_SHORT = {
    "experiment": "",
    "prediction": " pred",
    "reference": " ref",
    "alternative": " alt",
    "difference": " diff",
    "saliency": " saliency",
    "contribution": " bases",
}
_FACETS = ("assay", "sample", "group", "strand")
_GROUP_SCALE = ("autoScale", "group")
_STRANDS = {"+": "plus", "-": "minus", ".": "both"}


@dataclass(frozen=True)
class Assembly:
    """A genome that UCSC does not know: addresses of its sequence and what it opens on.

    Attributes
    ----------
    two_bit_url, sizes_url : str
        Of the twoBit file and the table of lengths.
    position : str
        1-based, without commas.
    """

    two_bit_url: str
    sizes_url: str
    position: str


@dataclass(frozen=True)
class Hub:
    """What a hub holds.

    Attributes
    ----------
    title : str
        Of the project.
    genome : str
        The assembly, as UCSC calls it: sacCer3, hg38.
    tracks : tuple of SharedTrack
        Addresses are absolute, or relative to the file that holds the tracks.
    shown : frozenset of str
        Ids of the tracks that are drawn at first.
    faceted : bool
        UCSC's faceted composite instead of the plain one, which other browsers read too.
    overlays : bool
        Also one overlay a track of experiment and prediction, and one of its alleles.
    metadata_url : str
        Where the table of the faceted composite is.
    query : str
        Stands behind the names of the hub's other texts: "?tracks=a,b" of a live hub that was
        asked for some tracks.
    held_out : mapping of str to float
        Correlation on the test fold by track id, for the table.
    variants_url, variants_index_url : str
        Of a VCF compressed by bgzip and its index; empty where there is none.
    assembly : Assembly, optional
        Makes it an assembly hub, for a genome that UCSC does not know.

    Raises
    ------
    SighthoundError
        No tracks, or no name of the genome.
    """

    title: str
    genome: str
    tracks: tuple[SharedTrack, ...]
    shown: frozenset[str] = frozenset()
    email: str = "hub@localhost"
    faceted: bool = False
    overlays: bool = True
    metadata_url: str = METADATA_FILE
    query: str = ""
    held_out: Mapping[str, float] | None = None
    variants_url: str = ""
    variants_index_url: str = ""
    assembly: Assembly | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\S+", self.genome):
            raise SighthoundError(
                f"the genome's name is {self.genome!r}; UCSC needs the name it knows the assembly "
                "by, one word such as sacCer3 or hg38: set [genome] name in sighthound.toml"
            )
        if not self.tracks:
            raise SighthoundError(
                "there is no BigWig to share: give the tracks experiments, or run "
                "'sighthound predict'"
            )

    @property
    def name(self) -> str:
        """Name of the hub and of its composite: letters, digits and underscores."""
        return plain_word(self.title, "sighthound")

    def track_names(self) -> dict[str, str]:
        """Track id -> its name in the hub, unique there."""
        return unique_words((shared.track.id for shared in self.tracks), "t")


def one_file(hub: Hub) -> str:
    """Write a hub as the one file of `useOneFile on`."""
    return "\n".join([_hub_stanza(hub, "useOneFile on"), _genome_stanza(hub), track_db(hub)])


def hub_file(hub: Hub) -> str:
    """Write hub.txt of the form in three files; `genomes_file` and `track_db` are the others."""
    return _hub_stanza(hub, f"genomesFile {GENOMES_FILE}{hub.query}")


def genomes_file(hub: Hub) -> str:
    """Write genomes.txt, which names the tracks' file."""
    return f"{_genome_stanza(hub)}trackDb {TRACK_DB_FILE}{hub.query}\n"


def track_db(hub: Hub) -> str:
    """Write the tracks: the composite, then the overlays and the variants."""
    stanzas = _faceted_composite(hub) if hub.faceted else _plain_composite(hub)
    if hub.overlays:
        stanzas += _overlays(hub)
    if hub.variants_url:
        stanzas.append(
            stanza(
                track=f"{hub.name}__variants",
                **_labels(VARIANTS_LABEL, f"{hub.title}: known variants"),
                type="vcfTabix",
                bigDataUrl=hub.variants_url,
                bigDataIndex=hub.variants_index_url,
                visibility="pack",
            )
        )
    return "\n".join(stanzas)


def metadata(hub: Hub) -> str:
    """Write the table of a faceted composite: a row a BigWig, a facet a column.

    A column that begins with an underscore is searched but is no facet; columns in which no track
    has a value are left out.
    """
    names = hub.track_names()
    held_out = hub.held_out or {}
    rows = []
    for shared in hub.tracks:
        track = shared.track
        accuracy = held_out.get(track.id)
        rows.append(
            {
                "key": f"{names[track.id]}_{shared.kind}",
                "kind": shared.kind,
                "assay": track.assay,
                "sample": track.sample,
                "group": track.group,
                "strand": "" if track.strand == "." else _STRANDS[track.strand],
                "_track": track.id,
                "_name": track.name,
                "_description": track.description,
                "_held_out_pearson": "" if accuracy is None else f"{accuracy:.3f}",
            }
        )
    columns = [column for column in rows[0] if any(row[column] for row in rows)]
    lines = ["\t".join(columns)]
    lines += ["\t".join(one_line(row[c]) or _NOT_GIVEN for c in columns) for row in rows]
    return "\n".join(lines) + "\n"


def _hub_stanza(hub: Hub, form: str) -> str:
    return stanza(
        hub=hub.name,
        shortLabel=cut(hub.title, SHORT_LABEL),
        longLabel=cut(f"{hub.title}: experiments and predictions", LONG_LABEL),
        **dict([form.split(" ", 1)]),
        email=hub.email,
    )


def _genome_stanza(hub: Hub) -> str:
    settings = {"genome": hub.genome}
    if hub.assembly is not None:
        name = one_line(hub.title)
        settings |= {
            "twoBitPath": hub.assembly.two_bit_url,
            "chromSizes": hub.assembly.sizes_url,
            "organism": name,
            "scientificName": name,
            "description": name,
            "defaultPos": hub.assembly.position,
            "orderKey": "1",
        }
    return stanza(**settings)


def _plain_composite(hub: Hub) -> list[str]:
    kinds = [kind for kind in LABELS if any(shared.kind == kind for shared in hub.tracks)]
    tags = {facet: unique_words((_facet(s, facet) for s in hub.tracks), "g") for facet in _FACETS}
    # A dimension in which all tracks are alike tells nothing.
    facets = [facet for facet in _FACETS if len(tags[facet]) > 1] or ["assay"]
    groups = {"subGroup1": "view View " + " ".join(f"{k}={member(LABELS[k])}" for k in kinds)}
    for number, facet in enumerate(facets, 2):
        members = " ".join(f"{tag}={member(value)}" for value, tag in tags[facet].items())
        groups[f"subGroup{number}"] = f"{facet} {facet.capitalize()} {members}"
    axes = dict(zip(("dimX", "dimY", "dimA"), facets, strict=False))
    stanzas = [
        stanza(
            track=hub.name,
            compositeTrack="on",
            **_labels(hub.title, f"{hub.title}: experiments and predictions"),
            type="bigWig",
            **groups,
            dimensions=" ".join(
                f"{axis.replace('dim', 'dimension')}={facet}" for axis, facet in axes.items()
            ),
            sortOrder=" ".join(f"{facet}=+" for facet in [*facets, "view"]),
            visibility="full",
        )
    ]
    for kind in kinds:
        stanzas.append(
            stanza(
                track=_view(hub, kind),
                parent=hub.name,
                view=kind,
                **_labels(LABELS[kind], f"{hub.title}: {LABELS[kind]}"),
                type="bigWig",
                visibility="full",
                **_drawing(kind),
            )
        )
    names = hub.track_names()
    for number, shared in enumerate(hub.tracks, 1):
        values = " ".join(f"{facet}={tags[facet][_facet(shared, facet)]}" for facet in facets)
        stanzas.append(
            stanza(
                track=f"{hub.name}_{names[shared.track.id]}_{shared.kind}",
                parent=f"{_view(hub, shared.kind)} {_on(hub, shared)}",
                subGroups=f"view={shared.kind} {values}",
                **_signal(shared),
                priority=str(number),
            )
        )
    return stanzas


def _faceted_composite(hub: Hub) -> list[str]:
    names = hub.track_names()
    stanzas = [
        stanza(
            track=hub.name,
            compositeTrack="faceted",
            **_labels(hub.title, f"{hub.title}: experiments and predictions"),
            type="bigWig",
            metaDataUrl=f"{hub.metadata_url}{hub.query}",
            primaryKey="key",
            visibility="full",
            autoScale="group",
        )
    ]
    for number, shared in enumerate(hub.tracks, 1):
        stanzas.append(
            stanza(
                track=f"{hub.name}_{names[shared.track.id]}_{shared.kind}",
                parent=f"{hub.name} {_on(hub, shared)}",
                **_signal(shared),
                # Saliency and contributions have a scale of their own.
                **{k: v for k, v in _drawing(shared.kind).items() if (k, v) != _GROUP_SCALE},
                visibility="full",
                priority=str(number),
            )
        )
    return stanzas


def _overlays(hub: Hub) -> list[str]:
    """Draw every experiment with its prediction in front, and alleles likewise, on one scale."""
    pairs: dict[tuple[str, tuple[str, str]], list[SharedTrack]] = {}
    for shared in hub.tracks:
        for kinds in PAIRS:
            if shared.kind in kinds and shared.scale:
                pairs.setdefault((shared.track.id, kinds), []).append(shared)
    whole = {named: pair for named, pair in pairs.items() if len(pair) == 2}
    if not whole:
        return []
    names = hub.track_names()
    over = f"{hub.name}__overlays"
    stanzas = [
        stanza(
            track=over,
            superTrack="on",
            **_labels(
                cut(hub.title, SHORT_LABEL - 6) + " pairs",
                f"{hub.title}: pairs on one scale, one over the other",
            ),
        )
    ]
    for number, ((_, kinds), pair) in enumerate(whole.items(), 1):
        track, is_alleles = pair[0].track, kinds == PAIRS[1]
        container = f"{over}_{names[track.id]}{'__alleles' if is_alleles else ''}"
        says = (
            f"{track.name}: alternative (dark), reference (light), {pair[0].variants}"
            if is_alleles
            else f"{track.name}: experiment (dark), prediction (light)"
        )
        short = cut(track.name, SHORT_LABEL - 8) + " alleles" if is_alleles else track.name
        low = min(shared.limits[0] for shared in pair)
        high = max(shared.limits[1] for shared in pair)
        stanzas.append(
            stanza(
                track=container,
                parent=over,
                container="multiWig",
                **_labels(short, says),
                type="bigWig",
                aggregate="transparentOverlay",
                showSubtrackColorOnUi="on",
                visibility="full" if track.id in hub.shown else "hide",
                autoScale="group",
                alwaysZero="on",
                viewLimits=view_limits((low, high)),
                maxHeightPixels="128:48:16",
                priority=str(number),
            )
        )
        for shared in pair:
            stanzas.append(
                stanza(track=f"{container}_{shared.kind}", parent=container, **_signal(shared))
            )
    return stanzas


def _drawing(kind: str) -> dict[str, str]:
    if kind == "contribution":
        return {"autoScale": "on", "logo": "on", "maxHeightPixels": "160:64:16"}
    scale = {"autoScale": "on"} if kind in SIGNED else dict([_GROUP_SCALE])
    look = {"alwaysZero": "on", "maxHeightPixels": "128:40:16", "windowingFunction": "mean"}
    return scale | look


def _signal(shared: SharedTrack) -> dict[str, str]:
    extent = "" if shared.extent is None else " {:g} {:g}".format(*shared.extent)
    about = shared.track.description or shared.track.id
    settings = {
        **_labels(_short(shared), f"{shared.label} ({about})"),
        "type": f"bigWig{extent}",
        "bigDataUrl": shared.url,
        "color": rgb(shared.colour),
    }
    if shared.kind in SIGNED:
        settings["altColor"] = rgb(NEGATIVE)
    return {**settings, "viewLimits": view_limits(shared.limits)}


def _short(shared: SharedTrack) -> str:
    mark = _SHORT[shared.kind]
    return cut(shared.track.name, SHORT_LABEL - len(mark)) + mark


def _labels(short: str, long: str) -> dict[str, str]:
    return {"shortLabel": cut(short, SHORT_LABEL), "longLabel": cut(long, LONG_LABEL)}


def _view(hub: Hub, kind: str) -> str:
    # Two underscores: no name of a track's id has them, so that none can collide.
    return f"{hub.name}__view_{kind}"


def _on(hub: Hub, shared: SharedTrack) -> str:
    return "on" if shared.track.id in hub.shown else "off"


def _facet(shared: SharedTrack, facet: str) -> str:
    value = getattr(shared.track, facet)
    return _STRANDS[value] if facet == "strand" else value or _NOT_GIVEN


def written_files(hub: Hub, three_files: bool) -> Mapping[str, str]:
    """Give every text of a hub by file name."""
    if three_files:
        texts = {"hub.txt": hub_file(hub), GENOMES_FILE: genomes_file(hub)}
        texts[TRACK_DB_FILE] = track_db(hub)
    else:
        texts = {"hub.txt": one_file(hub)}
    return texts | ({METADATA_FILE: metadata(hub)} if hub.faceted else {})


def default_shown(tracks: Sequence[str], chosen: Sequence[str]) -> frozenset[str]:
    """Choose the tracks drawn at first: what the project opens on, else the first eight."""
    return frozenset([track for track in chosen if track in tracks] or tracks[:8])
