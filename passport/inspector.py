"""Verification and validation of any passport, in one report.

*Verification* asks whether the file is what its issuer signed and whether it still counts; *validation* asks whether
what it says is well formed and complete. The two answers are kept apart: a public view verifies and is
incomplete, and a file with wrong data can be properly signed.

Only statements of credentials whose proof verified are validated. What is left out of a derived view counts as missing
here; only the issuer can say whether it was ever there.

    inspect(document, verifier, at=now, regimes=regimes().values()).validation.regimes["eu"].present_due
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.credentials.verification_result import Outcome, VerificationResult
from passport.credentials.verifier import Verifier
from passport.linked_data import graphs, jsonld
from passport.texts import Message
from passport.validation.validator import On, ValidationReport, validate_graph
from passport.vocabulary.vocabulary import Regime, Stage


@dataclass(frozen=True)
class Inspection:
    """What was found out about one document.

    :ivar validation: None where no credential in it verified, so that there is nothing to judge.
    """

    verification: VerificationResult
    validation: ValidationReport | None

    @property
    def answers(self) -> dict[str, Outcome]:
        """The verification's answers, and two on what was proved: ``content``, does what is said meet the shapes, and
        ``completeness``, is all there that the regimes demand. A public view is not complete."""
        content = completeness = Outcome.NOT_REACHED
        if self.validation is not None:
            codes = {fault.code for fault in self.validation.faults if fault.severity == "violation"}
            content = Outcome.FAILED if codes - {"missing"} else Outcome.PASSED
            completeness = Outcome.FAILED if "missing" in codes else Outcome.PASSED
        return {**self.verification.answers, "content": content, "completeness": completeness}

    def to_json(self) -> dict[str, Any]:
        """Both reports, and above them each answer by itself; ``validation`` is null where nothing could be judged."""
        return {
            "answers": {name: outcome.value for name, outcome in self.answers.items()},
            "verification": self.verification.to_json(),
            "validation": None if self.validation is None else self.validation.to_json(),
        }


def inspect(
    document: Mapping[str, Any],
    verifier: Verifier,
    *,
    at: datetime,
    regimes: Sequence[Regime],
    on: On | None = None,
    at_stage: Stage = Stage.PRODUCTION,
    about: str | None = None,
    challenge: str | None = None,
    domain: str | None = None,
) -> Inspection:
    """Verify ``document``, then validate what was proved by it.

    :param verifier: such as :func:`passport.belonging.verifier` makes.
    :param at: instant of verification, aware; its day is the one whose obligations apply unless ``on`` says another.
    :param about: the address or code that the file has to be about.
    :param challenge: the challenge given to the holder; :param domain: the intended verifier.
    """
    verification = verifier.verify(document, at=at, about=about, challenge=challenge, domain=domain)
    proved = [
        {key: value for key, value in result.document.items() if key != "proof"}
        for result in verification.credentials
        if result.proved and result.document is not None
    ]
    statements = graphs.merged(jsonld.to_dataset(document) for document in proved)
    if not len(statements):
        return Inspection(verification, None)
    return Inspection(
        verification,
        validate_graph(
            statements, regimes, on=at.date() if on is None else on, at_stage=at_stage, file=Message("the document")
        ),
    )
