"""``/log/events``: what a monitor reads is what was signed, and nothing that is not signed yet."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from passport.credentials.trust import TrustList
from passport.identity.http_client import HttpAnswer
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.publishing.log.log_checkpoints import Log, log_name
from passport.publishing.log.log_witness import cosign_log
from passport.store import Store
from passport.store.log.log_writing import EVENTS
from passport.store.log.witness_state import WitnessState
from passport.transparency.checkpoint import open_checkpoint
from passport.transparency.merkle import leaf_hash, verify_inclusion
from passport.transparency.tiles import Tile, TileTree
from resolver.app import create_app
from resolver.config import ResolverConfig
from tests.each import each
from tests.log_tiles import split_bundle
from tests.resolver.conftest import BASE, NOW

SIGNER = KeySigner(PrivateKey.generate(Algorithm.ED25519))
ENTRIES = [sha256(str(number).encode()).digest() for number in range(700)]


class LogSite:
    """A resolver with a log of 600 signed entries and 100 unsigned ones."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open("sqlite://")
        self.log = Log(self.store, EVENTS, log_name(BASE, EVENTS))
        self.key = self.log.key(SIGNER)
        self.append(0, 600)
        self.log.sign(SIGNER)
        self.append(600, 700)
        app = create_app(ResolverConfig(BASE, folder / "state.db", TrustList(())), store=self.store, now=lambda: NOW)
        self.client = app.test_client()

    def append(self, begin: int, end: int) -> None:
        with self.store.transaction() as transaction:
            transaction.append_to_log(EVENTS, ENTRIES[begin:end])

    def get(self, path: str, code: int = 200):
        answer = self.client.get(f"/log/events/{path}")
        assert answer.status_code == code, (path, answer.status_code)
        return answer

    # as a source of a witness
    def checkpoint(self) -> bytes:
        return self.get("checkpoint").data

    def tile(self, tile: Tile) -> bytes:
        return self.get(tile.path).data


@pytest.fixture
def site(tmp_path):
    return LogSite(tmp_path)


def test_the_checkpoint_is_the_signed_note(site):
    answer = site.get("checkpoint")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=5"
    assert open_checkpoint(answer.data, site.key).checkpoint.size == 600


def test_a_monitor_proves_an_entry_from_tiles_alone(site):
    checkpoint = open_checkpoint(site.checkpoint(), site.key).checkpoint
    tree = TileTree(checkpoint.size, site.tile)
    assert tree.root() == checkpoint.root
    verify_inclusion(leaf_hash(ENTRIES[41]), 41, 600, tree.inclusion(41), checkpoint.root)


def test_entries_come_in_bundles(site):
    for tile in (Tile(None, 0), Tile(None, 2, 88)):
        entries = split_bundle(site.tile(tile), tile)
        assert entries == ENTRIES[tile.number * 256 : tile.number * 256 + tile.width]


@each("path", ["tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000", "tile/0/000.p/9"])
def test_a_tile_may_be_kept_for_ever(site, path):
    answer = site.get(path)
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = site.client.get(f"/log/events/{path}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@each(
    "path",
    ["tile/0/002.p/89", "tile/0/002", "tile/0/003.p/1", "tile/1/000.p/3", "tile/1/000", "tile/2/000.p/1",
     "tile/entries/002.p/89", "tile/entries/002.p/100", "tile/63/x999/x999/999"],
)  # fmt: skip
def test_what_is_not_in_the_checkpoint_is_not_there(site, path):
    site.get(path, 404)


@each("path", ["", "tile", "tile/", "tile/0", "tile/0/0", "tile/00/000", "tile/0/000.p/256",
                                  "tile/0/../000", "tile/0/x000/000", "tile/64/000", "entries/000"])  # fmt: skip
def test_a_path_that_is_no_tile_is_not_there(site, path):
    site.get(path, 404)


def test_a_log_without_a_checkpoint_serves_nothing(tmp_path):
    app = create_app(
        ResolverConfig(BASE, tmp_path / "state.db", TrustList(())), store=Store.open("sqlite://"), now=lambda: NOW
    )
    for path in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"):
        assert app.test_client().get(f"/log/events/{path}").status_code == 404


def test_a_witness_follows_the_log_over_http(site, tmp_path):
    state = WitnessState(tmp_path / "witness.db")
    first = cosign_log(site, state, site.key, "witness.example", SIGNER, at=NOW)
    site.log.sign(SIGNER)
    second = cosign_log(site, state, site.key, "witness.example", SIGNER, at=NOW)
    assert (first.checkpoint.size, second.before.size, second.checkpoint.size) == (600, 600, 700)
    state.close()


def test_the_command_reads_an_address_and_falls_back_to_a_full_tile(site, monkeypatch):
    from passport.errors import FetchFailed
    from passport.publishing.log import log_sources
    from passport.texts import Message

    asked = []

    class Client:
        def naming(self, url):
            return self

        def get(self, url, *, accept, max_bytes):
            asked.append(url.removeprefix(f"{BASE}/log/events/"))
            if ".p/" in url:
                raise FetchFailed(Message("gone"))
            return HttpAnswer(url, site.get(asked[-1]).data)

    monkeypatch.setattr(log_sources, "GuardedClient", Client)
    source = log_sources.source_of(f"{BASE}/log/events/")
    assert source.checkpoint() == site.checkpoint()
    assert source.tile(Tile(0, 0, 99)) == site.tile(Tile(0, 0, 99))
    assert asked == ["checkpoint", "tile/0/000.p/99", "tile/0/000"]
