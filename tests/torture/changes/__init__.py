"""Changes to whole files, by the kinds of fault that a verifier has been led astray with.

A change takes a :class:`~tests.torture.changes.draft.Draft` and a source of chance of its own, so that a mutant can be
made again with one change less: that is how a failure becomes small.
"""

from collections.abc import Callable
from random import Random

from tests.torture.changes import anything, lists, members, proofs, spellings
from tests.torture.changes.draft import Draft

Change = Callable[[Draft, Random], None]

CHANGES: dict[str, tuple[tuple[Change, int], ...]] = {
    "types": (
        (members.type_added, 5),
        (members.type_removed, 3),
        (members.type_reordered, 1),
        (members.type_as_iri, 3),
        (members.type_replaced, 2),
        (members.all_types_of_a_list, 2),
    ),
    "members": (
        (members.member_of_another, 8),
        (members.member_added, 6),
        (members.members_of_another_file, 4),
        (members.member_removed, 2),
        (members.member_doubled, 3),
        (members.members_reordered, 1),
        (members.member_wrapped, 3),
        (members.id_changed, 3),
    ),
    "signers": (
        (members.signed_by_another, 5),
        (members.unsigned_member, 2),
        (members.base_proof_shown, 1),
        (members.change_of_a_value, 3),
    ),
    "roles": ((members.another_role, 3), (members.role_widened, 3)),
    "dates": ((members.date_changed, 4), (members.date_respelled, 3)),
    "lists": (
        (lists.list_answered, 5),
        (lists.list_of_another_time, 4),
        (lists.all_lists_of_another_time, 3),
        (lists.list_of_another, 4),
        (lists.list_forged, 5),
        (lists.entry_changed, 5),
    ),
    "spellings": (
        (spellings.respelled, 12),
        (spellings.null_added, 4),
        (spellings.key_respelled, 5),
        (spellings.node_split, 5),
        (spellings.languages, 4),
        (spellings.contexts, 5),
        (spellings.inner_context, 3),
        (spellings.duplicate_value, 2),
        (spellings.list_reordered, 1),
        (spellings.keys_reordered, 1),
        (spellings.number_in_the_text, 3),
        (spellings.key_twice, 2),
        (spellings.escaped_in_the_text, 1),
    ),
    "wrappers": (
        (proofs.wrapper_member, 5),
        (proofs.enclosed_keys, 3),
        (proofs.members_not_in_a_list, 2),
        (proofs.without_a_wrapper, 2),
    ),
    "proofs": (
        (proofs.proof_option, 5),
        (proofs.proof_of_another_key, 3),
        (proofs.proof_option_respelled, 3),
        (proofs.signature_twice, 1),
        (proofs.proof_set, 4),
        (proofs.proof_of_another, 3),
        (proofs.presentation_proof_moved, 2),
        (proofs.presentation_unsigned, 1),
        (proofs.another_occasion, 2),
    ),
    "views": ((proofs.thinned_further, 2), (proofs.views_mixed, 4), (proofs.derived_proof_changed, 4)),
    "asked": ((anything.asked_for_another, 4),),
    "tokens": ((anything.token_changed, 4),),
    "anything": (
        (anything.character_changed, 8),
        (anything.value_replaced, 4),
        (anything.values_exchanged, 3),
        (anything.something_removed, 4),
        (anything.key_renamed, 3),
        (anything.something_added, 4),
    ),
}
"""The changes by kind, each with its weight."""
