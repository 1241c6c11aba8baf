"""What all tests share: where other people's vectors lie, a PostgreSQL server, and when an absence is a failure.

``PASSPORT_VECTORS`` names the folder (default ``../shared/vectors`` beside the checkout). ``PASSPORT_REQUIRE`` is a
comma-separated list (``vectors,node,chromium,postgresql,…``) of what must be present: a skip becomes a failure.
``PASSPORT_EXAMPLES`` says how many times the usual number of examples hypothesis draws, and at 1 or more that products
(each text in each place, say) and what is marked ``torture`` are run whole. By default a quarter of the examples are
drawn, a share of a product is run, and no torture; ``make torture`` takes 10.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import pwd
import random
import re
import shutil
import socket
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from passport.store import Store
from tests.cheap_passphrases import make_passphrases_cheap
from tests.remembered_stores import remember_stores

_EXAMPLES = float(os.environ.get("PASSPORT_EXAMPLES", "0.25"))
_WHOLE = _EXAMPLES >= 1
_Item = TypeVar("_Item")


def example_count(usual: int) -> int:
    """Number of examples of a universal statement: the usual one times ``PASSPORT_EXAMPLES``, at least three."""
    return max(3, round(usual * _EXAMPLES))


def share(items: Iterable[_Item], turn: int, *, of: int) -> list[_Item]:
    """Every ``of``-th item, from another one at each turn: over ``of`` turns in a row all of them.

    For products such as hostile texts by routes: each text meets a part of the routes, and each route a part of the
    texts. ``make torture`` runs the whole product.
    """
    listed = list(items)
    return listed if _WHOLE else listed[turn % of :: of]


# A loaded machine is slow, not wrong: no example has a deadline. The pipeline draws the same examples on every run.
settings.register_profile(
    "project", deadline=None, derandomize=bool(os.environ.get("CI")), max_examples=example_count(40)
)
settings.load_profile("project")

make_passphrases_cheap()
remember_stores()

# Ontology, contexts and shapes stay in memory for good. By its own thresholds the collector would walk through them
# every few thousand objects, which takes a tenth of the time.
gc.set_threshold(100_000, 50, 100)
# Commands that run in this process set thresholds that are right for one of theirs. Here a look at everything that the
# tests keep takes five seconds.
gc.set_threshold = lambda *_: None


# The folders in it are made by tempfile and pytest, for their owner alone.
_MEMORY = Path("/dev/shm")  # noqa: S108
#: Free bytes that a file system in memory has to have before it takes the files of the tests, some 3 GB.
_ROOM = 8 * 2**30


def _folder_of_files() -> str:
    """Where the tests write: into memory where there is room, for most of what they write nobody reads again.

    Stores wait for a disk at each commit, and a PostgreSQL server copies a thousand files for a few databases.
    """
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM
    return str(_MEMORY) if roomy else "/tmp"  # noqa: S108


FILES = _folder_of_files()
# Of pytest: in which folder `tmp_path` and its kin are.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", FILES)


@pytest.fixture(scope="session", autouse=True)
def no_files_left_in_memory(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The files of a process in which no test failed are removed at its end; those of others are there to be read."""
    base = tmp_path_factory.getbasetemp()
    yield
    if not request.session.testsfailed and base.is_relative_to(_MEMORY):
        shutil.rmtree(base, ignore_errors=True)


def pytest_collection_finish() -> None:
    """Nor are the modules and the collected tests looked through again: another tenth."""
    gc.collect()
    gc.freeze()
    # Commands for many packs look through memory before they begin, in a test for a few packs.
    gc.collect = lambda *_: 0


CHECKOUT = Path(__file__).resolve().parent.parent

pytest_plugins = ["tests.packs"]


def skip_unless(present: bool, name: str, reason: str) -> None:
    """Skip the calling test with ``reason`` unless ``present``; fail where ``PASSPORT_REQUIRE`` names ``name``."""
    if present:
        return
    if name in os.environ.get("PASSPORT_REQUIRE", "").split(","):
        pytest.fail(f"{reason}, and PASSPORT_REQUIRE names {name!r}", pytrace=False)
    pytest.skip(reason)


