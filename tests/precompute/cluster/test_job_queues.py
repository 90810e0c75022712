"""Job scripts for batch systems: written, not submitted."""

import gc

import psutil
import pytest
from dask_jobqueue.local import LocalCluster

from sighthound.core import SighthoundError
from sighthound.precompute.cluster.job_queues import JobQueue
from sighthound.precompute.cluster.tasks import Workers


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_slurm_job_is_one_worker_with_one_gpu(tmp_path):
    queue = JobQueue(
        "slurm", 16, cpus=8, memory="32GB", gpus=1, name="gpu", options=("--constraint=a100",),
        directory=tmp_path,
    )  # fmt: skip
    script = queue.script(3)
    for line in ("-p gpu", "--cpus-per-task=8", "--gres=gpu:1", "--constraint=a100", "-t 04:00:00"):
        assert f"#SBATCH {line}\n" in script
    assert script.count("distributed.cli.dask_worker") == 1
    assert "--nthreads 3 " in script
    assert "tls://" in script


def test_an_sge_job_asks_for_slots_and_memory():
    script = JobQueue("sge", cpus=4, memory="16GB", gpus=1).script(3)
    for line in ("-l h_vmem=4G", "-pe smp 4", "-l gpu=1"):
        assert f"#$ {line}\n" in script


class HereQueue(JobQueue):
    """Jobs that dask-jobqueue starts as processes of this machine."""

    def _cluster(self, concurrent):
        return LocalCluster(
            cores=concurrent, processes=1, memory="1GB", job_name="test",
            scheduler_options={"dashboard_address": None, "host": "127.0.0.1"},
            worker_extra_args=["--no-dashboard", "--local-directory", str(self.directory)],
        )  # fmt: skip


# The processes that dask-jobqueue starts for its own tests are not closed tidily.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_jobs_compute_and_end_with_the_run(tmp_path):
    with Workers(queue=HereQueue("slurm", 2, directory=tmp_path)).open(2) as runner:
        assert dict(runner.run(abs, enumerate([-1, -2, -3]))) == {0: 1, 1: 2, 2: 3}
        jobs = [p for p in psutil.Process().children(recursive=True) if is_worker(p)]
        assert jobs
    _, alive = psutil.wait_procs(jobs, timeout=600)
    assert not alive
    gc.collect()


def is_worker(process):
    """Whether a process is a Dask worker of ours."""
    return "dask_worker" in " ".join(process.cmdline())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "torque"}, "queue 'torque'; expected one of slurm, sge"),
        ({"kind": "slurm", "jobs": 0}, "0 jobs; expected at least 1"),
        ({"kind": "slurm", "gpus": 2}, "2 GPUs a job; expected 0 or 1"),
        ({"kind": "slurm", "memory": "lots"}, "memory 'lots'; expected"),
    ],
)
def test_what_no_job_can_have_is_refused(settings, message):
    with pytest.raises(SighthoundError, match=message):
        JobQueue(**settings)


def test_a_scheduler_and_a_queue_exclude_each_other():
    with pytest.raises(SighthoundError, match="both a scheduler"):
        Workers(scheduler="tcp://127.0.0.1:1", queue=JobQueue("slurm"))
