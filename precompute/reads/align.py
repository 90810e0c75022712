"""Sequencing reads (FASTQ) to a sorted, indexed BAM that keeps every place of a read.

bowtie2 aligns locally and reports up to `max_alignments` places (-k), as
`precompute.reads.coverage` wants them; its index is built once and kept beside the genome, or in
the user's cache folder. Alignments go from bowtie2 to the sorting of samtools without a file in
between. What a killed run leaves is taken away by the next.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pysam

from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output, no_file, publish
from sighthound.core.genome.sequence import Genome
from sighthound.core.own_folder import own_folder
from sighthound.core.progress import Progress
from sighthound.core.text import is_gzip, split_lines

_UNMAPPED, _READ2, _NOT_PRIMARY = 0x4, 0x80, 0x900
_SAMPLED = 1 << 20  # bytes of FASTQ from which the number of reads is estimated
_INDEX_NAME = "genome"
_INDEX_RECORD = "built_from.json"
_SORT = "import sys, pysam; pysam.sort(*sys.argv[1:], catch_stdout=False)"


@dataclass(frozen=True)
class AlignReport:
    """What `align` counted.

    Attributes
    ----------
    reads : int
        Reads, both mates of a pair counted.
    aligned_reads, multi_reads : int
        Reads with a place on the genome, and with more than one reported.
    alignments : int
        Places reported; at most `max_alignments` a read.
    """

    reads: int
    aligned_reads: int
    multi_reads: int
    alignments: int


def align(
    fastq1: Path | str,
    fastq2: Path | str | None,
    fasta: Path | str,
    output_bam: Path | str,
    *,
    max_alignments: int = 10,
    threads: int = 2,
    progress: Progress | None = None,
) -> AlignReport:
    """Align reads with bowtie2 and write a sorted BAM and its index.

    Parameters
    ----------
    fastq1, fastq2 : path, path or None
        Reads, plain or gzip-compressed; `fastq2` holds the second mates of pairs.
    fasta : path
        The genome. The bowtie2 index is kept in the folder `<fasta>.bowtie2`, or, where that cannot
        be written, in the user's cache folder.
    output_bam : path
        Written beside and renamed when complete, as is `<output_bam>.bai`.
    max_alignments : int
        Places looked for per read (bowtie2 -k).
    threads : int
    progress : callable, optional
        Called with (reads done, reads expected); the second is an estimate until the end.

    Returns
    -------
    AlignReport

    Raises
    ------
    SighthoundError
        bowtie2 is not installed or fails, an input is missing or not FASTQ, nothing aligns, or the
        output cannot be written. Nothing is left behind.
    """
    reads = [Path(fastq1)] if fastq2 is None else [Path(fastq1), Path(fastq2)]
    output_bam = Path(output_bam)
    for name, number in (("max_alignments", max_alignments), ("threads", threads)):
        if number < 1:
            raise SighthoundError(f"{name} is {number}; expected 1 or more")
    bowtie2, bowtie2_build = _program("bowtie2"), _program("bowtie2-build")
    expected = sum(_estimated_reads(path) for path in reads)
    genome = Genome(fasta)
    check_output(output_bam, [*reads, genome.path])
    with own_folder(output_bam.with_name(f".{output_bam.name}.part"), wait=False) as scratch:
        (scratch / "index").symlink_to(_bowtie2_index(genome, bowtie2_build, threads, scratch))
        command = [
            bowtie2, "--local", "-k", str(max_alignments), "--reorder", "-p", str(threads),
            "-x", f"index/{_INDEX_NAME}", *_read_options(reads, scratch),
        ]  # fmt: skip
        finished = scratch / "sorted.bam"
        sort = [
            sys.executable, "-c", _SORT, "--no-PG", "-@", str(threads - 1), "-T", "sort",
            "-o", finished.name, "-",
        ]  # fmt: skip
        with _running(sort, scratch, "sort") as sorting:
            try:
                with _running(command, scratch, "bowtie2") as aligning:
                    report = _collect(aligning, sorting, expected, progress)
            except SighthoundError:
                if sorting.poll():  # then that is why nothing more could be written
                    raise SighthoundError(
                        f"sorting {output_bam} failed: {_last_message(scratch / 'sort.log')}"
                    ) from None
                raise
        if not report.aligned_reads:
            raise SighthoundError(
                f"none of the {report.reads:,} reads of {reads[0]} aligned to {fasta}; "
                "check that both are of the same species"
            )
        try:
            pysam.index(str(finished))
        except (pysam.SamtoolsError, OSError) as error:
            reason = " ".join(str(error).split())
            raise SighthoundError(f"indexing {output_bam} failed: {reason}") from None
        _publish(finished, output_bam)
    if progress:
        progress(report.reads, report.reads)
    return report


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SighthoundError(
            f"{name} is not on the PATH; install the package bowtie2 (conda install -c bioconda "
            "bowtie2, or apt-get install bowtie2)"
        )
    return str(Path(found).absolute())


def _read_options(reads: list[Path], scratch: Path) -> list[str]:
    """Name the reads for bowtie2, which parts names at commas and knows gzip by its ending only."""
    options = []
    for option, path in zip(["-U"] if len(reads) == 1 else ["-1", "-2"], reads, strict=True):
        link = scratch / f"reads{option}.fastq{'.gz' if is_gzip(path) else ''}"
        link.symlink_to(path.absolute())
        options += [option, link.name]
    return options


def _estimated_reads(fastq: Path) -> int:
    """Estimate how many reads a FASTQ file holds from its first million bases or so."""
    if not fastq.is_file():
        raise SighthoundError(f"{fastq} {no_file(fastq)}; expected a FASTQ file")
    compressed = is_gzip(fastq)
    with fastq.open("rb") as raw:
        try:
            with gzip.open(raw) if compressed else raw as text:
                head = text.read(_SAMPLED)
            # Unlike the position of `raw`, this does not count what was read ahead.
            consumed = len(zlib.compress(head, 6)) if compressed else len(head)
        except (OSError, EOFError, zlib.error) as error:
            raise SighthoundError(
                f"{fastq} is broken ({error}); copy or download it again"
            ) from None
    if not head.startswith(b"@"):
        raise SighthoundError(f"{fastq} is not FASTQ: expected it to begin with '@'")
    return max(1, head.count(b"\n") // 4 * fastq.stat().st_size // consumed)


# --- the index --------------------------------------------------------------------------


def _bowtie2_index(genome: Genome, bowtie2_build: str, threads: int, scratch: Path) -> Path:
    """Find the index of a genome, or build it where it can be kept.

    Returns
    -------
    The folder that holds it
    """
    stat = genome.path.stat()
    built_from = {"bytes": stat.st_size, "fingerprint": genome.fingerprint}
    digest = hashlib.sha256(json.dumps(built_from, sort_keys=True).encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    homes = [
        genome.path.with_name(genome.path.name + ".bowtie2"),
        cache / "sighthound" / "bowtie2" / digest,
    ]
    for home in homes:
        if _is_index_of(home, built_from):
            return home.absolute()
    for home in homes:
        with ExitStack() as stack:
            try:
                home.parent.mkdir(parents=True, exist_ok=True)
                part = home.with_name(f".{home.name}.part")
                folder = stack.enter_context(own_folder(part, wait=True))
            except (OSError, SighthoundError):
                continue
            if not _is_index_of(home, built_from):  # nor built by another run meanwhile
                _build_index(genome, bowtie2_build, threads, folder)
                (folder / _INDEX_RECORD).write_text(json.dumps(built_from, sort_keys=True) + "\n")
                _replace_folder(folder, home)
        if _is_index_of(home, built_from):
            return home.absolute()
    home = scratch / "built"
    home.mkdir()
    _build_index(genome, bowtie2_build, threads, home)
    return home.absolute()


def _is_index_of(home: Path, built_from: dict[str, object]) -> bool:
    try:
        return bool(json.loads((home / _INDEX_RECORD).read_text()) == built_from)
    except (OSError, ValueError):
        return False


def _build_index(genome: Genome, bowtie2_build: str, threads: int, folder: Path) -> None:
    link = folder / f"genome.fa{'.gz' if is_gzip(genome.path) else ''}"
    link.symlink_to(genome.path.absolute())
    command = [bowtie2_build, "--threads", str(threads), link.name, _INDEX_NAME]
    with _running(command, folder, "bowtie2-build") as process:
        while process.stdout and process.stdout.read(1 << 16):
            pass
    link.unlink()
    (folder / "bowtie2-build.log").unlink()


def _replace_folder(new: Path, home: Path) -> None:
    """Put a complete folder in place of an outdated one; another run may have done so already."""
    if home.is_dir():
        shutil.rmtree(home, ignore_errors=True)
    with suppress(OSError):
        os.replace(new, home)


# --- running programs -------------------------------------------------------------------


@contextmanager
def _running(command: list[str], folder: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in a folder, where its messages are kept as NAME.log; it ends with the block.

    Raises
    ------
    SighthoundError
        The program failed (its last message is in the error), or the block could not read or
        write what it gives.
    """
    log = folder / f"{name}.log"
    with log.open("wb") as messages:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=messages,
            cwd=folder,
            start_new_session=True,
        )
    code, problem = 0, ""
    try:
        yield process
        if process.stdin:
            process.stdin.close()
        code = process.wait()
    except (OSError, ValueError) as error:
        # A program that fails at once leaves nothing to read: its own message says why.
        problem = " ".join(str(error).split())
        with suppress(subprocess.TimeoutExpired):
            code = process.wait(timeout=5)
    finally:
        if process.poll() is None:
            _end(process)
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
    if code or problem:
        reason = (_last_message(log) if code else problem) or f"exit code {code}"
        raise SighthoundError(f"{name} failed: {reason}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and those it started, gently at first."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=5)
            break
        except subprocess.TimeoutExpired:
            continue


