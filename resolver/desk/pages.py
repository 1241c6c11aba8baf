"""All pages of the desk: importing this module registers them."""

from __future__ import annotations

from resolver.desk import actors, alert, alerts, flow, looks, packs, scrap, sign_in
from resolver.desk.frame import blueprint

__all__ = ["actors", "alert", "alerts", "blueprint", "flow", "looks", "packs", "scrap", "sign_in"]
