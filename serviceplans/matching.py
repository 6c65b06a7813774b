"""Which services of the directory fit a need: the nearest first, then by the person's language (REQ-160)."""

import re

from casemgmt.core.folding import fold
from casemgmt.resources.finding import PAGE, find
from casemgmt.resources.forms import SearchForm
from casemgmt.resources.needs import Need as Code
from casemgmt.resources.rows import service_rows
from serviceplans.models import ServiceReferral

ZIP = re.compile(r"\b(\d{5})(?:-\d{4})?\b")
# What stands behind the town in an address: the state, numbers.
NO_TOWN = re.compile(r"\b[A-Z]{2}\b|\d[\d-]*")
# Everybody at a service speaks it, so nobody writes it down.
TAKEN_FOR_GRANTED = ("english",)


def places_of(client, *, shows_address):
    """Where to look first: the ZIP code of the address, then its town; nothing where it is kept secret."""
    if not shows_address:
        return []
    found = [code[-1]] if (code := ZIP.findall(client.address)) else []
    parts = client.address.split(",")[1:]
    towns = (NO_TOWN.sub(" ", part).strip() for part in reversed(parts))
    return found + [town for town in towns if town][:1]


def language_of(client):
    """The person's language, where a service has to be found that speaks it."""
    return "" if fold(client.language) in TAKEN_FOR_GRANTED else client.language.strip()


def best_matches(staff, need, client, *, shows_address):
    """One page of services for a need: in the ZIP code, in the town, in the language, then all others.

    The same search as the directory's, asked as often as it takes to fill a page, at most four times. Returns rows,
    and whether there are more.
    """
    code = need.domain if need is not None and need.domain in Code.values else ""
    language, rows, more = language_of(client), [], False
    places = places_of(client, shows_address=shows_address)
    asks = [{"place": place} for place in places] + [{"language": language}] * bool(language) + [{}]
    for ask in asks:
        # A place that is not in the directory is not taken for another one.
        found = _find(staff, {"need": code, **ask}, as_typed=True)
        known = {row["service"].pk for row in rows}
        new = service_rows(staff, [service for service in found.rows if service.pk not in known])
        for row in new:
            row["near"] = ask.get("place", "")
            row["speaks"] = language if _speaks(row["service"], language) else ""
        rows += sorted(new, key=lambda row: not row["speaks"])
        if more := found.more or len(rows) > PAGE:
            break
    return rows[:PAGE], more


def search(staff, need, said, page):
    """What somebody typed instead, among the services for the need: (rows, whether there are more)."""
    code = need.domain if need is not None and need.domain in Code.values else ""
    found = _find(staff, {"need": code, **said}, page)
    return service_rows(staff, found.rows), found.more


def _find(staff, said, page=1, **how):
    return find(staff, SearchForm(said, categories=[], languages=[]), page, **how)


def _speaks(service, language):
    words = fold(language).split()
    return bool(words) and any(words[0] in fold(one).split() for one in service.languages)


def already_referred(staff, client, rows):
    """Mark what the person is linked to already: each row gets `referral`, the open one or None. One query."""
    wanted = [row["service"].pk for row in rows]
    open_now = ServiceReferral.objects.visible_to(staff).open()
    open_now = {r.resource_id: r for r in open_now.filter(enrollment__client=client, resource__in=wanted)}
    for row in rows:
        row["referral"] = open_now.get(row["service"].pk)
    return rows
