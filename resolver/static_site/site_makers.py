"""Who makes the files of passports: this process, or several others. The files are the same, in the same order.

A worker process opens the project and its store by itself, and reads only. Pages take nearly all of the time, which
cores share.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from passport.errors import WorkerLost
from passport.project import Project
from passport.store import Store
from passport.texts import Message
from resolver.config import ResolverConfig
from resolver.static_site.site_resources import SiteResources

#: Passports that one worker makes before it hands them over.
_PORTION = 10

MadePassport = tuple[str, str, dict[str, bytes]]


class SiteMakers:
    """This process alone. :ivar style_sheets: that the pages made so far have named."""

    def __init__(self, resources: SiteResources) -> None:
        self._resources = resources
        self.style_sheets: set[str] = resources.style_sheets

    def make(self, wanted: Iterable[tuple[str, str]]) -> Iterator[MadePassport]:
        """The files of passports, in their order.

        :param wanted: address of each, and the digest of what it is made from.
        """
        for subject, source in wanted:
            yield subject, source, self._resources.passport(subject)

    def close(self) -> None:
        """End what was started."""


@dataclass(frozen=True)
class SitePlan:
    """What a process makes its resources of. :ivar folder: of the project; :ivar store_url: of its store."""

    folder: Path
    store_url: str
    at: datetime

    def resources(self, store: Store, state: Path) -> SiteResources:
        """:param state: a folder for the state of a resolver that keeps no tokens.

        :raises UnusableProject: the project cannot be used.
        """
        project = Project.open(self.folder)
        config = replace(ResolverConfig.from_project(project, store_url=self.store_url), state_path=state / "state.db")
        return SiteResources(config, store, project.trust_list_path, self.at)


class ProcessMakers(SiteMakers):
    """Several processes.

    :param jobs: how many.
    """

    def __init__(self, plan: SitePlan, jobs: int) -> None:
        self.style_sheets = set()
        self._ahead = 2 * jobs
        self._pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (plan,))

    def make(self, wanted: Iterable[tuple[str, str]]) -> Iterator[MadePassport]:
        """:raises WorkerLost: a worker process ended before its time."""
        on_their_way: deque[Future[tuple[list[MadePassport], set[str]]]] = deque()
        portion: list[tuple[str, str]] = []
        try:
            for each in wanted:
                portion.append(each)
                if len(portion) == _PORTION:
                    on_their_way.append(self._pool.submit(_make, portion))
                    portion = []
                if len(on_their_way) > self._ahead:
                    yield from self._made(on_their_way.popleft())
            if portion:
                on_their_way.append(self._pool.submit(_make, portion))
            while on_their_way:
                yield from self._made(on_their_way.popleft())
        except BrokenProcessPool as error:
            raise WorkerLost(Message("a worker process ended before its time")) from error

    def _made(self, future: Future[tuple[list[MadePassport], set[str]]]) -> list[MadePassport]:
        made, style_sheets = future.result()
        self.style_sheets |= style_sheets
        return made

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


# --- in a worker process ----------------------------------------------------------------------------------------------

_plan: SitePlan | None = None
_resources: SiteResources | None = None
_folder: tempfile.TemporaryDirectory[str] | None = None


def _begin(plan: SitePlan) -> None:
    global _plan
    _plan = plan


def _make(wanted: list[tuple[str, str]]) -> tuple[list[MadePassport], set[str]]:
    global _resources, _folder
    assert _plan is not None, "a worker begins with _begin"
    if _resources is None:
        # Made with the first portion: an error then reaches the caller as it is.
        _folder = tempfile.TemporaryDirectory(prefix="passport-publish-")
        _resources = _plan.resources(Store.open(_plan.store_url), Path(_folder.name))
    made = [(subject, source, _resources.passport(subject)) for subject, source in wanted]
    return made, _resources.style_sheets
