"""A planted violation of each rule, and a near miss beside each: the same story, one day or one gram on the right side.

Each story returns what must be found: (rule, subject). A near miss must not be found, and neither must anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from passport.population.life import DAY, Life, PopulationActor
from passport.population.population import Population

Found = set[tuple[str, str]]
Story = Callable[[Population, bool], Found]
STORIES: dict[str, Story] = {}
HOUR = timedelta(hours=1)
#: Acceptance at once: the clock of the rule then starts at the event.
AT_ONCE = timedelta(0)


def story(rule: str) -> Callable[[Story], Story]:
    """Enters a function as the story of a rule."""

    def enter(body: Story) -> Story:
        STORIES[rule] = body
        return body

    return enter


def plant(population: Population, rule: str) -> Found:
    """A violation of a rule and its near miss; returns what must be found."""
    found = STORIES[rule](population, True)
    STORIES[rule](population, False)
    return found


def broken(life: Life, rule: str) -> tuple[str, str]:
    """What must be found of a pack."""
    return (rule, life.pack)


def made(population: Population, ago: float, *, code: str | None = None, passport: bool = True) -> Life:
    """A pack with its vehicle maker, made so many days ago."""
    life = population.life(population.now - ago * DAY, code=code)
    life.made(population.actor("batteryMaker"), passport=passport)
    return life.handed(carmaker(population))


def sold(population: Population, ago: float, *, code: str | None = None, passport: bool = True, **fit: Any) -> Life:
    """A pack in use; its vehicle was sold at least so many days ago."""
    life = made(population, ago + 100, code=code, passport=passport)
    assert life.holder is not None
    return life.fitted(life.holder, **fit).sold(life.holder)


def carmaker(population: Population) -> PopulationActor:
    """A vehicle maker with outlets in every province."""
    maker = population.actor("vehicleMaker")
    population.outlet_everywhere(maker)
    return maker


def at_utiliser(population: Population, ago: float) -> tuple[Life, PopulationActor]:
    """A used pack that a utiliser received, about so many days ago."""
    life = sold(population, ago + 50)
    utiliser = population.actor("utiliser")
    return life.until(population.now - (ago + 30) * DAY).removed(population.actor("repairShop")).handed(
        utiliser
    ), utiliser
