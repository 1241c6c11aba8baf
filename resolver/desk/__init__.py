"""The supervision desk: pages for authorities over the facts of accepted events. It shows, and decides nothing.

* An address of the desk exists for a reader whose token says ``cn-regulator`` or ``market-surveillance`` and whose role
  names no packs. For everybody else it is 404.
* ``market-surveillance`` sees what its events and their kinds allow: alerts whose evidence it may read, and the places
  of other events in a history. Pages made of events that it may not read do not exist for it.
* The token comes in ``Authorization``, or in a field of the form that each page posts
  (:mod:`resolver.views.roles.present`). So a page has buttons where others have links, no cookie, and no right in an
  address. A form of another site cannot have the token.
* Each page is written to the access log before it is sent, and the desk shows that log.
* Every list is a page, CSV and JSON (``format=csv``, ``format=json``).
"""
