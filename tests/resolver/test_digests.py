"""The page shows the digests of linked documents that its reader may see, and nothing where none is signed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from passport.battery.linked_documents import linked_documents
from passport.commands.keeping.init import make_project
from passport.exchange.records import record_files
from passport.exchange.records.document_folder import digests
from passport.store import Store
from passport.vocabulary import vocabulary
from resolver.app import create_app
from resolver.config import ResolverConfig
from tests.each import each
from tests.remembering_publisher import RememberingPublisher

BASE = "https://passport.example.com"
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "ev-ncm-100kwh.xlsx"


@each("language", ["en", "zh"])
def test_the_page_lists_the_digests_of_public_links_and_of_no_restricted_one(tmp_path, language):
    (record,) = record_files.read_records(EXAMPLE)
    links = linked_documents(record)
    (tmp_path / "documents").mkdir()
    for url in links:
        (tmp_path / "documents" / url.rsplit("/", 1)[1]).write_text(url)
    known = replace(record, documents=digests(tmp_path / "documents", links))
    project = make_project(tmp_path / "operator", BASE, names={"en": "Operator"})
    store = Store.open("sqlite://")
    regimes = tuple(vocabulary.regimes().values())
    publisher = RememberingPublisher(store, project.issuer_with_key(None), BASE, vocabulary.load(), regimes)
    pack = publisher.issue([known], at=AT).of_kind("pack")[0].subject
    client = create_app(ResolverConfig.from_project(project), store=store, now=lambda: AT).test_client()
    page = client.get(f"/passports{pack.removeprefix(BASE)}?lang={language}", headers={"Accept": "text/html"}).text
    public, restricted = record.value("euDeclarationOfConformity"), record.value("removalManual")[0]["documentUrl"]
    assert hashlib.sha256(public.encode()).hexdigest() in page and 'id="digests"' in page
    assert hashlib.sha256(restricted.encode()).hexdigest() not in page and restricted not in page


def test_a_page_without_signed_digests_has_no_list_of_them(site):
    assert 'id="digests"' not in site.get(site.ev, headers={"Accept": "text/html"}).text
