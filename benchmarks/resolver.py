"""Requests a second of the resolver, as ratios to nginx serving the same bytes as static files.

    python benchmarks/resolver.py [--packs 1000000] [--seconds 3] [--pairs 5] [--keep FOLDER]

Needs nginx and wrk; without them, or on a machine with one core, it says so and measures the authorised views only.

* The store is SQLite with one issued pack and as many copies of its signed credential under other addresses as asked
  for: made in a temporary folder (some 4 GB for a million), and removed.
* The resolver is ``passport serve --workers 1`` on the first core, nginx with one worker on the same core at another
  time, wrk with 16 connections on the second. Everything is on the loopback.
* nginx is given every advantage: no log, none of our headers, and one open file behind all addresses. For random packs
  it is raced a second time with a file for each address, as one would publish a million passports statically (they are
  links to a few files, so that its bytes are always in memory).
* Each line is the median of ``--pairs`` pairs, taken in turn, resolver then nginx; the ratio is the median of the
  ratios within the pairs. p99 is the median of the runs' p99.
* On a shared machine requests a second tell how much of the core the others left. So the core seconds that each server
  used are read too: "core" is the ratio of requests for each second of a core that was really used.
* The file of the store is held in memory while it is raced: what is measured is the look-up, not the disk.
* Authorised views are whole answers of the application (token, log entry, presentation) in one process without a server
  in front, for each second of a core; by the clock they also wait for the disk to confirm each entry of the access log.
"""

from __future__ import annotations

import argparse
import ctypes
import http.client
import mmap
import os
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
# A script's own folder comes first, and this script is called like the package that it measures.
sys.path[0] = str(CHECKOUT)

from passport.commands.companies.grant import role_credential  # noqa: E402
from passport.commands.keeping.init import make_project  # noqa: E402
from passport.credentials.issuer import Issuer  # noqa: E402
from passport.exchange.records import record_files  # noqa: E402
from passport.identity.keys import Algorithm, PrivateKey  # noqa: E402
from passport.identity.signer import KeySigner  # noqa: E402
from passport.linked_data import strict_json  # noqa: E402
from passport.presenting.presenter import Presenter  # noqa: E402
from passport.project import Project  # noqa: E402
from passport.publishing.publisher import Publisher  # noqa: E402
from passport.store import Store  # noqa: E402
from passport.vocabulary import vocabulary  # noqa: E402
from passport.vocabulary.credential_types import PASSPORT  # noqa: E402
from passport.vocabulary.vocabulary import Audience  # noqa: E402
from resolver.app import create_app  # noqa: E402
from resolver.config import ResolverConfig  # noqa: E402

BASE = "https://passport.example.com"
WORKBOOK = CHECKOUT / "examples" / "stationary-lfp.xlsx"
CONNECTIONS = 16
HOT = 16
VP = {"Accept": "application/vp"}


@dataclass(frozen=True)
class Shop:
    """The store to be served."""

    project: Project
    pack: str
    stem: str
    packs: int

    def path(self, number: int) -> str:
        return f"{self.stem}{number:07d}"


@dataclass(frozen=True)
class Run:
    """One run of wrk: requests a second by the clock, requests a second of core time used, p99."""

    rate: float
    per_core_second: float
    p99: str


@dataclass(frozen=True)
class Server:
    port: int
    process: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packs", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="a folder that keeps the store for the next time")
    options = parser.parse_args()
    missing = [name for name in ("nginx", "wrk", "taskset") if not shutil.which(name)]
    cores = sorted(os.sched_getaffinity(0))
    folder = options.keep or Path(tempfile.mkdtemp(prefix="resolver-"))
    try:
        shop = make_shop(folder, options.packs)
        print(f"{shop.packs} packs in SQLite; load of the machine {os.getloadavg()[0]:.1f} on {len(cores)} cores\n")
        if missing or len(cores) < 2:
            reason = f"without {', '.join(missing)}" if missing else "on one core"
            print(f"skipped: no comparison with nginx {reason} (apt install nginx-light wrk util-linux)\n")
        else:
            compare(folder, shop, cores[0], cores[1], options.seconds, options.pairs)
        os.sched_setaffinity(0, {cores[0]})
        authorised(shop, options.seconds)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


# --- the store ------------------------------------------------------------------------------------------------------


