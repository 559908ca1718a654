"""Real Ray clusters of several nodes on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import blending
import pytest
from blending import Blending, job
from clips import FRAMES, pixels_of

from vidstyle.batch import Began, RayExecutor, Retried, Task
from vidstyle.errors import SettingsError, WorkerError
from vidstyle.pipeline import Finished, FrameDone, Job, Started

ray = pytest.importorskip("ray")
# Ray's own files and sockets are closed by its processes, not by this one.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def quick():
    return blending.blend()


def slow():
    return blending.blend(Blending(wait=0.1))


@pytest.fixture(scope="module")
def cluster() -> Iterator:
    """A head without cores; each test adds nodes of one core, and they are removed after it."""
    from ray import cloudpickle
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Workers cannot import the modules of these tests: they are sent along.
    cloudpickle.register_pickle_by_value(blending)
    cloudpickle.register_pickle_by_value(__import__(__name__))
    made = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 0,
            "object_store_memory": 80 << 20,
            "include_dashboard": False,
            # A node that is gone is given no more work after two seconds, not half a minute.
            "_system_config": {"health_check_period_ms": 500, "health_check_failure_threshold": 4},
        },
    )
    ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture
def node(cluster) -> Iterator:
    """Adds a node of one core."""
    added = []

    def add():
        added.append(cluster.add_node(num_cpus=1, object_store_memory=80 << 20))
        return added[-1]

    yield add
    for one in added:
        if one in cluster.worker_nodes:
            cluster.remove_node(one)


def executor(make=quick, **kwargs) -> RayExecutor:
    return RayExecutor("auto", gpus=0, make=make, **kwargs)


@pytest.mark.slow
def test_a_node_killed_half_way_costs_time_and_nothing_else(
    node, cluster, of: Job, whole: bytes, clip: Path, style: Path
) -> None:
    doomed, _ = node(), node()
    other = job(clip, style, Path("other.mp4"))
    killed = False
    events = []
    reports = executor(slow).run([Task(0, of), Task(1, other)])
    for report in reports:
        events.append(report.event)
        if not killed and sum(isinstance(event, FrameDone) for event in events) == 12:
            cluster.remove_node(doomed, allow_graceful=False)
            killed = True
    assert killed
    assert sum(isinstance(event, Finished) for event in events) == 2
    retried = [event for event in events if isinstance(event, Retried)]
    assert len(retried) == 1 and "lost" in retried[0].error.what
    assert of.output.read_bytes() == whole
    assert (pixels_of(other.output) == pixels_of(of.output)).all()


@pytest.mark.slow
def test_a_node_that_comes_late_is_used(node, of: Job, whole: bytes, monkeypatch) -> None:
    monkeypatch.setattr("vidstyle.batch.ray_crew.GROWTH", 0.5)
    node()
    added = None
    workers = set()

    def tasks() -> Iterator[Task]:
        """More and more, until the late node's worker, which takes a while to start, has begun one."""
        yield Task(0, of)
        for number in range(1, 100):
            if 1 not in workers:
                yield Task(number, replace(of, output=Path(f"{number}.mp4")))

    for report in executor(slow).run(tasks()):
        if isinstance(report.event, Began):
            workers.add(report.event.worker)
        if added is None and isinstance(report.event, FrameDone):
            added = node()
    assert workers == {0, 1}
    assert of.output.read_bytes() == whole


@pytest.mark.slow
def test_a_driver_that_is_stopped_goes_on_with_its_cluster(node, of: Job, whole: bytes) -> None:
    node()
    node()
    with closing(executor(slow).run([Task(0, of)])) as reports:
        done = 0
        for report in reports:
            done += isinstance(report.event, FrameDone)
            if done == 25:
                break
    assert not of.output.exists()
    events = [report.event for report in executor().run([Task(0, of)])]
    (started,) = [event for event in events if isinstance(event, Started)]
    assert 8 <= started.resumed_frames <= 25
    assert sum(isinstance(event, FrameDone) for event in events) == FRAMES - started.resumed_frames
    assert of.output.read_bytes() == whole


@pytest.mark.slow
def test_a_process_that_is_killed_again_and_again_fails_its_job(node, of: Job) -> None:
    node()

    def deadly():
        class Deadly(Blending):
            def start(self, frame):
                if frame.index:
                    os.kill(os.getpid(), 9)
                return super().start(frame)

        return blending.blend(Deadly())

    with pytest.raises(StopIteration):  # the generator ends by itself
        reports = executor(deadly, max_tries=2).run([Task(0, of)])
        events = []
        while True:
            events.append(next(reports).event)
    assert isinstance(events[-1].error, WorkerError) and "lost" in str(events[-1].error)


@pytest.mark.slow
def test_frames_painted_for_real_are_those_of_one_machine(node, of: Job) -> None:
    from vidstyle.batch import InProcess, KeptPainters
    from vidstyle.settings import Settings

    settings = Settings.preset("draft", device="cpu", first_steps=(2,), steps=1, min_steps=1)
    here, there = replace(of, settings=settings, output=Path("a.mp4")), replace(of, settings=settings)
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        list(InProcess(1, KeptPainters()).run([Task(0, here)]))
    finally:
        torch.set_num_threads(threads)
    node()
    node()
    list(RayExecutor("auto", gpus=0).run([Task(0, there)]))
    assert (pixels_of(here.output) == pixels_of(there.output)).all()


def test_a_cluster_that_is_not_there_is_told(monkeypatch) -> None:
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(SettingsError, match="client"):
        list(RayExecutor("ray://nowhere:10001").run([]))


def test_an_address_where_nobody_listens_is_told_at_once(monkeypatch) -> None:
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(WorkerError, match="no Ray cluster can be joined"):
        list(RayExecutor("127.0.0.1:9").run([]))


def test_without_ray_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r'pip install "vidstyle\[ray\]"'):
        RayExecutor()


def test_a_worker_that_is_gone_for_minutes_ends_the_batch(monkeypatch) -> None:
    from vidstyle.batch import ray_crew

    class Nothing:
        """A cluster whose actors never come."""

        def __getattr__(self, name: str):
            return self

        def __call__(self, *_: object, **__: object):
            return self

        def cluster_resources(self):
            return {"CPU": 1.0}

        def wait(self, awaited, **_: object):
            return [], awaited

    crew = ray_crew.RayCrew(Nothing(), quick)
    assert crew.hear(0) == []
    monkeypatch.setattr(ray_crew, "PATIENCE", -1.0)
    with pytest.raises(WorkerError, match="no worker has come"):
        crew.hear(0)
