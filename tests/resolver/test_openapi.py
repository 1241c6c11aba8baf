"""The OpenAPI document is a promise: what it describes is sent, and every answer is held to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import hypothesis
import pytest

from resolver.forms import openapi
from tests.conftest import example_count

BASE = "https://passport.example.com"
EXAMPLES = example_count(50)


@pytest.fixture
def app(site):
    return site.app


def operations() -> list[tuple[str, str]]:
    return [(method.upper(), path) for path, item in openapi.document(BASE)["paths"].items() for method in item]


#: Names of schemathesis, which is loaded when the first of these tests runs: it takes seconds.
RIGHT, WRONG = "POSITIVE", "NEGATIVE"


@pytest.mark.product(of=4)
@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [(*one, RIGHT) for one in operations()]
    # Where nothing is asked for, nothing can be asked wrongly.
    + [(*one, WRONG) for one in operations() if one[1].startswith(("/v1/", "/search", "/credentials", "/status"))],
    ids=str,
)
def test_every_operation_answers_as_described(app, method: str, path: str, mode: str):
    import schemathesis

    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)

    @hypothesis.settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(case=schema[path][method].as_strategy(generation_mode=schemathesis.GenerationMode[mode]))
    def hold(case: Any) -> None:
        case.call_and_validate()

    hold()


def test_what_is_there_is_described_too(site):
    import schemathesis

    schema = schemathesis.openapi.from_wsgi("/openapi.json", site.app)
    dpp = site.ev.replace(BASE, BASE + "/passports")
    found = {"dppId": dpp, "productId": site.ev, "elementIdPath": "$['performance']"}
    credential = site.operator.store.current(site.ev, "BatteryPassportCredential").id.rpartition("/")[2]
    for path, query in (
        ("/v1/dpps/{dppId}", {}),
        ("/v1/dpps/{dppId}", {"representation": "full"}),
        ("/v1/dpps/{dppId}/elements/{elementIdPath}", {}),
        ("/v1/dppsByProductId/{productId}", {}),
        ("/v1/dppsByIdAndDate/{dppId}", {"date": "2027-03-08T09:30:00Z"}),
        ("/credentials/{uuid}", {}),
        ("/status/{number}", {}),
        ("/search", {"format": "json", "category": "ev"}),
    ):
        values = {**found, "uuid": credential, "number": "1"}
        named = {name: quote(value, safe="") for name, value in values.items() if "{" + name + "}" in path}
        answer = schema[path]["GET"].Case(path_parameters=named, query=query).call_and_validate()
        assert answer.status_code == 200, path


def test_the_document_is_openapi_3_1_and_names_our_address(app):
    answer = app.test_client().get("/openapi.json")
    assert answer.mimetype == "application/openapi+json"
    assert answer.json["openapi"].startswith("3.1")
    assert answer.json["servers"] == [{"url": BASE}]
    assert {operation for item in answer.json["paths"].values() for operation in item} == {"get", "post"}
