"""The access log cannot be changed unseen: who read which restricted elements, and when."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from passport.errors import UnusableProject
from passport.store.log.access_log import AccessRecord
from passport.store.state.resolver_state import ResolverState
from passport.vocabulary.credential_types import CONDITION, EVENT, MODEL_DETAIL
from passport.vocabulary.vocabulary import Audience, Carrier, load
from resolver.forms.negotiation import FORMS
from tests.conftest import share
from tests.each import each

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


def record(number: int) -> AccessRecord:
    return AccessRecord(AT, f"token{number}", "did:key:z1", "legitimate-interest", "recycling", "https://a.example/1",
                        ("stateOfCharge", "stateOfHealth"))  # fmt: skip


@pytest.fixture
def state(tmp_path: Path) -> ResolverState:
    state = ResolverState(tmp_path / "state.db")
    for number in range(4):
        state.log(record(number))
    return state


def tamper(state: ResolverState, statement: str) -> None:
    """What somebody with the file can do: take the triggers off first."""
    with sqlite3.connect(state.path) as connection:
        connection.execute("DROP TRIGGER access_log_no_update")
        connection.execute("DROP TRIGGER access_log_no_delete")
        connection.execute(statement)


def tamper_more(state: ResolverState, statement: str) -> None:
    with sqlite3.connect(state.path) as connection:
        connection.execute(statement)


def test_an_untouched_log_holds_together(state):
    assert state.first_broken() is None
    number, head = state.log_head()
    assert number == 4
    assert len(head) == 64


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE access_log SET holder = 'did:key:z2' WHERE sequence = 2", 2),
        ("UPDATE access_log SET at = '2027-03-09T09:30:00+00:00' WHERE sequence = 4", 4),
        ("UPDATE access_log SET elements = 'stateOfCharge' WHERE sequence = 1", 1),
        ("UPDATE access_log SET token = 'token1 ', purpose = 'x' WHERE sequence = 3", 3),
        ("UPDATE access_log SET chain = NULL WHERE sequence = 3", 3),
        ("DELETE FROM access_log WHERE sequence = 1", 2),
        ("DELETE FROM access_log WHERE sequence = 3", 4),
        ("UPDATE access_log SET sequence = 9 WHERE sequence = 4", 9),
    ],
)
def test_a_change_is_seen_at_its_place(state, statement, broken):
    tamper(state, statement)
    assert state.first_broken() == broken


@pytest.mark.parametrize(("kept", "missing"), [(3, 4), (1, 2), (0, 1)])
def test_a_log_without_its_end_is_seen(state, kept, missing):
    tamper(state, f"DELETE FROM access_log WHERE sequence > {kept}")
    assert state.first_broken() == missing


def test_a_log_cut_off_with_its_count_has_another_head(state):
    before = state.log_head()
    tamper(state, "DELETE FROM access_log WHERE sequence = 4")
    tamper_more(state, "UPDATE sqlite_sequence SET seq = 3")
    assert state.first_broken() is None  # the file alone cannot tell
    assert state.log_head() != before


def test_a_file_that_is_no_database_any_more_is_an_error_of_ours(state):
    size = state.path.stat().st_size
    state.path.with_name("state.db-wal").unlink(missing_ok=True)
    state.path.write_bytes(b"\xff" * size)
    with pytest.raises(UnusableProject):
        ResolverState(state.path).first_broken()


def test_the_same_read_twice_gives_two_different_hashes(state):
    state.log(record(9))
    first = state.log_head()[1]
    state.log(record(9))
    assert state.log_head()[1] != first


def test_many_at_once_make_one_chain(state):
    threads = [threading.Thread(target=state.log, args=(record(number),)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state.log_head()[0] == 24
    assert state.first_broken() is None


def test_a_log_from_before_the_chain_goes_on(tmp_path):
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE access_log (sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,"
            " token TEXT NOT NULL, holder TEXT NOT NULL, audience TEXT NOT NULL, purpose TEXT NOT NULL,"
            " subject TEXT NOT NULL, elements TEXT NOT NULL)"
        )
        old = (1, "2027-03-08T09:30:00+00:00", "t", "h", "a", "p", "s", "e")
        connection.execute("INSERT INTO access_log VALUES (?, ?, ?, ?, ?, ?, ?, ?)", old)
    state = ResolverState(path)
    state.log(record(1))
    assert state.first_broken() is None
    assert len(tuple(state.accesses())) == 2


def test_each_restricted_read_is_in_the_chain_before_the_answer_goes_out(site):
    bearer = site.bearer()
    for number, path in enumerate((site.path(site.ev), site.path(site.ev) + "?format=csv"), 1):
        assert site.client.get(path, headers=bearer).status_code == 200
        assert site.state.log_head()[0] == number
    assert site.state.first_broken() is None


def test_no_log_entry_no_answer(site):
    bearer = site.bearer()
    with sqlite3.connect(site.state.path) as connection:
        connection.execute("DROP TABLE access_log")
    answer = site.client.get(site.path(site.ev), headers=bearer)
    assert answer.status_code == 500
    assert "stateOfCharge" not in answer.text


# --- every access, by every way ------------------------------------------------------------------------------------

EVENTS = {one.id for one in load().carried_by(Carrier.EVENT)}
RESTRICTED = {one.id for one in load().indicators.values() if Audience.PUBLIC not in one.audiences}


def names_in(document: dict) -> set[str]:
    """The restricted indicators of a JSON document: in subjects of credentials, or below a passport's dimensions."""
    credentials = document.get("verifiableCredential") or [document]
    subjects = [one["credentialSubject"] for one in credentials if "credentialSubject" in one]
    parts = subjects or [value for value in document.values() if isinstance(value, dict)]
    return {key for part in parts for key in part} & RESTRICTED


