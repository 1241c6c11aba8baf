"""No changed file makes a program read what nobody signed, or what does not belong together.

A mutant is verified as text, as ``passport verify`` would, with the rule for battery passports, by a trust list with
namespaces or one without. Of an accepted one, everything that is handed out is held against what was signed in the
small world of this folder, by key (``oracle``). None may be accepted unless each member is an original, and all of them
belong together.

``PASSPORT_MUTANTS`` says how many (``make torture``: 20,800); 850 without it. What is drawn follows from the name of
the file and a number alone. A failure is made smaller, one change after another, before it is printed.
"""

from __future__ import annotations

import copy
import difflib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from passport.belonging import PassportRule
from passport.credentials import credential as vcdm
from passport.credentials import intake
from passport.credentials.checks.list_check import ListCheck
from passport.credentials.checks.proof_check import ProofCheck
from passport.credentials.checks.status_check import SignedList, StatusCheck
from passport.credentials.issuer import presentation
from passport.credentials.trust import TrustList, UnsafeAnyIssuer
from passport.credentials.verification_result import Outcome, step
from passport.errors import PassportError
from passport.linked_data import spelling
from tests.each import each
from tests.torture.changes import CHANGES, Change
from tests.torture.changes.draft import Draft
from tests.torture.oracle import Misled, Oracle, Reading
from tests.torture.signed_world import LIST, NOW, SignedWorld, make_world

MUTANTS = int(os.environ.get("PASSPORT_MUTANTS", "850"))
FILES = (
    "passport, public",
    "passport, legitimate-interest",
    "passport, notified-body",
    "passport, commission",
    "passport of another model",
    "model alone",
    "one credential",
    "one read-out",
    "two read-outs",
    "passport of a did:web with its keys",
    "declaration",
    "role",
    "passport with declaration",
    "presented",
    "tokens",
    "selective tokens",
    "presented as a token",
)
BATCHES = 1 + MUTANTS // len(FILES) // 400
KINDS = [kind for kind, changes in CHANGES.items() for _ in range(sum(weight for _, weight in changes))]


@pytest.fixture(scope="session")
def files() -> SignedWorld:
    return make_world()


@pytest.fixture(scope="session")
def oracle(files: SignedWorld) -> Oracle:
    return Oracle(files)


@dataclass(frozen=True)
class Mutant:
    """A mutant as it is drawn: the file, its changes with the chance of each, and how it is verified."""

    file: str
    seed: str
    changes: tuple[tuple[Change, str], ...]

    @classmethod
    def drawn(cls, file: str, number: int, kind: str | None = None) -> Mutant:
        seed = f"{file} {number}"
        chance = Random(seed)
        changes = []
        for place in range(chance.choice((1, 1, 1, 1, 2, 2, 3))):
            found, weights = zip(*CHANGES[kind or chance.choice(KINDS)], strict=True)
            changes.append((chance.choices(found, weights)[0], f"{seed} {place}"))
        return cls(file, seed, tuple(changes))

    def without(self, number: int) -> Mutant:
        return Mutant(self.file, self.seed, (*self.changes[:number], *self.changes[number + 1 :]))

    def draft(self, world: SignedWorld) -> Draft:
        named = world.file(self.file)
        chance = Random(f"{self.seed} asked")
        about = named.about[0] if named.about and chance.random() < 0.5 else None
        draft = Draft(world, named, copy.deepcopy(named.document), about, named.challenge, named.domain)
        for change, seed in self.changes:
            change(draft, Random(seed))
        return draft

    def judged(self, world: SignedWorld, oracle: Oracle) -> Reading | None:
        """None where it is refused, with an error of ours or by a check.

        :raises Misled: it is accepted, and should not be.
        """
        draft = self.draft(world)
        bound = Random(f"{self.seed} bound").random() < 0.7
        try:
            document = intake.read(draft.text.encode("utf-8", "surrogatepass"))
        except PassportError:
            return None
        verifier = world.verifiers[bound] if not draft.fetched else world.verifier(bound, draft.fetched)
        result = verifier.verify(document, at=NOW, challenge=draft.challenge, domain=draft.domain, about=draft.about)
        return oracle.judge(
            result,
            named=draft.named,
            document=document,
            bound=bound,
            about=draft.about,
            challenge=draft.challenge,
            fetched=draft.fetched,
        )

    def smallest(self, world: SignedWorld, oracle: Oracle) -> Mutant:
        """The same with as few changes as still mislead."""
        for number in range(len(self.changes)):
            try:
                self.without(number).judged(world, oracle)
            except Misled:
                return self.without(number).smallest(world, oracle)
        return self

    def shown(self, world: SignedWorld) -> str:
        draft = self.draft(world)
        before, after = (
            json.dumps(document, indent=1, ensure_ascii=False).splitlines()
            for document in (draft.named.document, draft.document)
        )
        lines = [line[:300] for line in difflib.unified_diff(before, after, lineterm="", n=2)][2:80]
        changes = ", ".join(change.__name__ for change, _ in self.changes)
        asked = f"about {draft.about}, challenge {draft.challenge}, {len(draft.texts)} changes of the text"
        return "\n".join([f"{self.seed}: {changes}", asked, *lines])


