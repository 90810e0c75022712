"""Let a language model ask a server: `sighthound mcp`."""

from __future__ import annotations

import click

from sighthound.core.errors import SighthoundError


@click.command()
@click.argument("address", default="http://127.0.0.1:8050")
@click.option(
    "--token",
    envvar="SIGHTHOUND_TOKEN",
    default="",
    help="A read token of the server, where it asks who reads (also SIGHTHOUND_TOKEN).",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Answer over HTTP, on this port of 127.0.0.1 at /mcp, instead of standard input; requests "
    "with a bearer token of their own are asked under that.",
)
def mcp(address: str, token: str, port: int | None) -> None:
    """Let a language model ask the server at ADDRESS, by the Model Context Protocol.

    Its tools only read: search, tracks, signal, predictions, saliency, mutagenesis, variants,
    measured effects, and a picture of a locus; under the rights of the token and the server's
    limits. Programs that speak the protocol start the command themselves.
    """
    try:
        from sighthound.app.agents.tools import agents_door, one_for_all
    except ModuleNotFoundError as error:
        raise SighthoundError(
            f"sighthound mcp needs a package that is not installed ({error.name}): "
            "pip install 'sighthound[agents]'"
        ) from None
    from sighthound.app.agents.asking import Server

    door = agents_door(one_for_all(Server(address, token), address))
    if port is None:
        door.run("stdio")
    else:
        door.run("streamable-http", port=port, json_response=True, stateless_http=True)
