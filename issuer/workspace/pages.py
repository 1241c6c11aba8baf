"""All pages of the workspace: importing this module registers them."""

from __future__ import annotations

from issuer.workspace import event_pages, key_pages, order_pages, passport_pages, todo
from issuer.workspace.drafts import bring_in, draft_steps, form_pages
from issuer.workspace.people import access_pages, company_sign_in, people_pages, sign_in, supplier_pages

__all__ = ["access_pages", "bring_in", "company_sign_in", "draft_steps", "event_pages", "form_pages", "key_pages",
           "order_pages", "passport_pages", "people_pages", "sign_in", "supplier_pages", "todo"]  # fmt: skip
