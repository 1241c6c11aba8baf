"""GS1 EPCIS 2.0 in JSON-LD, out of life-cycle events and into them.

* The form of each kind of event (event type, business step, disposition) is data in ``ontology/lifecycle.ttl``.
* An EPCIS event has a CBV 2.0 hash id. Extension members of our namespaces hold what EPCIS has no member for.
* What a document holds and a life-cycle event cannot say is named with its place, never dropped silently.
* Contexts are recognised by their address. None is loaded, and none is fetched.

Sources: GS1 EPCIS 2.0.1 and CBV 2.0.0.
"""
