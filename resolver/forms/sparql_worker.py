"""Answers one SPARQL query over the public data, in a process of its own that ends with it.

Read-only, and bounded from outside the engine: seconds of processor time, memory, and octets of the answer. The caller
also ends the process after seconds of waiting. Its store holds public data only.

    python -m resolver.forms.sparql_worker FOLDER RESULTS TRIPLES < query

Exit codes: 0 an answer, 2 the query is none, 3 the answer is too large.
"""

from __future__ import annotations

import io
import resource
import sys
from typing import Any

SECONDS = 5
MEMORY = 2 << 30
OCTETS = 5_000_000


class _Bounded(io.BytesIO):
    """A binary stream that holds no more than :data:`OCTETS`."""

    def write(self, data: Any) -> int:
        """:raises OverflowError: it is full."""
        if self.tell() + len(data) > OCTETS:
            raise OverflowError
        return super().write(data)


def main(folder: str, results: str, triples: str) -> int:
    """:param results: media type for rows and truth values; :param triples: for statements."""
    import pyoxigraph

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    query, out = sys.stdin.read(), _Bounded()
    try:
        answer: Any = pyoxigraph.Store.read_only(folder).query(query, use_default_graph_as_union=True)
        if isinstance(answer, pyoxigraph.QueryTriples):
            media_type = triples
            answer.serialize(out, format=pyoxigraph.RdfFormat.from_media_type(triples))
        else:
            media_type = results
            answer.serialize(out, format=pyoxigraph.QueryResultsFormat.from_media_type(results))
    except OverflowError:
        return 3
    except (SyntaxError, ValueError) as error:
        sys.stderr.write(str(error)[:400])
        return 2
    sys.stdout.buffer.write(media_type.encode() + b"\n" + out.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
