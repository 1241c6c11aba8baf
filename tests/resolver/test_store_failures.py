"""A failure of the store, or of the resolver's own state, says what failed: to programs, to people, in the log.

Full and read-only concern only what has to be recorded: a challenge that is used, a restricted view that is read.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from passport.errors import StoreFailure, StoreNewer, StoreReadOnly
from passport.store import Store, sqlite
from passport.store.state.resolver_state import ResolverState
from passport.texts import say
from passport.vocabulary.vocabulary import Audience
from resolver import problems, site_server
from resolver.page.wording import refusal_texts
from tests.store_faults import overwrite_pages, small_disk, writers_lock

HTML = {"Accept": "text/html"}
HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass
class Shop:
    """A site over a store that is a file, with its state beside it."""

    site: object
    path: Path

    def lose_state(self) -> None:
        """Overwrite the state while the resolver runs; its threads have to open it anew."""
        self.site.state.close()
        overwrite_pages(self.path.with_name("state.db"))


@pytest.fixture(scope="module")
def issued(make_operator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("issued")
    operator = make_operator(folder, "stationary-lfp", url=f"sqlite:///{folder / 'passports.db'}")
    operator.store.close()
    return operator, folder / "passports.db"


@pytest.fixture
def open_shop(issued, make_site):
    def opened(folder: Path) -> Shop:
        operator, original = issued
        shutil.copy(original, folder / "passports.db")
        operator.store = Store.open(f"sqlite:///{folder / 'passports.db'}")
        return Shop(make_site(operator, folder), folder / "passports.db")

    return opened


@pytest.fixture
def shop(open_shop, tmp_path) -> Iterator[Shop]:
    yield open_shop(tmp_path)


def pack(site) -> str:
    return site.operator.packs["stationary"]


def is_failure(answer, status: int, code: str, retry_after: str | None) -> bool:
    """Whether an answer is this problem, and tells neither a path nor what the database said."""
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, retry_after), answer.text
    assert not re.search(r"SQLITE|passports\.db|state\.db|sqlite|Traceback", answer.text)
    assert answer.headers["Cache-Control"] in ("no-store", "private, no-store")
    return answer.content_type == "application/problem+json" and answer.json["code"] == code


# --- what has to be recorded ----------------------------------------------------------------------------------------


def fill_pages(connection: sqlite3.Connection) -> None:
    """No more pages, and no room in those that there are for a row of the size that the resolver writes."""
    connection.execute("PRAGMA max_page_count=1")
    for statement, length in (
        ("INSERT INTO access_log VALUES (NULL, '', '', '', '', '', '', ?, NULL, NULL, NULL)", 90),
        ("INSERT INTO used_challenges VALUES (?, 2e9)", 40),
        ("INSERT INTO revoked_tokens VALUES (?, 2e9)", 12),
    ):
        refused = 0
        while refused < 300:
            try:
                connection.execute(statement, (secrets.token_urlsafe(length),))
                refused = 0
            except sqlite3.OperationalError as error:
                assert error.sqlite_errorcode == sqlite3.SQLITE_FULL
                refused += 1


FAULTS = {
    "store-full": (fill_pages, "PRAGMA max_page_count=1"),
    "store-read-only": (lambda connection: None, "PRAGMA query_only=ON"),
}


@pytest.mark.parametrize("code", FAULTS)
def test_what_cannot_be_recorded_is_not_shown_and_the_public_reads_on(shop, monkeypatch, code):
    site, (break_, of_each_connection) = shop.site, FAULTS[code]
    bearer = site.bearer(Audience.LEGITIMATE_INTEREST)
    role = site.presentation(site.operator.grant(site.holder, Audience.LEGITIMATE_INTEREST))
    secret = "disassemblyManual"
    assert secret in site.get(pack(site), {**bearer, "Accept": "application/vp"}).text
    break_(site.state.connection())
    site.state.close()
    connect = sqlite.connect

    def broken(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute(of_each_connection)
        return connection

    monkeypatch.setattr(sqlite, "connect", broken)
    refused = site.get(pack(site), {**bearer, "Accept": "application/vp"})
    assert is_failure(refused, 503, code, "120") and secret not in refused.text
    assert is_failure(site.ask(role), 503, code, "120")
    ended = site.client.post("/revoke", data={"token": bearer["Authorization"].split()[1]})
    assert is_failure(ended, 503, code, "120")
    assert site.get(pack(site), {"Accept": "application/vp"}).status_code == 200


def test_a_full_disk_is_503_until_there_is_room(open_shop, tmp_path):
    with small_disk(tmp_path / "disk", 3_000_000) as disk:
        shop = open_shop(disk.folder)
        site = shop.site
        bearer = {**site.bearer(), "Accept": "application/vp"}
        disk.fill()
        for _ in range(50):
            refused = site.get(pack(site), bearer)
            if refused.status_code != 200:
                break
        assert is_failure(refused, 503, "store-full", "120")
        assert site.get(pack(site), {"Accept": "application/vp"}).status_code == 200
        disk.make_room()
        assert site.get(pack(site), bearer).status_code == 200
        assert site.state.first_broken() is None, "the log is whole"
        site.state.close()
        site.operator.store.close()


def test_a_resolver_starts_on_a_full_disk_and_serves_the_public(open_shop, make_site, tmp_path):
    with small_disk(tmp_path / "disk", 3_000_000) as disk:
        shop = open_shop(disk.folder)
        site = shop.site
        site.bearer()
        disk.fill()
        again = make_site(site.operator, disk.folder)
        assert again.get(pack(again), {"Accept": "application/vp"}).status_code == 200
        again.state.close()
        site.state.close()
        site.operator.store.close()


def test_a_state_that_another_program_keeps_locked_is_503_for_a_short_while(shop, monkeypatch):
    site = shop.site
    bearer = {**site.bearer(), "Accept": "application/vp"}
    # A connection of the access log that is made from now on does not wait ten seconds for its turn.
    monkeypatch.setattr("passport.store.engines.PATIENCE", 0)
    site.state.close()
    site.state.connection().execute("PRAGMA busy_timeout=0")
    with writers_lock(shop.path.with_name("state.db")):
        assert is_failure(site.get(pack(site), bearer), 503, "store-locked", "5")
        # A connection that failed is given up.
        site.state.connection().execute("PRAGMA busy_timeout=0")
        role = site.presentation(site.operator.grant(site.holder, Audience.LEGITIMATE_INTEREST))
        assert is_failure(site.ask(role), 503, "store-locked", "5")
    assert site.get(pack(site), bearer).status_code == 200


# --- damage ---------------------------------------------------------------------------------------------------------


def test_a_damaged_store_says_so_and_invites_nobody_to_try_again(shop):
    overwrite_pages(shop.path)
    site = shop.site
    site.operator.store.close()
    for path in (site.path(pack(site)), "/health", "/search"):
        for _ in range(2):
            answer = site.client.get(path, headers={"Accept": "application/vp, application/json;q=0.9"})
            assert is_failure(answer, 500, "store-damaged", None)


def test_a_damaged_state_is_no_bad_token(shop):
    """401 would send everybody away to ask for a token that cannot be given."""
    site = shop.site
    bearer = {**site.bearer(), "Accept": "application/vp"}
    shop.lose_state()
    assert is_failure(site.get(pack(site), bearer), 500, "store-damaged", None)
    assert is_failure(site.client.get("/token"), 500, "store-damaged", None)
    assert site.get(pack(site), {"Accept": "application/vp"}).status_code == 200


def test_a_store_that_was_taken_away_says_so(shop):
    site = shop.site
    site.operator.store.close()
    shop.path.unlink()
    answer = site.get(pack(site), {"Accept": "application/vp"})
    assert is_failure(answer, 500, "store-missing", None)
    assert not shop.path.exists(), "no empty store takes its place"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_people_read_what_failed_in_their_language(shop, language):
    site = shop.site
    overwrite_pages(shop.path)
    site.operator.store.close()
    answer = site.client.get(f"{site.path(pack(site))}?lang={language}", headers=HTML)
    assert answer.status_code == 500
    assert say(refusal_texts.BY_CODE["store-damaged"], language) in answer.text
    assert "store-damaged" in answer.text
    assert "Try again in a minute" not in answer.text and "请稍后再试" not in answer.text


def test_a_presentation_is_not_refused_where_only_the_state_failed(shop):
    site = shop.site
    presentation = json.dumps(site.presentation(site.operator.grant(site.holder, Audience.LEGITIMATE_INTEREST)))
    shop.lose_state()
    answer = site.client.post("/present", data={"presentation": presentation, "passport": pack(site)}, headers=HTML)
    assert answer.status_code == 500
    assert refusal_texts.BY_CODE["store-damaged"][0] in answer.text


def test_the_interface_of_en_18222_says_so_too(shop):
    site = shop.site
    overwrite_pages(shop.path)
    site.operator.store.close()
    answer = site.client.get("/v1/dppsByProductId/" + pack(site).replace("/", "%2F"))
    assert answer.status_code == 500
    assert "store damaged" in answer.text


def test_each_failure_has_a_sentence_in_both_languages_and_a_status():
    def kinds(kind: type) -> Iterator[type]:
        for one in kind.__subclasses__():
            yield one
            yield from kinds(one)

    for kind in kinds(StoreFailure):
        problem = problems.of_error(kind("the store /srv/passports.db", found="SQLITE_BUSY"))
        assert problem.status in (500, 503)
        assert (problem.retry_after is None) == (problem.status == 500)
        assert problem.detail is None and problem.hint is None
        if kind.code != "unusable-store":
            sentence = refusal_texts.BY_CODE[kind.code]
            assert HAN.search(say(sentence, "zh")) and not HAN.search(say(sentence, "en"))


# --- the start, and the quick way -----------------------------------------------------------------------------------


def test_a_state_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "state.db"
    ResolverState(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StoreNewer, match="state"):
        ResolverState(path)


def test_a_state_on_a_read_only_disk_is_refused_at_the_start(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        ResolverState(disk.folder / "state.db").close()
        disk.make_read_only()
        with pytest.raises(StoreReadOnly):
            ResolverState(disk.folder / "state.db")


@pytest.mark.parametrize("damaged", ["passports.db", "state.db"])
def test_a_damaged_file_ends_the_start_of_several_workers_once(shop, monkeypatch, capsys, damaged):
    """A worker that cannot start is started again by the server, without end."""
    project = shop.site.operator.project
    started = []
    monkeypatch.setattr(uvicorn, "run", lambda *words, **options: started.append(words))
    monkeypatch.setenv("PASSPORT_PROJECT", str(project.folder))
    monkeypatch.setenv("PASSPORT_STORE", f"sqlite:///{shop.path}")
    ResolverState(project.state_path).close()
    site_server.run("127.0.0.1", 0, workers=2)
    assert len(started) == 1
    file = shop.path if damaged == "passports.db" else project.state_path
    overwrite_pages(file, 0)
    try:
        with pytest.raises(SystemExit) as ended:
            site_server.run("127.0.0.1", 0, workers=2)
    finally:
        project.state_path.unlink()
    assert ended.value.code == 2 and len(started) == 1
    assert "not a database" in capsys.readouterr().err


def test_the_loop_of_the_server_never_waits_for_a_lock(shop):
    direct = shop.site.operator.store.direct
    patience = "PRAGMA busy_timeout"
    waits = {}

    def look(name: str, *, is_loop: bool) -> None:
        if is_loop:
            direct.never_wait()
        waits[name] = direct.connection().execute(patience).fetchone()[0]

    for name in ("loop", "worker"):
        thread = threading.Thread(target=look, args=(name,), kwargs={"is_loop": name == "loop"})
        thread.start()
        thread.join()
    assert waits == {"loop": 0, "worker": 10_000}
