"""What a language model may do here: tools that only read, in words that it chooses them by."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import ToolAnnotations
from pydantic import Field

from sighthound.app.agents.answers import Answers
from sighthound.app.agents.asking import Server
from sighthound.core import __version__

INSTRUCTIONS = """Sighthound: a genome browser whose neural network predicts experiments from DNA.
Begin with `project`, then `tracks` and `search`. Positions are 1-based and inclusive. A predicted
effect is what the model expects, not a measurement: say whether its networks agree (`known`), how
held-out predictions correlate with experiments (`held_out`, beside the ceiling that replicates
set), and look with `measured` whether anybody measured it."""
MOST_POINTS, MOST_TRACKS = 400, 100
# Whose cookies are kept apart, where many ask through one door.
MOST_PEOPLE = 1_000

Locus = Annotated[
    str, Field(description="A place as people write it: chrIV:66,001-82,000, a gene, gene ± 2 kb.")
]
Tracks = Annotated[
    str, Field(description="Track ids, joined by commas, as `tracks` lists them; empty: default.")
]
Track = Annotated[
    str, Field(description="A track id; A/B of two ids explains their contrast, log2(A / B).")
]


def agents_door(server_for: Callable[[Mapping[str, str] | None], Server]) -> MCPServer:
    """Make a server of the Model Context Protocol.

    Parameters
    ----------
    server_for : callable
        Gives whom to ask for a request with these headers; None without headers.
    """
    door = MCPServer(
        "sighthound", title="Sighthound", version=__version__, instructions=INSTRUCTIONS,
        log_level="WARNING",
    )  # fmt: skip

    def asked(context: Context[Any, Any]) -> Answers:
        return Answers(server_for(context.headers), context)

    def tool(does: Callable[..., Any]) -> None:
        title = does.__name__.replace("_", " ")
        door.add_tool(
            does,
            annotations=ToolAnnotations(
                title=title, read_only_hint=True, idempotent_hint=True, open_world_hint=False
            ),
            structured_output=False,
        )

    async def project(context: Context[Any, Any]) -> str:
        """What this server holds: genome, chromosomes, assays, the model and what it averages."""
        return _compact(await asked(context).project())

    async def tracks(
        context: Context[Any, Any],
        words: Annotated[str, Field(description="Only tracks whose texts have all these.")] = "",
        most: Annotated[int, Field(ge=1, le=MOST_TRACKS)] = 50,
    ) -> str:
        """Experiments and predictions there are, each with its unit and its held-out accuracy."""
        return _compact(await asked(context).tracks(words, most))

    async def search(
        context: Context[Any, Any],
        words: Annotated[str, Field(description="A gene, a place, a variant, an rsID.")],
    ) -> str:
        """Places that a text means: genes, regions, variants."""
        return _compact(await asked(context).search(words))

    async def signal(
        context: Context[Any, Any],
        locus: Locus,
        tracks: Tracks = "",
        points: Annotated[int, Field(ge=2, le=MOST_POINTS)] = 100,
    ) -> str:
        """Experiment and genome-wide prediction at a locus, in bins, with r and its bins."""
        return _compact(await asked(context).series("/api/v1/signal", locus, tracks, points))

    async def predict(
        context: Context[Any, Any],
        locus: Locus,
        tracks: Tracks = "",
        points: Annotated[int, Field(ge=2, le=MOST_POINTS)] = 100,
    ) -> str:
        """Ask the model for its prediction of a locus now, where no file has it."""
        return _compact(await asked(context).series("/api/v1/prediction", locus, tracks, points))

    async def saliency(context: Context[Any, Any], track: Track, place: Locus) -> str:
        """Which stretches of DNA around drive a track's prediction at the middle of a place."""
        return _compact(await asked(context).saliency(track, place))

    async def mutagenesis(
        context: Context[Any, Any],
        track: Track,
        region: Locus,
        target: Annotated[
            str, Field(description="Where the prediction is looked at; empty: the region's middle.")
        ] = "",
    ) -> str:
        """What every single-base change of a region does to a prediction, and motifs found."""
        return _compact(await asked(context).mutagenesis(track, region, target))

    async def score_variant(
        context: Context[Any, Any],
        variant: Annotated[
            str, Field(description="chrIV:1234:A:G, HGVS or a known id; haplotypes joined by ';'.")
        ],
        most: Annotated[int, Field(ge=1, le=MOST_TRACKS)] = 10,
    ) -> str:
        """What a variant does to tracks and genes, with rank, agreement and measurements."""
        return _compact(await asked(context).score_variant(variant, most))

    async def measured(context: Context[Any, Any], locus: Locus) -> str:
        """Effects of variants that experiments measured at a locus, beside the predictions."""
        return _compact(await asked(context).measured(locus))

    async def picture(context: Context[Any, Any], locus: Locus, tracks: Tracks = "") -> list[Any]:
        """A picture of experiment (grey) against prediction (blue) at a locus, with its genes."""
        return await asked(context).picture(locus, tracks)

    for does in (project, tracks, search, signal, predict, saliency, mutagenesis, score_variant,
                 measured, picture):  # fmt: skip
        tool(does)
    return door


def _compact(answer: dict[str, Any]) -> str:
    return json.dumps(answer, separators=(",", ":"), ensure_ascii=False)


def one_for_all(server: Server, address: str) -> Callable[[Mapping[str, str] | None], Server]:
    """Give the server of a request: who sends a token of their own is asked for under that."""
    own: dict[str, Server] = {}

    def server_for(headers: Mapping[str, str] | None) -> Server:
        kind, _, token = (headers or {}).get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            return server
        if len(own) >= MOST_PEOPLE:
            own.clear()
        return own.setdefault(token, Server(address, token))

    return server_for
