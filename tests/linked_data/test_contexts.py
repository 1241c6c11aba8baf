import json

import pytest

from passport.errors import MalformedDocument, UnknownContext, UsageError
from passport.linked_data import contexts, resources
from passport.linked_data.contexts import PINNED
from tests.each import each

PINS = json.loads(resources.read_bytes("contexts/pins.json"))
STANDARD = sorted(url for url, pin in PINS.items() if pin["file"].startswith("w3c/"))


@each("url", STANDARD)
def test_a_pinned_standard_context_is_the_published_one(url, vectors):
    published = vectors / "w3c" / "contexts" / PINS[url]["file"].removeprefix("w3c/")
    assert PINNED.load(url) == json.loads(published.read_bytes())


@each("url", STANDARD)
def test_a_pinned_context_has_its_digest_and_its_origin_is_stated(url):
    assert contexts.digest(PINNED.load(url)) == PINS[url]["sha256"]
    sources = resources.read_text("contexts/SOURCES.md")
    assert url in sources
    assert PINS[url]["file"] in sources


@each("url", ["https://example.org/unknown", "", None, ["https://www.w3.org/ns/credentials/v2"], "file:///etc/passwd"])
def test_an_unknown_context_is_refused_and_never_fetched(url):
    with pytest.raises(UnknownContext) as refusal:
        PINNED.load(url)
    assert "never fetched" in refusal.value.hint


def test_no_context_that_makes_every_typo_valid_is_pinned():
    for url in STANDARD:
        assert '"@vocab":' not in json.dumps(PINNED.load(url))


def test_a_changed_file_is_noticed(monkeypatch):
    url = "https://www.w3.org/ns/credentials/v2"
    loader = contexts.ContextLoader(pins={url: {**PINS[url], "sha256": "0" * 64}})
    with pytest.raises(UsageError, match="has changed"):
        loader.load(url)


@each("pin", [{}, {"file": "../pyproject.toml"}, {"file": "w3c/absent.jsonld"}])
def test_a_pin_without_a_usable_file_is_refused(pin):
    with pytest.raises((UsageError, MalformedDocument)):
        contexts.ContextLoader(pins={"https://example.org/c": pin}).load("https://example.org/c")


def test_a_test_may_add_contexts_and_the_library_does_not_see_them():
    url = "https://example.org/extra"
    loader = PINNED.extended({url: {"@context": {}}})
    assert loader.load(url) == {"@context": {}}
    assert loader.load("https://www.w3.org/ns/credentials/v2") is PINNED.load("https://www.w3.org/ns/credentials/v2")
    with pytest.raises(UnknownContext):
        PINNED.load(url)


def test_a_pinned_context_cannot_be_replaced():
    with pytest.raises(UsageError, match="pinned with other content"):
        PINNED.extended({"https://www.w3.org/ns/credentials/v2": {"@context": {}}})


def test_the_loader_is_a_mapping():
    assert set(PINNED) >= set(STANDARD)
    assert len(PINNED) == len(set(PINNED))
    assert "https://example.org/unknown" not in PINNED
