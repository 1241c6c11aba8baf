"""Violations of identity, parts, vehicles, condition and second life."""

from __future__ import annotations

from passport.lifecycle import PartChange
from passport.population.life import DAY, KG
from passport.population.population import Population
from passport.population.violations.stories import AT_ONCE, HOUR, Found, at_utiliser, broken, made, sold, story

# --- identity and parts ----------------------------------------------------------------------------------------------


@story("cloned-code")
def _(population: Population, planted: bool) -> Found:
    first = sold(population, 400)
    code = first.code if planted else first.code[:-2] + ("98" if first.code[-2:] != "98" else "97")
    second = sold(population, 300, code=code)
    return {broken(first, "cloned-code"), broken(second, "cloned-code")} if planted else set()


@story("part-in-two-packs")
def _(population: Population, planted: bool) -> Found:
    first, second, shop = sold(population, 500), sold(population, 500), population.actor("repairShop")
    module = first.modules[0]
    first.until(population.now - 200 * DAY)
    if not planted:
        # Reported before the module is put in elsewhere, so that an inbox takes both.
        out = (PartChange(module, None, True),)
        first.do("repair", shop, vehicle=first.vehicle, eventReason="fault", parts=out, delay=AT_ONCE)
    second.until(population.now - 199 * DAY)
    second.do("repair", shop, vehicle=second.vehicle, eventReason="fault", parts=(PartChange(module, second.code),))
    return {broken(life, "part-in-two-packs") for life in (first, second)} if planted else set()


@story("two-packs-in-vehicle")
def _(population: Population, planted: bool) -> Found:
    first, shop = sold(population, 500), population.actor("repairShop", "CN-GD")
    second = made(population, 400).handed(shop).until(population.now - 200 * DAY)
    second.vehicle = vehicle = first.vehicle
    second.do("fit", shop, vehicle=vehicle)
    first.until(second.at + (25 if planted else 23) * HOUR).removed(shop).gone(population.actor("utiliser"))
    return {broken(life, "two-packs-in-vehicle") for life in (first, second)} if planted else set()


@story("pack-older-than-vehicle")
def _(population: Population, planted: bool) -> Found:
    life = made(population, 1000)
    produced = next(event for _, _, event in population.reported if event.pack == life.pack and event.kind == "produce")
    life.until(produced.instant + 729 * DAY + (2 if planted else 0) * DAY)
    life.vehicle = population.vehicle()
    assert life.holder is not None
    life.do("fit", life.holder, vehicle=life.vehicle).sold(life.holder)
    return {broken(life, "pack-older-than-vehicle")} if planted else set()


@story("replacement-unknown")
def _(population: Population, planted: bool) -> Found:
    old, shop = sold(population, 400), population.actor("repairShop", "CN-GD")
    new = made(population, 300).handed(shop)
    vehicle = old.vehicle
    old.until(population.now - 100 * DAY)
    old.do("replace", shop, vehicle=vehicle, removalReason="fault", installedBatteryCode=new.code)
    old.holder = shop
    old.gone(population.actor("utiliser"))
    new.until(population.now - 99 * DAY)
    new.vehicle = population.vehicle() if planted else vehicle
    new.do("fit", shop, vehicle=new.vehicle)
    return {broken(old, "replacement-unknown")} if planted else set()


@story("scrapped-vehicle-in-use")
def _(population: Population, planted: bool) -> Found:
    shop = population.actor("repairShop")
    first, second = sold(population, 400), made(population, 300).handed(shop)
    first.until(population.now - 100 * DAY)
    vehicle = first.vehicle
    first.scrapped(population.actor("dismantler")).gone(population.actor("utiliser"))
    # Reported after the scrapping was, so that an inbox can refuse it.
    delay = 20 * DAY if planted else None
    second.until(population.now - 100 * DAY + (HOUR if planted else -HOUR)).do(
        "fit", shop, vehicle=vehicle, delay=delay
    )
    return {broken(second, "scrapped-vehicle-in-use")} if planted else set()


@story("certificate-twice")
def _(population: Population, planted: bool) -> Found:
    lives = (sold(population, 400), sold(population, 400))
    dismantler, utiliser = population.actor("dismantler"), population.actor("utiliser")
    for place, life in enumerate(lives):
        number = f"{dismantler.did[8:]}-{0 if planted else place}"
        life.wait(100).scrapped(dismantler, certificate=number).gone(utiliser)
    return {broken(life, "certificate-twice") for life in lives} if planted else set()


# --- condition -------------------------------------------------------------------------------------------------------


@story("health-rises")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = at_utiliser(population, 300)
    life.retired(utiliser, "70").assessed(utiliser, "recycling", "75.01" if planted else "75").wasted(
        utiliser
    ).recycled(utiliser)
    return {broken(life, "health-rises")} if planted else set()


@story("worn-as-new")
def _(population: Population, planted: bool) -> Found:
    life = made(population, 300)
    assert life.holder is not None
    life.fitted(life.holder)
    fitted = life.at
    life.sold(life.holder).read_out(fitted + 10 * DAY, 50 if planted else 49, 9900)
    return {broken(life, "worn-as-new")} if planted else set()


@story("cycles-fall")
def _(population: Population, planted: bool) -> Found:
    life = sold(population, 300)
    life.read_out(population.now - 90 * DAY, 500).read_out(population.now - 30 * DAY, 499 if planted else 500)
    return {broken(life, "cycles-fall")} if planted else set()


# --- second life -----------------------------------------------------------------------------------------------------


@story("second-life-without-test")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = at_utiliser(population, 600)
    life.assessed(utiliser, "repurpose", "80")
    tested = life.at
    successor = life.second()
    life.until(tested + (365 if planted else 364) * DAY)
    # The step waits before it happens; here the hour counts.
    life.wait = lambda least, most=None: life  # type: ignore[method-assign]
    life.transformed(utiliser, successor)
    successor.until(life.at).made(utiliser, origin=life)
    return {broken(life, "second-life-without-test")} if planted else set()


@story("banned-use")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = at_utiliser(population, 300)
    successor = life.second()
    use = "electricBicycle" if planted else "stationaryStorage"
    life.assessed(utiliser, "repurpose", "80").transformed(utiliser, successor, use=use)
    successor.until(life.at).made(utiliser, origin=life)
    return {broken(life, "banned-use")} if planted else set()


@story("two-successors")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = at_utiliser(population, 400)
    life.assessed(utiliser, "repurpose", "80")
    for module in tuple(life.modules):
        successor = life.second()
        parts = () if planted else (PartChange(module, None, True),)
        life.transformed(utiliser, successor, parts=parts, mass=KG(100))
        life.mass -= 0 if planted else 100
        successor.until(life.at).made(utiliser, origin=life)
    life.wait(3).wasted(utiliser).recycled(utiliser)
    return {broken(life, "two-successors")} if planted else set()


@story("origin-denied")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = at_utiliser(population, 300)
    successor = life.second()
    life.assessed(utiliser, "repurpose", "80")
    if not planted:
        life.transformed(utiliser, successor)
    successor.until(life.at).made(utiliser, origin=life)
    if planted:
        life.wasted(utiliser).recycled(utiliser)
    return {broken(successor, "origin-denied")} if planted else set()
