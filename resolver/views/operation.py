"""Health of the resolver for its operator, and the OpenAPI document for programs."""

from __future__ import annotations

from collections.abc import Hashable

from flask import Blueprint, Response, current_app

from passport.linked_data import strict_json
from resolver import health
from resolver.forms import openapi
from resolver.views import public, services

blueprint = Blueprint("operation", __name__)
#: Seconds for which an answer about health is kept.
KEPT = 10


@blueprint.get("/health")
def show_health() -> Response:
    """200 while the store answers and every status list is signed and fresh, else 503.

    ``"status": "warn"`` with 200 where a list ends within two days and was not renewed.
    """
    good, body = _health()
    response = Response(body, 200 if good else 503, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _health() -> tuple[bool, bytes]:
    """The answer, kept for one version of the store and some seconds: signatures cost, and the route is public."""
    here, extensions = services(), current_app.extensions
    at = here.now()
    good_for = (here.store.version(), int(at.timestamp()) // KEPT, here.trust.version)
    kept: tuple[Hashable, tuple[bool, bytes]] | None = extensions.get("resolver-health")
    if kept is not None and kept[0] == good_for:
        return kept[1]
    lists = {number: here.store.status_list(number) for number in here.store.list_numbers()}
    checks = (
        *health.trust_list(here.trust.fault is None),
        *health.status_lists(lists, here.config.trust_list, at=at, max_age=here.config.status_max_age),
    )
    status = health.worst(checks)
    document = {
        "status": status.value,
        "checks": {check.name: {"status": check.status.value, "output": check.detail} for check in checks},
    }
    answer = (status is not health.HealthStatus.FAIL, strict_json.dumps(document))
    extensions["resolver-health"] = (good_for, answer)
    return answer


@blueprint.get("/openapi.json")
def description() -> Response:
    """The OpenAPI 3.1 document."""
    return public(
        strict_json.dumps(openapi.document(services().config.base_url)), "application/openapi+json", max_age=3600
    )
