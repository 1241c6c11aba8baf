"""A recycled pack: its passport has ceased to exist, and its address is never given to another.

Article 77(8) of Regulation (EU) 2023/1542 ends a passport when the battery has been recycled. The public gets 410 and
no data; authorities with a token may still read. No separate state is stored: the recycling event is the evidence.
"""

from __future__ import annotations

from flask import current_app

from passport.errors import UnknownPassport
from passport.presenting.standing import About, Standing, StandingKind, ended
from passport.store import Store
from passport.texts import Message
from resolver.page.heads.bands import ended_band
from resolver.page.view_model import Band
from resolver.page.wording import Words
from resolver.services import services_of


class PassportCeased(UnknownPassport):
    """The battery was recycled; there is no passport any more."""

    code = "passport-ceased"
    hint = "The address stays with this battery and will never name another one."


def band(_: PassportCeased, language: str) -> Band:
    """The band at the top of the page. Time and operator of the recycling are left out: they may be restricted."""
    here = services_of(current_app)
    return ended_band(Standing(StandingKind.ENDED, About.PASSPORT), Words(language), here.vocabulary)


def has_ceased(store: Store, pack: str) -> bool:
    """Whether an event that still counts says that the pack was recycled."""
    return ended(store, pack) is not None


def refuse_ceased(store: Store, subject: str) -> None:
    """:raises PassportCeased: the pack was recycled."""
    if has_ceased(store, subject):
        raise PassportCeased(Message("this battery was recycled; its passport has ceased to exist"))