def disclosed(answer) -> set[str]:
    """The restricted indicators that an answer gives, read out of its body and not from any list of ours."""
    text = answer.get_data(as_text=True)
    if "json" in answer.mimetype or answer.mimetype in ("application/vp", "application/vc"):
        return names_in(json.loads(text))
    if answer.mimetype == "text/csv":
        return {row[1] for row in csv.reader(io.StringIO(text))} & RESTRICTED
    if answer.mimetype in ("application/n-quads", "text/turtle"):
        spelt = r"w3id\.org/battery-passport/ns#(\w+)>|\s:(\w+)\s"
        return {name for pair in re.findall(spelt, text) for name in pair} & RESTRICTED
    return set()


def ways(site) -> dict[str, tuple[str, dict]]:
    """Name -> path and headers: every way in which restricted data go out."""
    pack, model = site.path(site.ev), site.path(site.ev.split("/21/")[0])
    dpp = quote("https://passport.example.com" + pack, safe="")
    found = {f"{form.name} of {what}": (f"{path}?format={form.name}", {})
             for form in FORMS for what, path in (("pack", pack), ("model", model))}  # fmt: skip
    for type_, subject in ((CONDITION, site.ev), (EVENT, site.ev), (MODEL_DETAIL, site.ev.split("/21/")[0])):
        found[type_] = (site.operator.store.current(subject, type_).id.removeprefix("https://passport.example.com"), {})
    element = f"/v1/dpps/{dpp}/elements/" + quote("$['dynamic']['stateOfCertifiedEnergy']", safe="")
    return found | {
        "dpp": (f"/v1/dpps/{dpp}", {}), "dpp, full": (f"/v1/dpps/{dpp}?representation=full", {}),
        "dpp by product": ("/v1/dppsByProductId/" + quote(site.ev, safe=""), {}),
        "dpp by date": (f"/v1/dppsByIdAndDate/{dpp}?date=2027-03-08T09:30:00Z", {}),
        "element": (element, {}), "element, signed": (element, {"Accept": "application/vp"}),
        "dimension": (f"/v1/dpps/{dpp}/elements/" + quote("$['dynamic']", safe=""), {}),
    }  # fmt: skip


