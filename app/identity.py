"""What the answers of the inference worker are computed from, and what counts as another of it.

An answer is kept under its question and an `Identity`; the worker refuses to compute where what it
has loaded is of another one. So a model, an annotation or a genome that is put in the place of
another while the server runs, or between two runs, never gets or leaves an answer that is not its
own. What the motifs of a project are is part of the questions about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sighthound.core import __version__
from sighthound.core.files import stamps
from sighthound.core.model.model import DESCRIPTION, WEIGHTS
from sighthound.core.project.settings import Project

# Count up when the form or the meaning of an answer changes; answers kept before are dropped.
ANSWER_VERSION = 2
# What of the code an answer, kept here or by a browser, depends on.
SOFTWARE = f"{__version__}-{ANSWER_VERSION}"


@dataclass(frozen=True)
class Identity:
    """What an answer is computed from.

    Attributes
    ----------
    model : str
        Hash of the model; empty before there is one.
    genome : str
        Fingerprint of the genome, and the stamp of its file: a fingerprint samples the bases.
    annotation : str
        Stamp of the file of genes; empty without one.
    software : str
        Version of the program and of its answers.
    """

    model: str
    genome: str
    annotation: str
    software: str = SOFTWARE


def identity_of(project: Project, model_hash: str) -> Identity:
    """Give what answers are computed from, given the hash of the model that computes."""
    genome = project.open_genome()
    files = project.genome.fasta, project.genome.genes
    stamp, annotation = (stamps([file] if file else []) for file in files)
    return Identity(model_hash, f"{genome.fingerprint} {stamp}", annotation)


def files_of_answers(project: Project) -> list[Path]:
    """Files that answers are computed from."""
    model, genome = project.model.directory, project.genome
    found = [model / DESCRIPTION, model / WEIGHTS, genome.fasta]
    return found if genome.genes is None else [*found, genome.genes]
