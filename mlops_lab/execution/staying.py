"""A failed step's kernel stays, where that is wanted, for a look at its variables."""

from __future__ import annotations

from mlops_lab.errors import BackendError
from mlops_lab.execution.job import Job
from mlops_lab.execution.progress import Progress
from mlops_lab.interfaces import KernelDied, Shareable, Worker


async def stay(job: Job, progress: Progress, step: str, worker: Worker | None) -> Worker | None:
    """The kernel in which a step failed, once others can talk to it.

    None where it can't stay, which is said in a note on the run; then it is ended.
    """
    if job.keep is None or worker is None:
        obstacle = "it is gone" if job.keep is not None else ""
    elif not isinstance(worker, Shareable):
        obstacle = f"executor '{job.executor.name}' has none that others can talk to"
    else:
        try:
            await worker.share(job.keep)
        except KernelDied:  # its last words stand where the step failed, secrets aside
            obstacle = "it is gone"
        except (BackendError, OSError) as error:
            obstacle = str(error)
        except BaseException:
            await job.executor.stop(worker)
            raise
        else:
            return worker
    if obstacle:
        progress.note(f"the kernel of step '{step}' could not be kept: {obstacle}", step)
    if worker is not None:
        await job.executor.stop(worker)
    return None
