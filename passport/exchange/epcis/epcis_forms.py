"""The form of each kind of event in EPCIS 2.0, as ``ontology/lifecycle.ttl`` states it.

forms()["send_out"].step          # "shipping"
kinds_of("ObjectEvent", "OBSERVE", "shipping", "in_transit")     # ("send_out",)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from passport.errors import MalformedOntology
from passport.lifecycle.event import CORRECTION
from passport.lifecycle.event_catalogue import FILE, LC, catalogue
from passport.linked_data import resources
from passport.texts import Message
from passport.vocabulary.indicator import Term
from passport.vocabulary.strict_turtle import CODES, NS, OntologyNode, OntologySource

EPCIS = "https://ref.gs1.org/epcis/"
OBJECT, ASSOCIATION = "ObjectEvent", "AssociationEvent"
TRANSACTION, TRANSFORMATION = "TransactionEvent", "TransformationEvent"
_TYPES = (OBJECT, ASSOCIATION, TRANSACTION, TRANSFORMATION)
_ACTIONS = ("ADD", "OBSERVE", "DELETE")
#: Beginnings of the IRIs of CBV words. (CBV 2.0 section 7; the URNs are those of CBV 1.2)
_WORD_BASES = tuple(
    base + kind
    for base, kinds in {
        "https://ref.gs1.org/cbv/": ("BizStep-", "Disp-", "BTT-", "SDT-", "ER-"),
        "https://ns.gs1.org/cbv/": ("BizStep-", "Disp-", "BTT-", "SDT-", "ER-"),
        "cbv:": ("BizStep-", "Disp-", "BTT-", "SDT-", "ER-"),
        "urn:epcglobal:cbv:": ("bizstep:", "disp:", "btt:", "sdt:", "er:"),
    }.items()
    for kind in kinds
)


@dataclass(frozen=True)
class EpcisForm:
    """What one kind of event is in EPCIS.

    :param type: ``ObjectEvent``, ``AssociationEvent``, ``TransactionEvent`` or ``TransformationEvent``.
    :param action: ``ADD``, ``OBSERVE``, ``DELETE``; None for a transformation.
    :param step: CBV business step without its prefix.
    :param disposition: CBV disposition without its prefix; None where CBV has no word.
    :param leaves: whether the pack is no longer at the place of the event.
    :param transaction: field that names a business transaction, with ``transaction_type``.
    :param outputs: fields that name or weigh what a transformation makes.
    """

    type: str
    action: str | None
    step: str | None
    disposition: str | None
    leaves: bool
    transaction: str | None
    transaction_type: str | None
    outputs: Mapping[str, Term]


@cache
def forms() -> Mapping[str, EpcisForm]:
    """The forms by kind, of every kind but the correction.

    :raises MalformedOntology: a kind has no form, or a wrong one.
    """
    return read(resources.read_text(FILE))


def read(text: str, name: str = FILE) -> Mapping[str, EpcisForm]:
    """The forms that a text states; see :func:`forms`."""
    nodes = {node.iri: node for node in OntologySource(text, name).of_type(LC.EventKind)}
    by_code: dict[str, EpcisForm] = {}
    for code, kind in catalogue().kinds.items():
        if code == CORRECTION:
            continue
        node = nodes.get(f"{CODES}lifecycleEvent.{code}")
        if node is None:
            raise MalformedOntology(Message("{name} has no EPCIS form of {code}", name=name, code=code))
        by_code[code] = _form(node, kind.fields)
    return MappingProxyType(by_code)


def _form(node: OntologyNode, fields: Mapping[str, Term]) -> EpcisForm:
    type_ = node.required_text(LC.epcisEvent).removeprefix(EPCIS)
    action = node.text(LC.epcisAction)
    if type_ not in _TYPES:
        raise node.wrong(f"has the unknown EPCIS event {type_}")
    if action not in (*_ACTIONS, None) or (action is None) != (type_ == TRANSFORMATION):
        raise node.wrong(f"has the EPCIS action {action}")
    outputs = {str(value).removeprefix(NS) for value in node.all(LC.output)}
    transaction = (node.text(LC.bizTransaction) or "").removeprefix(NS) or None
    for name in sorted({*outputs, *([transaction] if transaction else [])} - set(fields)):
        raise node.wrong(f"has no field {name}")
    step, disposition, of_type = (node.text(each) for each in (LC.bizStep, LC.disposition, LC.bizTransactionType))
    return EpcisForm(
        type=type_,
        action=action,
        step=bare(step) if step else None,
        disposition=bare(disposition) if disposition else None,
        leaves=node.flag(LC.leaves, False),
        transaction=transaction,
        transaction_type=bare(of_type) if of_type else None,
        outputs=MappingProxyType({name: term for name, term in fields.items() if name in outputs}),
    )


def bare(word: str) -> str:
    """A CBV word without the beginning of its IRI; another text as it is."""
    return next((word[len(base) :] for base in _WORD_BASES if word.startswith(base)), word)


def kinds_of(type_: str, action: str | None, step: str | None, disposition: str | None) -> tuple[str, ...]:
    """The kinds of event that these words of EPCIS can mean.

    A disposition that no kind has is left out of account: the step then says what happened.
    """
    same_step = [
        (code, form)
        for code, form in forms().items()
        if form.step == step and (type_, action) in ((form.type, form.action), *_without_vehicle(form))
    ]
    exact = tuple(code for code, form in same_step if form.disposition == disposition)
    return exact or tuple(code for code, _ in same_step)


def _without_vehicle(form: EpcisForm) -> tuple[tuple[str, str], ...]:
    return ((OBJECT, "OBSERVE"),) if form.type == ASSOCIATION else ()
