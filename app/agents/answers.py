"""What the tools of a language model answer: each a question or two to the server, in short.

Every answer says where it is from and how far to trust it: r with its bins, networks that agree or
not, ranks among random changes. Positions are as people write them here: from 1, ends inclusive;
the server's own are 0-based and half-open.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mcp.server.mcpserver import Context, Image
from mcp.server.mcpserver.exceptions import ToolError

from sighthound.app.agents.asking import Server, decode_series
from sighthound.app.agents.picture import WIDTH, Row, picture
from sighthound.core.errors import SighthoundError

MOST_CHANGES, MOST_MEASURED = 20, 100
_FIGURES = 4


class Answers:
    """The server, for one call of a tool."""

    def __init__(self, server: Server, context: Context[Any, Any]) -> None:
        self.server, self.context = server, context

    async def ask(self, path: str, **parameters: object) -> Any:
        try:
            return await self.server.ask(path, self.context.report_progress, **parameters)
        except SighthoundError as error:
            raise ToolError(str(error)) from None

    async def project(self) -> dict[str, Any]:
        found = await self.ask("/api/v1/project", form="columns")
        keys = ("title", "genome", "simulated", "bin", "sequence_length", "has_model", "model_hash",
                "members", "claims", "default_locus", "default_tracks", "track_sets",
                "max_mutagenesis_bp", "version")  # fmt: skip
        return {key: found[key] for key in keys} | {
            "tracks": len(found["tracks"]["id"]),
            "assays": sorted(set(found["tracks"]["assay"])),
            "measured": [table["name"] for table in found["measured"]],
            "chromosomes": [
                {key: one[key] for key in ("name", "length", "fold")}
                for one in found["chromosomes"]
            ],
            "page": self.server.link("/"),
        }

    async def _all_tracks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.ask("/api/v1/project"))["tracks"]
        return found

    async def tracks(self, words: str, most: int) -> dict[str, Any]:
        texts = ("id", "name", "assay", "sample", "group", "description")
        wanted = words.casefold().split()
        found = [
            track
            for track in await self._all_tracks()
            if all(word in " ".join(track[key] for key in texts).casefold() for word in wanted)
        ]
        keys = (*texts, "strand", "unit", "has_experiment", "has_prediction", "modelled",
                "replicate_of", "held_out")  # fmt: skip
        return {
            "found": len(found),
            "tracks": [
                {key: track[key] for key in keys if track[key] not in ("", None)}
                for track in found[:most]
            ],
        }

    async def search(self, words: str) -> dict[str, Any]:
        found = await self.ask("/api/v1/search", q=words)
        return found | {"results": [_for_people(place) for place in found["results"]]}

    async def place(self, locus: str) -> tuple[str, int, int]:
        """Give chromosome and bases, 0-based and half-open, of what a person wrote."""
        found = await self.ask("/api/v1/search", q=locus)
        if not found["results"]:
            problem = found.get("problem") or "no such place or gene"
            raise ToolError(f"{locus!r}: {problem}; `search` finds genes and places")
        place = found["results"][0]
        return place["chrom"], place["start"], place["end"]

    async def chosen(self, tracks: str) -> str:
        if tracks.strip():
            return ",".join(name.strip() for name in tracks.split(","))
        found = await self.ask("/api/v1/project", form="columns")
        return ",".join(found["default_tracks"])

    async def series(self, path: str, locus: str, tracks: str, points: int) -> dict[str, Any]:
        chrom, start, end = await self.place(locus)
        tracks = await self.chosen(tracks)
        data = await self.ask(path, chrom=chrom, start=start, end=end, pixels=points, tracks=tracks)
        header, series = decode_series(data)
        units = {track["id"]: track["unit"] for track in await self._all_tracks()}
        return {
            "chrom": chrom,
            "start": header["start"] + 1,
            "bin_bp": header["bin_bp"],
            "bins": header["bins"],
            "values_of": f"a bin of {header['native_bin']} bp; null: no data there",
            "series": [
                {
                    "track": one["track"],
                    "kind": one["kind"],
                    "of_drawn_bins": one["stat"],
                    "unit": units.get(one["track"], ""),
                    "values": [_short(float(value)) for value in values],
                }
                for one, values in zip(header["series"], series, strict=True)
            ],
            "pearson_of_log1p": header.get("pearson", {}),
            "pearson_bins": header.get("pearson_bins", {}),
            "page": self._page(chrom, start, end, tracks),
        }

    async def saliency(self, track: str, place: str) -> dict[str, Any]:
        chrom, start, end = await self.place(place)
        asked = {"track": track, "chrom": chrom, "position": (start + end) // 2}
        found = await self.ask("/api/v1/saliency", **asked)
        known = await self._known("/api/v1/saliency/members", **asked)
        order = sorted(range(len(found["values"])), key=lambda i: -abs(found["values"][i] or 0))
        return {
            "track": track,
            "target": _for_people(found["target"]),
            "context": _for_people(found["context"]),
            "bin_bp": found["bin"],
            "strongest": [
                {
                    "start": found["start"] + i * found["bin"] + 1,
                    "end": found["start"] + (i + 1) * found["bin"],
                    "gradient_x_representation": _short(found["values"][i]),
                    "known": known["known"][i] if known else None,
                }
                for i in order[:MOST_CHANGES]
            ],
            "page": self._page(chrom, start, end, track),
        }

    async def mutagenesis(self, track: str, region: str, target: str) -> dict[str, Any]:
        chrom, start, end = await self.place(region)
        looked = await self.place(target) if target else (chrom, start, end)
        if looked[0] != chrom:
            raise ToolError(
                f"the target is on {looked[0]}, the region on {chrom}; give one of both"
            )
        asked = {
            "track": track, "chrom": chrom, "start": start, "end": end,
            "target": (looked[1] + looked[2]) // 2,
        }  # fmt: skip
        found = await self.ask("/api/v1/mutagenesis", **asked)
        known = await self._known("/api/v1/mutagenesis/members", **asked)
        motifs = await self.ask("/api/v1/motifs", **asked)
        changes = [
            (effect, base, column)
            for base, row in enumerate(found["effects"])
            for column, effect in enumerate(row)
            if effect
        ]
        changes.sort(key=lambda change: -abs(change[0]))
        reference = found["reference"]
        return {
            "track": track,
            "region": _for_people(found),
            "sequence": found["sequence"],
            "target": _for_people(found["target"]),
            "reference": _short(reference),
            "changes": len(changes),
            "strongest": [
                {
                    "position": start + base + 1,
                    "ref": found["sequence"][base],
                    "alt": "ACGT"[column],
                    "effect": _short(effect),
                    "known": known["tracks"][0]["known"][base][column] if known else None,
                }
                for effect, base, column in changes[:MOST_CHANGES]
            ],
            "motifs": [_for_people(motif) for motif in motifs["motifs"]],
            "page": self._page(chrom, start, end, track),
        }

    async def score_variant(self, variant: str, most: int) -> dict[str, Any]:
        named = (await self.ask("/api/v1/search", q=variant))["results"]
        place = next((place for place in named if place.get("variant")), None)
        if place is None:
            raise ToolError(f"{variant!r} is no variant of this genome; as chrIV:1234:A:G")
        variants = place["variant"]
        found = await self.ask("/api/v1/variant", variants=variants, most=most)
        members = await self._known("/api/v1/variant/members", variants=variants)
        agreed = {one["track"]: one for one in members["tracks"]} if members else {}
        genes = {one["gene"]: one for one in members["genes"]} if members else {}
        motifs = await self.ask("/api/v1/variant/motifs", variants=variants)
        return {
            "variants": variants,
            "summed_over_bp": found["bins"] * found["bin"],
            "tracks": [
                _numbers(one, "track", "sad", "log2_ratio", "reference", "alternative")
                | {"percentile_among_matched_random_changes": _short(one["percentile"])}
                | {"known": agreed[one["track"]]["context"]["known"] if agreed else None}
                for one in found["ranked"]
            ],
            "matched_on": found.get("matched_on"),
            "genes": [
                {"gene": gene["gene"], "name": gene["name"]}
                | _numbers(gene["ranked"][0], "track", "sed", "log2", "reference", "alternative")
                | {"known": genes[gene["gene"]]["sed"]["known"] if gene["gene"] in genes else None}
                for gene in found["genes"]
                if gene["ranked"]
            ],
            "motifs": [_for_people(one) for one in motifs["changes"]],
            "measured": await self._measured(place["chrom"], place["start"], place["end"], ""),
            "what_known_means": "the networks agree; not that it is right" if members else None,
            "page": self.server.link("/", locus=_locus(place), variant=variants),
        }

    async def measured(self, locus: str) -> dict[str, Any]:
        chrom, start, end = await self.place(locus)
        tracks = await self.chosen("")
        return {"tables": await self._measured(chrom, start, end, tracks)}

    async def _measured(self, chrom: str, start: int, end: int, tracks: str) -> list[Any]:
        found = await self.ask("/api/v1/measured", chrom=chrom, start=start, end=end, tracks=tracks)
        return [
            {key: table[key] for key in ("name", "source", "effect", "total", "tracks", "score")}
            | {
                "effects": [
                    effect | {"chrom": chrom, "position": effect["position"] + 1}
                    for effect in table["effects"][:MOST_MEASURED]
                ]
            }
            for table in found["tables"]
            if table["total"]
        ]

    async def picture(self, locus: str, tracks: str) -> list[Any]:
        chrom, start, end = await self.place(locus)
        tracks = await self.chosen(tracks)
        where = {"chrom": chrom, "start": start, "end": end}
        data = await self.ask("/api/v1/signal", pixels=WIDTH, tracks=tracks, **where)
        header, series = decode_series(data)
        known = {track["id"]: track for track in await self._all_tracks()}
        by_kind: dict[str, dict[str, Any]] = {}
        for one, values in zip(header["series"], series, strict=True):
            # Where a pixel is several bins, the highest comes last, and peaks are what one sees.
            by_kind.setdefault(one["track"], {})[one["kind"]] = values
        rows = [
            Row(
                known[name]["name"] if name in known else name,
                known[name]["unit"] if name in known else "",
                kinds.get("experiment"),
                kinds.get("prediction"),
                _r(header, name),
            )
            for name, kinds in by_kind.items()
        ]
        project = await self.ask("/api/v1/project", form="columns")
        genes = (await self.ask("/api/v1/genes", **where))["genes"]
        title = f"{project['genome']} {chrom}:{start + 1:,}-{end:,}"
        drawn_end = header["start"] + header["bins"] * header["bin_bp"]
        image = picture(title, header["start"], drawn_end, rows, genes)
        words = (
            f"{title}: grey is measured, blue predicted. {self._page(chrom, start, end, tracks)}"
        )
        return [Image(data=image, format="png"), words]

    async def _known(self, path: str, **parameters: object) -> Any:
        """Ask the networks that taught the model, where there are any."""
        project = await self.ask("/api/v1/project", form="columns")
        return await self.ask(path, **parameters) if project["members"] else None

    def _page(self, chrom: str, start: int, end: int, tracks: str) -> str:
        return self.server.link("/", locus=f"{chrom}:{start + 1}-{end}", tracks=tracks)


def _locus(place: Mapping[str, Any]) -> str:
    return f"{place['chrom']}:{place['start'] + 1}-{place['end']}"


def _for_people(place: Mapping[str, Any]) -> dict[str, Any]:
    """Count the first base of a place from 1; its end, half-open, is then inclusive."""
    left_out = ("effects", "sequence", "reference", "target")
    kept = {key: value for key, value in place.items() if key not in left_out}
    return kept | {"start": place["start"] + 1}


def _numbers(row: Mapping[str, Any], name: str, *keys: str) -> dict[str, Any]:
    return {name: row[name]} | {key: _short(row[key]) for key in keys}


def _short(value: float | None) -> float | None:
    """Round to four figures: more would say more than the model knows."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{_FIGURES}g}")


def _r(header: Mapping[str, Any], track: str) -> str:
    r, bins = header["pearson"].get(track), header["pearson_bins"].get(track, 0)
    return "" if r is None else f"r of log1p {r:.2f} over {bins:,} bins"
