"""Ten rings: parties that do together what should not happen, each hidden among honest packs.

Every event of a ring is signed by its actor. Nine of the rings pass the inbox: each single event is well formed and
allowed, and only rules over many events see them. The clone series does not pass it, so its second and third
registration are recorded past it, as a node has them that took over a log from other software.

    rings = plant_rings(population)
    rings["export-stays-home"].alerts           # what supervision must find: rule and subject
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from passport.linked_data import resources, strict_json
from passport.population.life import DAY, Life, PopulationActor
from passport.population.population import Population

Alerts = set[tuple[str, str]]
RingStory = Callable[[Population], tuple[tuple[PopulationActor, ...], Alerts]]


@dataclass(frozen=True)
class Ring:
    """:ivar name: what it is, by language; :ivar actors: DIDs of those behind it, the leading one first.

    :ivar alerts: rule and subject of each alert that it must raise.
    """

    code: str
    name: Mapping[str, str]
    actors: tuple[str, ...]
    alerts: frozenset[tuple[str, str]]


_TOLD = strict_json.loads(resources.path("examples/rings.json").read_bytes())
#: Legal names of the parties, by the first label of their DIDs.
NAMES: Mapping[str, Mapping[str, str]] = _TOLD["names"]
RINGS: dict[str, tuple[Mapping[str, str], RingStory]] = {}


def plant_rings(population: Population) -> dict[str, Ring]:
    """Every ring, by its code."""
    planted: dict[str, Ring] = {}
    for code, (name, story) in RINGS.items():
        actors, alerts = story(population)
        planted[code] = Ring(code, name, tuple(actor.did for actor in actors), frozenset(alerts))
    return planted


def legal_names() -> dict[str, Mapping[str, str]]:
    """Legal names by DID."""
    return {f"did:web:{label}.example": name for label, name in NAMES.items()}


def _ring(code: str) -> Callable[[RingStory], RingStory]:
    def enter(body: RingStory) -> RingStory:
        RINGS[code] = (_TOLD["rings"][code], body)
        return body

    return enter


def _made(population: Population, ago: float, *, code: str | None = None, maker: PopulationActor | None = None) -> Life:
    """A pack with a vehicle maker that has outlets everywhere, made so many days ago."""
    life = population.life(population.now - ago * DAY, code=code)
    carmaker = population.actor("vehicleMaker")
    population.outlet_everywhere(carmaker)
    return life.made(maker or population.actor("batteryMaker")).handed(carmaker)


def _sold(population: Population, ago: float, **options: object) -> Life:
    """A pack in use; its vehicle was sold at least so many days ago."""
    life = _made(population, ago + 100, **options)  # type: ignore[arg-type]
    assert life.holder is not None
    return life.fitted(life.holder).sold(life.holder)


@_ring("clandestine-dismantler")
def _(population: Population) -> tuple[tuple[PopulationActor, ...], Alerts]:
    """Workshops send packs to a trader that never reports a receipt."""
    trader = population.actor("outlet", "CN-JX", name="dongshan")
    lives = []
    for place in range(5):
        life, shop = _sold(population, 300), population.actor("repairShop")
        life.until(population.now - (180 - 25 * place) * DAY).removed(shop).wait(3)
        lives.append(life.do("send_out", shop, counterpart=trader))
    return (trader,), {("hand-over-without-receipt", life.pack) for life in lives}


@_ring("clone-series")
def _(population: Population) -> tuple[tuple[PopulationActor, ...], Alerts]:
    """One code on three packs, sold far apart."""
    maker = population.actor("batteryMaker", name="xinghe")
    code = population.code(population.now - 620 * DAY)
    lives = []
    for place, province in enumerate(("CN-GD", "CN-SC", "CN-HL")):
        life = _made(population, 500 - 60 * place, code=code, maker=maker)
        assert life.holder is not None
        lives.append(life.fitted(life.holder).sold(life.holder, province=province))
    return (maker,), {("cloned-code", life.pack) for life in lives}


@_ring("used-as-new")
def _(population: Population) -> tuple[tuple[PopulationActor, ...], Alerts]:
    """A vehicle maker buys used packs and fits them to new vehicles."""
    maker = population.actor("vehicleMaker", "CN-HE", name="hengrun")
    population.outlet_everywhere(maker)
    lives = []
    for place in range(4):
        life = _sold(population, 700 - 20 * place)
        life.wait(200).removed(population.actor("repairShop")).handed(maker)
        lives.append(life.assessed(maker, "reuse", "88").fitted(maker).sold(maker))
    return (maker,), {("used-as-new", life.pack) for life in lives}


@_ring("second-life-laundering")
def _(population: Population) -> tuple[tuple[PopulationActor, ...], Alerts]:
    """Worn packs come out of a utiliser as healthy ones and go into cabinets; the last without a test in time."""
    utiliser = population.actor("utiliser", "CN-AH", name="greenloop")
    alerts: Alerts = set()
    for place in range(4):
        life, outlet = _sold(population, 800), population.actor("outlet")
        life.until(population.now - (560 - 10 * place) * DAY).removed(population.actor("repairShop")).handed(outlet)
        life.retired(outlet, "58").handed(utiliser).assessed(utiliser, "repurpose", "84")
        alerts.add(("health-rises", life.pack))
        if place == 3:
            life.wait(380)
            alerts.add(("second-life-without-test", life.pack))
        cabinet = life.second()
        life.transformed(utiliser, cabinet)
        cabinet.until(life.at).made(utiliser, origin=life)
    return (utiliser,), alerts


@_ring("paper-yard")
def _(population: Population) -> tuple[tuple[PopulationActor, ...], Alerts]:
    """One certificate for three vehicles."""
    yard = population.actor("dismantler", "CN-SD", name="shunda")
    lives = []
    for _ in range(3):
        life = _sold(population, 300)
        lives.append(life.wait(100).scrapped(yard, certificate="SD-2030-0117"))
        life.gone(population.actor("utiliser"))
    return (yard,), {("certificate-twice", life.pack) for life in lives}


@_ring("carousel")
def _(population: Population) -> tuple[tuple[PopulationActor, ...], Alerts]:
    """Three outlets of one province hand packs round and round."""
    ring = [population.actor("outlet", "CN-GD", name=name) for name in ("huaxi", "nanling", "pearl")]
    lives = []
    for _ in range(3):
        life, shop = _sold(population, 300), population.actor("repairShop", "CN-GD")
        life.until(population.now - 200 * DAY).removed(shop)
        for outlet in (*ring, *ring):
            life.handed(outlet, gap=4)
        life.wait(60).gone(population.actor("utiliser"))
        lives.append(life)
    return tuple(ring), {("passed-around", life.pack) for life in lives}


@_ring("stripped-on-the-way")
def _(population: Population) -> tuple[tuple[PopulationActor, ...], Alerts]:
    """A tenth of the mass is lost between an outlet and a utiliser, again and again."""
    outlet = population.actor("outlet", "CN-FJ", name="lingang")
    utiliser = population.actor("utiliser", "CN-FJ", name="kunpeng")
    lives = []
    for _ in range(4):
        life = _sold(population, 300)
        life.until(population.now - 200 * DAY).removed(population.actor("repairShop", "CN-FJ")).handed(outlet)
        life.handed(utiliser, mass=life.mass * 9 / 10).wasted(utiliser).recycled(utiliser)
        lives.append(life)
    return (outlet, utiliser), {("mass-mismatch", life.pack) for life in lives}


@_ring("export-stays-home")
def _(population: Population) -> tuple[tuple[PopulationActor, ...], Alerts]:
    """An exporter reports packs as exported; a garage in the country receives them."""
    exporter, garage = population.actor("exporter", name="oceanway"), population.actor("repairShop", name="bayside")
    lives = []
    for _ in range(3):
        life = _made(population, 300).handed(exporter).wait(5)
        life.do("export", exporter, market="EU").wait(30).do("send_out", exporter, counterpart=garage).wait(20)
        lives.append(life.do("receive_in", garage))
    return (exporter, garage), {("exported-pack-appears", life.pack) for life in lives}


@_ring("replaced-on-paper")
def _(population: Population) -> tuple[tuple[PopulationActor, ...], Alerts]:
    """A shop replaces packs by packs that no vehicle ever got."""
    shop = population.actor("repairShop", "CN-ZJ", name="rapid")
    lives = []
    for place in range(4):
        life = _sold(population, 300)
        life.until(population.now - (150 - 10 * place) * DAY)
        code = population.code(life.at - 100 * DAY)
        life.do("replace", shop, vehicle=life.vehicle, removalReason="fault", installedBatteryCode=code)
        life.holder, life.in_use, life.vehicle = shop, False, ()
        lives.append(life.gone(population.actor("utiliser")))
    return (shop,), {("replacement-unknown", life.pack) for life in lives}


@_ring("tests-written-later")
def _(population: Population) -> tuple[tuple[PopulationActor, ...], Alerts]:
    """A utiliser reports tests of packs half a year after the day that they name, just before it sells them on."""
    utiliser = population.actor("utiliser", "CN-HB", name="anping")
    alerts: Alerts = set()
    for _ in range(3):
        life = _sold(population, 700)
        life.until(population.now - 420 * DAY).removed(population.actor("repairShop")).handed(utiliser)
        life.assessed(utiliser, "repurpose", "82", delay=timedelta(days=200))
        alerts.add(("signed-long-after", life.pack))
        cabinet = life.until(life.at + 201 * DAY).second()
        life.transformed(utiliser, cabinet)
        cabinet.until(life.at).made(utiliser, origin=life)
    return (utiliser,), alerts
