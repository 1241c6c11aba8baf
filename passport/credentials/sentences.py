"""Each sentence of the checks of one credential: a table, and nothing else.

The keys are the codes of the report for machines, the codes of :mod:`passport.errors` among them; a few more say what
held. The values in braces are those of a :class:`~passport.credentials.wording.Phrase`; ``day`` after a colon formats
an instant as a date. A phrase begins in lower case and has no full stop, so that it fits a table and a sentence.

The message of a library error is machine detail, shown beside these sentences and never in their place.
"""

from __future__ import annotations

from passport.texts import Message

PHRASES: dict[str, Message] = {
    # --- what held --------------------------------------------------------------------------------------------------
    "counted": Message("{count} of {count}"),
    "signed-with": Message("{suites}, key {keys}"),
    "signed-with-enclosed": Message("{suites}, key {keys}, whose DID document comes from the file itself"),
    "unasked": Message("{signed}; no challenge was asked for"),
    "from-until": Message("from {starts:day}, until {end}"),
    "from": Message("from {starts:day}, no end"),
    "until": Message("until {end}"),
    "several": Message("{each}"),
    "no-end": Message("no end"),
    "list-signed": Message("list signed {at}"),
    "no-status-entry": Message("no status entry"),
    "no-bearing": Message("{purpose} has no bearing on validity"),
    "listed": Message("{issuer}, {source}"),
    "listed-here": Message("{issuer}, on the trust list"),
    "any-issuer": Message("any issuer is accepted, {issuer} too"),
    "accepted-for": Message("{accepted}; {subject}"),
    "any-subject": Message("trusted for any subject"),
    "accredited": Message("{actor} was accredited by {issuer} on {at:day}"),
    "own-subject": Message("the subject is in its namespace"),
    "list-of-issuer": Message("a list of the credentials' own issuer"),
    "newer-exists": Message("a newer read-out exists; list signed {at}"),
    "list-unfetched": Message("list signed {at}; a newer one could not be fetched: {why}"),
    "the-trust-list": Message("the trust list"),
    # --- what was not checked ---------------------------------------------------------------------------------------
    "not-reached": Message("not reached"),
    "no-credential": Message("no credential"),
    "no-rule": Message("not applied"),
    # --- what was handed in, and is no document ---------------------------------------------------------------------
    "file-empty": Message("the file is empty"),
    "file-pdf": Message("it is a PDF document"),
    "file-picture": Message("it is a picture"),
    "file-workbook": Message("it is a workbook or another archive"),
    "file-page": Message("it is a web page"),
    "file-address": Message("it is an address, not a passport"),
    "file-text": Message("it is text, and not JSON"),
    "file-token": Message("it is a token that does not say its kind"),
    "file-several": Message("several documents follow one another"),
    # --- what enclosed the document, or is something else ----------------------------------------------------------
    "found-mark": Message("it begins with a byte order mark, which was skipped"),
    "found-encoding": Message("it was read as {encoding}"),
    "found-list": Message("it was the only entry of a list"),
    "found-member": Message("it was taken out of “{member}”; what was beside it is not signed and was not read"),
    "json-did-document": Message("it is a DID document, not a credential"),
    "json-trust-list": Message("it is a trust list, not a credential"),
    "json-keys": Message("it is a key, not a credential"),
    "json-problem": Message("it is an error message of a server, not a credential"),
    "json-report": Message("it is a report of a verification, not the passport"),
    "json-record": Message("it is data before signing, not a passport"),
    "several-documents": Message("there are several documents in it"),
    "unreadable-document": Message("it is not well-formed: neither JSON nor a token"),
    # --- 1: a credential of VC Data Model 2.0 -----------------------------------------------------------------------
    "malformed-credential": Message("it does not have the form that VC Data Model 2.0 asks for"),
    "split-node": Message(
        "it says things of itself, its status, issuer or role in two places, of which a reader may see one only"
    ),
    "malformed-document": Message("it is not well-formed, or nested too deeply"),
    "unsafe-json-ld": Message("it holds something that no context defines, so that no signature covers it"),
    "unknown-context": Message("it uses a context that this verifier does not hold; contexts are never fetched"),
    "respelled": Message("a value is written in another way than its issuer writes it"),
    "duplicate": Message("there are two documents of this id"),
    "enveloped": Message("{kind} cannot be checked by this version"),
    # --- 2: the proof verifies --------------------------------------------------------------------------------------
    "unsigned": Message("not signed"),
    "too-much-work": Message("the file holds more proofs than are looked at together"),
    "canonicalization-limit": Message("its structure is more intricate than is looked at"),
    "proof-error": Message("its proof does not hold"),
    "unknown-proof": Message("its kind of proof is not known to this verifier"),
    "invalid-signature": Message("signature and content do not match"),
    "base-proof": Message("it carries a base proof, which is the issuer's own copy"),
    "malformed-key": Message("the key it names cannot be read"),
    "foreign-key": Message("the signature verifies, but the key belongs to {keys}, not to {controller}"),
    "key-elsewhere": Message("the key is not one of {controller}"),
    "nobody": Message("nobody"),
    "one-holder": Message("one holder"),
    "unresolvable-did": Message("the keys of who signed it are not at hand"),
    "self-asserted-keys": Message("the keys of {did} come from the file itself"),
    # --- 3: within its validity -------------------------------------------------------------------------------------
    "not-yet-valid": Message("valid only from {starts}"),
    "expired": Message("expired {ends}"),
    # --- 4: no status bit is set ------------------------------------------------------------------------------------
    "revoked": Message("withdrawn (status {index}, list of {at})"),
    "suspended": Message("suspended (status {index}, list of {at})"),
    "identity-revoked": Message("the identity of its holder was withdrawn (status {index}, list of {at})"),
    "identity-suspended": Message("the identity of its holder is suspended (status {index}, list of {at})"),
    "unknown-status": Message("status of an unknown kind, {kind}"),
    "unknown-purpose": Message("status for an unknown purpose, {purpose}"),
    "no-status-list": Message("no status list in the file"),
    "unusable-status-list": Message("the status list at hand does not count: {faults}"),
    "list-of-another": Message("signed by another issuer"),
    "list-proof": Message("its proof: {why}"),
    "fetch-failed": Message("it could not be fetched"),
    "refused-address": Message(
        "its address is not called: only public https addresses are, and those that the user names"
    ),
    "no-status-list-of-then": Message("no status list at hand gives its status on {at:day}"),
    "not-accredited": Message("{actor} was not accredited by {issuer} on {at:day}"),
    "accreditation-undetermined": Message("whether {actor} was accredited by {issuer} on {at:day} is not known"),
    "list-undated": Message("it does not say of when it is"),
    "list-expired": Message("it is past its time, {ends}"),
    "list-of-later": Message("it is of a later time, {starts}"),
    "list-of-nobody": Message("a status list of {issuer}, who issued nothing else in the file"),
    "malformed-status-list": Message("it is not a list for this status"),
    # --- 5: issuer accepted -----------------------------------------------------------------------------------------
    "not-listed": Message("{issuer} is not on the trust list {source}"),
    "not-on-the-list": Message("{issuer} is not on the trust list"),
    "not-trusted-for": Message("{issuer} is not trusted for {kinds} by {source}"),
    "no-kind": Message("{issuer} is not trusted for credentials of no kind by {source}"),
    "address-elsewhere": Message("the subject {found} lies outside the addresses that its issuer is trusted for"),
    "gtin-elsewhere": Message("GTIN {found} has none of the prefixes that its issuer is trusted for"),
    "code-elsewhere": Message("code {found} has none of the manufacturer codes that its issuer is trusted for"),
    "namespace-unknown": Message("what is known of {subject} does not tell whether it is in its issuer's namespace"),
    "no-subject": Message("it is about nothing that has an address"),
    # --- the families of errors, where nothing says more --------------------------------------------------------------
    "document-error": Message("the document is at fault"),
    "usage-error": Message("the call cannot be answered"),
    "undetermined": Message("it could not be found out"),
    "verification-failed": Message("it does not verify"),
    "passport-error": Message("it could not be judged"),
}

