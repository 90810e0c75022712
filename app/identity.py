"""What the answers of the inference worker are computed from, and what counts as another of it.

An answer is kept under its question and an `Identity`; the worker refuses to compute where what it
has loaded is of another one. So a model, an annotation or a genome that is put in the place of
another while the server runs, or between two runs, never gets or leaves an answer that is not its
own. What the motifs of a project are is part of the questions about them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sighthound.core import __version__
from sighthound.core.files import stamps
from sighthound.core.project.formats import Declaration, Format
from sighthound.core.project.settings import Project

# Count up when the form or the meaning of an answer changes; answers kept before are dropped.
ANSWER_VERSION = 6
# What of the code an answer, kept here or by a browser, depends on.
SOFTWARE = f"{__version__}-{ANSWER_VERSION}"
EXPLANATIONS = Declaration(
    "explanations",
    ANSWER_VERSION,
    frozenset({Format.GENES, Format.MODEL, Format.WEIGHTS, Format.MEMBERS, Format.NULLS}),
)


@dataclass(frozen=True)
class Identity:
    """What an answer is computed from.

    Attributes
    ----------
    model : str
        Hash of the model; empty before there is one.
    genome : str
        Fingerprint of the genome.
    files : str
        Names and stamps of the files that the worker's answers declare.
    software : str
        Version of the program and of its answers.
    """

    model: str
    genome: str
    files: str
    software: str = SOFTWARE


def identity_of(project: Project, model_hash: str) -> Identity:
    """Give what answers are computed from, given the hash of the model that computes."""
    genome, files = project.open_genome(), EXPLANATIONS.files(project)
    return Identity(model_hash, genome.fingerprint, stamps(files))
