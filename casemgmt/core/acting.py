"""Who is acting, for which tenant and why: what history, row-level security and wording read."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Actor:
    """The person (None: a declared job such as an import), their tenant, and the reason for the change."""

    tenant: Any = None
    person: Any = None
    reason: str = ""


NOBODY = Actor()
_actor: ContextVar[Actor] = ContextVar("actor", default=NOBODY)


def current() -> Actor:
    """The actor of this request, command or test."""
    return _actor.get()


@contextmanager
def acting(actor: Actor):
    """Make `actor` the one whom every history row written inside names."""
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)


@contextmanager
def because(reason: str):
    """Give every history row written inside this reason, in the words of the person who acts."""
    now = current()
    with acting(Actor(now.tenant, now.person, reason)):
        yield
