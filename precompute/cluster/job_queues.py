"""Workers as jobs of a batch system: SLURM or SGE, through dask-jobqueue."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dask.utils import parse_bytes

from sighthound.core.errors import SighthoundError

KINDS = ("slurm", "sge")


@dataclass(frozen=True)
class JobQueue:
    """A batch system, and what each of its jobs asks for. One job is one worker.

    Attributes
    ----------
    kind : {"slurm", "sge"}
    jobs : int
    cpus : int
        Processors a job.
    memory : str
        A job, as in "16GB".
    walltime : str
        As in "04:00:00"; a job that ends sooner than the work is replaced by another.
    gpus : int
        A job: 0 or 1, since a worker uses one.
    name : str
        Queue or partition; the system's default if empty.
    options : tuple of str
        Further lines for the head of the job script, as in "--constraint=a100".
    directory : path, optional
        On the shared disk: for the certificates of the encrypted connections.
    """

    kind: str
    jobs: int = 1
    cpus: int = 4
    memory: str = "16GB"
    walltime: str = "04:00:00"
    gpus: int = 0
    name: str = ""
    options: tuple[str, ...] = field(default=())
    directory: Path | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SighthoundError(f"queue {self.kind!r}; expected one of {', '.join(KINDS)}")
        for name, least in (("jobs", 1), ("cpus", 1)):
            if getattr(self, name) < least:
                raise SighthoundError(f"{getattr(self, name)} {name}; expected at least {least}")
        try:
            parse_bytes(self.memory)
        except ValueError:
            raise SighthoundError(
                f"memory {self.memory!r}; expected a number and a unit, as in 16GB"
            ) from None
        if self.gpus not in (0, 1):
            raise SighthoundError(f"{self.gpus} GPUs a job; expected 0 or 1: one worker uses one")

    def script(self, concurrent: int) -> str:
        """Write the job script of one worker."""
        with self._cluster(concurrent) as cluster:
            return str(cluster.job_script())

    def start(self, concurrent: int) -> Any:
        """Submit the jobs; give Dask's cluster, which replaces a job that ends."""
        cluster = self._cluster(concurrent)
        cluster.adapt(minimum_jobs=self.jobs, maximum_jobs=self.jobs)
        return cluster

    def _cluster(self, concurrent: int) -> Any:
        try:
            import dask_jobqueue
        except ImportError:
            raise SighthoundError(
                "batch systems need dask-jobqueue; install it: pip install 'sighthound[cluster]'"
            ) from None
        # Dask counts threads as processors; ours wait for the network, which uses all of them.
        common: dict[str, Any] = {
            "cores": concurrent,
            "processes": 1,
            "memory": self.memory,
            "walltime": self.walltime,
            "queue": self.name or None,
            "job_name": "sighthound",
            "scheduler_options": {"dashboard_address": None},
            "worker_extra_args": ["--no-dashboard"],
        }
        if self.directory is not None:
            common |= {"security": True, "shared_temp_directory": str(self.directory)}
        if self.kind == "slurm":
            gpu = ["--gres=gpu:1"] if self.gpus else []
            return dask_jobqueue.SLURMCluster(
                job_cpu=self.cpus, job_extra_directives=[*gpu, *self.options], **common
            )
        gpu = ["-l gpu=1"] if self.gpus else []
        slots = [f"-pe smp {self.cpus}"] if self.cpus > 1 else []
        gigabytes = -(-parse_bytes(self.memory) // (self.cpus * 10**9))  # SGE counts by slot
        return dask_jobqueue.SGECluster(
            resource_spec=f"h_vmem={gigabytes}G",
            job_extra_directives=[*slots, *gpu, *self.options],
            **common,
        )
