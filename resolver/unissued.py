"""Batteries without an issued passport: the address or code is well formed, but the store has no passport for it.

Links walk up to the model, as GS1 asks for (:mod:`resolver.forms.linksets`). A request for the passport itself gets
404: people a page that says so first and names every way on, with the model below; programs a problem document and a
link to the model. The data of the model must never pass for those of a battery: a counterfeit carries a real model
and an invented serial number.
"""

from __future__ import annotations

from dataclasses import replace

from flask import current_app, render_template

from passport.battery.identifiers.address import PassportAddress
from passport.errors import UnknownPassport
from passport.store import Store
from passport.vocabulary.credential_types import MODEL
from passport.vocabulary.vocabulary import Audience
from resolver.addresses import PREFIX
from resolver.page.heads.unissued_head import unissued_head
from resolver.page.page import build_page
from resolver.page.view_model import PageRequest
from resolver.page.wording import Words
from resolver.services import services_of


class UnissuedPack(UnknownPassport):
    """No passport is published for this serial number or plate code.

    :ivar address: what was asked for; its serial number is in it.
    :ivar model: subject IRI of the model, where that is known; None where it is not.
    """

    code = "no-such-serial"
    hint = "Compare the code with the plate, sign by sign."

    def __init__(self, address: PassportAddress, model: str | None) -> None:
        self.address = address
        self.model = model
        rest = "; only its model is" if model else ""
        super().__init__(f"no passport for {self.kind} {self.number} is published here{rest}")

    @property
    def kind(self) -> str:
        """What :attr:`number` is: ``serial``, or ``code`` where the plate's code was given."""
        return "code" if self.address.is_alias else "serial"

    @property
    def number(self) -> str:
        return self.address.model + (self.address.serial or "") if self.address.is_alias else self.address.serial or ""


def unissued(store: Store, address: PassportAddress, base_url: str) -> UnissuedPack:
    """The error for an address of a pack that is not in the store.

    A plate's first seven characters belong to the model. They name it here where all packs that begin so are of one.
    """
    if address.is_alias:
        models = store.models_of_code(address.model)
        return UnissuedPack(address, models[0] if len(models) == 1 else None)
    model = address.of_model.iri(base_url)
    return UnissuedPack(address, model if store.current(model, MODEL) is not None else None)


def model_page(model: str) -> str:
    """The address at which a model is shown."""
    base_url = services_of(current_app).config.base_url
    return base_url + PREFIX + model.removeprefix(base_url)


def render(error: UnissuedPack, language: str, regime: str | None) -> str:
    """The page for people: what was asked for, what to do, and below it the model's own page."""
    here = services_of(current_app)
    words = Words(language)
    if error.model is None:
        head = unissued_head(error.kind, error.address, words, here)
        return render_template("unissued.html", head=head, words=words, language=language)
    # As everybody may see it: an error is no place for what a role opens.
    view = here.presenter.present(error.model, Audience.PUBLIC)
    page_request = PageRequest(language=language, regime=regime, reader=None, at=here.now())
    page = build_page(view, page_request, here)
    head = unissued_head(error.kind, error.address, words, here, page)
    page = replace(page, title=head.title, unissued=head, bands=())
    return render_template("passport.html", page=page, words=words, language=language)
