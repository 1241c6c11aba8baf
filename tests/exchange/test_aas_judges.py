"""AAS environments judged by foreign software: `aas-test-engines` judges the metamodel and the package,
`aas-submodel-validate` the submodels, by its own tables and by the published templates of IDTA 02035.

What a judge finds wanting is a value that the record lacks, and that the export names.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from passport.exchange import formats
from passport.exchange.aas import aas_writer
from passport.exchange.peer_format import Export
from tests.conftest import skip_unless

try:
    import aas_submodel_validate
    from aas_test_engines import file as metamodel
except ImportError:
    aas_submodel_validate = metamodel = None

#: Parts whose own table the judge takes only when it is told to, since another template has the same identifier.
OWN_TABLE = "02035-2"
#: The judge takes the one entry that a template shows of a list for the only one allowed.
LISTED = "LifeCyclePhases"


@pytest.fixture(autouse=True)
def judges():
    skip_unless(metamodel is not None, "aas", "aas-test-engines or aas-submodel-validate is not installed")


@pytest.fixture
def export(pack) -> Export:
    return aas_writer.write(pack)


def findings(document, **options) -> Iterator[tuple[str, str, str]]:
    """Rule, place as the export writes it, and sentence of each breach of a MUST."""
    report = aas_submodel_validate.validate(json.dumps(document).encode(), format="json", **options)
    assert report.judged and report.checked > 400
    for finding in report.findings:
        if finding.rule.prio == "MUST":
            place = finding.violation.subject.replace("/[", "[").replace("/", ".")
            yield finding.rule.id, f"$.{place}", finding.violation.message


def unnamed(export: Export, prefix: str, **options) -> list[tuple[str, str, str]]:
    """Breaches of rules with a prefix that are no value which the export names as not given."""
    return [
        (rule, place, message)
        for rule, place, message in findings(export.document, **options)
        if rule.startswith(prefix)
        and place not in export.filled
        and not (LISTED in place and "found" in message and "found 0" not in message)
    ]


def test_the_metamodel_and_the_package_are_right_to_its_own_test_engine(pack, export):
    assert metamodel.check_json_data(export.document).ok()
    ((_, package),) = formats.write("aasx", [pack]).files.items()
    assert metamodel.check_aasx_file(io.BytesIO(package)).ok()


def test_the_test_engine_sees_a_broken_environment(export):
    export.document["assetAdministrationShells"][0]["assetInformation"]["assetKind"] = "Battery"
    assert not metamodel.check_json_data(export.document).ok()


def test_the_judge_of_battery_passports_misses_only_values_that_the_export_names(export):
    assert unnamed(export, "DBP") == []
    assert unnamed(export, "DBP", profile=OWN_TABLE) == []


@pytest.mark.product(of=3)
@pytest.mark.parametrize("part", range(1, 8))
def test_the_judge_holds_each_submodel_to_the_published_template(export, part, vectors):
    (template,) = (vectors / "idta-02035").glob(f"part-{part}-*.json")
    assert unnamed(export, "TPL", template=Path(template)) == []


@pytest.mark.parametrize(
    ("submodel", "element", "member", "value"),
    [
        ("BatteryNameplate", "SerialNumber", "valueType", "xs:int"),
        ("BatteryNameplate", "ManufacturerIdentifier", "semanticId", None),
        ("TechnicalData", "GeneralInformation", None, None),
    ],
)
def test_the_judge_sees_a_wrong_type_a_missing_meaning_and_a_missing_element(export, submodel, element, member, value):
    elements = next(each for each in export.document["submodels"] if each["idShort"] == submodel)["submodelElements"]
    place = next(each for each in elements if each["idShort"] == element)
    if member is None:
        elements.remove(place)
    elif value is None:
        del place[member]
    else:
        place[member] = value
    assert unnamed(export, "DBP")
