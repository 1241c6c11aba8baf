"""Names of audiences, categories, stages, sections and kinds of credentials: in the ontology and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import CodeType

import pytest

from passport.errors import MalformedOntology
from passport.linked_data import resources
from passport.vocabulary import code_words, credential_types
from passport.vocabulary.vocabulary import ONTOLOGY, Audience, Category, Stage, load, read
from tests.conftest import CHECKOUT
from tests.each import each
from tests.vocabulary import small_ontology

VOCABULARY = load()
LISTS = {"audience": Audience, "batteryCategory": Category, "stage": Stage}

#: A literal that reads like a label and means something else, by file.
OTHER_MEANING: Mapping[str, set[str]] = {
    "issuer/vc_status.py": {"in use"},  # of a status list
    "passport/commands/keeping/rotation.py": {"in use"},  # of a key
    "passport/publishing/keys/key_rotation.py": {"in use"},
    "passport/reports/footprint_page.py": {"Carbon footprint"},  # title of the report
}


def labels() -> Iterator[tuple[str, str]]:
    """Every name of the guarded lists, with its language."""
    named = [code for name in LISTS for code in VOCABULARY.enumerations[name].codes]
    for entry in (*named, *VOCABULARY.dimensions.values(), *VOCABULARY.classes.values()):
        for texts in (entry.label, entry.in_text):
            yield from ((text, language) for language, text in texts.items())


def is_distinctive(text: str, language: str) -> bool:
    """Single words ("model", "Use", 生产) are codes, names of columns and everyday words as well."""
    return len(text) > 3 if language == "zh" else " " in text


def literals(source: str) -> Iterator[tuple[int, str]]:
    """The texts of a module, each with the line at which its function begins.

    They are read from what the module is compiled to: going through its syntax takes twice as long.
    """
    yield from _constants(compile(source, "module", "exec", dont_inherit=True))


def _constants(code: CodeType) -> Iterator[tuple[int, str]]:
    waiting: list[object] = list(code.co_consts)
    while waiting:
        value = waiting.pop()
        if isinstance(value, CodeType):
            yield from _constants(value)
        elif isinstance(value, str):
            yield code.co_firstlineno, value
        elif isinstance(value, tuple | frozenset):
            waiting += value


@cache
def distinctive_labels() -> frozenset[str]:
    return frozenset(text for text, language in labels() if is_distinctive(text, language))


def copies(source: str, name: str) -> list[str]:
    distinctive = distinctive_labels() - OTHER_MEANING.get(name, set())
    return [f"{name}:{line}: {text!r} is in the ontology" for line, text in literals(source) if text in distinctive]


def test_no_label_has_a_second_copy_in_code():
    paths = sorted(
        path for package in ("passport", "resolver", "issuer") for path in (CHECKOUT / package).rglob("*.py")
    )
    assert paths
    assert [
        copy
        for path in paths
        for copy in copies(path.read_text(encoding="utf-8"), path.relative_to(CHECKOUT).as_posix())
    ] == []


@each("text", ["notified bodies", "市场监督管理机构", "when placed on the market", "型号详细信息"])
def test_the_search_finds_a_copy(text):
    assert copies(f"WORDS = {{'a': ({text!r}, 'b')}}", "resolver/x.py") == [
        f"resolver/x.py:1: {text!r} is in the ontology"
    ]


@each("name", sorted(OTHER_MEANING))
def test_an_exception_is_still_needed(name):
    held = {text for _, text in literals(Path(CHECKOUT / name).read_text(encoding="utf-8"))}
    assert held >= OTHER_MEANING[name]


@each("name", sorted(LISTS))
def test_the_code_lists_of_the_ontology_and_of_the_code_hold_the_same_codes_in_the_same_order(name):
    assert [code.code for code in VOCABULARY.enumerations[name].codes] == [one.value for one in LISTS[name]]


@each(
    ("audience", "label", "alternatives"),
    [
        (Audience.LEGITIMATE_INTEREST, "合法权益人", ()),
        (Audience.NOTIFIED_BODY, "公告机构", ("通知机构",)),
        (Audience.MARKET_SURVEILLANCE, "市场监督管理机构", ("监管机构",)),
        (Audience.COMMISSION, "欧盟委员会", ("委员会",)),
    ],
)
def test_an_audience_has_its_legal_name_and_the_brochures_word_as_alternative(audience, label, alternatives):
    code = VOCABULARY.enumerations["audience"].get(audience)
    assert code.label["zh"] == code.in_text["zh"] == label
    assert code.alternatives.get("zh", ()) == alternatives


def test_every_type_of_credential_in_the_ontology_is_a_constant_and_has_a_short_name_in_the_derived_file():
    types = {name for name in VOCABULARY.classes if name.endswith("Credential")}
    assert types == set(credential_types.TYPES) and len(types) == len(credential_types.TYPES)
    assert list(credential_types.names()) == list(credential_types.TYPES)
    for name, texts in credential_types.names().items():
        assert texts == VOCABULARY.classes[name].in_text != VOCABULARY.classes[name].label


def test_a_sentence_uses_the_label_where_there_is_nothing_shorter():
    stage, audience = VOCABULARY.enumerations["stage"], VOCABULARY.enumerations["audience"]
    assert stage.in_text("sale", "en") == "when sold"
    assert stage.label_of("sale", "en") == "Sale"
    assert audience.in_text("commission", "en") == "Commission"
    assert audience.in_text("commission", "zh") == audience.label_of("commission", "zh")
    assert audience.in_text("nobody", "zh") == audience.label_of("nobody", "zh") == "nobody"
    assert VOCABULARY.dimensions["dynamic"].in_text == {"en": "Condition of this pack", "zh": "动态信息"}
    assert VOCABULARY.classes["BatteryPack"].in_text == VOCABULARY.classes["BatteryPack"].label


def test_an_alternative_label_in_a_file_is_read_as_its_code():
    text = resources.read_text(ONTOLOGY)
    place = 'skos:prefLabel "Cylindrical"@en , "圆柱形"@zh ;'
    assert place in text
    other = read(text.replace(place, place + ' skos:altLabel "Round"@en , "圆筒形"@zh ;'))
    shape = other.indicators["cellSpecification"].field("shape")
    assert code_words.in_codes("圆筒形", shape) == code_words.in_codes("round", shape) == "cylindrical"


def test_an_alternative_label_has_a_language():
    text, place = small_ontology.cut(resources.read_text(ONTOLOGY)), 'skos:altLabel "通知机构"@zh'
    assert place in text
    with pytest.raises(MalformedOntology, match="notified-body has an empty altLabel, or one in no language"):
        read(text.replace(place, 'skos:altLabel "通知机构"'))


def test_a_type_of_credential_is_spelt_out_in_the_vocabulary_and_the_store():
    # The store and the check of a status know no vocabulary: tables of its own for two types, the type of identities.
    homes = {
        "passport/vocabulary/credential_types.py", "passport/store/tables.py",
        "passport/credentials/identity_status.py",
    }  # fmt: skip
    guarded = {*credential_types.TYPES, credential_types.RECYCLED}
    sources = {
        path.relative_to(CHECKOUT).as_posix(): path.read_text(encoding="utf-8")
        for package in ("passport", "resolver", "issuer")
        for path in (CHECKOUT / package).rglob("*.py")
    }
    spelt = {
        name
        for name, source in sources.items()
        if any(type_ in source for type_ in guarded) and guarded & {text for _, text in literals(source)}
    }
    assert spelt == homes
