import pytest

from passport.errors import UsageError
from passport.linked_data import resources
from tests.each import each


def test_in_a_checkout_the_files_beside_the_package_are_used():
    assert resources.path("contexts/pins.json") == resources.CHECKOUT / "contexts" / "pins.json"
    assert b"credentials/v2" in resources.read_bytes("contexts/pins.json")


def test_without_a_checkout_the_files_inside_the_package_are_used(monkeypatch, tmp_path):
    # An "examples" folder beside the package, as some other distribution may leave in site-packages, is not ours.
    (tmp_path / "examples").mkdir()
    monkeypatch.setattr(resources, "CHECKOUT", tmp_path)
    assert resources.path("examples/x.xlsx") == resources.PACKAGE / "published" / "examples" / "x.xlsx"


@each("name", ["/etc/passwd", "../secret", "contexts/../../secret", ""])
def test_a_name_that_leads_outside_is_refused(name):
    with pytest.raises(UsageError):
        resources.path(name)


def test_a_missing_file_is_named():
    with pytest.raises(UsageError, match="contexts/nowhere.jsonld"):
        resources.read_text("contexts/nowhere.jsonld")