def make_shop(folder: Path, packs: int) -> Shop:
    """One issued pack, and copies of its credential under other addresses."""
    if (folder / "project" / "passport.toml").exists():
        project = Project.open(folder / "project")
        pack = project.open_store().packs_named("VO26090001742")[0]
        return Shop(project, pack.subject, _stem(pack.model), packs)
    folder.mkdir(parents=True, exist_ok=True)
    project = make_project(folder / "project", BASE, names={"en": "Operator", "zh": "运营者"})
    store = project.open_store()
    regimes = tuple(vocabulary.regimes().values())
    publisher = Publisher(store, project.issuer_with_key(None), BASE, vocabulary.load(), regimes)
    report = publisher.issue(record_files.read(WORKBOOK)[0], at=datetime.now(UTC) - timedelta(hours=1))
    pack = store.pack(report.of_kind("pack")[0].subject)
    signed = store.current(pack.subject, PASSPORT)
    store.close()
    stem, started = BASE + _stem(pack.model).removeprefix("/passports"), time.perf_counter()
    connection = sqlite3.connect(project.folder / "passports.db")
    connection.execute("PRAGMA synchronous=OFF")
    numbers = range(1, packs + 1)
    with connection:
        connection.executemany(
            "INSERT INTO packs (subject, model, category, serial, code) VALUES (?, ?, ?, ?, NULL)",
            ((f"{stem}{n:07d}", pack.model, pack.category, f"P{n:07d}") for n in numbers),
        )
        connection.executemany(
            "INSERT INTO credentials (id, type, subject, body, content, issued_at) VALUES (?, ?, ?, ?, ?, ?)",
            (
                (f"{BASE}/credentials/{n:07d}", PASSPORT, f"{stem}{n:07d}", signed.body, signed.content,
                 signed.issued_at.isoformat())
                for n in numbers
            ),
        )  # fmt: skip
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    size = (project.folder / "passports.db").stat().st_size / 1e9
    print(f"store of {size:.1f} GB made in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return Shop(project, pack.subject, _stem(pack.model), packs)


def _stem(model: str) -> str:
    return "/passports" + model.removeprefix(BASE) + "/P"


# --- against nginx --------------------------------------------------------------------------------------------------


def compare(folder: Path, shop: Shop, server_core: int, client_core: int, seconds: int, pairs: int) -> None:
    with (
        in_memory(shop.project.folder / "passports.db"),
        serving(shop, server_core) as ours,
        static_files(folder, shop, ours, server_core) as nginx,
        static_files(folder, shop, ours, server_core, each=True) as nginx_each,
    ):
        check_same(shop, ours, nginx)
        check_same(shop, ours, nginx_each)
        print(f"{'':28}{'resolver/s':>11}{'p99':>10}{'nginx/s':>10}{'p99':>10}{'ratio':>7}{'core':>7}  target")
        for name, peer, hot, condition, target in (
            ("hot set, 200", nginx, True, False, "0.5"),
            ("hot set, 304", nginx, True, True, "0.5"),
            ("random, 200, one file", nginx, False, False, ""),
            ("random, 200, a file each", nginx_each, False, False, "0.25"),
        ):
            results: list[tuple[Run, Run]] = []
            for server in (ours, peer):
                load(folder, shop, server, client_core, 1, hot, condition)
            for _ in range(pairs):
                results.append(
                    tuple(load(folder, shop, server, client_core, seconds, hot, condition) for server in (ours, peer))
                )
            ratio = statistics.median(mine.rate / theirs.rate for mine, theirs in results)
            core = statistics.median(mine.per_core_second / theirs.per_core_second for mine, theirs in results)
            (rate, p99), (rate_nginx, p99_nginx) = (
                (statistics.median(run.rate for run in runs), _median_time(runs)) for runs in zip(*results, strict=True)
            )
            columns = f"{rate:11.0f}{p99:>10}{rate_nginx:10.0f}{p99_nginx:>10}{ratio:7.2f}{core:7.2f}"
            print(f"{name:28}{columns}  {target}", flush=True)
        print(f"\nload of the machine afterwards {os.getloadavg()[0]:.1f}\n")


@contextmanager
def in_memory(path: Path) -> Iterator[None]:
    """Read a file, and keep its pages in memory where the system lets us."""
    libc = ctypes.CDLL(None, use_errno=True)
    # Python's own mmap does not tell the address of what it maps.
    libc.mmap.restype = ctypes.c_void_p
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass
        size = ctypes.c_size_t(file.tell())
        address = ctypes.c_void_p(
            libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), ctypes.c_long(0))
        )
        if libc.mlock(address, size):
            print("the store cannot be held in memory; the disk may count", file=sys.stderr)
        yield
        libc.munmap(address, size)


