"""Where the resolver's pages are, below its base URL."""

from __future__ import annotations

#: Passports: the path of a pack or a model follows, as in its own address.
PREFIX = "/passports"
#: Behind the page of a pack: its life-cycle events.
EVENTS = "/events"


def address_of_events(pack: str, base_url: str) -> str:
    """Where the events of a pack of this site are, for people and for machines. Its own address has no such part.

    :param pack: IRI of the pack, below the base URL.
    """
    return f"{base_url}{PREFIX}{pack.removeprefix(base_url)}{EVENTS}"
