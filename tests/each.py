"""One check of many terms as one test.

    @each("text, reason", [("", "empty"), ("x", "too short")])
    def test_a_bad_name_is_refused(text, reason): ...

It is called as ``pytest.mark.parametrize`` is, and stacks as that does. A test of its own for each term takes longer
than most checks. Each term has a ``tmp_path``, patches of ``monkeypatch``, lines of ``caplog`` and ``capsys`` and
copies of dictionaries and lists of its own; other fixtures are shared. Cases that need such a one afresh stay
parametrized.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from traceback import extract_tb
from typing import Any

import pytest

#: As many failures are told at length.
_TOLD = 20


def each(
    names: str | Sequence[str],
    terms: Iterable[Any],
    *,
    ids: Iterable[str] | Callable[[Any], str | None] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """One test of all ``terms``, each given to the test as ``names`` (several names: a tuple for each term).

    Every term is tried, also after one that fails. The message names each that fails, where, and why. A term whose
    check skips makes the test skip unless another one fails.
    """
    terms = tuple(terms)
    assert terms, "a check of nothing holds nothing"
    parameters = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    single = isinstance(names, str) and len(parameters) == 1
    cases = [_case((term,) if single else tuple(term), parameters) for term in terms]
    labels = _labels(terms, cases, ids)

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        def whole(**fixtures: Any) -> None:
            failures, skips, first = [], [], None
            for label, case in zip(labels, cases, strict=True):
                try:
                    with _own(fixtures) as own:
                        check(**case, **own)
                except pytest.skip.Exception as error:
                    skips.append(f"{label}: {error}")
                except (Exception, pytest.fail.Exception) as error:
                    failures.append(f"{label}: {_told(error)}")
                    first = first or error
            if failures:
                told = [f"{len(failures)} of {len(terms)}", *islice(failures, _TOLD)]
                raise AssertionError("\n\n".join(told)) from first
            if skips:
                pytest.skip("; ".join(skips))

        signature = inspect.signature(check)
        others = [parameter for parameter in signature.parameters.values() if parameter.name not in parameters]
        assert len(others) == len(signature.parameters) - len(parameters), f"the test takes no {', '.join(parameters)}"
        whole.__dict__.update(check.__dict__)
        whole.__name__, whole.__doc__ = check.__name__, check.__doc__
        whole.__module__, whole.__qualname__ = check.__module__, check.__qualname__
        whole.__signature__ = signature.replace(parameters=others)
        return whole

    return decorate


@contextmanager
def _own(fixtures: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The fixtures for one term."""
    own = {name: _copied(value) for name, value in fixtures.items()}
    if "tmp_path" in own:
        own["tmp_path"] = Path(tempfile.mkdtemp(dir=own["tmp_path"]))
    for log in ("caplog", "capsys"):
        if log in own:
            own[log].clear() if log == "caplog" else own[log].readouterr()
    if "monkeypatch" not in own:
        yield own
        return
    with pytest.MonkeyPatch.context() as own["monkeypatch"]:
        yield own


def _copied(value: Any) -> Any:
    """A document that may be changed; what it consists of beside dictionaries and lists is shared."""
    if type(value) is dict:
        return {key: _copied(member) for key, member in value.items()}
    return [_copied(member) for member in value] if type(value) is list else value


def _case(values: tuple[Any, ...], parameters: list[str]) -> dict[str, Any]:
    """The arguments of one term."""
    assert len(values) == len(parameters), f"{values!r} is not {', '.join(parameters)}"
    return dict(zip(parameters, values, strict=True))


def _labels(terms: tuple[Any, ...], cases: list[dict[str, Any]], ids: Any) -> list[str]:
    """What each term is called in a message."""
    if ids is None or callable(ids):
        name = ids or (lambda value: None)
        return [", ".join(str(name(value) or _short(value)) for value in case.values()) for case in cases]
    listed = [str(label) for label in ids]
    assert len(listed) == len(terms), f"{len(listed)} ids for {len(terms)} terms"
    return listed


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _told(error: BaseException) -> str:
    """What failed, after the line of the test at which it did."""
    frames = [frame for frame in extract_tb(error.__traceback__) if "/tests/" in frame.filename]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}: " if frames else ""
    kind = "" if isinstance(error, AssertionError | pytest.fail.Exception) else f"{type(error).__name__}: "
    return f"{place}{kind}{error}"