@contextmanager
def serving(shop: Shop, core: int) -> Iterator[Server]:
    port = free_port()
    command = ["taskset", "-c", str(core), sys.executable, "-c", "from passport.commands import main; main()", "serve",
               "--project", str(shop.project.folder), "--port", str(port), "--workers", "1"]  # fmt: skip
    with process(command, port) as running:
        yield Server(port, running)


@contextmanager
def static_files(folder: Path, shop: Shop, ours: Server, core: int, *, each: bool = False) -> Iterator[Server]:
    """nginx with the very bytes that the resolver gives, behind every address: one file, or one for ``each``."""
    port, root = free_port(), folder / ("nginx-each" if each else "nginx")
    root.mkdir(exist_ok=True)
    body = get(ours.port, shop.path(1))[2]
    (root / "body").write_bytes(body)
    if each:
        link_all(root, shop, body)
    (root / "nginx.conf").write_text(f"""
worker_processes 1; daemon off; pid {root}/pid; error_log {root}/error.log;
{"user root;" if os.getuid() == 0 else ""}
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
  open_file_cache {"off" if each else "max=100"};
  default_type application/vp;
  client_body_temp_path {root}/1; proxy_temp_path {root}/2; fastcgi_temp_path {root}/3; uwsgi_temp_path {root}/4;
  scgi_temp_path {root}/5;
  server {{ listen 127.0.0.1:{port}; root {root}; {"" if each else "location / { try_files /body =404; }"} }}
}}
""")
    command = ["taskset", "-c", str(core), "nginx", "-c", str(root / "nginx.conf"), "-p", str(root)]
    with process(command, port) as running:
        yield Server(port, running)


def link_all(root: Path, shop: Shop, body: bytes) -> None:
    """A name for each pack; a file system allows so many names of one file."""
    names = root / shop.stem.lstrip("/").rpartition("/")[0]
    if names.exists():
        shutil.rmtree(names)
    names.mkdir(parents=True)
    for number in range(1, shop.packs + 1):
        path = root / shop.path(number).lstrip("/")
        if number % 50_000 == 1:
            path.write_bytes(body)
            first = path
        else:
            os.link(first, path)


@contextmanager
def process(command: list[str], port: int) -> Iterator[int]:
    # The limit on what one client may ask is counted as always, and never reached.
    environ = {**os.environ, "PASSPORT_RATE_LIMIT": "999999999/60"}
    running = subprocess.Popen(command, cwd=CHECKOUT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and running.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit(f"error: {command[3]} did not start")
        yield running.pid
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()


def check_same(shop: Shop, ours: Server, nginx: Server) -> None:
    """Both give the same bytes, and 304 to who has them."""
    for number in (1, shop.packs // 2, shop.packs):
        bodies = []
        for port in (ours.port, nginx.port):
            status, headers, body = get(port, shop.path(number))
            again = get(port, shop.path(number), {"If-None-Match": headers["etag"]})
            if (status, again[0]) != (200, 304):
                raise SystemExit(f"error: expected 200 and 304, found {status} and {again[0]} at port {port}")
            bodies.append(body)
        if len(set(bodies)) != 1:
            raise SystemExit("error: the two do not serve the same bytes")


def get(port: int, path: str, headers: dict | None = None) -> tuple[int, dict, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={**VP, **(headers or {})})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def load(folder: Path, shop: Shop, server: Server, core: int, seconds: int, hot: bool, condition: bool) -> Run:
    script = folder / "load.lua"
    etag = get(server.port, shop.path(1))[1]["etag"] if condition else ""
    script.write_text(f"""
local headers = {{ ["Accept"] = "application/vp", ["Host"] = "passport.example.com" }}
{f"headers['If-None-Match'] = '{etag}'" if condition else ""}
local packs, hot, ready = {shop.packs}, {HOT if hot else 0}, {{}}
math.randomseed(os.time())
function path(n) return string.format("{shop.stem}%07d", n) end
function init(args)
  for n = 1, hot do ready[n] = wrk.format("GET", path(n), headers) end
end
local turn = 0
function request()
  if hot > 0 then turn = turn % hot + 1; return ready[turn] end
  return wrk.format("GET", path(math.random(packs)), headers)
end
""")
    command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s",
               str(script), f"http://127.0.0.1:{server.port}"]  # fmt: skip
    used = core_seconds(server.process)
    said = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"error: not every request was answered\n{said}")
    used = core_seconds(server.process) - used
    answered = int(re.search(r"(\d+) requests in", said)[1])
    rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", said)[1])
    return Run(rate, answered / max(used, 0.01), re.search(r"99%\s+(\S+)", said)[1])


