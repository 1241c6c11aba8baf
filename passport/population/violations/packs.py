"""Violations on a pack's way, and of reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from passport.population.life import DAY
from passport.population.population import Population
from passport.population.violations.stories import (
    AT_ONCE,
    HOUR,
    Found,
    at_utiliser,
    broken,
    carmaker,
    made,
    sold,
    story,
)
from passport.supervision.pack_facts import FOREVER, seconds

# --- the pack's way --------------------------------------------------------------------------------------------------


@story("used-as-new")
def _(population: Population, planted: bool) -> Found:
    life = sold(population, 900)
    maker = carmaker(population)
    life.wait(200).removed(population.actor("repairShop")).handed(maker).assessed(maker, "reuse", "88")
    if planted:
        life.fitted(maker)
    else:
        shop = population.actor("repairShop")
        life.handed(shop).fitted(shop)
    return {broken(life, "used-as-new")} if planted else set()


@story("hand-over-without-receipt")
def _(population: Population, planted: bool) -> Found:
    life, shop = sold(population, 200), population.actor("repairShop")
    life.until(population.now - 45 * DAY).removed(shop)
    life.until(population.now - 30 * DAY - (HOUR if planted else -HOUR))
    life.do("send_out", shop, counterpart=population.actor("outlet"), delay=AT_ONCE)
    return {broken(life, "hand-over-without-receipt")} if planted else set()


@story("receiver-without-permit")
def _(population: Population, planted: bool) -> Found:
    life, shop = sold(population, 400), population.actor("repairShop")
    received = population.now - 250 * DAY
    # Its permit ends, and the next one begins a second too late.
    utiliser = population.actor("utiliser", permit_until=seconds(received) + (0 if planted else 1))
    population.permits.append({**population.permits[-1], "since": seconds(received) + 1, "until": FOREVER})
    life.until(received - 10 * DAY).removed(shop).wait(3).do("send_out", shop, counterpart=utiliser)
    life.until(received).do("receive_in", utiliser).wasted(utiliser).recycled(utiliser)
    return {broken(life, "receiver-without-permit")} if planted else set()


@story("scrapped-without-pack")
def _(population: Population, planted: bool) -> Found:
    life = sold(population, 300, swap_model=not planted)
    life.until(population.now - 40 * DAY).scrapped(population.actor("dismantler"), found=False)
    return {broken(life, "scrapped-without-pack")} if planted else set()


@story("silent-pack")
def _(population: Population, planted: bool) -> Found:
    life, outlet = sold(population, 500), population.actor("outlet")
    life.until(population.now - 300 * DAY).removed(population.actor("repairShop"))
    shop = life.holder
    assert shop is not None
    life.wait(2).do("send_out", shop, counterpart=outlet)
    life.until(population.now - 270 * DAY - (HOUR if planted else -HOUR)).do("receive_in", outlet)
    return {broken(life, "silent-pack")} if planted else set()


@story("silent-in-use")
def _(population: Population, planted: bool) -> Found:
    life = sold(population, 700)
    life.read_out(population.now - 365 * DAY - (HOUR if planted else -HOUR), 100)
    return {broken(life, "silent-in-use")} if planted else set()


@story("impossible-travel")
def _(population: Population, planted: bool) -> Found:
    life = sold(population, 300)
    first, second = population.actor("repairShop", "CN-GD"), population.actor("repairShop", "CN-HL")
    life.wait(50).repaired(first)
    life.until(life.at + 6 * HOUR - (timedelta(minutes=1) if planted else AT_ONCE)).repaired(second)
    return {broken(life, "impossible-travel")} if planted else set()


@story("passed-around")
def _(population: Population, planted: bool) -> Found:
    life, shop = sold(population, 300), population.actor("repairShop", "CN-GD")
    life.until(population.now - 200 * DAY).removed(shop)
    start = life.at + 2 * DAY
    for days in (0, 10, 20, 59 if planted else 60):
        life.until(start + days * DAY - 1 * DAY).handed(population.actor("outlet", "CN-GD"), gap=1)
    life.wait(60).gone(population.actor("utiliser"))
    return {broken(life, "passed-around")} if planted else set()


@story("lost-pack-appears")
def _(population: Population, planted: bool) -> Found:
    life, police = sold(population, 300), population.actor("police")
    life.wait(30).do("report_lost", police, eventReason="stolen")
    if not planted:
        life.wait(5).do("release", population.actor("regulator"), eventReason="found")
    life.wait(20).repaired(population.actor("repairShop"))
    return {broken(life, "lost-pack-appears")} if planted else set()


@story("exported-pack-appears")
def _(population: Population, planted: bool) -> Found:
    exporter, shop = population.actor("exporter"), population.actor("repairShop")
    life = made(population, 300).handed(exporter).wait(5)
    life.do("export", exporter, market="EU").wait(30)
    life.do("send_out", exporter, counterpart=shop, country="DE", province="DE-BY").wait(20)
    country, province = ("CN", "CN-GD") if planted else ("DE", "DE-BY")
    life.do("receive_in", shop, country=country, province=province)
    return {broken(life, "exported-pack-appears")} if planted else set()


# --- reports ---------------------------------------------------------------------------------------------------------


@story("late-report")
def _(population: Population, planted: bool) -> Found:
    life = made(population, 150)
    assert life.holder is not None
    life.fitted(life.holder).sold(life.holder, delay=30 * DAY + (timedelta(seconds=1) if planted else AT_ONCE))
    return {broken(life, "late-report")} if planted else set()


@story("signed-long-after")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = at_utiliser(population, 400)
    life.assessed(utiliser, "recycling", "60", delay=180 * DAY + (timedelta(seconds=1) if planted else AT_ONCE))
    life.until(life.at + 181 * DAY).wasted(utiliser).recycled(utiliser)
    return {broken(life, "signed-long-after")} if planted else set()


@story("report-overdue")
def _(population: Population, planted: bool) -> Found:
    life = sold(population, 300)
    life.until(population.now - 120 * DAY - (HOUR if planted else -HOUR)).removed(population.actor("repairShop"))
    return {broken(life, "report-overdue")} if planted else set()


@story("corrects-too-often")
def _(population: Population, planted: bool) -> Found:
    shop = population.actor("repairShop")
    # Within one quarter of 90 days as the rule counts them.
    quarter = seconds(population.now) // 7776000 - 2
    start = datetime.fromtimestamp(quarter * 7776000, UTC) + 5 * DAY
    life = sold(population, 600)
    for place in range(5 if planted else 4):
        life.until(start + place * 10 * DAY).do(
            "repair", shop, vehicle=life.vehicle, eventReason="fault", delay=AT_ONCE
        )
        life.until(start + (place * 10 + 3) * DAY)
        assert life.last is not None
        life.do("correct", shop, corrects=life.last.id, eventReason="typing error", placed=False, delay=AT_ONCE)
    return {("corrects-too-often", shop.did)} if planted else set()


@story("outside-accreditation")
def _(population: Population, planted: bool) -> Found:
    life, end = sold(population, 300), population.now - 100 * DAY
    shop = population.actor("repairShop", until=seconds(end))
    life.until(end - (AT_ONCE if planted else timedelta(seconds=1)))
    life.do("repair", shop, vehicle=life.vehicle, eventReason="fault", delay=AT_ONCE)
    return {broken(life, "outside-accreditation")} if planted else set()


@story("sold-without-id")
def _(population: Population, planted: bool) -> Found:
    life = sold(population, 300, passport=not planted)
    return {broken(life, "sold-without-id")} if planted else set()
