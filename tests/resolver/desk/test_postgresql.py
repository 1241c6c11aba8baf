"""The desk and its feeds answer the same from PostgreSQL as from the file of which that store is a copy."""

from __future__ import annotations

import re
from difflib import unified_diff

import pytest

from passport.store import Store
from passport.store.copying.store_move import move
from tests.resolver.conftest import NOW, Operator, make_site
from tests.resolver.desk.conftest import KEY, VEHICLES, DeskSite


@pytest.fixture(scope="module")
def both(desk_operator, cluster, tmp_path_factory):
    """The desk's site before its own store, and before a copy of it in PostgreSQL."""
    operator, population = desk_operator
    server = Store.open(cluster.database())
    move(operator.store, server)
    made = []
    for name, each in (("file", operator), ("server", Operator(operator.project, server, operator.packs))):
        site = make_site(each, tmp_path_factory.mktemp(name), vehicle_keys=(KEY,))
        made.append(DeskSite(site, population))
    yield made
    server.close()


def addresses(site):
    alert = site.alert("hand-over-without-receipt")
    month = f"{NOW:%Y-%m}"
    pack = re.search(r"/desk/packs/\d+", site.post(f"/desk/alerts/{alert.id}").text)[0]
    actors = [actor for actor in (alert.finding.actor, alert.finding.other) if actor]
    yield from (
        "/desk",
        "/desk/alerts?severity=high",
        "/desk/alerts?status=open&deadline=late",
        f"/desk/alerts/{alert.id}",
    )
    yield from (f"/desk/actors/{actor}" for actor in actors)
    yield from (f"/desk/reports/{actor}?period={month[:4]}" for actor in actors)
    yield from (f"/desk/flows?month={month}", "/desk/flows?province=CN-GD", "/desk/completeness", "/desk/overdue")
    yield from (pack, "/desk/search", "/desk/feeds")


def differences(sites, address, **fields):
    """Lines in which the pages of the two differ, without the token, the visitor, its looks and the time of day."""
    pages = []
    for site in sites:
        answer = site.post(address, **fields)
        text = answer.text.replace(site.token(), "TOKEN")
        assert answer.status_code == 200, (address, answer.status_code)
        pages.append(re.sub(r"did:key:z[^<]+|\d\d:\d\d|\d+ today", "", text).replace(">", ">\n").splitlines())
    return list(unified_diff(*pages, n=0, lineterm=""))


def test_every_page_of_the_desk_is_the_same(both):
    for address in addresses(both[0]):
        assert differences(both, address) == [], address
    codes = [life.code for life in both[0].population.lives[:2]]
    for text in (*VEHICLES.values(), *codes, codes[0][-7:], "did:web:outlet", "%"):
        assert differences(both, "/desk/search", q=text) == [], text


def test_tables_and_feeds_are_the_same(both):
    for address in ("/desk/alerts?format=csv", "/desk/completeness?format=json", "/desk/flows?format=csv",
                    "/desk/feeds/alerts.atom?lang=zh", "/desk/feeds/alerts.json?severity=high"):  # fmt: skip
        first, second = (site.get(address) for site in both)
        assert (first.status_code, first.data) == (200, second.data), address
