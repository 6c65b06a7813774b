"""The words that services are described with, so that a mistyped one is understood."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import AgencyFact, FactQuerySet
from casemgmt.resources.words import asked, meant


class WordQuerySet(FactQuerySet):
    def of(self, kind):
        return self.filter(kind=kind).order_by("word").values_list("word", flat=True)

    def kin_of(self, *questions):
        """For each (kind, text) the words it asks for, each with its kin: itself, or what it may be a slip of.

        One question to the database, whatever was typed.
        """
        typed = [(kind, asked(text)) for kind, text in questions]
        if not any(words for _kind, words in typed):
            return [[] for _question in typed]
        known = {}
        for kind, word in self.filter(kind__in={k for k, _w in typed}).values_list("kind", "word"):
            known.setdefault(kind, []).append(word)
        return [[_kin(word, known.get(kind, [])) for word in words] for kind, words in typed]


def _kin(word, known):
    if any(k.startswith(word) for k in known):
        return [word]
    return meant(word, known) or [word]


class ResourceWord(AgencyFact):
    """A word that some service of the directory was described with: what a mistyped word is compared to.

    Words stay when their service goes: to know one too many costs nothing.
    """

    class Kind(models.TextChoices):
        WORD = "word", _("word")
        PLACE = "place", _("place")
        CATEGORY = "category", _("category")
        LANGUAGE = "language", _("language")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    word = models.CharField(_("word"), max_length=200)

    objects = WordQuerySet.as_manager()

    class Meta:
        verbose_name = _("word of the directory")
        verbose_name_plural = _("words of the directory")
        constraints = [models.UniqueConstraint(fields=["agency", "kind", "word"], name="word_known_once")]

    def __str__(self):
        return self.word

    @classmethod
    def learn(cls, agency_id, resources, known=None):
        """Keep the words of these services; `known` spares an import the words it has already seen."""
        known = set() if known is None else known
        found = set()
        for row in resources:
            found.update((cls.Kind.WORD.value, word) for word in row.search_key.split())
            found.update((cls.Kind.PLACE.value, word) for word in row.place_key.split())
            found.update((cls.Kind.CATEGORY.value, word) for word in row.categories)
            found.update((cls.Kind.LANGUAGE.value, word) for word in row.languages)
        new = sorted(found - known)
        known.update(new)
        cls.objects.bulk_create(
            [cls(agency_id=agency_id, kind=kind, word=word) for kind, word in new],
            ignore_conflicts=True,
            batch_size=2000,
        )