def misled_by(mutant: Mutant, world: SignedWorld, oracle: Oracle, tally: Counter[Reading | None]) -> str | None:
    """What went wrong with a mutant, small; None where it was refused, or says what was signed."""
    try:
        reading = mutant.judged(world, oracle)
    except Misled:
        small = mutant.smallest(world, oracle)
        try:
            small.judged(world, oracle)
        except Misled as error:
            return f"{error}\n{small.shown(world)}"
    tally[reading] += 1
    return None


def test_the_same_world_is_made_in_every_session(files):
    assert [original.document for original in make_world().originals] == [
        original.document for original in files.originals
    ]


# --- good files pass ------------------------------------------------------------------------------------------------


@each("bound", [True, False], ids=["namespaces", "any subject"])
def test_good_files_of_every_kind_pass(files, oracle, bound):
    for named in files.named:
        for about in (None, *named.about):
            document = intake.read(named.text.encode())
            result = files.verifiers[bound].verify(
                document, at=NOW, challenge=named.challenge, domain=named.domain, about=about
            )
            assert result.verified is True, (named.name, [check.detail for check in result.checks if not check.passed])
            reading = oracle.judge(
                result, named=named, document=document, bound=bound, about=about, challenge=named.challenge
            )
            assert reading is Reading.SAME, named.name
            assert bool(result.superseded) is named.superseded


def test_only_namespaces_tell_another_trusted_makers_word_about_a_pack(files):
    """Without them a trust list means "trusted for any subject", and the result says so."""
    (annexed,) = files.of(signer="rival", kind="BatteryPassportCredential", annexed=True)
    bound = files.verifiers[True].verify(annexed.document, at=NOW)
    assert bound.verified is False
    assert bound.check(5).code == "subject-not-accepted"
    unbound = files.verifiers[False].verify(annexed.document, at=NOW)
    assert unbound.verified is True
    assert "trusted for any subject" in unbound.check(5).detail


def test_a_genuine_older_list_passes_offline_and_not_where_a_newer_one_is_at_hand(files):
    revoked = next(each for each in files.of(kind="BatteryPassportCredential", signer="maker") if each.withdrawn)
    entry = revoked.document["credentialStatus"]
    generations = [
        [each.document for each in files.of(kind=LIST, signer="maker") if each.id == one["statusListCredential"]]
        for one in entry
    ]
    older = presentation([revoked.document, *(lists[1] for lists in generations)])
    assert files.verifiers[True].verify(older, at=NOW).verified is True
    newest = {lists[-1]["id"]: lists[-1] for lists in generations}
    assert files.verifier(True, newest).verify(older, at=NOW).verified is False
    both = presentation([revoked.document, *(each for lists in generations for each in lists[1:])])
    assert files.verifiers[True].verify(both, at=NOW).verified is False
    expired = presentation([revoked.document, *(lists[0] for lists in generations)])
    assert files.verifiers[True].verify(expired, at=NOW).verified is None


# --- mutants do not -------------------------------------------------------------------------------------------------


