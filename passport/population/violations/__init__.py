"""A planted violation of each rule, and a near miss beside each: the same story on the right side of the limit."""

from passport.population.violations import identities, packs, recycling
from passport.population.violations.stories import STORIES, Found, plant

__all__ = ["STORIES", "Found", "identities", "packs", "plant", "recycling"]
