"""All pages of the desk: importing this module registers them."""

from __future__ import annotations

from resolver.desk import alert, alerts, looks, sign_in
from resolver.desk.frame import blueprint

__all__ = ["alert", "alerts", "blueprint", "looks", "sign_in"]
