"""A message is its English sentence, and can be said in every language there is."""

import copy
import json
import pickle
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedCatalogue, MalformedDocument, UnknownRole
from passport.texts import (
    Message,
    by_language,
    catalogue,
    day,
    error_hint,
    languages,
    listed,
    moment,
    month,
    say,
    template,
)
from passport.texts.catalogue import translation
from passport.texts.isolation import isolated_text


@pytest.fixture
def language(tmp_path, monkeypatch):
    """A function that makes ``xx`` a language with these lines of a catalogue."""

    def make(lines: str, code: str = "fr") -> str:
        (tmp_path / f"{code}.po").write_text(lines, encoding="utf-8")
        return code

    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    for cached in (catalogue.languages, catalogue.read):
        cached.cache_clear()
    yield make
    for cached in (catalogue.languages, catalogue.read):
        cached.cache_clear()


def test_a_message_is_its_english_sentence():
    message = Message("sheet {sheet} has {n} rows", sheet="packs", n=3)
    assert message == "sheet packs has 3 rows"
    assert json.dumps({"message": message}) == '{"message": "sheet packs has 3 rows"}'
    assert str(MalformedDocument(message)) == "sheet packs has 3 rows"


def test_a_message_without_values_keeps_its_braces():
    assert Message("{count} of {count}") == "{count} of {count}"
    assert Message("{count} of {count}").fill(count=2) == "2 of 2"


def test_a_translation_takes_the_values_in_its_own_order(language):
    language('msgid "{a} before {b}"\nmsgstr "{b} après {a}"\n')
    assert say(Message("{a} before {b}", a=1, b=2), "fr") == "2 après 1"


def test_the_number_chooses_the_plural(language):
    language(
        'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        'msgid "{n} fault"\nmsgid_plural "{n} faults"\nmsgstr[0] "{n} faute"\nmsgstr[1] "{n} fautes"\n'
    )
    message = Message("{n} fault", plural="{n} faults")
    assert [message.fill(n=number) for number in (0, 1, 2)] == ["0 faults", "1 fault", "2 faults"]
    assert [say(message.fill(n=number), "fr") for number in (0, 1, 2)] == ["0 faute", "1 faute", "2 fautes"]


def test_the_context_tells_two_texts_apart(language):
    language(
        'msgctxt "form"\nmsgid "Value"\nmsgstr "Saisie"\n\nmsgctxt "kind"\nmsgid "Value"\nmsgstr "Type"\n\n'
        'msgid "Value"\nmsgstr "Valeur"\n'
    )
    said = [say(Message("Value", context=context), "fr") for context in ("form", "kind", None)]
    assert said == ["Saisie", "Type", "Valeur"]


def test_what_is_not_translated_is_said_in_english(language):
    language(
        'msgid "known"\nmsgstr "connu"\n\n#, fuzzy\nmsgid "doubtful"\nmsgstr "douteux"\n\nmsgid "empty"\nmsgstr ""\n'
    )
    assert [say(Message(each), "fr") for each in ("known", "doubtful", "empty", "unknown")] == [
        "connu", "doubtful", "empty", "unknown",
    ]  # fmt: skip
    assert say(Message("known"), "xx") == "known"


def test_nested_messages_and_labels_are_said_in_the_same_language(language):
    language('msgid "{what} of {whom}"\nmsgstr "{what} de {whom}"\n\nmsgid "mass"\nmsgstr "masse"\n')
    label = {"en": "pack", "fr": "paquet", "zh": "电池包"}
    message = Message("{what} of {whom}", what=Message("mass"), whom=label)
    assert message == "mass of pack"
    assert say(message, "fr") == "masse de paquet"
    assert say(message, "de") == "mass of pack"


def test_dates_and_lists_are_written_as_the_language_does():
    message = Message("{day}: {names}", day=date(2026, 7, 2), names=["a", "b", "c"])
    assert message == "2 July 2026: a, b and c"
    assert say(message, "zh").startswith("2026年7月2日")
    at = datetime(2027, 3, 8, 20, 0, tzinfo=UTC)
    assert (moment(at), moment(at, "zh")) == ("8 March 2027, 20:00 UTC", "2027年3月9日04:00（UTC+8）")
    assert (month(at), month(at, "zh"), day(at, "zh")) == ("March 2027", "2027年3月", "2027年3月9日")
    assert listed(["a", "a", "b"]) == "a and b"


@given(st.text())
def test_a_value_is_never_read_as_a_pattern(value):
    assert Message("<{value}>", value=value) == f"<{isolated_text(value)}>"
    assert value in Message("<{value}>", value=value)


def test_a_translation_cannot_reach_into_a_value(language):
    language('msgid "of {value}"\nmsgstr "{value.__class__}"\n')
    with pytest.raises(KeyError):
        say(Message("of {value}", value=1), "fr")


def test_an_error_in_a_message_is_said_with_what_was_expected(language):
    language(
        'msgid "no file"\nmsgstr "pas de fichier"\n\nmsgid "a file"\nmsgstr "un fichier"\n\n'
        'msgid "expected {expected}"\nmsgstr "attendu : {expected}"\n\n'
        'msgid "{message}; {detail}"\nmsgstr "{message} ; {detail}"\n'
    )
    error = MalformedDocument(Message("no file"), expected=Message("a file"))
    message = Message("{error}", error=error)
    assert message == "no file; expected a file"
    assert say(message, "fr") == "pas de fichier ; attendu : un fichier"


def test_the_hint_of_a_class_of_errors_is_said_in_the_readers_language():
    hint = error_hint(UnknownRole("no such role"))
    assert hint == UnknownRole.hint
    assert say(hint, "zh") == translation("zh", UnknownRole.hint) != hint
    assert error_hint(MalformedDocument("broken")) is None


def test_a_message_survives_copying_and_other_processes():
    message = Message("{n} fault", plural="{n} faults", n=2)
    for made in (copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert (made, made.source, made.plural, made.values) == ("2 faults", "{n} fault", "{n} faults", {"n": 2})


def test_a_plain_text_is_a_value_and_stays():
    assert say("serial 7", "zh") == "serial 7"
    assert template(Message("{a}", a=1), "zh") == "{a}"


def test_a_text_by_language_has_every_language():
    assert set(by_language(Message("x"))) == set(languages())
    assert by_language({"en": "pack"}) == dict.fromkeys(languages(), "pack")


def test_a_catalogue_that_is_none_is_refused(language):
    language("msgid broken\n")
    with pytest.raises(MalformedCatalogue, match="fr.po"):
        say(Message("anything"), "fr")
