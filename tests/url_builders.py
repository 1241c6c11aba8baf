"""The code with which werkzeug builds addresses, compiled once in a process for each rule.

Half of the time in which an application is made goes into this code, and tests make hundreds of the same applications.
"""

from __future__ import annotations

from typing import Any

from werkzeug.routing import Rule

_compile = Rule._compile_builder
_BUILDERS: dict[tuple[Any, ...], Any] = {}


def _compiled(rule: Rule, append_unknown: bool = True) -> Any:
    """What werkzeug compiles: a function of the rule's pieces, which takes converters from the rule it is bound to."""
    defaults = {name: rule._converters[name].to_url(value) if name in rule._converters else value
                for name, value in (rule.defaults or {}).items()}  # fmt: skip
    key = (rule.rule, tuple(rule._trace), repr(sorted(defaults.items())), append_unknown)
    if key not in _BUILDERS:
        _BUILDERS[key] = _compile(rule, append_unknown)
    return _BUILDERS[key]


def remember_builders() -> None:
    """Lets all applications of this process share the code. Done again it changes nothing."""
    Rule._compile_builder = _compiled