@pytest.mark.product(of=4)
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_program_reads_what_nobody_signed(files, oracle, file, batch):
    each = -(-MUTANTS // len(FILES) // BATCHES)
    faults: list[str] = []
    tally: Counter[Reading | None] = Counter()
    for number in range(batch * each, (batch + 1) * each):
        fault = misled_by(Mutant.drawn(file, number), files, oracle, tally)
        faults += [fault] if fault is not None else []
        if len(faults) == 3:
            break
    assert not faults, "\n\n".join(faults)
    assert tally[None] > sum(tally.values()) // 3, f"too many mutants that are none: {tally}"
    print(file, batch, {str(reading): count for reading, count in tally.items()})


def test_every_kind_of_change_is_drawn():
    drawn = Counter(
        change
        for file in FILES
        for number in range(-(-2000 // len(FILES)))
        for change, _ in Mutant.drawn(file, number).changes
    )
    assert {change for changes in CHANGES.values() for change, _ in changes} == set(drawn)
    assert min(drawn.values()) >= 5, drawn.most_common()[-5:]


# --- the harness finds what it looks for ----------------------------------------------------------------------------


# What is taken away, and the kind of change that it should have held back.
def _trust_everybody(patch: pytest.MonkeyPatch) -> None:
    # Who is not on the list is trusted for no subject either: both answers have to go.
    patch.setattr(TrustList, "accepts", UnsafeAnyIssuer.accepts)
    patch.setattr(TrustList, "covers", UnsafeAnyIssuer.covers)


WEAKENED: dict[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "no spelling": ("spellings", lambda patch: patch.setattr(spelling, "respelled", lambda *_, **__: None)),
    "no proofs": ("proofs", lambda patch: patch.setattr(spelling, "check_proofs", lambda *_: None)),
    "several packs": ("members", lambda patch: patch.setattr(PassportRule, "_about_one_battery", _nothing)),
    "any support": ("roles", lambda patch: patch.setattr(PassportRule, "_supports", _nothing)),
    "whatever was asked": ("asked", lambda patch: patch.setattr(PassportRule, "_asked", _nothing)),
    "any subject": ("members", lambda patch: patch.setattr(TrustList, "covers", UnsafeAnyIssuer.covers)),
    "any issuer": ("members", lambda patch: _trust_everybody(patch)),
    "lists without proof": ("lists", lambda patch: patch.setattr(ListCheck, "signed", _unproved_list)),
    "no lists": ("lists", lambda patch: patch.setattr(StatusCheck, "check", lambda *_: (step(4, Outcome.PASSED), ()))),
    "lists of all times": ("lists", lambda patch: patch.setattr(ListCheck, "_out_of_time", lambda *_: None)),
    "any key": ("signers", lambda patch: patch.setattr(ProofCheck, "proofs", _of_whoever(ProofCheck.proofs))),
}


def _nothing(*_: Any) -> Iterator[Any]:
    return iter(())


def _unproved_list(_: ListCheck, document: dict) -> SignedList:
    checks = (step(1, Outcome.PASSED), step(2, Outcome.PASSED))
    return SignedList(document, checks, vcdm.issuer_id(document), vcdm.valid_from(document))


def _of_whoever(own: Callable) -> Callable:
    return lambda self, document, _, **options: own(self, document, None, **options)


@each("weakness", WEAKENED)
def test_a_weaker_verifier_is_found_out(files, oracle, monkeypatch, weakness):
    """Each rule taken away by itself makes some mutant pass: no rule is idle, and the oracle sees what it held back."""
    kind, weaken = WEAKENED[weakness]
    weaken(monkeypatch)
    for number in range(400):
        for file in ("passport, public", "one read-out", "declaration"):
            try:
                Mutant.drawn(file, number, kind).judged(files, oracle)
            except Misled:
                return
    pytest.fail(f"{weakness}: nothing was found in 1,200 mutants")


def test_a_failure_is_printed_small(files, oracle, monkeypatch):
    monkeypatch.setattr(spelling, "respelled", lambda *_, **__: None)
    shown = next(
        fault
        for number in range(400)
        if len(Mutant.drawn("passport, public", number).changes) > 1
        and (fault := misled_by(Mutant.drawn("passport, public", number), files, oracle, Counter())) is not None
    )
    assert len(shown.splitlines()) < 90
    assert "passport, public" in shown