def free_port() -> int:
    """A port on the loopback for a server that has to know it before it starts.

    Below the range from which Linux hands out ports by itself (from 32768 on): between this look and the start of the
    server no other program gets it by accident.
    """
    for _ in range(1000):
        port = random.randint(15_000, 32_000)  # noqa: S311 (no secret)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise AssertionError("no free port")


def vectors_folder() -> Path:
    return Path(os.environ.get("PASSPORT_VECTORS", CHECKOUT.parent / "shared" / "vectors")).resolve()


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Folder of third-party test vectors (w3c, catenax, batterypass, untp), read in place."""
    folder = vectors_folder()
    skip_unless(folder.is_dir(), "vectors", f"no test vectors in {folder}")
    return folder


@pytest.fixture(scope="session")
def examples(vectors: Path) -> Path:
    """Folder of the three example packs as JSON, beside the vectors."""
    folder = vectors.parent / "examples"
    skip_unless(folder.is_dir(), "vectors", f"no example packs in {folder}")
    return folder


@dataclass
class Cluster:
    """A private PostgreSQL server with databases of its own, reached over a socket in its folder and by no network.

    ``admin`` is let in as it is; every other role has to give its password.
    """

    folder: Path
    programs: Path
    user: str | None
    _names: Iterator[int] = field(default_factory=count)
    _store: str | None = None

    def run(self, program: str, *words: str) -> None:
        """One of the server's programs, which refuse to run as root."""
        subprocess.run(
            [self.programs / program, *words], check=True, cwd=self.folder, user=self.user,
            group=self.user and pwd.getpwnam(self.user).pw_gid, extra_groups=self.user and [],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def control(self, *words: str) -> None:
        """``pg_ctl``, such as ``control("restart")``. What has to be kept on a disk is nobody's concern here."""
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c full_page_writes=off -c autovacuum=off"
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self.run("pg_ctl", "-D", data, "-l", log, "-w", "-m", "fast", "-o", options, *words)

    def database(self, options: str = "") -> str:
        """URL of a new, empty database, as its owner ``admin``."""
        name = f"passports_{next(self._names)}"
        self.sql(f"CREATE DATABASE {name} {options}")
        return f"postgresql://admin@/{name}?host={self.folder}&port=5432"

    def store(self) -> str:
        """URL of a new, empty store: a copy of one whose tables were made once, which takes half as long."""
        if self._store is None:
            self._store = self.database()
            Store.open(self._store).close()
        return self.database(f"TEMPLATE {self.name(self._store)}")

    def sql(self, script: str, url: str = "/postgres?") -> str:
        """What ``psql`` prints for a script, as ``admin`` in the database of ``url``."""
        options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
        return self.client("psql", url, *options, script=script).strip()

    def client(self, program: str, url: str, *words: str, script: str = "") -> str:
        """What a client program such as ``pg_dump`` prints."""
        connection = ["-h", self.folder, "-p", "5432", "-U", "admin", "-d", self.name(url)]
        done = subprocess.run(
            [self.programs / program, *connection, *words], input=script, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @staticmethod
    def name(url: str) -> str:
        """Name of the database of a URL."""
        return re.search(r"/(\w+)\?", url)[1]


def _postgresql_programs() -> Path | None:
    """Folder of a PostgreSQL server's programs, which Debian does not put on the path; the newest one."""
    found = [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    return next((path for path in found if all((path / name).exists() for name in ("initdb", "pg_ctl", "psql"))), None)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    programs = _postgresql_programs()
    skip_unless(programs is not None, "postgresql", "no PostgreSQL server is installed")
    skip_unless(importlib.util.find_spec("psycopg") is not None, "postgresql", "psycopg is not installed")
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = next(name for name in ("postgres", "nobody") if name in names) if os.geteuid() == 0 else None
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="pg-", dir=FILES) as name:
        # Nothing but the address says which server is meant.
        for variable in [variable for variable in os.environ if variable.startswith("PG")]:
            patch.delenv(variable)
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        made = Cluster(folder, programs, user)
        made.run("initdb", "-D", str(folder / "data"), "-U", "admin", "-E", "UTF8", "--locale=C", "--no-sync")
        access = folder / "data" / "pg_hba.conf"
        access.write_text("local all admin trust\nlocal all all scram-sha-256\n", encoding="utf-8")
        made.control("start")
        try:
            yield made
        finally:
            # Its files are thrown away: what it has not written yet, after a whole run, takes ten seconds to write.
            made.control("stop", "-m", "immediate")


def _new_store(kind: str, request: pytest.FixtureRequest) -> str:
    if kind == "postgresql":
        return request.getfixturevalue("cluster").store()
    return "sqlite://" if kind == "memory" else f"sqlite:///{request.getfixturevalue('tmp_path') / 'passports.db'}"


@pytest.fixture(params=["memory", "file", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """Address of a new, empty store of each kind."""
    return _new_store(request.param, request)


@pytest.fixture(params=["file", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """Address of a database of each of these kinds in which no store was ever opened."""
    if request.param == "postgresql":
        return request.getfixturevalue("cluster").database()
    return _new_store(request.param, request)


@pytest.fixture(params=["file", "postgresql"])
def shared_url(request: pytest.FixtureRequest) -> str:
    """The same, of the kinds that several processes may open."""
    return _new_store(request.param, request)


#: What takes longest, by processes, browsers and worlds rather than by the number of its tests. It is handed out first:
#: begun at the end, it would leave all workers but one without work.
LONGEST = (
    "browser/test_every_page.py", "browser/test_desk.py", "browser/test_stories.py", "browser/test_wallet_story.py",
    "browser/test_workspace.py", "browser/test_asking.py", "interop/test_vectors.py", "interop/test_passports.py",
    "commands/test_exit_code.py", "commands/test_terminal.py", "commands/test_destination.py",
    "resolver/test_leaks.py", "validation/test_compiled_shapes.py", "exchange/test_bad_input.py",
    "resolver/test_public_cache.py", "store/test_store_versions.py", "test_packaging.py", "validation/test_rules.py",
    "resolver/desk/test_rings.py", "resolver/test_page.py", "commands/test_serve.py", "exchange/test_formats.py",
    "resolver/test_attacks.py", "commands/test_issue_runs.py", "stories/test_postgresql.py", "stories/test_life.py",
    "texts/test_catalogues.py", "vocabulary/test_vocabulary.py", "validation/test_validator.py",
)  # fmt: skip


#: What shares a process that takes long to start is handed to one worker together.
TOGETHER = (
    "tests/commands/test_exit_code.py", "tests/commands/test_terminal.py", "tests/commands/test_destination.py",
)  # fmt: skip


class ByFile(LoadFileScheduling):
    """Hands a file to a worker as a whole, and :data:`TOGETHER` as one file."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return TOGETHER[0] if file in TOGETHER else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


def _runs(item: pytest.Item, turns: Counter[str]) -> bool:
    """Whether a case is run now: of a test marked ``product(of=n)`` each n-th one, of ``torture`` none."""
    if _WHOLE:
        return True
    product = item.get_closest_marker("product")
    if product is None or "of" not in product.kwargs:
        return item.get_closest_marker("torture") is None
    turns[(test := item.nodeid.partition("[")[0])] += 1
    return turns[test] % product.kwargs["of"] == 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    turns: Counter[str] = Counter()
    chosen: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        chosen[_runs(item, turns)].append(item)
    items[:] = chosen[True]
    if chosen[False]:
        config.hook.pytest_deselected(items=chosen[False])
    ranks = {CHECKOUT / "tests" / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))
