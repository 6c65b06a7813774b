"""What points at a person, and what two records of one person say: read from the models, so that nothing is lost."""

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, DateField, F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casemgmt.core.models import Audited

KEPT, GONE, BOTH = "kept", "gone", "both"

# Notes that may stand one after the other: what is said about safety in either record is not to be lost.
NOTES = ("contact_note", "helps", "avoids", "culture", "wishes")
# What says something about another field is chosen together with it.
FOLLOWS = {"born_precision": "born_on", "name_quality": "given_name"}
NAMES = ("given_name", "middle_name", "family_name", "name_suffix", "chosen_name")
BETWEEN = " / "


# --- What points at a person ------------------------------------------------------------------------------------------


def links(target):
    """Every (model, field) by which rows of any floor point at this model; histories never change and are left out."""
    for relation in target._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and issubclass(relation.related_model, Audited):
            yield relation.related_model, relation.field


def is_of(model, field):
    """Whether the field says whose row it is, and not only whom it mentions."""
    whose = getattr(model, "whose", "") or model.path or model.parent or ""
    return field.name == whose.split("__")[0]


def name_of(model, field):
    """The link as a merge writes it down."""
    return f"{model._meta.label_lower}.{field.name}"


def clashes(row, field):
    """Whether a rule refuses this unsaved row, as far as the rule has to do with the field."""
    model = type(row)
    if field.unique:
        same = model._base_manager.filter(**{field.attname: getattr(row, field.attname)})
        if same.exclude(pk=row.pk).exists():
            return True
    for constraint in model._meta.constraints:
        if field.name not in _fields_of(constraint):
            continue
        try:
            constraint.validate(model, row)
        except ValidationError:
            return True
    return False


def followers(model, field, going, *, of, since):
    """Rows of this person written since then that point at rows which go ({link: rows}), and do not go yet."""
    hangs = Q()
    for (other, link), rows in going.items():
        if is_of(other, link) and rows:
            for pointer in model._meta.concrete_fields:
                if pointer.is_relation and pointer.related_model is other and pointer.name != field.name:
                    hangs |= Q(**{f"{pointer.attname}__in": [row.pk for row in rows]})
    if not hangs:
        return []
    there = {row.pk for row in going[model, field]}
    rows = model._base_manager.filter(hangs, **{field.attname: of}).exclude(pk__in=there)
    new = written_since(since, model, [row.pk for row in rows])
    return [row for row in rows if row.pk in new]


def written_since(moment, model, keys):
    """Which of these keys are of rows that began after this moment."""
    born = model.history.filter(id__in=keys, history_type="+", history_date__gt=moment)
    return set(born.values_list("id", flat=True))


def _fields_of(constraint):
    named = set(getattr(constraint, "fields", ()))
    if (condition := getattr(constraint, "condition", None)) is not None:
        named |= condition.referenced_base_fields
    for expression in getattr(constraint, "expressions", ()):
        named |= {part.name for part in expression.flatten() if isinstance(part, F)}
    return named


# --- What the two records say -----------------------------------------------------------------------------------------


def called(client):
    """The names in a record by which somebody may look for the person; one that its source hid is none."""
    if client.name_quality == client.NameQuality.HASHED:
        return []
    return list(dict.fromkeys(name for name in (client.name, client.legal_name) if name))


def fields(person):
    """The names of the fields that may be chosen between: all that people may write."""
    wanted = [f for f in person._meta.concrete_fields if f.editable and not f.is_relation]
    return [f.name for f in wanted if not f.primary_key]


def differing(kept, gone):
    """The names of the fields in which two records differ."""
    return [name for name in fields(kept) if getattr(kept, name) != getattr(gone, name)]


def ways(kept, gone, name):
    """What may be chosen for a field: one record's value, the other's, or for notes both."""
    return (KEPT, GONE, BOTH) if _may_be_both(kept, gone, name) else (KEPT, GONE)


def _may_be_both(kept, gone, name):
    ours, theirs = getattr(kept, name), getattr(gone, name)
    if name not in NOTES or not ours or not theirs or theirs in ours or ours in theirs:
        return False
    return len(ours) + len(BETWEEN) + len(theirs) <= kept._meta.get_field(name).max_length


def suggested(kept, gone):
    """What is chosen where nobody chooses: what is filled in, the careful answer, both notes; else what is kept."""
    found = {}
    for name in differing(kept, gone):
        if _may_be_both(kept, gone, name):
            found[name] = BOTH
        elif _prefers_gone(kept, gone, name):
            found[name] = GONE
        else:
            found[name] = KEPT
    return found | {name: found[leader] for name, leader in FOLLOWS.items() if {name, leader} <= found.keys()}


def _prefers_gone(kept, gone, name):
    hashed = kept.NameQuality.HASHED
    if name in (*NAMES, "name_quality") and hashed in (kept.name_quality, gone.name_quality):
        return gone.name_quality != hashed
    if isinstance(kept._meta.get_field(name), BooleanField):
        return getattr(gone, name)
    return getattr(kept, name) in ("", None)


def chosen(kept, gone, choices):
    """{field: value} that the kept record gets by these choices; ValueError for a choice that there is not."""
    picks = suggested(kept, gone)
    for name, way in choices.items():
        if name not in picks:
            continue  # they do not differ (any more)
        if way not in ways(kept, gone, name):
            raise ValueError(f"{way} of {name}")
        picks[name] = way
    for name, leader in FOLLOWS.items():
        if name in picks and leader in picks and name not in choices:
            picks[name] = picks[leader]
    values = {
        KEPT: lambda name: getattr(kept, name),
        GONE: lambda name: getattr(gone, name),
        BOTH: lambda name: f"{getattr(kept, name)}{BETWEEN}{getattr(gone, name)}",
    }
    return {name: values[way](name) for name, way in picks.items()}


def written(row, name):
    """A field's value as JSON keeps it."""
    value = getattr(row, name)
    return None if value is None else row._meta.get_field(name).value_to_string(row)


def read(model, name, text):
    """And back."""
    return None if text is None else model._meta.get_field(name).to_python(text)


def said(row, name):
    """A field's value as people read it, with what belongs to it; words where nothing was said."""
    value, field = getattr(row, name), row._meta.get_field(name)
    if isinstance(field, BooleanField):
        return _("Yes") if value else _("No")
    if value in ("", None):
        return _("Nothing")
    if isinstance(field, DateField):
        value = date_format(value, "j M Y")
    elif field.choices:
        value = getattr(row, f"get_{name}_display")()
    more = [getattr(row, f"get_{other}_display")() for other in _told_with(row, name)]
    return ", ".join(str(part) for part in (value, *more))


def _told_with(row, name):
    """What follows this field and is not what one would suppose."""
    for other, leader in FOLLOWS.items():
        if leader == name and getattr(row, other) != row._meta.get_field(other).default:
            yield other
