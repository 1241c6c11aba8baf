"""The examination of a whole store: whether everything that it keeps is what was signed, and fits together.

1. *Database.* It finds no fault in its own pages, and no row is missing.
2. *Credentials.* Each is signed with the key of its issuer, and its row and its places in status lists are those that
   the signed document names.
3. *Views.* Each restricted credential is, byte for byte, what its base proof gives.
4. *Events.* Each document has its digest, and is signed with the key of its issuer.
5. *Status lists.* Each version is signed, and the newest one has the bits that the changes give.
6. *Rows.* What follows from documents is in its tables, and nothing else is.
7. *Logs.* Entries, tiles, documents and signed checkpoints agree.

A signature of an issuer whose DID document is not at hand could not be checked: it is neither right nor wrong.

    examination = examine(project, store, at=now)
    examination.outcome                    # True, False, or None: something could not be checked
"""

from __future__ import annotations

from datetime import datetime

from passport.identity import DidResolver
from passport.project import Project
from passport.publishing.upkeep import examined_documents, examined_lists, examined_rows
from passport.publishing.upkeep.examination import ExaminationProgress, PartResult, Scope, StoreExamination
from passport.store import Store


def resolver_of(project: Project) -> DidResolver:
    """The DID documents that a project has at hand: its own, and those of its trust list.

    :raises UnusableProject: the project's own document is not at hand, or one cannot be read.
    """
    own = project.resolvers()[-1].documents
    return DidResolver(project.trust_list().did_documents()).extended(own)


def examine(
    project: Project,
    store: Store,
    *,
    at: datetime,
    sample: int | None = None,
    progress: ExaminationProgress = lambda part, done, total: None,
) -> StoreExamination:
    """Examine a store.

    :param at: the present instant, aware.
    :param sample: so many documents of each sort, the newest and others drawn at random; None: all.
    :raises UnusableProject: see :func:`resolver_of`.
    :raises StoreFailure: the store cannot be read.
    """
    scope = Scope(project, store, resolver_of(project), at, sample, progress)
    parts: list[PartResult] = []
    for examined in (
        examined_rows.database,
        examined_documents.credentials,
        examined_documents.views,
        examined_documents.events,
        examined_lists.status_lists,
        examined_rows.rows,
        examined_rows.logs,
    ):
        parts.append(examined(scope))
    return StoreExamination(tuple(parts), sample)