def core_seconds(process: int) -> float:
    """Time of a core that a process and its children have used."""
    used, children = {}, {}
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdecimal() else None
        except OSError:
            continue
        if fields:
            used[int(entry.name)] = int(fields[11]) + int(fields[12])
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    family = [process]
    for one in family:
        family += children.get(one, [])
    return sum(used[one] for one in family) / os.sysconf("SC_CLK_TCK")


def _median_time(runs: tuple[Run, ...]) -> str:
    units = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}
    times = []
    for run in runs:
        told = re.fullmatch(r"([0-9.]+)(us|ms|s|m)", run.p99)
        if told is None:
            raise SystemExit(f"error: wrk tells a time as {run.p99!r}")
        times.append(float(told[1]) * units[told[2]])
    return f"{statistics.median(times):.2f} ms"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


# --- authorised -----------------------------------------------------------------------------------------------------


def authorised(shop: Shop, seconds: int) -> None:
    """Whole answers to a recycler, from one process on one core."""
    print(f"{'authorised views':28}{'per core':>11}{'by clock':>10}  target")
    for name, derived_bytes, target in (("derivation cached", 32_000_000, 300), ("derived each time", 0, 60)):
        with tempfile.TemporaryDirectory() as folder:
            config = replace(ResolverConfig.from_project(shop.project), state_path=Path(folder) / "state.db")
            store = Store.open(config.store_url)
            app = create_app(config, store=store, now=lambda: datetime.now(UTC))
            services = replace(
                app.extensions["resolver"],
                presenter=Presenter(store, vocabulary.load(), policy=config.access_policy, derived_bytes=derived_bytes),
            )
            app.extensions["resolver"] = services
            client = app.test_client(use_cookies=False)
            headers = {**VP, "Authorization": f"Bearer {token(shop.project, client)}"}
            path = "/passports" + shop.pack.removeprefix(BASE)
            environ = client.get(path, headers=headers).request.environ
            views = rate(lambda app=app, environ=environ: app.wsgi_app(dict(environ), _ok), seconds)
            print(f"{name:28}{views[0]:11.0f}{views[1]:10.0f}  {target}")
            store.close()


def token(project: Project, client) -> str:
    now, holder = datetime.now(UTC), PrivateKey.generate(Algorithm.P256)
    did = holder.public_key.did_key
    role = role_credential(
        project,
        project.issuer_with_key(None),
        did,
        Audience.LEGITIMATE_INTEREST,
        "recycling",
        (),
        now - timedelta(minutes=1),
        now + timedelta(days=1),
    )
    presentation = Issuer(did, KeySigner(holder)).present(
        [role], challenge=client.get("/token").json["challenge"], domain=BASE, created=now
    )
    return strict_json.loads(client.post("/token", json={"presentation": presentation}).data)["access_token"]


def _ok(status: str, headers: list, exc_info: object = None) -> None:
    if not status.startswith("200"):
        raise SystemExit(f"error: expected 200, found {status}")


def rate(call: Callable, seconds: int) -> tuple[float, float]:
    """Calls for each second of a core, and for each second of the clock: medians of five stretches."""
    rates = []
    for _ in range(5):
        started, used, calls = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - started < seconds / 2:
            b"".join(call())
            calls += 1
        rates.append((calls / (time.process_time() - used), calls / (time.perf_counter() - started)))
    return tuple(statistics.median(column) for column in zip(*rates, strict=True))


if __name__ == "__main__":
    main()
