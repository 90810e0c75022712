"""Job scripts for batch systems: written, not submitted."""

import pytest

from core import SighthoundError
from precompute.cluster import Workers
from precompute.job_queues import JobQueue


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
