"""Many jobs: manifests that are checked whole before they begin, and executors that do them."""

from vidstyle.batch.cores import Share, core_count, shares
from vidstyle.batch.executor import Began, Executor, Failed, Happening, Report, Retried, Task
from vidstyle.batch.here import InProcess
from vidstyle.batch.painters import KeptPainters
from vidstyle.batch.processes import Processes

__all__ = [
    "Began",
    "Executor",
    "Failed",
    "Happening",
    "InProcess",
    "KeptPainters",
    "Processes",
    "Report",
    "Retried",
    "Share",
    "Task",
    "core_count",
    "shares",
]
