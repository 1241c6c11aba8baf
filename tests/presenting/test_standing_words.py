"""What page, paper and terminal say about a standing, in each language."""

from __future__ import annotations

from datetime import UTC, datetime

from passport.presenting.standing import About, Ageing, Replacement, Standing, StandingKind
from passport.presenting.standing_words import Told, told
from passport.vocabulary import vocabulary
from tests.each import each

SINCE = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


def words(standing: Standing, language: str = "en") -> Told:
    return told(standing, language, vocabulary.load())


@each("about", About)
@each("kind", [StandingKind.WITHDRAWN, StandingKind.SUSPENDED])
def test_each_subject_has_a_headline_and_an_act_of_its_own(kind, about):
    other = next(each for each in About if each is not about)
    assert words(Standing(kind, about, SINCE)).headline != words(Standing(kind, other, SINCE)).headline
    assert words(Standing(kind, about, SINCE)).sentences[0] != words(Standing(kind, other, SINCE)).sentences[0]


def test_an_unpublished_reason_is_said_to_be_unpublished():
    standing = Standing(StandingKind.WITHDRAWN, About.PASSPORT, SINCE)
    assert words(standing).sentences[0] == (
        "The issuer withdrew this passport on 8 March 2027. No reason was published."
    )
    assert words(standing, "zh").sentences[0] == "签发方于2027年3月8日撤销本护照，未公布原因。"


@each(
    ("language", "reason", "sentence"),
    [
        ("en", "wrong mass", "The issuer withdrew this passport on 8 March 2027: wrong mass."),
        ("en", "Wrong mass!", "The issuer withdrew this passport on 8 March 2027: Wrong mass!"),
        ("zh", "质量有误", "签发方于2027年3月8日撤销本护照：质量有误。"),
        ("zh", "质量有误。", "签发方于2027年3月8日撤销本护照：质量有误。"),
    ],
)
def test_a_published_reason_ends_with_one_full_stop_of_the_readers_language(language, reason, sentence):
    standing = Standing(StandingKind.WITHDRAWN, About.PASSPORT, SINCE, reason)
    assert words(standing, language).sentences[0] == sentence


def test_a_replacement_is_offered_with_the_day_of_its_signature():
    standing = Standing(
        StandingKind.WITHDRAWN, About.PASSPORT, SINCE, replacement=Replacement("https://a.example/1", SINCE)
    )
    assert (words(standing).action, words(standing).action_note) == (
        "Open the passport that replaces it",
        "signed on 8 March 2027",
    )
    assert words(standing, "zh").action_note == "2027年3月8日签署"


def test_an_older_read_out_names_both_days_and_a_figure_with_its_unit():
    ageing = Ageing("stateOfCertifiedEnergy", "97.1", "93.0")
    standing = Standing(StandingKind.SUPERSEDED, About.READ_OUT, SINCE, read_at=SINCE.replace(year=2026), ageing=ageing)
    assert words(standing).sentences == (
        "You are reading the condition of 8 March 2026. A newer one was read on 8 March 2027.",
        "State of certified energy (SOCE): 97.1\u202f% then, 93.0\u202f% now.",
    )
    assert "当时97.1%，现为93.0%" in words(standing, "zh").sentences[1]


def test_an_end_without_its_record_names_no_day():
    assert words(Standing(StandingKind.ENDED, About.PASSPORT)).sentences[0] == "It was recycled."
