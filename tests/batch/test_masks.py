"""Masks in manifests, and in jobs that a fleet paints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from blending import run
from manifest_jobs import jobs_of, told
from small_media import manifest, write_clip, write_picture

from vidstyle.batch import Failed, Task
from vidstyle.batch.check import Status, check_jobs
from vidstyle.batch.fleet import Fleet
from vidstyle.batch.fleet_crew import Here
from vidstyle.batch.items import Item
from vidstyle.batch.painters import KeptPainters
from vidstyle.faults import Faults
from vidstyle.pipeline import Job, MaskFile, StyleFile
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture

JOB = '[[jobs]]\ninput = "clip.mp4"\nstyles = "style.png"\noutput = "out-{style}.mp4"\n'


@pytest.fixture
def masked(folder: Path) -> Path:
    """The folder with a mask and a second style besides."""
    write_picture(folder / "mask.png", 3)
    write_picture(folder / "ink.png", 4)
    return folder


def test_masks_are_read_from_every_format(masked: Path) -> None:
    expected = (MaskFile(Path("mask.png"), Path("ink.png")), MaskFile(Path("clip.mp4"), None))
    row = "input,styles,output,masks\nclip.mp4,style.png,out-{style}.mp4,mask.png=ink.png; clip.mp4=none\n"
    table = 'masks = {"mask.png" = "ink.png", "clip.mp4" = "none"}\n'
    for path in (manifest(masked, JOB + table), manifest(masked, row, "jobs.csv")):
        (job,) = jobs_of(path)
        assert job.masks == expected
        assert job.styles == (StyleFile(Path("style.png")),)
        assert job.output == Path("out-style+ink.mp4")


def test_what_no_mask_covers_may_stay_as_it_is(masked: Path) -> None:
    text = JOB.replace("style.png", "none") + 'masks = {"mask.png" = "ink.png"}\n'
    (job,) = jobs_of(manifest(masked, text))
    assert (job.styles, job.output) == ((), Path("out-ink.mp4"))


def test_each_source_may_have_a_mask_of_its_own(masked: Path) -> None:
    for name in ("clip", "other"):
        write_picture(masked / f"{name}-matte.png")
    text = JOB.replace('"clip.mp4"', '["clip.mp4", "other.mp4"]').replace("out-", "out-{stem}-")
    found = jobs_of(manifest(masked, text + 'masks = {"{stem}-matte.png" = "ink.png"}\n'))
    assert [job.masks[0].path.name for job in found] == ["clip-matte.png", "other-matte.png"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('masks = "mask.png=ink.png"', "5: masks: must be a table of masks"),
        ('masks = {"gone.png" = "ink.png"}', "5: masks: no such file: gone.png"),
        ('masks = {"mask.png" = "gone.png"}', "5: masks: no such file: gone.png"),
        ('masks = {"{name}.png" = "ink.png"}', "5: masks: '{name}.png' has no field {name}"),
        ('masks = {"mask.png" = 3}', "5: masks: must be text"),
    ],
)
def test_masks_that_cannot_be_used_are_told_with_their_line(masked: Path, line: str, complaint: str) -> None:
    (found,) = told(manifest(masked, JOB + line + "\n"))
    assert found.startswith(complaint)


def test_none_without_a_mask_is_no_style(masked: Path) -> None:
    (found,) = told(manifest(masked, JOB.replace("style.png", "none")))
    assert "styles: names no style" in found


def test_with_a_root_masks_and_their_styles_lie_in_it(
    masked: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = write_picture(tmp_path_factory.mktemp("outside") / "mask.png")
    text = "".join(
        JOB.replace("out-", f"{number}-") + f'masks = {{"{mask}" = "{style}"}}\n'
        for number, (mask, style) in enumerate([(outside, "ink.png"), ("mask.png", outside)])
    )
    assert [line.split(":")[0] for line in told(manifest(masked, text), root=masked)] == ["1", "6"]


def test_no_job_writes_over_a_mask_of_another(masked: Path) -> None:
    text = JOB + 'masks = {"mask.png" = "ink.png"}\n' + JOB.replace("out-{style}.mp4", "mask.png")
    assert any("mask.png: is read by this batch too" in line for line in told(manifest(masked, text)))


def test_an_output_under_other_masks_is_not_done_before(masked: Path) -> None:
    settings = Settings.preset("draft", first_steps=(1,), steps=1, min_steps=1, device="cpu")
    job = Job(
        Path("style.png"),
        (StyleFile(Path("style.png")),),
        Path("out.png"),
        settings,
        masks=(MaskFile(Path("mask.png"), Path("ink.png")),),
    )
    from vidstyle.pipeline import render

    list(render(job))
    others = (replace(job.masks[0], style=None), replace(job.masks[0], path=Path("ink.png")))
    for each, done in ((job, True), *((replace(job, masks=(mask,)), False) for mask in others)):
        faults = Faults(Path("jobs.toml"))
        found = [prospect.status for prospect in check_jobs([Item(1, each)], faults)]
        assert (found == [Status.DONE]) is done
        assert bool(faults) is not done


def test_painters_are_kept_apart_by_region() -> None:
    settings = Settings.preset("draft", device="cpu")
    kept, style = KeptPainters(), StylePicture(np.zeros((32, 32, 3), np.uint8))
    assert kept([style], settings) is kept([style], settings)
    assert kept([style], settings) is not kept([replace(style, region=1)], settings)


class Others(Here):
    """A worker in another folder."""

    def give(self, worker: int, order: object) -> None:
        assert order.job.masks[0].path.is_absolute()  # type: ignore[attr-defined]
        super().give(worker, order)


def test_a_fleet_paints_under_masks_as_one_machine_does(of: Job, style: Path) -> None:
    from blending import blend

    write_clip(Path("mask.mp4"), (12,))
    of = replace(of, styles=(), masks=(MaskFile(Path("mask.mp4"), style),))
    run(of)
    alone = of.output.read_bytes()
    of.output.unlink()
    reports = list(Fleet(lambda: Others(blend)).run([Task(0, of)]))
    assert not [report for report in reports if isinstance(report.event, Failed)]
    assert of.output.read_bytes() == alone


def test_a_worker_with_another_mask_is_refused(of: Job, style: Path, monkeypatch) -> None:
    from blending import blend

    import vidstyle.batch.fleet_worker as worker

    cv2.imwrite("mask.png", np.full((48, 64), 255, np.uint8))
    of = replace(of, masks=(MaskFile(Path("mask.png"), style),))
    real = worker.plan

    def other(of: Job):
        planned = real(of)
        return replace(planned, identity={**planned.identity, "masks": [["0" * 64, None]]})

    monkeypatch.setattr(worker, "plan", other)
    reports = list(Fleet(lambda: Here(blend)).run([Task(0, of)]))
    (failed,) = [report.event for report in reports if isinstance(report.event, Failed)]
    assert "another machine has another masks" in str(failed.error)
