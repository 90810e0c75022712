"""The trained model as people use it: a folder on disk, and predictions from sequences."""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.files import replace_folder, write_text
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.cost import layer_table
from sighthound.core.model.ensemble import Ensemble, Member, average
from sighthound.core.model.graph import Graph, kept_graph
from sighthound.core.model.keras_network import Weights, check_weights
from sighthound.core.model.reference_pass import ReferencePass, ReferencePasses
from sighthound.core.model.target_transforms import (
    TargetTransform,
    Undoing,
    transforms_from_json,
)
from sighthound.core.progress import Progress

FORMAT = 1
PRECISIONS = ("float32", "float64", "bfloat16")
DESCRIPTION, WEIGHTS = "model.json", "weights.npz"
MEMBERS = "members"  # folder of the networks that taught a model


class Model:
    """A trained network.

    Attributes
    ----------
    tracks : tuple of str
        Ids of the outputs, in order.
    sequence_length : int
        Bases of a training window; any multiple of `bin` can be predicted.
    bin, bins, crop : int
        Bases a bin; bins predicted from a training window; bins taken off each end.
    context : int
        Bases beyond a bin that can change its prediction.
    strand_pairs : int array, (tracks,)
        Index of the track of the other strand; a track's own index where it has none.
    transforms : tuple of TargetTransform, (tracks,)
        What the tracks' values went through before the network learned them; every prediction is
        undone to the experiment's units. Tracks of a pair have the same.
    references : ReferencePasses
        What is kept of sequences that were asked about.
    hash : str
        Changes whenever predictions could.
    info : dict
        What the folder's description says besides.
    """

    def __init__(
        self,
        architecture: Architecture,
        weights: Weights,
        tracks: Sequence[str],
        *,
        strand_pairs: Sequence[int] | None = None,
        output_scale: Sequence[float] | None = None,
        transforms: Sequence[TargetTransform] | None = None,
        info: dict[str, Any] | None = None,
    ) -> None:
        check_weights(architecture, weights)
        if len(tracks) != architecture.tracks:
            raise SighthoundError(
                f"{len(tracks)} track ids for a network of {architecture.tracks} outputs"
            )
        self.architecture = architecture
        self.weights = weights
        self.tracks = tuple(tracks)
        count = len(self.tracks)
        pairs = np.arange(count) if strand_pairs is None else np.asarray(strand_pairs, int)
        scale = np.ones(count) if output_scale is None else np.asarray(output_scale)
        if pairs.shape != (count,) or scale.shape != (count,):
            raise SighthoundError("strand_pairs and output_scale need one entry a track")
        self.strand_pairs = pairs
        self.output_scale = scale.astype(np.float32)
        self.transforms = tuple(transforms or [TargetTransform()] * count)
        if len(self.transforms) != count:
            raise SighthoundError(f"{len(self.transforms)} transforms for {count} tracks")
        self.info = dict(info or {})
        self.sequence_length = architecture.sequence_length
        self.bin = architecture.bin
        self.crop = architecture.crop
        self.bins = architecture.bins
        self.context = architecture.context
        self.receptive_field_bins = architecture.receptive_field_bins
        self.references = ReferencePasses()
        self._graphs: dict[str, Graph] = {}

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Model:
        """Load a model folder, as `load_model`."""
        return load_model(path)

    def describe(self) -> str:
        """Say its sizes, and each layer's: shape, parameters, FLOPs, bases that it sees."""
        return layer_table(self.architecture)

    @functools.cached_property
    def hash(self) -> str:
        tracks = "\t".join(self.tracks).encode()
        return self._digest(tracks, self.output_scale.tobytes() + self.strand_pairs.tobytes())[:16]

    def _digest(self, *more: bytes) -> str:
        """Hash architecture, transforms and weights, and what is given."""
        digest = hashlib.sha256(json.dumps(self.architecture.to_json(), sort_keys=True).encode())
        for part in more:
            digest.update(part)
        if self.is_transformed:
            digest.update(json.dumps([t.to_json() for t in self.transforms]).encode())
        for name in sorted(self.weights):
            digest.update(name.encode() + np.ascontiguousarray(self.weights[name]).tobytes())
        return digest.hexdigest()

    @property
    def is_transformed(self) -> bool:
        """Whether any track's values went through a transform."""
        return not all(transform.is_identity for transform in self.transforms)

    def track_index(self, track: str) -> int:
        """Position of a track among the outputs.

        Raises
        ------
        SighthoundError
            The model has no such track.
        """
        try:
            return self.tracks.index(track)
        except ValueError:
            some = ", ".join(self.tracks[:8]) + (", ..." if len(self.tracks) > 8 else "")
            raise SighthoundError(f"the model has no track {track!r}; it has {some}") from None

    def track_indices(self, tracks: Sequence[str] | None) -> np.ndarray | None:
        """Positions of tracks among the outputs; None, for all, stays so."""
        return None if tracks is None else np.array([self.track_index(t) for t in tracks], int)

    def scale_of(self, chosen: np.ndarray | None) -> np.ndarray:
        """Output scale of tracks, by index; of all if None."""
        return self.output_scale if chosen is None else self.output_scale[chosen]

    def predict(
        self, one_hot: np.ndarray, ensemble: Ensemble | None = None, dtype: str = "float32"
    ) -> np.ndarray:
        """Predict tracks from sequences.

        Parameters
        ----------
        one_hot : array, (batch, length, 4)
            In the order A C G T, N all zeros; length is a multiple of `bin` and longer than twice
            the crop.
        ensemble : Ensemble, optional
            Strands and shifts to average; only the sequence as given by default.
        dtype : {"float32", "float64", "bfloat16"}
            What is computed in. bfloat16 is about twice as fast where the processor has it, and
            agrees to two or three digits.

        Returns
        -------
        float32 array, (batch, length / bin - 2 x crop, tracks)
            In the experiments' units, for one bin; float64 if that is computed in.
        """
        one_hot = self.check_sequence(one_hot)
        graph = self.graph(dtype)

        def answer(member: Member, _: Progress | None) -> np.ndarray:
            values = member.back(graph.forward(member.sequence(one_hot)).numpy(), 1)
            outputs = member.tracks(self.strand_pairs, None)
            return values if outputs is None else values[..., outputs]

        return average(ensemble, answer, self.output_scale)

    def representation(self, one_hot: np.ndarray) -> np.ndarray:
        """Run the tower: bases to the vectors of the bins before the dilated layers.

        Returns
        -------
        float32 array, (batch, length / bin, units)
        """
        return self.graph().represent(self.check_sequence(one_hot)).numpy()

    def reference(
        self, one_hot: np.ndarray, first: int = 0, last: int | None = None, dtype: str = "float32"
    ) -> ReferencePass:
        """Give the reference pass over a window, from those that are kept if one covers it.

        Parameters
        ----------
        one_hot : array, (length, 4)
        first, last : int
            The bins, before cropping, that must be covered; the whole window by default.
        """
        self.check_sequence(np.asarray(one_hot)[None])
        return self.references.get(self, one_hot, first, last, dtype)

    def check_sequence(self, one_hot: np.ndarray) -> np.ndarray:
        """Check that one-hot sequences can be predicted, and give them as float32 (b, l, 4)."""
        shape = np.shape(one_hot)
        if len(shape) != 3 or shape[-1] != 4:
            raise SighthoundError(f"sequences are {shape}; expected (batch, length, 4)")
        if shape[1] % self.bin or shape[1] <= 2 * self.crop * self.bin:
            raise SighthoundError(
                f"sequences have {shape[1]} bases; expected a multiple of {self.bin} above "
                f"{2 * self.crop * self.bin}"
            )
        return np.asarray(one_hot, np.float32)

    def graph(self, dtype: str = "float32") -> Graph:
        """The folded network in one precision, made at the first call."""
        if dtype not in self._graphs:
            if dtype not in PRECISIONS:
                raise SighthoundError(
                    f"dtype is {dtype!r}; expected one of {', '.join(PRECISIONS)}"
                )
            undoing = Undoing(self.transforms, self.output_scale) if self.is_transformed else None
            scale = self.output_scale.tobytes() if undoing else b""
            self._graphs[dtype] = kept_graph(
                self._digest(dtype.encode(), scale),
                lambda: Graph(self.architecture, self.weights, dtype, undoing),
            )
        return self._graphs[dtype]


