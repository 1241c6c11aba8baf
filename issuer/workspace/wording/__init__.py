"""Every sentence that the pages of the workspace say, in English; catalogues hold the other languages.

* Say what is so, then what to do. Full sentences for judgements, bare nouns for labels.
* A step that is not the reader's is a sentence, not a grey button.
* Labels of indicators, codes, kinds and regimes come from the ontology.
"""

from __future__ import annotations

from collections.abc import Mapping

from issuer.workspace.wording import ask_words, desk_words, draft_words, frame_words, wallet_words
from passport.texts import Message

TEXTS: Mapping[str, Message] = {
    **frame_words.TEXTS,
    **draft_words.TEXTS,
    **desk_words.TEXTS,
    **ask_words.TEXTS,
    **wallet_words.TEXTS,
}
