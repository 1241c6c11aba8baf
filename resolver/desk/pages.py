"""All pages of the desk: importing this module registers them."""

from __future__ import annotations

from resolver.desk import actors, alert, alerts, completeness, feeds, looks, own, packs, report, scrap, search, sign_in
from resolver.desk.flows import flow
from resolver.desk.frame import blueprint

__all__ = ["actors", "alert", "alerts", "blueprint", "completeness", "feeds", "flow", "looks", "own", "packs",
           "report", "scrap", "search", "sign_in"]  # fmt: skip
