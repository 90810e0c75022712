"""The files of a variant scoring run: its parts, and what they are put together into."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pysam

from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.agreement import RULE
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.project.signs import SIGN_PROBABILITY
from sighthound.core.project.variant_tables import join_parts
from sighthound.core.project.variant_tables import write_part as write_scores
from sighthound.core.variants.nulls import MATCHED_ON
from sighthound.core.variants.vcf_forms import open_variants, record_lines

# Beginnings of INFO keys by the value that they hold, and what those beside the score are.
_BEGINNINGS = {
    "score": "", "members_mean": "MEAN_", "members_sd": "SD_", "known": "KNOWN_",
    "percentile": "PERCENTILE_", SIGN_PROBABILITY: "SIGN_",
}  # fmt: skip
_SAID = {
    "members_mean": "mean of the networks that taught the model",
    "members_sd": "sample standard deviation of these networks",
    "known": f"1 where {RULE}; 0 elsewhere",
    "percentile": f"percentile of its size among random substitutions matched on {MATCHED_ON}",
    SIGN_PROBABILITY: "probability that a measured effect has its sign, by the project's tables of "
    "measured effects",
}
_MOST_ANNOTATED = 100  # tracks in a VCF, whose every line repeats their names
_MODES = {".vcf": "w", ".vcf.gz": "wz", ".bcf": "wb"}
_ALT, _INFO, _MISSING = 4, 7, "."  # columns of a VCF
_CONTIG = re.compile(r"##contig=<ID=([^,>]+)>$")  # without a length
_UNDECLARED = 'Description="Dummy"'  # how htslib declares what it meets


def part_file(parts: Path, number: int) -> Path:
    """Where a part's table lies once it is complete."""
    return parts / f"{number:06d}.parquet"


def write_part(
    parts: Path, number: int, table: pd.DataFrame, profiles: dict[str, np.ndarray] | None
) -> None:
    """Write a part; its table comes last, and is there only if all of it is."""
    file = part_file(parts, number)
    if profiles is not None:
        with whole_file(file.with_suffix(".npz")) as unfinished, unfinished.open("wb") as out:
            np.savez(out, **profiles)  # type: ignore[arg-type]
    write_scores(file, table)


def write_table(parts: Path, count: int, output: Path, identity: dict[str, Any]) -> None:
    """Put the parts' tables together, a row group each."""
    join_parts([part_file(parts, number) for number in range(count)], output, identity)


def write_bins(
    parts: Path, count: int, output: Path, identity: dict[str, Any], bin_size: int
) -> None:
    """Put the parts' profiles together: HDF5 with one row a variant."""
    with whole_file(output) as unfinished, h5py.File(unfinished, "w") as file:
        file.attrs["run"] = json.dumps(identity)
        file.attrs["bin"] = bin_size
        at = 0
        for number in range(count):
            with np.load(part_file(parts, number).with_suffix(".npz")) as part:
                for name in part.files:
                    values = part[name]
                    if values.dtype.kind == "U":
                        values = values.astype(h5py.string_dtype())
                    if not number:
                        file.create_dataset(
                            name, data=values, maxshape=(None, *values.shape[1:]),
                            chunks=(min(len(values), 16), *values.shape[1:]),
                        )  # fmt: skip
                    else:
                        file[name].resize(at + len(values), axis=0)
                        file[name][at:] = values
                at += len(values)
        columns = pq.read_schema(part_file(parts, 0)).names
        tracks = identity["tracks"] or columns[columns.index("value") + 1 :]
        file.create_dataset("track", data=tracks, dtype=h5py.string_dtype())


def check_annotation(output: Path, tracks: int) -> None:
    """Check that scores can be written into a VCF of this name.

    Raises
    ------
    SighthoundError
        Another ending, or too many tracks.
    """
    if _mode(output) is None:
        raise SighthoundError(f"{output} ends otherwise than in {', '.join(_MODES)}; name it so")
    if tracks > _MOST_ANNOTATED:
        raise SighthoundError(
            f"scores of {tracks:,} tracks do not fit into a VCF; choose up to {_MOST_ANNOTATED} "
            "with --track"
        )


def write_annotated(
    parts: Path,
    buffers: Iterable[list[int]],
    variants: Path,
    genome: Genome,
    output: Path,
    tracks: Sequence[str],
) -> None:
    """Write the variants again, in their order, with their scores as INFO fields.

    Records are the input's own but for INFO. What its header does not declare is declared, so that
    the file can be read, indexed and made BCF: contigs with the genome's lengths, and all fields.

    Parameters
    ----------
    buffers : iterable of list of int
        Numbers of the parts that hold consecutive records of the file.
    """
    table = pq.read_table(part_file(parts, 0), columns=["score", "value"])
    scores = sorted(set(table["score"].to_pylist()), key=list(SCORES).index)
    there = set(table["value"].to_pylist())
    keys = _keys(scores, tracks, [value for value in _BEGINNINGS if value in there])
    mode = _mode(output)
    with whole_file(output) as unfinished:
        text = unfinished.with_name(f"{unfinished.name}.text") if mode == "wb" else unfinished
        try:
            with pysam.BGZFile(str(text), "wb", None) if mode == "wz" else text.open("wb") as out:
                for line in _header_lines(variants, genome, keys):
                    out.write(_bytes(line))
                for line in _annotated_lines(parts, buffers, variants, tracks, keys):
                    out.write(_bytes(line))
            if mode == "wb":
                with (
                    open_variants(text) as source,
                    pysam.VariantFile(str(unfinished), mode, header=source.header) as sink,
                ):
                    for record in source:
                        sink.write(record)
        finally:
            if text != unfinished:
                text.unlink(missing_ok=True)


