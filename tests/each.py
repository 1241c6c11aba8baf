"""One check of many terms as one test."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any


def each(name: str, terms: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """One test of all ``terms``, each given to the test as ``name``. Its message names every term that fails, and why.

    For a check that repeats for each indicator or sentence: a test of its own for each takes longer than the check.
    """
    terms = tuple(terms)
    assert terms, "a check of nothing holds nothing"

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        def whole(**fixtures: Any) -> None:
            failures = []
            for term in terms:
                try:
                    check(**{name: term}, **fixtures)
                except AssertionError as error:
                    failures.append(f"{term}: {error}")
            assert not failures, "\n\n".join([f"{len(failures)} of {len(terms)}", *failures])

        signature = inspect.signature(check)
        parameters = [parameter for parameter in signature.parameters.values() if parameter.name != name]
        assert len(parameters) == len(signature.parameters) - 1, f"the test takes no {name}"
        whole.__name__, whole.__doc__ = check.__name__, check.__doc__
        whole.__module__, whole.__qualname__ = check.__module__, check.__qualname__
        whole.__signature__ = signature.replace(parameters=parameters)
        return whole

    return decorate
