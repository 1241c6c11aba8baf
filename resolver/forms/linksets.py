"""Typed links of an identifier, as a linkset or as one redirect. Pure.

An identifier has *levels*: the pack, its batch, then its model. Each level is an anchor with links of several types.
GS1 keys, plate codes of GB/T 34014 and addresses of our own differ only in how they name a level; from here on they are
alike.

* Each level has exactly one default link, with a title and nothing else. It is repeated under a descriptive type.
* The passport is offered under two relations: ``dpp`` of the IANA registry and ``gs1:dpp``.
* A type that the pack's level does not offer is looked for at the levels above. Without a link at any, the answer
  is 404.
* Among links of one type, the media type, then the language decide. Several equal links are offered as a choice (300).
* Links come from public data only and are the same for every reader. A target is an address of ours, or an http(s)
  address that the issuer signed; no part of a request ever becomes a target.

Sources: RFC 9264; GS1-Conformant Resolver Standard 1.2; GS1 Web Vocabulary 1.16; GS1 linkset schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from werkzeug.urls import iri_to_uri

from passport.texts import Message, languages, say
from passport.vocabulary.vocabulary import Vocabulary
from resolver.forms.negotiation import language_weights, media_weight

GS1 = "https://ref.gs1.org/voc/"
DEFAULT = GS1 + "defaultLink"
LINKSET = "linkset"
#: The relation to a digital product passport in the IANA registry, registered in 2026 on the authority of UNTP.
DPP = "dpp"
MEDIA_TYPE = "application/linkset+json"
CONTEXT_RELATION = "http://www.w3.org/ns/json-ld#context"

#: Other ways to write the namespace of GS1 link types.
_PREFIXES = ("gs1:", GS1, "https://gs1.org/voc/", "https://www.gs1.org/voc/", "http://gs1.org/voc/")

#: First segments of GS1 Digital Links that name no battery: other keys, and the names of keys in the old syntax.
OTHER_KEYS = (
    "00", "253", "255", "401", "402", "414", "417", "8003", "8004", "8006", "8010", "8013", "8017", "8018",
    "gtin", "sscc", "gdti", "gcn", "ginc", "gsin", "gln", "grai", "giai", "itip", "cpid", "gmn", "gsrn", "gsrnp",
)  # fmt: skip

#: GS1 link type -> public indicators whose value is the address of such a document.
_DOCUMENTS: Mapping[str, tuple[str, ...]] = {
    "certificationInfo": ("euDeclarationOfConformity", "thirdPartyAssurances"),
    "sustainabilityInfo": (
        "carbonFootprintStudy", "carbonFootprintDeclaration", "chinaCarbonFootprintDeclaration",
        "carbonFootprintAccountingStatement", "recycledContentDocumentation", "dueDiligenceReport",
    ),
    "instructions": ("instructionsForUse",),
    "safetyInfo": ("wasteBatterySafetyInstructions",),
    "serviceInfo": ("separateCollectionInformation", "collectionAndTreatmentInformation"),
}  # fmt: skip
DOCUMENT_INDICATORS = frozenset(name for names in _DOCUMENTS.values() for name in names)
_TITLE = Message("Battery passport")
_ASK_TITLE = "Ask for access to restricted data"
#: Relations of a pack's events: where they are read, and where a new one is handed in (POST).
EVENTS, EVENT_INBOX = "https://w3id.org/battery-passport/ns#events", "https://w3id.org/battery-passport/ns#eventInbox"
#: Relation of a pack to where a person asks for more than the public may read; a form posts there too.
ACCESS_REQUEST = "https://w3id.org/battery-passport/ns#accessRequest"

#: Relations of a pack to the passports of what it was made from, and of what was made from it.
BEFORE, AFTER = (
    "https://w3id.org/battery-passport/ns#previousPassport",
    "https://w3id.org/battery-passport/ns#successorPack",
)


@dataclass(frozen=True)
class Link:
    """One typed link. ``type`` is a media type, ``hreflang`` language tags; the default link has neither.

    :ivar pass_query: whether the query of a request goes on to the target: to ours, never to a foreign one.
    """

    href: str
    title: str
    type: str | None = None
    hreflang: tuple[str, ...] = ()
    pass_query: bool = True

    def document(self) -> dict[str, Any]:
        """The link object of RFC 9264, with the members that the GS1 schema knows."""
        members = {"href": self.href, "title": self.title, "type": self.type, "hreflang": list(self.hreflang)}
        given = {name: value for name, value in members.items() if value}
        return given if self.pass_query else {**given, "fwqs": False}


@dataclass(frozen=True)
class Level:
    """One anchor and its links by relation (an IANA name or a URL)."""

    anchor: str
    description: str
    links: Mapping[str, tuple[Link, ...]]

    @property
    def default(self) -> Link:
        return self.links[DEFAULT][0]


def level(anchor: str, page: str, description: str, documents: Sequence[tuple[str, Link]] = ()) -> Level:
    """The links of one passport.

    :param anchor: subject IRI of the pack, batch or model.
    :param page: address under which the passport negotiates its form.
    :param documents: relation and link of documents that the passport names.
    """

    def form(name: str, media_type: str, title: str) -> Link:
        return Link(f"{page}?format={name}", title, media_type)

    people = tuple(
        Link(f"{page}?format=html&lang={language}", say(_TITLE, language), "text/html", (language,))
        for language in languages()
    )
    passport = (
        *people,
        form("vp", "application/vp", "Signed battery passport"),
        form("jsonld", "application/ld+json", "Signed battery passport as linked data"),
        form("turtle", "text/turtle", "Statements of the battery passport"),
        form("nquads", "application/n-quads", "Statements of the battery passport"),
    )
    links: dict[str, tuple[Link, ...]] = {
        DEFAULT: (Link(page, _TITLE),),
        DPP: passport,
        GS1 + "dpp": passport,
        GS1 + "pip": people,
        GS1 + "masterData": (form("csv", "text/csv", "Public data as a table"),),
    }
    for relation, link in documents:
        links[relation] = (*links.get(relation, ()), link)
    return Level(anchor, description, links)


def documents_of(claims: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[tuple[str, Link], ...]:
    """Links to the documents that public claims name; anything but a plain http(s) address is left out."""
    links = []
    for name, indicators in _DOCUMENTS.items():
        for key in indicators:
            values = claims.get(key) or ()
            title = vocabulary.indicators[key].label["en"]
            for value in [values] if isinstance(values, str) else values:
                address = web_address(value) if isinstance(value, str) else None
                if address is not None:
                    links.append((GS1 + name, Link(address, title, pass_query=False)))
    return tuple(links)


def events_of(page: str, inbox: str) -> tuple[tuple[str, Link], ...]:
    """Links to the events of a pack.

    :param page: address of the passport; :param inbox: address that takes new events.
    """
    return (
        (EVENTS, Link(f"{page}/events", "Life-cycle events", "application/json")),
        (EVENTS, Link(f"{page}/events?format=turtle", "Life-cycle events in PROV-O", "text/turtle")),
        (GS1 + "epcis", Link(f"{page}/events?format=epcis", "Life-cycle events in EPCIS 2.0", "application/ld+json")),
        (EVENT_INBOX, Link(inbox, "Hand in a life-cycle event", "application/json", pass_query=False)),
    )


def asking_of(pack: str, ask: str | None) -> tuple[tuple[str, Link], ...]:
    """Link to the form that asks for access to a pack; none where the site names no workspace.

    :param pack: its address; :param ask: address of the workspace that takes requests.
    """
    if ask is None:
        return ()
    return ((ACCESS_REQUEST, Link(f"{ask}?{urlencode({'pack': pack})}", _ASK_TITLE, "text/html", pass_query=False)),)


def lives_of(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, Link], ...]:
    """Links to the passports of other lives; anything but a plain http(s) address is left out.

    :param before: addresses of the packs that this one was made from; :param after: of those made from it.
    """
    return tuple(
        (relation, Link(address, title, pass_query=False))
        for relation, title, named in (
            (BEFORE, "Passport before this one", before),
            (AFTER, "Passport after this one", after),
        )
        for text in named
        if (address := web_address(text)) is not None
    )


def web_address(text: str) -> str | None:
    """``text`` in ASCII, safe for a Location header or an href; None where it is not a web address.

    http(s), a host, no user, no blank or control character.
    """
    if not text.isprintable() or any(character in ' <>"\\^`{|}' for character in text) or len(text) > 2000:
        return None
    try:
        parts = urlsplit(text)
        plain = parts.scheme in ("http", "https") and parts.hostname and parts.username is None
        return iri_to_uri(text) if plain else None
    except ValueError:
        # No port, no host, or no name that the DNS can hold.
        return None


def linkset(levels: Sequence[Level]) -> dict[str, Any]:
    """The linkset document, the most specific level first. (RFC 9264 section 4.2)"""
    return {
        "linkset": [
            {
                "anchor": level.anchor,
                "itemDescription": level.description,
                **{relation: [link.document() for link in links] for relation, links in level.links.items()},
            }
            for level in levels
        ]
    }


def relation_of(link_type: str) -> str:
    """The relation that ``?linkType=`` names; ``all`` is what ``linkset`` was called until 2024."""
    if link_type in (LINKSET, "all"):
        return LINKSET
    for prefix in _PREFIXES:
        if link_type.startswith(prefix):
            return GS1 + link_type[len(prefix) :]
    return link_type


def choose(
    levels: Sequence[Level], relation: str | None, *, accept: str | None = None, languages: str | None = None
) -> tuple[Link, ...]:
    """The link to follow; several where nothing tells them apart; none where the type is not offered.

    :param relation: from :func:`relation_of`; None asks for the default link.
    :param accept: the Accept header; :param languages: the Accept-Language header.
    """
    relation = relation or DEFAULT
    offered = next((level.links[relation] for level in levels if relation in level.links), ())
    if len(offered) < 2:
        return offered
    weights = language_weights(languages)

    def fit(link: Link) -> tuple[float, float]:
        spoken = max((weights.get(tag, 0.0) for tag in link.hreflang), default=0.0)
        return (media_weight(link.type, accept) if link.type else 0.0, spoken)

    best = max(map(fit, offered))
    fitting = [link for link in offered if fit(link) == best]
    first = fitting[0]
    return tuple(link for link in fitting if (link.type, link.hreflang) == (first.type, first.hreflang))


def description_file(base_url: str, name: str) -> dict[str, Any]:
    """``/.well-known/gs1resolver``: what this resolver can be asked."""
    return {
        "name": name,
        "resolverRoot": base_url,
        "supportedPrimaryKeys": ["01"],
        "supportedLinkType": [{"namespace": GS1, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
    }


#: Makes a linkset JSON-LD. (RFC 9264 appendix A)
LINKSET_CONTEXT: Mapping[str, Any] = {
    "@context": {
        "@version": 1.1,
        "@vocab": "http://www.iana.org/assignments/relation/",
        "linkset": "@graph",
        "anchor": "@id",
        "href": "@id",
        "itemDescription": "http://purl.org/dc/terms/description",
        "title": "http://purl.org/dc/terms/title",
        "hreflang": {"@id": "http://purl.org/dc/terms/language", "@container": "@set"},
        "type": "http://purl.org/dc/terms/format",
    }
}