@pytest.mark.product
@each("audience", share([one for one in Audience if one is not Audience.PUBLIC], 0, of=3))
def test_what_goes_out_is_what_the_log_says_by_every_way(site, audience):
    bearer = site.bearer(audience)
    everything: set[str] = set()
    for name, (path, headers) in ways(site).items():
        for method in ("GET", "HEAD"):
            before = len(list(site.state.accesses()))
            answer = site.client.open(path, method=method, headers={**headers, **bearer})
            logged = list(site.state.accesses())[before:]
            if method == "GET":
                got = answer
            if got.status_code != 200:
                assert logged == [], name
                continue
            # HEAD says how long it is, so it counts as a read of the same.
            (entry,) = logged
            assert entry.holder == site.holder.public_key.did_key
            assert (entry.audience, entry.at) == (audience, site.clock[0])
            everything |= set(entry.elements)
            if "element" in name and "signed" not in name:
                assert entry.elements == ("stateOfCertifiedEnergy",), name
            elif name in ("dpp", "dpp by product", "dpp by date"):
                # EN 18223 has no place for events: the log may say more than went out, never less.
                assert disclosed(got) <= set(entry.elements) <= disclosed(got) | EVENTS, name
            elif name == "dimension":
                assert set(entry.elements) == set(got.json) & RESTRICTED
            elif "html" not in name and name != "dpp, full":
                assert set(entry.elements) == disclosed(got), name
    whole = site.presenter.present(site.ev, audience)
    assert everything == set(whole.claims) & RESTRICTED
    assert site.state.first_broken() is None


def test_a_page_and_the_full_representation_are_logged_as_the_whole_view(site):
    bearer = site.bearer()
    for name in ("html of pack", "dpp, full", "vp of pack"):
        site.client.get(ways(site)[name][0], headers=bearer)
    page, full, vp = (entry.elements for entry in site.state.accesses())
    assert "batteryStatus" in page
    assert set(page) == set(full) == set(vp)


def test_a_condition_does_not_spare_the_log_nor_the_answer(site):
    bearer = site.bearer()
    etag = site.client.get(site.path(site.ev) + "?format=vp").headers["ETag"]
    for condition in (etag, "*", f"W/{etag}"):
        before = len(list(site.state.accesses()))
        answer = site.client.get(site.path(site.ev) + "?format=vp", headers={**bearer, "If-None-Match": condition})
        assert answer.status_code == 200
        assert len(list(site.state.accesses())) == before + 1


def test_what_everybody_may_read_is_not_logged_and_gives_a_role_nothing_more(site):
    bearer = site.bearer()
    for path in ("/search?category=ev&format=json", "/dumps/passports.nq", "/dumps/passports.csv", "/issuers",
                 "/status/1", site.ev.removeprefix("https://passport.example.com") + "?linkType=linkset"):  # fmt: skip
        answer = site.client.get(path, headers=bearer)
        assert answer.status_code == 200, path
        assert disclosed(answer) == set(), path
        assert answer.data == site.client.get(path).data, path
    assert list(site.state.accesses()) == []


def test_nothing_that_is_kept_says_from_where_somebody_read(site):
    where = {"REMOTE_ADDR": "203.0.113.77"}
    headers = {**site.bearer(), "X-Forwarded-For": "203.0.113.78", "User-Agent": "Canary/1.0"}
    site.client.get(site.path(site.ev) + "?canary=1", headers=headers, environ_overrides=where)
    kept = b"".join(path.read_bytes() for path in site.state.path.parent.glob("state.db*"))
    assert site.holder.public_key.did_key.encode() in kept
    assert not [word for word in (b"203.0.113", b"canary", b"Canary/1.0") if word in kept]


# --- several processes ---------------------------------------------------------------------------------------------

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from passport.store.log.access_log import AccessRecord
from passport.store.state.resolver_state import ResolverState
state = ResolverState(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    at = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
    state.log(AccessRecord(at, f"{sys.argv[2]}-{number}", "did:key:z1", "commission", "p", "https://a.example/1", ()))
"""


@pytest.mark.torture
def test_several_worker_processes_make_one_chain_and_lose_nothing(tmp_path):
    path = tmp_path / "state.db"
    state = ResolverState(path)
    workers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, "25"], stderr=subprocess.PIPE)
        for name in "abc"
    ]
    for worker in workers:
        assert worker.communicate()[1] == b""
    assert state.first_broken() is None
    written = [entry.token for entry in state.accesses()]
    assert sorted(written) == sorted(f"{name}-{number}" for name in "abc" for number in range(25))
    for name in "abc":  # each process in its own order
        assert [one for one in written if one[0] == name] == [f"{name}-{number}" for number in range(25)]
