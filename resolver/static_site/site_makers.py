"""Who makes the files of passports: this process, or several others. The files are the same, in the same order.

A worker process opens the project and its store by itself, and reads only. Pages take nearly all of the time, which
cores share.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from passport.project import Project
from passport.store import Store
from passport.worker_pool import WorkerPool
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
        self._folder = tempfile.TemporaryDirectory(prefix="passport-publish-")
        self._pool = WorkerPool(jobs, _begin, plan, Path(self._folder.name))

    def make(self, wanted: Iterable[tuple[str, str]]) -> Iterator[MadePassport]:
        """:raises WorkerLost: a worker process ended before its time."""
        rest = iter(wanted)
        portions = iter(lambda: (list(islice(rest, _PORTION)),), ([],))
        for _, (made, style_sheets) in self._pool.in_order(_make, portions):
            self.style_sheets |= style_sheets
            yield from made

    def close(self) -> None:
        self._pool.close()
        self._folder.cleanup()


# --- in a worker process ----------------------------------------------------------------------------------------------

_plan: SitePlan | None = None
_resources: SiteResources | None = None
_state: Path | None = None


def _begin(plan: SitePlan, folder: Path) -> None:
    global _plan, _state
    _plan, _state = plan, folder / str(os.getpid())


def _make(wanted: list[tuple[str, str]]) -> tuple[list[MadePassport], set[str]]:
    global _resources
    assert _plan is not None and _state is not None, "a worker begins with _begin"
    if _resources is None:
        # Made with the first portion: an error then reaches the caller as it is.
        _state.mkdir()
        _resources = _plan.resources(Store.open(_plan.store_url), _state)
    made = [(subject, source, _resources.passport(subject)) for subject, source in wanted]
    return made, _resources.style_sheets