def save_model(
    directory: str | PathLike[str],
    model: Model,
    files: dict[str, str] | None = None,
    members: Sequence[Model] = (),
) -> None:
    """Write a model folder, replacing the one that is there only when complete.

    Parameters
    ----------
    files : dict of str to str, optional
        Further text files of the folder, by name.
    members : sequence of Model, optional
        Networks that taught this one, kept in its folder.
    """
    directory = Path(directory)
    part = directory.with_name(directory.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    _write_model(part, model, files or {})
    for number, member in enumerate(members):
        (part / MEMBERS / str(number)).mkdir(parents=True)
        _write_model(part / MEMBERS / str(number), member, {})
    replace_folder(part, directory)


def _write_model(part: Path, model: Model, files: dict[str, str]) -> None:
    write_description(part, model)
    with (part / WEIGHTS).open("wb") as file:
        np.savez(file, **model.weights)  # type: ignore[arg-type]
    for name, text in files.items():
        (part / name).write_text(text, encoding="utf-8")


def write_description(directory: str | PathLike[str], model: Model) -> None:
    """Write what a model is, but for its weights, into its folder."""
    description = {
        "format": FORMAT,
        "hash": model.hash,
        "architecture": model.architecture.to_json(),
        "tracks": list(model.tracks),
        "strand_pairs": [int(i) for i in model.strand_pairs],
        "output_scale": [float(s) for s in model.output_scale],
        "info": model.info,
    }
    if model.is_transformed:
        description["transforms"] = [transform.to_json() for transform in model.transforms]
    write_text(Path(directory) / DESCRIPTION, json.dumps(description, indent=1) + "\n")


def read_description(path: str | PathLike[str]) -> dict[str, Any]:
    """Read a model folder's description; needs no TensorFlow.

    Raises
    ------
    SighthoundError
        The folder is missing or holds no model of ours.
    """
    file = Path(path) / DESCRIPTION
    try:
        description = json.loads(file.read_text(encoding="utf-8"))
    except OSError:
        raise SighthoundError(
            f"{path} holds no model ({DESCRIPTION} is missing); train one: sighthound train PROJECT"
        ) from None
    except ValueError as error:
        raise SighthoundError(f"{file} is damaged: {error}") from None
    if description.get("format") != FORMAT:
        raise SighthoundError(
            f"{file} is of format {description.get('format')!r}; this version reads {FORMAT}"
        )
    return description


def load_model(path: str | PathLike[str]) -> Model:
    """Load a model folder.

    Raises
    ------
    SighthoundError
        The folder is missing, damaged, or its weights do not fit its architecture.
    """
    description = read_description(path)
    try:
        # Opened here: of a file that is no archive, numpy would not close its own.
        with (Path(path) / WEIGHTS).open("rb") as opened, np.load(opened) as file:
            weights = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise SighthoundError(f"{Path(path) / WEIGHTS} cannot be read: {error}") from None
    model = Model(
        Architecture.from_json(description["architecture"]),
        weights,
        description["tracks"],
        strand_pairs=description["strand_pairs"],
        output_scale=description["output_scale"],
        transforms=transforms_from_json(description.get("transforms", ())),
        info=description["info"],
    )
    if model.hash != description["hash"]:
        raise SighthoundError(f"{path} is damaged: its weights are not the ones it was saved with")
    return model


def member_folders(path: str | PathLike[str]) -> list[Path]:
    """Folders of the networks that taught the model of a folder, by number; none if none did."""
    folders = (file.parent for file in (Path(path) / MEMBERS).glob(f"*/{DESCRIPTION}"))
    numbered = [folder for folder in folders if folder.name.isdigit()]
    return sorted(numbered, key=lambda folder: int(folder.name))


def load_members(path: str | PathLike[str]) -> list[Model]:
    """Load the networks that taught the model of a folder.

    How far they differ is how far the model is to be believed.

    Raises
    ------
    SighthoundError
        One of them is damaged.
    """
    return [load_model(folder) for folder in member_folders(path)]


def load_members_of(model: Model, path: str | PathLike[str]) -> list[Model]:
    """Load the networks that taught a model, which are asked what the model is asked.

    Raises
    ------
    SighthoundError
        One of them is damaged, or has other tracks, bins or context than the model.
    """
    members = load_members(path)

    def form(one: Model) -> tuple[object, ...]:
        return one.tracks, one.bin, one.crop, one.context, one.strand_pairs.tolist()

    for folder, member in zip(member_folders(path), members, strict=True):
        if form(member) != form(model):
            raise SighthoundError(
                f"{folder} is a network of other tracks, bins or context than the model of {path}; "
                "train the model again, or remove that folder"
            )
    return members
