"""A search in the directory: first as it was typed, then, where that finds nothing, as it may have been meant."""

from dataclasses import dataclass, field

from casemgmt.core.folding import fold
from casemgmt.resources.models import Resource, ResourceWord
from casemgmt.resources.words import asked, meant

PAGE = 20
LAST_PAGE = 500
MOST_CATEGORIES = 40
WORD, PLACE, CATEGORY, LANGUAGE = (
    ResourceWord.Kind.WORD,
    ResourceWord.Kind.PLACE,
    ResourceWord.Kind.CATEGORY,
    ResourceWord.Kind.LANGUAGE,
)


@dataclass
class Found:
    """One page of services; `instead` are the words that were looked for where those typed found nothing."""

    rows: list
    more: bool
    instead: list = field(default_factory=list)


def find(staff, asks, page=1, *, as_typed=False):
    """The services that fit a `SearchForm`: at most three questions to the database, however many there are.

    `as_typed`: what finds nothing is not taken for a slip, as where nobody typed it.
    """
    services = _narrowed(Resource.objects.visible_to(staff), staff, asks)
    texts = asks.said("q"), asks.said("place")
    typed = [[[word] for word in asked(text)] for text in texts]
    found = _page(services, *typed, page)
    if found.rows or page > 1 or as_typed or not any(typed):
        return found
    kin = ResourceWord.objects.visible_to(staff).kin_of((WORD, texts[0]), (PLACE, texts[1]))
    if kin == typed:
        return found
    found = _page(services, *kin, page)
    found.instead = [words[0] for group in kin for words in group]
    return found


def _page(services, words, places, page):
    rows = services.with_words(*words).at_place(*places).best_first(*words)
    start = (page - 1) * PAGE
    rows = list(rows.defer("search_key", "place_key", "as_imported")[start : start + PAGE + 1])
    return Found(rows[:PAGE], len(rows) > PAGE)


def _narrowed(services, staff, asks):
    """Only open services, and those that fit what was chosen."""
    services = services.open()
    if asks.said("need"):
        services = services.filter(needs__holds=asks.said("need"))
    if asks.said("made_for"):
        services = services.made_for(asks.said("made_for"))
    for kind, name, column in ((LANGUAGE, "language", "languages"), (CATEGORY, "category", "categories")):
        if asks.said(name):
            services = services.holding(column, _alike(staff, kind, asks.said(name)))
    return services.unverified() if asks.said("unverified") else services


def _alike(staff, kind, text):
    """The known names in which each of the words begins a word, or what it may be a slip of."""
    known = {name: f" {fold(name)} " for name in ResourceWord.objects.visible_to(staff).of(kind)}
    words = {word for key in known.values() for word in key.split()}
    kin = [
        [word] if any(f" {word}" in key for key in known.values()) else meant(word, words)
        for word in fold(text).split()
    ]
    fits = [name for name, key in known.items() if all(any(f" {w}" in key for w in group) for group in kin)]
    return sorted(fits, key=len)[:MOST_CATEGORIES]
