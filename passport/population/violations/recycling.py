"""Violations of waste, recycling and mass, and of actors."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from passport.population.life import DAY, KG
from passport.population.population import Population
from passport.population.violations.stories import HOUR, Found, at_utiliser, broken, made, sold, story
from passport.supervision.pack_facts import seconds

# --- waste and recycling ---------------------------------------------------------------------------------------------


@story("waste-in-vehicle")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = at_utiliser(population, 200)
    life.wasted(utiliser)
    if not planted:
        # Withdrawn by its reporter, and found fit for re-use.
        assert life.last is not None
        life.do("correct", utiliser, corrects=life.last.id, eventReason="wrong pack", placed=False, eventWithdrawn=True)
        life.waste = False
        life.assessed(utiliser, "reuse", "85")
    shop = population.actor("repairShop")
    life.handed(shop).fitted(shop)
    return {broken(life, "waste-in-vehicle")} if planted else set()


@story("active-after-recycling")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = at_utiliser(population, 300)
    life.wasted(utiliser).recycled(utiliser)
    if planted:
        life.wait(10).assessed(utiliser, "reuse", "90")
    else:
        life.corrected(utiliser)
    return {broken(life, "active-after-recycling")} if planted else set()


@story("recovery-below-limit")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = at_utiliser(population, 300)
    limit = life.content("lithium", KG(10)) * KG("0.9")
    life.wasted(utiliser).recycled(utiliser, recoveredLithiumMass=limit - KG("0.001") if planted else limit)
    return {broken(life, "recovery-below-limit")} if planted else set()


@story("recovery-above-content")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = at_utiliser(population, 300)
    limit = round(life.content("copper", KG(30)) * KG("1.01"), 3)
    life.wasted(utiliser).recycled(utiliser, recoveredCopperMass=limit + KG("0.001") if planted else limit)
    return {broken(life, "recovery-above-content")} if planted else set()


@story("recycling-mass")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = at_utiliser(population, 300)
    other = round(life.mass * KG("0.8"), 3)
    residue = life.mass - other + (KG("0.001") if planted else Decimal(0))
    life.wasted(utiliser).recycled(utiliser, recoveredOtherMass=other, residueMass=residue)
    return {broken(life, "recycling-mass")} if planted else set()


@story("recycling-efficiency")
def _(population: Population, planted: bool) -> Found:
    life, utiliser = at_utiliser(population, 300)
    other = round(life.mass * KG("0.65"), 3) - (KG("0.001") if planted else Decimal(0))
    life.wasted(utiliser).recycled(utiliser, recoveredOtherMass=other, residueMass=life.mass - other)
    return {broken(life, "recycling-efficiency")} if planted else set()


@story("mass-mismatch")
def _(population: Population, planted: bool) -> Found:
    life, outlet = sold(population, 400), population.actor("outlet")
    life.wait(100).removed(population.actor("repairShop"))
    life.mass = KG(250)
    life.handed(outlet, mass=KG("244.999") if planted else KG(245)).gone(population.actor("utiliser"))
    return {broken(life, "mass-mismatch")} if planted else set()


# --- actors ----------------------------------------------------------------------------------------------------------


@story("outlet-missing")
def _(population: Population, planted: bool) -> Found:
    life, maker = made(population, 400), population.actor("vehicleMaker")
    population.outlet_in(maker, "CN-JS" if planted else "CN-GD")
    life.handed(maker).fitted(maker).sold(maker, province="CN-GD")
    return {("outlet-missing", maker.did)} if planted else set()


@story("sudden-volume")
def _(population: Population, planted: bool) -> Found:
    outlet, utiliser, shop = population.actor("outlet"), population.actor("utiliser"), population.actor("repairShop")
    month = seconds(population.now) // 2592000 - 4
    start = datetime.fromtimestamp(month * 2592000, UTC)
    for place in range(-1, 20 if planted else 19):
        life = sold(population, 600)
        at = start + 2 * DAY + place * DAY if place >= 0 else start - 200 * DAY
        life.until(at - 5 * DAY).removed(shop).wait(1).do("send_out", shop, counterpart=outlet)
        life.until(at).do("receive_in", outlet)
        life.holder = outlet
        life.gone(utiliser)
    return {("sudden-volume", outlet.did)} if planted else set()


@story("hoarding")
def _(population: Population, planted: bool) -> Found:
    outlet, shop = population.actor("outlet"), population.actor("repairShop")
    for place in range(10):
        life = sold(population, 500)
        # All long ago, but for the tenth of the near miss.
        at = population.now - (180 * DAY) + (HOUR if place == 9 and not planted else -HOUR) - (9 - place) * DAY
        life.until(at - 10 * DAY).removed(shop).wait(1).do("send_out", shop, counterpart=outlet)
        life.until(at).do("receive_in", outlet)
    return {("hoarding", outlet.did)} if planted else set()
