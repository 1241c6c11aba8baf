"""The table of facts: each value has a source and a date, each name both languages, and a slip stops the load."""

from __future__ import annotations

import pytest

from passport.errors import MalformedOntology
from passport.footprint import facts as module
from passport.footprint.facts import facts, read
from passport.footprint.inventory.inventory_columns import GENERAL, TABLES
from passport.linked_data import resources
from tests.each import each

TEXT = resources.read_text(module.FILE)


@each("name", module.LISTS)
def test_every_fact_is_named_in_both_languages_and_every_value_has_a_source(name):
    for fact in facts().lists[name].values():
        assert fact.label["en"] and fact.label["zh"]
        assert fact.value is None or fact.source.day.year >= 2013


def test_every_set_of_potentials_is_dated_and_knows_every_gas():
    for code, fact in facts().lists["gwp-set"].items():
        assert fact.source.day
        assert set(facts().gwp(code)) == set(facts().lists["gas"])
        assert facts().gwp(code)["co2"] == 1


def test_every_code_of_a_field_is_of_a_list_that_exists():
    fields = [*GENERAL, *(field for table in TABLES.values() for field in table)]
    assert {field.codes for field in fields if field.codes} <= set(facts().lists)


@each(
    ("before", "after"),
    [
        ("fp:value 0.076 ;", "fp:value 0.076 , 0.077 ;"),
        ('"Road"@en , "公路"@zh ; fp:source fp:source.meeDraft2025', '"Road"@en , "公路"@zh'),
        ('"Road"@en , "公路"@zh', '"Road"@en'),
        ('skos:notation "rail"', 'skos:notation "road"'),
        ("fp:ar6 273 ;", ""),
        ("fp:source fp:source.ipccAr6", "fp:source fp:source.nobody"),
        ('fp:date "2021-08-09"^^xsd:date', 'fp:date "2021"'),
        ("a fp:Step", "a fp:Stepp"),
        ("@prefix", "@prefx"),
    ],
)
def test_a_slip_in_the_table_stops_the_load(before, after):
    assert before in TEXT
    with pytest.raises(MalformedOntology):
        read(TEXT.replace(before, after))
