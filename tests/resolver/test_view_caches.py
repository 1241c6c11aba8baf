"""Views with caches of any size: what is kept never decides what is shown."""

from __future__ import annotations

from passport.presenting.presenter import ENTRY_BYTES, Presenter
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience
from tests.each import each


@each("size", [0, ENTRY_BYTES, 40_000])
def test_a_view_is_the_same_whatever_fits_into_the_cache(make_operator, tmp_path, size):
    operator = make_operator(tmp_path, "stationary-lfp")
    subject, words = operator.packs["stationary"], vocabulary.load()
    small, usual = (Presenter(operator.store, words, derived_bytes=bytes_) for bytes_ in (size, 1_000_000))
    for audience in (Audience.PUBLIC, Audience.LEGITIMATE_INTEREST, Audience.PUBLIC, Audience.CN_REGULATOR):
        view = small.present(subject, audience)
        assert view == usual.present(subject, audience)
        assert max(small.kept_bytes) <= size
