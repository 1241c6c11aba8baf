"""Supervision: what should not happen to packs, as rules over the facts of accepted events. Pure.

* Facts are a projection of accepted events (:mod:`passport.supervision.pack_facts`); they know no signature.
* Duties, rules and limits are data (``ontology/supervision/``), one file a country.
* The store runs the queries; here their rows become findings, with a sentence in each language and their evidence.
* An alert is a finding with a life: openings and closings by cause, and what people did (:mod:`.alerts`).
"""
