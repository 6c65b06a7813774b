"""Finding people: by what a name contains, by what comes near to it, and who may be the same person."""

from dataclasses import replace

from django.apps import apps
from django.db.models import Case, Q, When

from casemgmt.agencies.models import ScopedQuerySet
from casemgmt.core import db
from clients import matching, names, nicknames

MANY = 1000  # more hits than these are no answer yet: the rows are walked in the order of the list instead
NEAR = 200  # so many names come nearest to one that was mistyped
OWN = 2000  # so many names are compared one by one
NEAR_ENOUGH = 0.7
CANDIDATES = 200  # so many people are scored for a question


def _model(name):
    return apps.get_model("clients", name)


def names_in():
    """Where names stand: the person's own, and others that they were or are called by."""
    return [(_model("Client"), "name_key"), (_model("OtherName"), "name_key")]


class Finding(ScopedQuerySet):
    """What the search asks; the rows are always those that the queryset holds already."""

    def search(self, words):
        """Every word is part of one of the person's names, or of their number or phone."""
        rows, asked = self, names.fold(words).split()
        if letters := [word for word in asked if not _has_digit(word)]:
            rows = rows.filter(_named(letters))
        for word in asked:
            if _has_digit(word):
                rows = rows.filter(_numbered(word) | _named([word]))
        return rows

    def near(self, words, most=25):
        """Whose names come near to these words, best first: for a name that was heard or typed a little wrong."""
        asked = [word for word in names.fold(words).split() if not _has_digit(word)]
        found = self._walk() if asked else []
        if len(found) > OWN:
            found = near_in_index(asked) or found
        best = [pk for pk, nearness in ranked(asked, found) if nearness >= NEAR_ENOUGH][: 4 * most]
        rows = {row.pk: row for row in self.filter(pk__in=best)}
        return [rows[pk] for pk in best if pk in rows][:most]

    def _walk(self):
        """[(key, name)] of these rows, as far as they can be compared one by one."""
        own = list(self.order_by().values_list("pk", "name_key")[: OWN + 1])
        others = _model("OtherName").objects.filter(client__in=[pk for pk, _name in own[:OWN]])
        return own + list(others.values_list("client", "name_key"))

    def possible_matches(self, traits, *, digests=(), most=5):
        """Who may be the person described (REQ-112), best first, each with `match`: how likely, and why.

        `digests` are those of an identity number. The machine only asks; a worker decides.
        """
        wanted, first = self._candidates(traits, digests)
        if not wanted:
            return []
        rank = Case(When(first, then=0), default=1) if first else "pk"
        rows = list(self.filter(wanted).order_by(rank, "pk")[:CANDIDATES])
        described = _describe(rows, digests)
        for row in rows:
            row.match = max(
                (_compare(traits, one) for one in described[row.pk]), key=lambda match: match.chance
            )
        found = [row for row in rows if row.match.is_worth_asking]
        return sorted(found, key=lambda row: (-row.match.chance, row.pk))[:most]

    def alike(self, client, most=5):
        """Who may be the same person as this one, best first, each with `match`."""
        others = _model("OtherName").objects.filter(client=client).values_list("name", flat=True)
        return self.exclude(pk=client.pk).possible_matches(_traits(client, others), most=most)

    def _candidates(self, traits, digests):
        """(who is worth comparing, and of those who comes first where they are too many)."""
        sounds, asked = _sounds_of(traits), _words_of(traits)
        strong, weak = Q(), Q()
        if days := _days_of(traits):
            strong |= Q(born_on__in=days)
        if phones := [digits for phone in traits.phones if len(digits := names.digits(phone)) >= 7]:
            strong |= Q(phone_key__in=phones)
        if digests:
            known = _model("Identifier").objects.filter(digest__in=digests)
            strong |= Q(pk__in=list(known.values_list("client", flat=True)[:CANDIDATES]))
        if sounds:
            weak |= Q(sound_key__in=sounds)
            others = _model("OtherName").objects.filter(sound_key__in=sounds)
            weak |= Q(pk__in=list(others.values_list("client", flat=True)[:CANDIDATES]))
        if asked:
            found = near_in_index(asked)
            best = ranked(asked, self._walk() if found is None else found)[: CANDIDATES // 2]
            weak |= Q(pk__in=[pk for pk, nearness in best if nearness > 0.5])
        wanted = strong | weak
        if wanted:
            gone = _model("Client").objects.exclude(merged_into=None).filter(wanted)
            wanted |= Q(pk__in=list(gone.values_list("merged_into", flat=True)[:CANDIDATES]))
        return wanted, strong


def _has_digit(word):
    return any(c.isdecimal() for c in word)


def _named(words):
    """Whose name, or one of whose other names, contains every one of these words."""
    found = db.find(names_in(), "contains", words, MANY)
    if found is not None and len(found) < MANY:
        return Q(pk__in={pk for pk, _name in found})
    contain = Q()
    for word in words:
        contain &= Q(name_key__contains=word)
    return contain | Q(pk__in=_model("OtherName").objects.filter(contain).values("client"))


def _numbered(word):
    """Whose number this is, also that of a record merged into theirs, or whose phone contains it."""
    is_number = Q(number__in=[word, word.upper()])
    if word.isascii() and word.isdecimal() and len(word) < 19:
        is_number |= Q(number="", pk=int(word))  # who has no number of their own is known by ours
    gone = _model("Client").objects.exclude(merged_into=None).filter(is_number)
    fits = is_number | Q(pk__in=list(gone.values_list("merged_into", flat=True)[:MANY]))
    if not (digits := names.digits(word)):
        return fits
    found = db.find([(_model("Client"), "phone_key")], "contains", [digits], MANY)
    if found is None or len(found) == MANY:
        return fits | Q(phone_key__contains=digits)
    return fits | Q(pk__in={pk for pk, _phone in found})


def near_in_index(asked):
    """[(key, name)] that an index finds near to these words; None where there is none."""
    whole = " ".join(asked)
    found = db.find(names_in(), "patterns", [whole, *names.near_patterns(asked)], NEAR)
    if found and any(names.near(asked, name) >= NEAR_ENOUGH for _pk, name in found):
        return found
    alike = db.find(names_in(), "alike", [whole], NEAR)
    return None if alike is None else [*(found or []), *alike]


def ranked(asked, found):
    """[(key, nearness)], best first."""
    best = {}
    for pk, name in found:
        best[pk] = max(best.get(pk, 0), names.near(asked, name))
    return sorted(best.items(), key=lambda item: (-item[1], item[0]))


# --- The person described, and those in the database ------------------------------------------------------------------


def _words_of(traits):
    """The words of the name by which somebody is looked for."""
    first, last = traits.called[0] if traits.called else ("", "")
    return [word for word in f"{first} {last}".split() if len(word) > 1][:4]


def _sounds_of(traits):
    """How the name may sound, also with the other forms of the first name."""
    found = set()
    for first, last in traits.called:
        for one in {first, *nicknames.kin_of(first)}:
            found.add(names.sound(f"{one} {last}")[:100])
    return sorted(found - {""})


def _days_of(traits):
    """The birth date, and the one with day and month in each other's place."""
    day = traits.born_on
    if day is None or traits.born_precision != "exact":
        return []
    return [day, day.replace(month=day.day, day=day.month)] if day.day <= 12 else [day]


def _describe(rows, digests):
    """{key: [Traits]} of these people: as they are, and as records that were merged into theirs said."""
    keys = [row.pk for row in rows]
    gone = list(_model("Client").objects.filter(merged_into__in=keys))
    others = {}
    for pk, name in _model("OtherName").objects.filter(client__in=keys).values_list("client", "name"):
        others.setdefault(pk, []).append(name)
    numbers = {}
    if digests:
        known = _model("Identifier").objects.filter(client__in=keys, digest__in=digests)
        numbers = dict(known.values_list("client", "digest"))
    found = {row.pk: [_traits(row, others.get(row.pk, ()), numbers.get(row.pk, ""))] for row in rows}
    for row in gone:
        found[row.merged_into_id].append(_traits(row))
    return found


def _traits(row, others=(), number=""):
    """What a record says of its person; a name that its source system hid says nothing."""
    is_hidden = row.name_quality == row.NameQuality.HASHED
    return matching.Traits(
        given="" if is_hidden else row.given_name,
        middle="" if is_hidden else row.middle_name,
        family="" if is_hidden else row.family_name,
        suffix=row.name_suffix,
        chosen=row.chosen_name,
        others=tuple(others),
        born_on=row.born_on,
        born_precision=row.born_precision,
        phones=(row.phone,),
        emails=(row.email,),
        numbers={"number": number} if number else {},
    )


def _compare(traits, other):
    """A number that is not the other one's is not held against them: nobody is told how near it comes to it."""
    return matching.compare(replace(traits, numbers=other.numbers), other)