def _header_lines(variants: Path, genome: Genome, keys: dict[Any, str]) -> Iterator[str]:
    """The input's header, with what its records use and it does not declare, and our fields."""
    with open_variants(variants) as source:
        for _ in source:  # htslib adds to the header what it meets undeclared
            pass
        lines = str(source.header).splitlines()
    again = {f"##INFO=<ID={key}" for key in keys.values()}
    for line in lines[:-1]:
        if line.split(",", 1)[0] in again:
            continue
        contig = _CONTIG.match(line)
        if contig:
            with contextlib.suppress(SighthoundError):  # none of the genome's
                length = genome.lengths[genome.resolve(contig[1])]
                line = f"##contig=<ID={contig[1]},length={length}>"
        yield line.replace(_UNDECLARED, 'Description="not declared in the file that was scored"')
    for (score, track, value), key in keys.items():
        is_by_gene = SCORES[score].by_gene
        number = "Integer" if value == "known" else "Float"
        many, kind = (".", "String") if is_by_gene else ("A", number)
        form = f", as ALT|gene|{value}" if is_by_gene else ""
        said = f"{SCORES[score].label}, {SCORES[score].formula}"
        if value != "score":
            said = f"{SCORES[score].label}, {_SAID[value]}"
        told = f"{track}: {said}{form}".replace("\\", "/").replace('"', "'")
        yield f'##INFO=<ID={key},Number={many},Type={kind},Description="{told}">'
    yield lines[-1]


def _annotated_lines(
    parts: Path,
    buffers: Iterable[list[int]],
    variants: Path,
    tracks: Sequence[str],
    keys: dict[Any, str],
) -> Iterator[str]:
    """The records' lines, with their scores among the INFO fields."""
    lines = enumerate(record_lines(variants), 1)
    for numbers in buffers:
        found = _by_record(parts, numbers, tracks)
        last = max(found)
        for number, line in lines:
            yield _annotate(line, found.get(number, {}), keys)
            if number == last:
                break
    for _, line in lines:
        yield _annotate(line, {}, keys)


def _annotate(line: str, rows: dict[str, list[dict[str, Any]]], keys: dict[Any, str]) -> str:
    columns = line.split("\t", _INFO + 1)
    alts = columns[_ALT].split(",")
    ours = set(keys.values())
    fields = [f for f in columns[_INFO].split(";") if f not in (".", "")]
    fields = [f for f in fields if f.partition("=")[0] not in ours]
    for (score, track, value), key in keys.items():
        own = [row for row in rows.get(score, []) if row["value"] == value]
        if SCORES[score].by_gene:
            values = [
                f"{alts[row['allele'] - 1]}|{_plain(row['gene'])}|{row[track]:.6g}" for row in own
            ]
        else:
            numbers = {row["allele"]: row[track] for row in own}
            given = (numbers.get(number) for number in range(1, len(alts) + 1))
            values = [_MISSING if n is None or np.isnan(n) else f"{n:.6g}" for n in given]
        if own:
            fields.append(f"{key}={','.join(values)}")
    columns[_INFO] = ";".join(fields) or _MISSING
    return "\t".join(columns)


def _bytes(line: str) -> bytes:
    return f"{line}\n".encode(errors="surrogateescape")


def _by_record(
    parts: Path, numbers: Sequence[int], tracks: Sequence[str]
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """Rows of scores, by the number of their record and by score."""
    found: dict[int, dict[str, list[dict[str, Any]]]] = {}
    for number in numbers:
        table = pq.read_table(
            part_file(parts, number), filters=[("value", "in", list(_BEGINNINGS))]
        )
        columns = [
            c for c in ("record", "allele", "gene", "score", "value") if c in table.column_names
        ]
        for row in table.select([*columns, *tracks]).to_pylist():
            found.setdefault(row["record"], {}).setdefault(row["score"], []).append(row)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\s,;=|]", "_", name)


def _keys(
    scores: Sequence[str], tracks: Sequence[str], values: Sequence[str]
) -> dict[tuple[str, str, str], str]:
    """An INFO key for every score, track and value; of letters, digits, "_" and "."."""
    keys: dict[tuple[str, str, str], str] = {}
    for score in scores:
        for track in tracks:
            for value in values:
                beginning = f"{_BEGINNINGS[value]}{SCORES[score].field}"
                plain = f"{beginning}_{re.sub(r'[^0-9A-Za-z_.]', '_', track)}"
                key, again = plain, 1
                while key in keys.values():
                    key, again = f"{plain}.{again}", again + 1
                keys[score, track, value] = key
    return keys


def _mode(output: Path) -> Any:
    return next((mode for end, mode in _MODES.items() if output.name.endswith(end)), None)
