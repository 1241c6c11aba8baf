"""The downloads of a page: the passport in its forms, its signed documents one by one, and their status lists."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from urllib.parse import urlencode

from markupsafe import Markup

from passport.battery.linked_documents import RELATED
from passport.linked_data.json_types import JsonObject
from passport.reports.isolation import isolated
from passport.vocabulary.credential_types import BATCH, MODEL, PASSPORT
from resolver.forms.exports import EXPORTS
from resolver.forms.negotiation import CSV, NQUADS, TURTLE, VP
from resolver.page import formatting as f
from resolver.page.context import PageContext
from resolver.page.macros import CELLS
from resolver.page.view_model import Download

#: The same statements without signatures.
_COPIES = ((TURTLE, "Turtle", "ttl"), (NQUADS, "N-Quads", "nq"), (CSV, "CSV", "csv"))


def downloads(context: PageContext, file: str) -> tuple[Download, ...]:
    """The list, the saved passport first.

    :param file: what the saved passport is called on the reader's disk.
    """
    return (_saved(context, file), *_summary(context, file), *_attestations(context), *_documents(context))


def copies(context: PageContext, file: str) -> tuple[Download, ...]:
    """The same data for other tools, in every form and format, without signatures."""
    return tuple(_copies(context, file))


def _saved(context: PageContext, file: str) -> Download:
    words, href = context.words, context.form(VP.name)
    about = words.comma.join(["JSON-LD", f.size(len(context.view.presentation_bytes()), words.language)])
    if context.asked.reader is None:
        return Download(href, words("saved-passport"), about, words("saved-note"), file)
    if context.asked.token:
        return Download(href, words("saved-passport"), about, words("saved-post-note"), post=True)
    return Download(None, words("saved-passport"), about, words("saved-role-note"))


def _summary(context: PageContext, file: str) -> Iterator[Download]:
    """The one-page PDF, where its content is public."""
    if context.asked.reader is not None or context.is_model:
        return
    words = context.words
    href = context.form("pdf") + f"&lang={words.language}"
    yield Download(href, words("summary-pdf"), "PDF", words("summary-note"), file.replace(".passport.jsonld", ".pdf"))


def _attestations(context: PageContext) -> Iterator[Download]:
    """The page of all attestations, where there is one that this reader may have and a way to ask for it."""
    if context.asked.as_of or (context.asked.reader is not None and not context.asked.token) or not context.attested:
        return
    words = context.words
    href = f"{context.attestations_path}?" + urlencode({"lang": words.language})
    post = context.asked.token is not None
    yield Download(href, words("attested-page"), "HTML", words("attested-note"), post=post)


def _documents(context: PageContext) -> Iterator[Download]:
    """The signed documents that are public."""
    view, words = context.view, context.words
    sizes = {
        each["id"]: len(body) for each, body in zip((*view.credentials, *view.status_lists), view.bodies, strict=False)
    }

    def about(document: JsonObject) -> str:
        size = [f.size(sizes[document["id"]], words.language)] if document["id"] in sizes else []
        return words.comma.join(["JSON-LD", *size])

    def href(document: JsonObject) -> str:
        return context.here.config.root + str(document["id"]).removeprefix(context.here.config.base_url)

    for type_, key in ((MODEL, "cred-model"), (BATCH, "cred-batch"), (PASSPORT, "cred-passport")):
        document = view.credential(type_)
        if document is not None:
            signed = f.instant(document.get("validFrom"))
            date = f.time_element(signed.date(), words.language) if signed else None
            note = words("cred-signed", date=date) if date else isolated("")
            yield Download(
                href(document), words(key), about(document), note, f"{key.removeprefix('cred-')}.vc.jsonld", detail=True
            )
    for document in view.status_lists:
        purpose = f"purpose-{document['credentialSubject'].get('statusPurpose', '')}"
        note = words(purpose) if words.has(purpose) else isolated("")
        yield Download(href(document), words("status-list"), about(document), note, detail=True)


def _copies(context: PageContext, file: str) -> Iterator[Download]:
    """Forms for other tools. In a role without a token in the page there is no way to ask for them from here."""
    if context.asked.reader is not None and not context.asked.token:
        return
    words, post, stem = context.words, context.asked.token is not None, file.removesuffix(".passport.jsonld")
    for form, name, ending in _COPIES:
        about = str(words("copy-csv")) if form is CSV else ending
        copy = None if post else f"{stem}.{ending}"
        yield Download(context.form(form.name), isolated(name), about, isolated(""), copy, post)
    if context.is_model:
        return
    for each in EXPORTS.values():
        # The file has the name that the answer gives it.
        yield Download(context.form(each.name), isolated(each.title), each.name, isolated(""), "", post)


def digests(context: PageContext) -> Markup | None:
    """The linked documents and their signed digests, in hexadecimal figures; None where none is signed."""
    rows = [
        (f.link(entry["id"]), CELLS.code(digest))
        for credential in context.view.credentials
        for entry in credential.get(RELATED, ())
        if (digest := _hexadecimal(entry.get("digestMultibase"))) is not None
    ]
    return isolated(CELLS.pairs(rows)) if rows else None


def _hexadecimal(multibase: object) -> str | None:
    """The digest of a multihash of SHA-256 in base64url, the one form that this project signs."""
    if not isinstance(multibase, str) or not multibase.startswith("uEi"):
        return None
    return urlsafe_b64decode(multibase[1:] + "=" * (-len(multibase[1:]) % 4))[2:].hex()