def _last_message(log: Path) -> str:
    """Give the last error a program wrote, or else its last line; not a wrapper's that it ended."""
    lines = [line.strip() for line in split_lines(log.read_text(errors="replace")) if line.strip()]
    telling = [line for line in lines if not re.match(r"\(ERR\): .* exited with value", line)]
    errors = [line for line in telling if re.match(r"(\(ERR\):|error\b)", line, re.IGNORECASE)]
    return (errors or telling or lines or [""])[-1]


def _collect(
    aligning: subprocess.Popen[bytes],
    sorting: subprocess.Popen[bytes],
    expected: int,
    progress: Progress | None,
) -> AlignReport:
    """Pass on the alignments that bowtie2 reports to be sorted, and count them."""
    reads = aligned = several = alignments = 0
    assert aligning.stdout is not None
    assert sorting.stdin is not None
    with (
        pysam.AlignmentFile(aligning.stdout, "r") as sam,
        pysam.AlignmentFile(sorting.stdin, "wb0", template=sam) as bam,
    ):
        places: dict[int, int] = {}
        for read in sam:
            flag = read.flag
            if not flag & _NOT_PRIMARY:
                reads += 1
                if progress and reads % 10_000 == 0:
                    progress(reads, max(expected, reads))
            bam.write(read)
            if flag & _UNMAPPED:
                continue
            alignments += 1
            mate = flag & _READ2
            if not flag & _NOT_PRIMARY:
                aligned += 1
                places[mate] = 1
            else:
                places[mate] = places.get(mate, 0) + 1
                several += places[mate] == 2
    return AlignReport(reads, aligned, several, alignments)


def _publish(finished: Path, output_bam: Path) -> None:
    """Give BAM and index their names, the index first so that no BAM has another's index."""
    try:
        publish(Path(f"{finished}.bai"), Path(f"{output_bam}.bai"))
        publish(finished, output_bam)
    except OSError as error:
        raise SighthoundError(f"cannot write {output_bam}: {error.strerror or error}") from None
