"""Where the resolver's pages are, below its base URL."""

from __future__ import annotations

#: Passports: the path of a pack or a model follows, as in its own address.
PREFIX = "/passports"
