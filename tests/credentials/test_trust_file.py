"""A trust list that changes while somebody works with it."""

from __future__ import annotations

import json
import os
import threading

import pytest

from passport.credentials import trust_file
from passport.credentials.trust_file import TrustFile
from passport.errors import UnusableProject

A, B = "did:web:a.example", "did:web:b.example"


def write(path, *dids: str) -> None:
    issuers = [{"id": did, "name": {"en": "X"}, "trustedFor": ["X"]} for did in dids]
    path.write_text(json.dumps({"issuers": issuers}))


@pytest.fixture(params=[0.0, 2.0], ids=["by its identity", "while it is new"])
def path(tmp_path, request, monkeypatch):
    monkeypatch.setattr(trust_file, "_COARSE", request.param)
    path = tmp_path / "trusted-issuers.json"
    write(path, A)
    return path


def trusted(trust: TrustFile) -> list[str]:
    return [issuer.id for issuer in trust.current().issuers]


def test_an_issuer_that_was_taken_off_is_trusted_no_more(path):
    trust = TrustFile(path)
    assert trusted(trust) == [A]
    version = trust.version
    assert trusted(trust) == [A] and trust.version == version
    write(path, B, A)
    assert trusted(trust) == [B, A] and trust.version > version
    write(path)
    assert trusted(trust) == []


def test_a_file_that_takes_the_place_of_another_is_seen_whatever_its_times_say(path, tmp_path):
    trust = TrustFile(path)
    trust.current()
    other = tmp_path / "other"
    write(other, B)
    times = os.stat(path)
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    os.replace(other, path)
    assert trusted(trust) == [B]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"issuers": [{"id": "x"}]}', '{"issuers": [], "issuers": []}'])
def test_a_broken_file_trusts_nobody_and_never_those_of_before(path, content, caplog):
    trust = TrustFile(path)
    assert trusted(trust) == [A]
    path.write_text(content)
    for _ in range(3):
        assert trusted(trust) == []
    assert trust.fault is not None
    assert len([record for record in caplog.records if "no issuer is trusted" in record.message]) == 1
    write(path, A)
    assert trusted(trust) == [A] and trust.fault is None


def test_a_missing_file_trusts_nobody(path):
    trust = TrustFile(path)
    assert trusted(trust) == [A]
    path.unlink()
    assert trusted(trust) == [] and trust.fault is not None
    write(path, A)
    assert trusted(trust) == [A]


def test_a_list_that_is_refused_trusts_nobody(path):
    def prepare(trust_list):
        if trust_list.issuer(B):
            raise UnusableProject("not B")
        return trust_list

    trust = TrustFile(path, prepare)
    assert trusted(trust) == [A]
    write(path, A, B)
    assert trusted(trust) == [] and "not B" in str(trust.fault)


def test_an_unchanged_file_is_not_read_again(path, monkeypatch):
    monkeypatch.setattr(trust_file, "_COARSE", 0.0)
    trust = TrustFile(path)
    trust.current()
    monkeypatch.setattr(TrustFile, "read_file", lambda _: pytest.fail("read again"))
    assert trusted(trust) == [A]


def test_two_changes_in_one_tick_of_the_clock_are_both_seen(path, monkeypatch):
    """Same length, same times, same inode: only its age tells that the times may hide something."""
    monkeypatch.setattr(trust_file, "_COARSE", 2.0)
    trust = TrustFile(path)
    times = os.stat(path)
    for did in (A, B, A):
        write(path, did)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert trusted(trust) == [did]


def test_readers_at_once_get_a_whole_list(path, tmp_path):
    trust, wrong, over = TrustFile(path), [], threading.Event()

    def read():
        while not over.is_set():
            if trusted(trust) not in ([A], [B]):
                wrong.append(1)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(40):
        write(tmp_path / "new", A if number % 2 else B)
        os.replace(tmp_path / "new", path)
    over.set()
    for thread in threads:
        thread.join()
    assert wrong == []
