"""Many jobs: manifests that are checked whole before they begin, and executors that do them."""

from vidstyle.batch.budget import Budget
from vidstyle.batch.check import Prospect, Status
from vidstyle.batch.cores import Share, core_count, shares
from vidstyle.batch.estimate import Estimate
from vidstyle.batch.executor import Began, Executor, Failed, Happening, Report, Retried, Task
from vidstyle.batch.here import InProcess
from vidstyle.batch.items import Override
from vidstyle.batch.limit import Limit, read_budget, spoken
from vidstyle.batch.painters import KeptPainters
from vidstyle.batch.prepare import prepare
from vidstyle.batch.processes import Processes
from vidstyle.batch.ray_executor import RayExecutor
from vidstyle.batch.run import Batch, End, Outcome
from vidstyle.faults import FaultsFound

__all__ = [
    "Batch",
    "Began",
    "Budget",
    "End",
    "Estimate",
    "Executor",
    "Failed",
    "FaultsFound",
    "Happening",
    "InProcess",
    "KeptPainters",
    "Limit",
    "Outcome",
    "Override",
    "Processes",
    "Prospect",
    "RayExecutor",
    "Report",
    "Retried",
    "Share",
    "Status",
    "Task",
    "core_count",
    "prepare",
    "read_budget",
    "shares",
    "spoken",
]
