"""A planted violation of each rule, and a near miss beside each: the same story, one day or one gram on the right side.

Each story returns what must be found: (rule, subject). A near miss must not be found, and neither must anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from benchmarks.population import DAY, KG, Actor, Life, Population
from passport.lifecycle import PartChange
from passport.supervision.pack_facts import FOREVER, seconds

Found = set[tuple[str, str]]
Story = Callable[[Population, bool], Found]
STORIES: dict[str, Story] = {}
HOUR = timedelta(hours=1)
#: Acceptance at once: the clock of the rule then starts at the event.
AT_ONCE = timedelta(0)


def _story(rule: str) -> Callable[[Story], Story]:
    def enter(story: Story) -> Story:
        STORIES[rule] = story
        return story

    return enter


def plant(population: Population, rule: str) -> Found:
    """A violation of a rule and its near miss; returns what must be found."""
    found = STORIES[rule](population, True)
    STORIES[rule](population, False)
    return found


def _pack(life: Life, rule: str) -> tuple[str, str]:
    return (rule, life.pack)


def _made(population: Population, ago: float, *, code: str | None = None, passport: bool = True) -> Life:
    """A pack with its vehicle maker, made so many days ago."""
    life = population.life(population.now - ago * DAY, code=code)
    life.made(population.actor("batteryMaker"), passport=passport)
    return life.handed(_carmaker(population))


def _sold(population: Population, ago: float, *, code: str | None = None, passport: bool = True, **fit: bool) -> Life:
    """A pack in use; its vehicle was sold at least so many days ago."""
    life = _made(population, ago + 100, code=code, passport=passport)
    assert life.holder is not None
    return life.fitted(life.holder, **fit).sold(life.holder)


def _carmaker(population: Population) -> Actor:
    maker = population.actor("vehicleMaker")
    population.outlet_everywhere(maker)
    return maker


def _at_utiliser(population: Population, ago: float) -> tuple[Life, Actor]:
    """A used pack that a utiliser received, about so many days ago."""
    life = _sold(population, ago + 50)
    utiliser = population.actor("utiliser")
    return life.until(population.now - (ago + 30) * DAY).removed(population.actor("repairShop")).handed(
        utiliser
    ), utiliser


# --- the pack's way --------------------------------------------------------------------------------------------------


@_story("used-as-new")
def _(population: Population, planted: bool) -> Found:
    life = _sold(population, 900)
    maker = _carmaker(population)
    life.wait(200).removed(population.actor("repairShop")).handed(maker).assessed(maker, "reuse", "88")
    if planted:
        life.fitted(maker)
    else:
        shop = population.actor("repairShop")
        life.handed(shop).fitted(shop)
    return {_pack(life, "used-as-new")} if planted else set()


@_story("hand-over-without-receipt")
def _(population: Population, planted: bool) -> Found:
    life, shop = _sold(population, 200), population.actor("repairShop")
    life.until(population.now - 45 * DAY).removed(shop)
    life.until(population.now - 30 * DAY - (HOUR if planted else -HOUR))
    life.do("send_out", shop, counterpart=population.actor("outlet"), delay=AT_ONCE)
    return {_pack(life, "hand-over-without-receipt")} if planted else set()


@_story("receiver-without-permit")
def _(population: Population, planted: bool) -> Found:
    life, shop = _sold(population, 400), population.actor("repairShop")
    received = population.now - 250 * DAY
    # Its permit ends, and the next one begins a second too late.
    utiliser = population.actor("utiliser", permit_until=seconds(received) + (0 if planted else 1))
    population.permits.append({**population.permits[-1], "since": seconds(received) + 1, "until": FOREVER})
    life.until(received - 10 * DAY).removed(shop).wait(3).do("send_out", shop, counterpart=utiliser)
    life.until(received).do("receive_in", utiliser).wasted(utiliser).recycled(utiliser)
    return {_pack(life, "receiver-without-permit")} if planted else set()


@_story("scrapped-without-pack")
def _(population: Population, planted: bool) -> Found:
    life = _sold(population, 300, swap_model=not planted)
    life.until(population.now - 40 * DAY).scrapped(population.actor("dismantler"), found=False)
    return {_pack(life, "scrapped-without-pack")} if planted else set()


@_story("silent-pack")
def _(population: Population, planted: bool) -> Found:
    life, outlet = _sold(population, 500), population.actor("outlet")
    life.until(population.now - 300 * DAY).removed(population.actor("repairShop"))
    shop = life.holder
    assert shop is not None
    life.wait(2).do("send_out", shop, counterpart=outlet)
    life.until(population.now - 270 * DAY - (HOUR if planted else -HOUR)).do("receive_in", outlet)
    return {_pack(life, "silent-pack")} if planted else set()


@_story("silent-in-use")
def _(population: Population, planted: bool) -> Found:
    life = _sold(population, 700)
    life.read_out(population.now - 365 * DAY - (HOUR if planted else -HOUR), 100)
    return {_pack(life, "silent-in-use")} if planted else set()


@_story("impossible-travel")
def _(population: Population, planted: bool) -> Found:
    life = _sold(population, 300)
    first, second = population.actor("repairShop", "CN-GD"), population.actor("repairShop", "CN-HL")
    life.wait(50).repaired(first)
    life.until(life.at + 6 * HOUR - (timedelta(minutes=1) if planted else AT_ONCE)).repaired(second)
    return {_pack(life, "impossible-travel")} if planted else set()


@_story("passed-around")
def _(population: Population, planted: bool) -> Found:
    life, shop = _sold(population, 300), population.actor("repairShop", "CN-GD")
    life.until(population.now - 200 * DAY).removed(shop)
    start = life.at + 2 * DAY
    for days in (0, 10, 20, 59 if planted else 60):
        life.until(start + days * DAY - 1 * DAY).handed(population.actor("outlet", "CN-GD"), gap=1)
    life.wait(60).gone(population.actor("utiliser"))
    return {_pack(life, "passed-around")} if planted else set()


@_story("lost-pack-appears")
def _(population: Population, planted: bool) -> Found:
    life, police = _sold(population, 300), population.actor("police")
    life.wait(30).do("report_lost", police, eventReason="stolen")
    if not planted:
        life.wait(5).do("release", population.actor("regulator"), eventReason="found")
    life.wait(20).repaired(population.actor("repairShop"))
    return {_pack(life, "lost-pack-appears")} if planted else set()


@_story("exported-pack-appears")
def _(population: Population, planted: bool) -> Found:
    exporter, shop = population.actor("exporter"), population.actor("repairShop")
    life = _made(population, 300).handed(exporter).wait(5)
    life.do("export", exporter, market="EU").wait(30)
    life.do("send_out", exporter, counterpart=shop, country="DE", province="DE-BY").wait(20)
    country, province = ("CN", "CN-GD") if planted else ("DE", "DE-BY")
    life.do("receive_in", shop, country=country, province=province)
    return {_pack(life, "exported-pack-appears")} if planted else set()


# --- reports ---------------------------------------------------------------------------------------------------------


@_story("late-report")
def _(population: Population, planted: bool) -> Found:
    life = _made(population, 400)
    assert life.holder is not None
    life.fitted(life.holder).sold(life.holder, delay=30 * DAY + (timedelta(seconds=1) if planted else AT_ONCE))
    return {_pack(life, "late-report")} if planted else set()


@_story("signed-long-after")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = _at_utiliser(population, 400)
    life.assessed(utiliser, "recycling", "60", delay=180 * DAY + (timedelta(seconds=1) if planted else AT_ONCE))
    life.until(life.at + 181 * DAY).wasted(utiliser).recycled(utiliser)
    return {_pack(life, "signed-long-after")} if planted else set()


@_story("report-overdue")
def _(population: Population, planted: bool) -> Found:
    life = _sold(population, 300)
    life.until(population.now - 120 * DAY - (HOUR if planted else -HOUR)).removed(population.actor("repairShop"))
    return {_pack(life, "report-overdue")} if planted else set()


@_story("corrects-too-often")
def _(population: Population, planted: bool) -> Found:
    shop = population.actor("repairShop")
    # Within one quarter of 90 days as the rule counts them.
    quarter = seconds(population.now) // 7776000 - 2
    start = datetime.fromtimestamp(quarter * 7776000, UTC) + 5 * DAY
    life = _sold(population, 600)
    for place in range(5 if planted else 4):
        life.until(start + place * 10 * DAY).do(
            "repair", shop, vehicle=life.vehicle, eventReason="fault", delay=AT_ONCE
        )
        life.until(start + (place * 10 + 3) * DAY)
        assert life.last is not None
        life.do("correct", shop, corrects=life.last.id, eventReason="typing error", placed=False, delay=AT_ONCE)
    return {("corrects-too-often", shop.did)} if planted else set()


@_story("outside-accreditation")
def _(population: Population, planted: bool) -> Found:
    life, end = _sold(population, 300), population.now - 100 * DAY
    shop = population.actor("repairShop", until=seconds(end))
    life.until(end - (AT_ONCE if planted else timedelta(seconds=1)))
    life.do("repair", shop, vehicle=life.vehicle, eventReason="fault", delay=AT_ONCE)
    return {_pack(life, "outside-accreditation")} if planted else set()


@_story("sold-without-id")
def _(population: Population, planted: bool) -> Found:
    life = _sold(population, 300, passport=not planted)
    return {_pack(life, "sold-without-id")} if planted else set()


# --- identity and parts ----------------------------------------------------------------------------------------------


@_story("cloned-code")
def _(population: Population, planted: bool) -> Found:
    first = _sold(population, 400)
    code = first.code if planted else first.code[:-2] + ("98" if first.code[-2:] != "98" else "97")
    second = _sold(population, 300, code=code)
    return {_pack(first, "cloned-code"), _pack(second, "cloned-code")} if planted else set()


@_story("part-in-two-packs")
def _(population: Population, planted: bool) -> Found:
    first, second, shop = _sold(population, 500), _sold(population, 500), population.actor("repairShop")
    module = first.modules[0]
    first.until(population.now - 200 * DAY)
    if not planted:
        first.do("repair", shop, vehicle=first.vehicle, eventReason="fault", parts=(PartChange(module, None, True),))
    second.until(population.now - 199 * DAY)
    second.do("repair", shop, vehicle=second.vehicle, eventReason="fault", parts=(PartChange(module, second.code),))
    return {_pack(life, "part-in-two-packs") for life in (first, second)} if planted else set()


@_story("two-packs-in-vehicle")
def _(population: Population, planted: bool) -> Found:
    first, shop = _sold(population, 500), population.actor("repairShop", "CN-GD")
    second = _made(population, 400).handed(shop).until(population.now - 200 * DAY)
    second.vehicle = vehicle = first.vehicle
    second.do("fit", shop, vehicle=vehicle)
    first.until(second.at + (25 if planted else 23) * HOUR).removed(shop).gone(population.actor("utiliser"))
    return {_pack(life, "two-packs-in-vehicle") for life in (first, second)} if planted else set()


@_story("pack-older-than-vehicle")
def _(population: Population, planted: bool) -> Found:
    life = _made(population, 1000)
    produced = next(event for _, _, event in population.reported if event.pack == life.pack and event.kind == "produce")
    life.until(produced.instant + 729 * DAY + (2 if planted else 0) * DAY)
    life.vehicle = population.vehicle()
    assert life.holder is not None
    life.do("fit", life.holder, vehicle=life.vehicle).sold(life.holder)
    return {_pack(life, "pack-older-than-vehicle")} if planted else set()


@_story("replacement-unknown")
def _(population: Population, planted: bool) -> Found:
    old, shop = _sold(population, 400), population.actor("repairShop", "CN-GD")
    new = _made(population, 300).handed(shop)
    vehicle = old.vehicle
    old.until(population.now - 100 * DAY)
    old.do("replace", shop, vehicle=vehicle, removalReason="fault", installedBatteryCode=new.code)
    old.holder = shop
    old.gone(population.actor("utiliser"))
    new.until(population.now - 99 * DAY)
    new.vehicle = population.vehicle() if planted else vehicle
    new.do("fit", shop, vehicle=new.vehicle)
    return {_pack(old, "replacement-unknown")} if planted else set()


@_story("scrapped-vehicle-in-use")
def _(population: Population, planted: bool) -> Found:
    shop = population.actor("repairShop")
    first, second = _sold(population, 400), _made(population, 300).handed(shop)
    first.until(population.now - 100 * DAY)
    vehicle = first.vehicle
    first.scrapped(population.actor("dismantler")).gone(population.actor("utiliser"))
    second.until(population.now - 100 * DAY + (HOUR if planted else -HOUR)).do("fit", shop, vehicle=vehicle)
    return {_pack(second, "scrapped-vehicle-in-use")} if planted else set()


@_story("certificate-twice")
def _(population: Population, planted: bool) -> Found:
    lives = (_sold(population, 400), _sold(population, 400))
    dismantler, utiliser = population.actor("dismantler"), population.actor("utiliser")
    for place, life in enumerate(lives):
        number = f"{dismantler.did[8:]}-{0 if planted else place}"
        life.wait(100).scrapped(dismantler, certificate=number).gone(utiliser)
    return {_pack(life, "certificate-twice") for life in lives} if planted else set()


# --- condition -------------------------------------------------------------------------------------------------------


@_story("health-rises")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = _at_utiliser(population, 300)
    life.retired(utiliser, "70").assessed(utiliser, "recycling", "75.01" if planted else "75").wasted(
        utiliser
    ).recycled(utiliser)
    return {_pack(life, "health-rises")} if planted else set()


@_story("cycles-fall")
def _(population: Population, planted: bool) -> Found:
    life = _sold(population, 300)
    life.read_out(population.now - 90 * DAY, 500).read_out(population.now - 30 * DAY, 499 if planted else 500)
    return {_pack(life, "cycles-fall")} if planted else set()


# --- second life -----------------------------------------------------------------------------------------------------


@_story("second-life-without-test")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = _at_utiliser(population, 600)
    life.assessed(utiliser, "repurpose", "80")
    tested = life.at
    successor = life.second()
    life.until(tested + (365 if planted else 364) * DAY)
    # The step waits before it happens; here the hour counts.
    life.wait = lambda least, most=None: life  # type: ignore[method-assign, assignment]
    life.transformed(utiliser, successor)
    successor.until(life.at).made(utiliser, origin=life)
    return {_pack(life, "second-life-without-test")} if planted else set()


@_story("banned-use")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = _at_utiliser(population, 300)
    successor = life.second()
    use = "electricBicycle" if planted else "stationaryStorage"
    life.assessed(utiliser, "repurpose", "80").transformed(utiliser, successor, use=use)
    successor.until(life.at).made(utiliser, origin=life)
    return {_pack(life, "banned-use")} if planted else set()


@_story("two-successors")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = _at_utiliser(population, 400)
    life.assessed(utiliser, "repurpose", "80")
    for module in tuple(life.modules):
        successor = life.second()
        parts = () if planted else (PartChange(module, None, True),)
        life.transformed(utiliser, successor, parts=parts, mass=KG(100))
        life.mass -= 0 if planted else 100
        successor.until(life.at).made(utiliser, origin=life)
    life.wait(3).wasted(utiliser).recycled(utiliser)
    return {_pack(life, "two-successors")} if planted else set()


@_story("origin-denied")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = _at_utiliser(population, 300)
    successor = life.second()
    life.assessed(utiliser, "repurpose", "80")
    if not planted:
        life.transformed(utiliser, successor)
    successor.until(life.at).made(utiliser, origin=life)
    if planted:
        life.wasted(utiliser).recycled(utiliser)
    return {_pack(successor, "origin-denied")} if planted else set()


# --- waste and recycling ---------------------------------------------------------------------------------------------


@_story("waste-in-vehicle")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = _at_utiliser(population, 200)
    life.wasted(utiliser)
    if not planted:
        # Withdrawn by its reporter, and found fit for re-use.
        assert life.last is not None
        life.do("correct", utiliser, corrects=life.last.id, eventReason="wrong pack", placed=False, eventWithdrawn=True)
        life.waste = False
        life.assessed(utiliser, "reuse", "85")
    shop = population.actor("repairShop")
    life.handed(shop).fitted(shop)
    return {_pack(life, "waste-in-vehicle")} if planted else set()


@_story("active-after-recycling")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = _at_utiliser(population, 300)
    life.wasted(utiliser).recycled(utiliser)
    if planted:
        life.wait(10).assessed(utiliser, "reuse", "90")
    else:
        life.corrected(utiliser)
    return {_pack(life, "active-after-recycling")} if planted else set()


@_story("recovery-below-limit")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = _at_utiliser(population, 300)
    life.holds("lithium", KG(10)).wasted(utiliser)
    life.recycled(utiliser, recoveredLithiumMass=KG("8.999") if planted else KG("9"))
    return {_pack(life, "recovery-below-limit")} if planted else set()


@_story("recovery-above-content")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = _at_utiliser(population, 300)
    life.holds("copper", KG(30)).wasted(utiliser)
    life.recycled(utiliser, recoveredCopperMass=KG("30.301") if planted else KG("30.3"))
    return {_pack(life, "recovery-above-content")} if planted else set()


@_story("recycling-mass")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = _at_utiliser(population, 300)
    residue = life.mass - 100 + (KG("0.001") if planted else Decimal(0))
    life.wasted(utiliser).recycled(utiliser, recoveredCopperMass=KG(100), residueMass=residue)
    return {_pack(life, "recycling-mass")} if planted else set()


@_story("mass-mismatch")
def _(population: Population, planted: bool) -> Found:
    life, outlet = _sold(population, 400), population.actor("outlet")
    life.wait(100).removed(population.actor("repairShop"))
    life.mass = KG(250)
    life.handed(outlet, mass=KG("244.999") if planted else KG(245)).gone(population.actor("utiliser"))
    return {_pack(life, "mass-mismatch")} if planted else set()


# --- actors ----------------------------------------------------------------------------------------------------------


@_story("outlet-missing")
def _(population: Population, planted: bool) -> Found:
    life, maker = _made(population, 400), population.actor("vehicleMaker")
    population.outlet_in(maker, "CN-JS" if planted else "CN-GD")
    life.handed(maker).fitted(maker).sold(maker, province="CN-GD")
    return {("outlet-missing", maker.did)} if planted else set()


@_story("sudden-volume")
def _(population: Population, planted: bool) -> Found:
    outlet, utiliser, shop = population.actor("outlet"), population.actor("utiliser"), population.actor("repairShop")
    month = seconds(population.now) // 2592000 - 4
    start = datetime.fromtimestamp(month * 2592000, UTC)
    for place in range(-1, 20 if planted else 19):
        life = _sold(population, 600)
        at = start + 2 * DAY + place * DAY if place >= 0 else start - 200 * DAY
        life.until(at - 5 * DAY).removed(shop).wait(1).do("send_out", shop, counterpart=outlet)
        life.until(at).do("receive_in", outlet)
        life.holder = outlet
        life.gone(utiliser)
    return {("sudden-volume", outlet.did)} if planted else set()


@_story("hoarding")
def _(population: Population, planted: bool) -> Found:
    outlet, shop = population.actor("outlet"), population.actor("repairShop")
    for place in range(10):
        life = _sold(population, 500)
        # All long ago, but for the tenth of the near miss.
        at = population.now - (180 * DAY) + (HOUR if place == 9 and not planted else -HOUR) - (9 - place) * DAY
        life.until(at - 10 * DAY).removed(shop).wait(1).do("send_out", shop, counterpart=outlet)
        life.until(at).do("receive_in", outlet)
    return {("hoarding", outlet.did)} if planted else set()
