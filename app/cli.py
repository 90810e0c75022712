"""The front desk: every command of `sighthound`, thin over the functions that do the work.

Exit codes: 0 done, 1 a user's error (one line on standard error), 2 wrong usage, 3 something
suspicious (check-tracks) or wrong (doctor), 130 cancelled.
"""

from __future__ import annotations

import errno
import sys

import click

from sighthound.app.commands import say_findings
from sighthound.app.commands.admin import admin
from sighthound.app.commands.agents import mcp
from sighthound.app.commands.association import check_statistics, ld, ldsc, sldp
from sighthound.app.commands.atlas import atlas
from sighthound.app.commands.data import align, check_tracks, coverage, dataset, init, repeats
from sighthound.app.commands.eqtl import eqtl
from sighthound.app.commands.evaluation import evaluate
from sighthound.app.commands.finemapping import finemap
from sighthound.app.commands.gwas import gwas
from sighthound.app.commands.interpretation import (
    alleles,
    mutagenesis,
    nulls,
    saliency,
    variants,
)
from sighthound.app.commands.models import model, predict, train
from sighthound.app.commands.places import contrasts, disagreements
from sighthound.app.commands.progress import console
from sighthound.app.commands.serving import demo, doctor, hub, inference, serve
from sighthound.app.commands.truth import truth
from sighthound.app.commands.tuning import tune
from sighthound.core import SighthoundError, __version__

COMMANDS = (
    init,
    align,
    coverage,
    repeats,
    check_tracks,
    dataset,
    train,
    tune,
    evaluate,
    predict,
    disagreements,
    contrasts,
    saliency,
    mutagenesis,
    variants,
    nulls,
    alleles,
    ld,
    check_statistics,
    sldp,
    ldsc,
    eqtl,
    finemap,
    gwas,
    truth,
    atlas,
    model,
    hub,
    serve,
    inference,
    doctor,
    mcp,
    admin,
    demo,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sighthound")
def cli() -> None:
    """Sighthound: a genome browser with a model behind it.

    See it work on shipped data:  sighthound demo

    For a lab's own data, in this order:  init, (align, coverage), check-tracks, dataset, train,
    evaluate, predict, serve.
    To ask its model:  saliency, mutagenesis, variants, nulls, alleles, atlas, contrasts.
    Beside summary statistics and genotypes:  ld, check-statistics, sldp, ldsc, finemap, gwas.
    What keeps a project from being served:  doctor.
    To hold it against measured effects of variants:  truth, eqtl.
    To let a language model ask a server:  mcp.
    To let others use a server:  admin.
    PROJECT is a folder with a sighthound.toml, or that file.
    """
    say_findings()


for _command in COMMANDS:
    cli.add_command(_command)


def main() -> None:
    """Run a command, and end with the exit code that tells how it went."""
    try:
        cli.main(standalone_mode=False)
    except SighthoundError as error:
        click.echo(f"sighthound: {' '.join(str(error).split())}", err=True)
        sys.exit(1)
    except OSError as error:  # a full disk, a folder that may not be written
        click.echo(f"sighthound: {_words(error)}", err=True)
        sys.exit(1)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        console.print("cancelled; the same command goes on where it can")
        sys.exit(130)


def _words(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) and error.filename is not None:
        return (
            f"cannot write {error.filename}: {error.strerror}; nothing of it is kept: make room, "
            "and run the same command again"
        )
    return str(error)


if __name__ == "__main__":
    main()
