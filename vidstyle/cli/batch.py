"""`vidstyle batch`: many jobs from one manifest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vidstyle.cli.batch_progress import BatchProgress, batch_progress
from vidstyle.cli.batch_tables import (
    failure,
    plan_json,
    plan_table,
    planned,
    summary_json,
    summary_table,
)
from vidstyle.cli.options import reading, run, work
from vidstyle.cli.plain import print_json, printable
from vidstyle.errors import BatchError, SettingsError, VidstyleError

if TYPE_CHECKING:
    from vidstyle.batch import Budget, Estimate, Executor, Limit, Prospect

MEASURING, MOST_MEASURING = (
    0.02,
    30.0,
)  # of a budget, and in seconds: what is spent to find out how long jobs take

Manifest = Annotated[
    Path, typer.Argument(metavar="MANIFEST", help="A .toml, .json or .csv file.", show_default=False)
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Check everything, print the plan and the time it takes, and end.")
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget",
        metavar="TIME|TIME/frame",
        help="End in this time (2h, 90min, 3s/frame): with fewer steps, then smaller pictures.",
        show_default=False,
    ),
]
KeepGoing = Annotated[
    bool, typer.Option("--keep-going", "-k", help="A job that fails does not end the others.")
]
MaxTries = Annotated[
    int,
    typer.Option(min=1, metavar="N", help="Most attempts at a job whose process dies or whose GPU fails."),
]
SkipExisting = Annotated[
    bool, typer.Option("--skip-existing", "-n", help="Pass over jobs whose output exists, whatever made it.")
]
Processes = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        metavar="N",
        help="Processes: they share out the cores, or take one GPU each. Default: one for each GPU.",
        show_default=False,
    ),
]
Ray = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS|local",
        help="Paint the shots of all jobs on a Ray cluster: HOST:PORT of its head, auto, or one of this "
        "machine. Then -j is the number of its workers; by default as many as there is room for.",
        show_default=False,
    ),
]
RayGpus = Annotated[
    float | None,
    typer.Option(
        min=0,
        metavar="N",
        help="With --ray: GPUs of each worker, such as 0.5. Default: 1 where there are any.",
        show_default=False,
    ),
]
Split = Annotated[
    int,
    typer.Option(
        min=1,
        metavar="N",
        help="With --ray: cut shots of 100 frames and more into up to N stretches that fade into each other.",
        show_default=False,
    ),
]
Root = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Refuse paths that lead out of this folder, links followed.", show_default=False
    ),
]


def batch(
    manifest: Manifest,
    dry_run: DryRun = False,
    budget: BudgetOption = None,
    keep_going: KeepGoing = False,
    max_tries: MaxTries = 3,
    skip_existing: SkipExisting = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", "-y", help="Replace outputs that exist and are not the jobs' own.")
    ] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Paint everything anew, whatever earlier runs finished.")
    ] = False,
    jobs: Processes = None,
    ray: Ray = None,
    ray_gpus: RayGpus = None,
    split: Split = 1,
    root: Root = None,
    device: work.Device = None,
    max_pixels: reading.MaxPixels = None,
    max_duration: reading.MaxDuration = None,
    max_streams: reading.MaxStreams = None,
    max_error_rate: reading.MaxErrorRate = None,
    json: run.Json = False,
) -> None:
    """Do all jobs of MANIFEST, after checking every one. A batch that was stopped goes on where it was."""
    began = time.monotonic()
    if overwrite and skip_existing:
        raise SettingsError("contradict each other", where="-y/-n", hint="Give one of them.")
    _check_ray(ray, ray_gpus, split, budget)
    from vidstyle.batch import Batch, FaultsFound, Override, prepare, read_budget

    limit = None if budget is None else read_budget(budget)
    try:
        prospects = prepare(
            manifest,
            root=root,
            override=Override(
                device=device,
                overwrite=overwrite,
                restart=restart,
                split=split,
                limits=reading.limits(max_pixels, max_duration, max_streams, max_error_rate),
            ),
            skip_existing=skip_existing,
            budgeted=limit is not None,
            here=ray is None,
        )
    except FaultsFound as error:
        _tell_all(error.errors, json=json)
        raise typer.Exit(error.exit_code) from error
    left = [prospect for prospect in prospects if prospect.left]
    with batch_progress(json=json) as shown:
        _fetch(left, shown)
        if ray is None:
            workers, executor = _executor(left, jobs, max_tries)
        else:
            workers, executor = _ray_executor(left, ray, jobs, ray_gpus, max_tries)
        if dry_run:
            _print_plan(prospects, workers, limit, began, json=json)
            return
        chosen = None if limit is None else _budget(prospects, workers, limit, began)[1]
        running = Batch(prospects, executor, keep_going=keep_going, choose=chosen)
        shown.begin(prospects)
        try:
            with closing(running.run()) as reports:
                for report in reports:
                    shown.show(report)
        except KeyboardInterrupt:
            if not json:
                typer.echo("vidstyle: stopped; the same command goes on from here.", err=True)
            raise
    outcomes = list(running.outcomes.values())
    if json:
        print_json(summary_json(outcomes, time.monotonic() - began))
    else:
        typer.echo(summary_table(outcomes, time.monotonic() - began), err=True)
    if running.failed:
        raise typer.Exit(BatchError.exit_code)


def _tell_all(errors: Sequence[VidstyleError], *, json: bool) -> None:
    """Every error on a line of its own, as `main` writes the only one of other commands."""
    for error in errors:
        if json:
            print_json({"event": "failed", **failure(error)})
        typer.echo(f"vidstyle: error: {printable(' '.join(str(error).split()))}", err=True)


def _fetch(left: Sequence[Prospect], shown: BatchProgress) -> None:
    """Weights that must be fetched come first, once for all jobs."""
    if any(p.job.settings.features == "vgg19" and p.job.settings.weights is None for p in left):
        from vidstyle.features import vgg
        from vidstyle.features.weights import fetch

        fetch(vgg.URL, vgg.SHA256, vgg.FILENAME, shown.fetch)


def _executor(left: Sequence[Prospect], jobs: int | None, max_tries: int) -> tuple[int, Executor]:
    """What does the jobs, and how many at a time.

    Raises:
        DeviceError: a device that a job names is not there.
    """
    from vidstyle.batch import InProcess, Processes, core_count, shares
    from vidstyle.pipeline.device import choose_device

    devices = {prospect.job.settings.device for prospect in left}
    chosen = [choose_device(name) for name in sorted(devices)]
    # A GPU that is named by its number is meant; any GPU may be shared out.
    shared = bool(chosen) and all(device.type == "cuda" and device.index is None for device in chosen)
    gpus = _gpu_count() if shared else 0
    if jobs is None and gpus < 2:
        return 1, InProcess(max_tries)
    workers = max(1, min(jobs or gpus, len(left)))
    return workers, Processes(shares(workers, core_count(), gpus), max_tries)


def _check_ray(ray: str | None, gpus: float | None, split: int, budget: str | None) -> None:
    """Refuse options that mean nothing without a cluster, or with one.

    Raises:
        SettingsError: one of them does.
    """
    if ray is None and (split > 1 or gpus is not None):
        where = "--split" if split > 1 else "--ray-gpus"
        raise SettingsError("needs --ray", where=where, hint="Add --ray local, or a cluster's address.")
    if ray is not None and budget is not None:
        raise SettingsError(
            "is kept on one machine only", where="--budget", hint="Leave it out, or leave out --ray."
        )


def _ray_executor(
    left: Sequence[Prospect], address: str, jobs: int | None, gpus: float | None, max_tries: int
) -> tuple[int, Executor]:
    """What does the jobs on a cluster, and with how many workers, as far as that is known before.

    Raises:
        SettingsError: Ray is not installed.
    """
    from vidstyle.batch import RayExecutor, core_count

    if all(prospect.job.settings.device == "cpu" for prospect in left):
        gpus = 0.0
    workers = jobs or (core_count() if address == "local" else 1)
    return workers, RayExecutor(address, workers=jobs, gpus=gpus, max_tries=max_tries)


def _gpu_count() -> int:
    import torch

    return torch.cuda.device_count()


def _budget(
    prospects: Sequence[Prospect], workers: int, limit: Limit | None, began: float
) -> tuple[Estimate, Budget | None]:
    """What the jobs take, measured, and what is chosen for a limit."""
    from vidstyle.batch import Budget

    if limit is None:
        return _estimate(prospects, workers, 0.0), None
    seconds = limit.total(prospects)
    estimate = _estimate(prospects, workers, min(MOST_MEASURING, MEASURING * seconds))
    spent = time.monotonic() - began
    return estimate, Budget(estimate, prospects, seconds - spent, workers=workers)


def _estimate(prospects: Sequence[Prospect], workers: int, seconds: float) -> Estimate:
    """What a worker needs, measured with as many threads as it will have."""
    import torch

    from vidstyle.batch import Estimate, core_count, shares
    from vidstyle.pipeline.painter import painter_for

    threads = torch.get_num_threads()
    if workers > 1:
        torch.set_num_threads(shares(workers, core_count())[0].cores)
    try:
        return Estimate.measured(prospects, painter_for, seconds=seconds)
    finally:
        torch.set_num_threads(threads)


def _print_plan(
    prospects: Sequence[Prospect], workers: int, limit: Limit | None, began: float, *, json: bool
) -> None:
    rows = planned(prospects, *_budget(prospects, workers, limit, began))
    if json:
        print_json(plan_json(rows, workers))
    else:
        typer.echo(plan_table(rows, workers))
