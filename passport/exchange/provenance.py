"""A life-cycle event in PROV-O: the event is an activity, its parties are agents, packs are entities.

    quads = provenance(event)
    turtle_writer.serialize(quads, PREFIXES)

* The pack is used by every event; production generates it, and a transformation generates its successor, which is
  derived from it.
* The activity is informed by the event before, and a correction also by the event that it corrects.
* The statements are those of the event that is given. What an audience may not read has to be left out before; see
  :func:`passport.exchange.epcis.epcis_writer.seen_by`.

Source: PROV-O, W3C Recommendation of 30 April 2013.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from passport.exchange.epcis.epcis_forms import OBJECT, forms
from passport.exchange.epcis.epcis_writer import place_iri
from passport.lifecycle.event import CORRECTED_INSTANT, CORRECTION, LifecycleEvent
from passport.linked_data.nquads import XSD, Quad, literal
from passport.linked_data.turtle_writer import RDF_TYPE
from passport.vocabulary.indicator import Datatype
from passport.vocabulary.strict_turtle import CODES, NS

PROV = "http://www.w3.org/ns/prov#"
PREFIXES: Mapping[str, str] = {"prov": PROV, "bp": NS, "code": CODES}


def provenance(event: LifecycleEvent) -> tuple[Quad, ...]:
    """The statements of one event; every subject and object that is a resource is an IRI."""
    return tuple(dict.fromkeys(_statements(event)))


def _statements(event: LifecycleEvent) -> Iterator[Quad]:
    this, pack, actor = _iri(event.id), _iri(event.pack), _iri(event.actor)
    instant = literal(event.instant.isoformat(), datatype=XSD + "dateTime")
    yield Quad(this, RDF_TYPE, _prov("Activity"))
    yield Quad(this, _iri(f"{NS}lifecycleEvent"), _iri(f"{CODES}lifecycleEvent.{event.kind}"))
    # The report knows one instant: that at which the event was done.
    yield Quad(this, _prov("startedAtTime"), instant)
    yield Quad(this, _prov("endedAtTime"), instant)
    yield Quad(this, _prov("wasAssociatedWith"), actor)
    yield Quad(actor, RDF_TYPE, _prov("Agent"))
    if event.counterpart:
        yield Quad(this, _prov("wasAssociatedWith"), _iri(event.counterpart))
        yield Quad(_iri(event.counterpart), RDF_TYPE, _prov("Agent"))
    if event.place:
        yield Quad(this, _prov("atLocation"), _iri(place_iri(event.place)))
        yield Quad(_iri(place_iri(event.place)), RDF_TYPE, _prov("Location"))
    for before in (event.predecessor.id if event.predecessor else None, event.corrects):
        if before:
            yield Quad(this, _prov("wasInformedBy"), _iri(before))
    yield Quad(pack, RDF_TYPE, _prov("Entity"))
    yield from _made(event, this, pack)


def _made(event: LifecycleEvent, this: str, pack: str) -> Iterator[Quad]:
    """What the event used, and what it generated."""
    form = None if event.kind == CORRECTION else forms()[event.kind]
    if form is not None and form.type == OBJECT and form.action == "ADD":
        yield Quad(pack, _prov("wasGeneratedBy"), this)
    else:
        yield Quad(this, _prov("used"), pack)
    for name, term in form.outputs.items() if form else ():
        if term.datatype is Datatype.ANY_URI and (made := event.text(name)):
            yield Quad(_iri(made), RDF_TYPE, _prov("Entity"))
            yield Quad(_iri(made), _prov("wasGeneratedBy"), this)
            yield Quad(_iri(made), _prov("wasDerivedFrom"), pack)
    for origin in event.texts("derivedFromPacks") if "derivedFromPacks" in event.fields else ():
        yield Quad(_iri(origin), RDF_TYPE, _prov("Entity"))
        yield Quad(pack, _prov("wasDerivedFrom"), _iri(origin))
    if CORRECTED_INSTANT in event.fields and event.corrects:
        corrected = event.fields[CORRECTED_INSTANT]
        yield Quad(this, _iri(f"{NS}{CORRECTED_INSTANT}"), literal(corrected.isoformat(), datatype=XSD + "dateTime"))


def _prov(name: str) -> str:
    return f"<{PROV}{name}>"


def _iri(text: str) -> str:
    return f"<{text}>"
