"""From the file of a batch to jobs that can be done, or to all that is wrong with them."""

from __future__ import annotations

from pathlib import Path

from vidstyle.batch.check import Prospect, check_jobs
from vidstyle.batch.items import Override, items
from vidstyle.batch.manifest import read_manifest
from vidstyle.batch.places import check_places
from vidstyle.faults import Faults


def prepare(
    path: Path,
    *,
    root: Path | None = None,
    override: Override | None = None,
    skip_existing: bool = False,
    budgeted: bool = False,
    here: bool = True,
) -> list[Prospect]:
    """Read a manifest and plan all of its jobs; nothing is painted, and nothing written.

    Args:
        path: of the manifest.
        root: the folder in which everything must lie; None allows all.
        override: of the command line.
        skip_existing: jobs whose output exists are passed over.
        budgeted: steps and sizes are still to be chosen by a budget.
        here: jobs are painted on this machine, not on a cluster.

    Raises:
        FaultsFound: with everything that is wrong, each fault with its line.
    """
    faults = Faults(path)
    manifest = read_manifest(path)
    found = items(manifest, faults, override)
    check_places(found, faults, root)
    if root is not None:
        faults.end()  # planning opens files and encoders: nothing out of the root
    prospects = list(check_jobs(found, faults, skip_existing=skip_existing, budgeted=budgeted, here=here))
    faults.end()
    return prospects