#: What a reader can do, by the same keys. What an operator can do is the hint of the error.
HINTS: dict[str, Message] = {
    "file-pdf": Message("A printed page cannot be verified. Open the passport by its QR code and save it there."),
    "file-picture": Message("Scan the code with a camera; the page it leads to offers the saved passport."),
    "file-workbook": Message("Passports are issued from workbooks; what can be verified is the signed passport."),
    "file-page": Message(
        "A saved web page cannot be verified. On the passport page, choose “Saved passport” under the downloads."
    ),
    "file-address": Message("Open it, save the passport there, and give that file."),
    "file-token": Message(
        "Ask for the passport as JSON-LD, or as a JWT, SD-JWT or COSE credential of VC Data Model 2.0."
    ),
    "enveloped": Message(
        "Ask for the passport as JSON-LD, or as a JWT, SD-JWT or COSE credential of VC Data Model 2.0."
    ),
    "file-several": Message("Give one document at a time."),
    "respelled": Message(
        "Fetch the passport again from the address on the product: this copy was rewritten on its way."
    ),
    "unknown-proof": Message("Verify it with software that knows this kind of proof."),
    "several-documents": Message("Give one document at a time."),
    "unreadable-document": Message(
        "Save it again as JSON in UTF-8, or fetch the passport again from the address on the product."
    ),
    "unknown-context": Message("Ask its issuer for a passport that uses published contexts."),
    "unsafe-json-ld": Message("Ask its issuer for a passport without undefined terms."),
    "split-node": Message("Ask its issuer for the document as it was signed; it may have been rearranged on its way."),
    "invalid-signature": Message(
        "Fetch the passport again from the address on the product. "
        "A signature covers a credential as a whole and cannot tell which value was changed."
    ),
    "unsigned": Message("Ask for the signed passport: an unsigned one proves nothing."),
    "base-proof": Message("Do not pass it on; make a view: passport show ID --as AUDIENCE --save FILE"),
    "foreign-key": Message("Take it for what its signer says, not for what the named issuer says."),
    "unresolvable-did": Message("DID documents are never fetched unasked: pin the document in the trust list."),
    "self-asserted-keys": Message("Pin the issuer's DID document in the trust list."),
    "expired": Message("Fetch the current one from the address on the product."),
    "revoked": Message("Fetch the current one from the address on the product."),
    "suspended": Message("Ask the issuer why, and whether it will count again."),
    "identity-revoked": Message("The holder needs an identity that counts, and then a new credential."),
    "identity-suspended": Message("It counts again when the registrar restores the identity."),
    "no-status-list": Message("Ask for a file saved with its status lists."),
    "unusable-status-list": Message("Ask for a file saved with its current status lists."),
    "not-listed": Message("Add the issuer only if you know it by another way than this file."),
    "not-on-the-list": Message("Add the issuer only if you know it by another way than this file."),
}
