"""The rules of the house that can be read off the source, the models and the addresses, without a database.

Each failure names file and line, and says what to do instead. An exemption stands in one of the tables below, with its
reason; nobody adds one without.
"""

import ast
import inspect
import re
from functools import cache
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

import casemgmt
from casemgmt.agencies.middleware import FOREIGN
from casemgmt.agencies.models import (
    Agency,
    KeptForm,
    LoginEvent,
    OperatorEntry,
    StaffMember,
    Submission,
    User,
)
from casemgmt.agencies.models.agency import OfAgency, ScopedQuerySet
from casemgmt.agencies.roles import OPEN, PERMISSIONS, Role
from casemgmt.agencies.words import TERMS
from casemgmt.core.forms import HouseForm
from casemgmt.core.models import AppendOnly, AppendOnlyQuerySet, Audited, AuditedQuerySet
from casemgmt.interchange.models import ImportRow
from clients.models import EmergencyAccess

ROOT = Path(__file__).resolve().parents[2]
OUR_PACKAGES = ("casemgmt", "clients", "assessments", "serviceplans", "mentoring")
TEMPLATES = ROOT / "templates"

# HOUSE.md, "Floors". Packages on one floor are neighbours, and never import each other.
FLOORS = [
    {"casemgmt.core"},
    {"casemgmt.agencies"},
    {"casemgmt.resources"},  # beside agencies, above it
    {"clients"},
    {"assessments"},
    {"serviceplans", "mentoring"},
    {"casemgmt.workspace", "casemgmt.reports", "casemgmt.interchange", "casemgmt.demo"},
    {"casemgmt.urls", "casemgmt.settings", "casemgmt.wsgi"},
]
# Doors between rooms of the top floor.
BETWEEN_NEIGHBOURS = {
    ("casemgmt.demo", "casemgmt.workspace.opening"),  # the demo's agencies open as every agency does
    ("casemgmt.demo", "casemgmt.workspace.verbs"),  # and their days pass through the same verbs
    ("casemgmt.interchange", "casemgmt.workspace.changes"),  # what a record is made of
    ("casemgmt.interchange", "casemgmt.workspace.looked"),  # and what somebody looked at, in words
    ("casemgmt.interchange", "casemgmt.workspace.verbs"),  # an import acts as a page does (HOUSE.md, law 2)
}


def is_test(path):
    return "tests" in path.parts


@cache
def source(path):
    return path.read_text(encoding="utf-8")


@cache
def tree(path):
    return ast.parse(source(path), str(path))


@cache
def nodes(path):
    return tuple(ast.walk(tree(path)))


@cache
def python_files():
    """Every Python file of ours, migrations and tests included."""
    found = [ROOT / "manage.py", *(ROOT / "deploy").rglob("*.py")]
    for package in OUR_PACKAGES:
        found += (ROOT / package).rglob("*.py")
    return sorted(found)


@cache
def shipped_files():
    """Those that run at an agency and were written by hand."""
    return [p for p in python_files() if not is_test(p) and "migrations" not in p.parts]


@cache
def template_files():
    return sorted(p for p in TEMPLATES.rglob("*") if p.suffix in (".html", ".txt"))


def where(path, line):
    return f"{path.relative_to(ROOT)}:{line}"


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module):
    """The package of FLOORS that a module stands in, with its floor; None for what is not ours."""
    for floor, rooms in enumerate(FLOORS):
        for room in rooms:
            if module == room or module.startswith(room + "."):
                return room, floor
    return None


def imports(path):
    """(line, module) of every import; `from a import b` counts as `a.b` where that is a module."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = module_of(path).split(".")
                package = here if path.name == "__init__.py" else here[:-1]
                base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [base])])
            for name in node.names:
                inner = ROOT.joinpath(*base.split("."), name.name)
                is_module = inner.with_suffix(".py").exists() or inner.is_dir()
                yield node.lineno, f"{base}.{name.name}" if is_module else base


def listed(found):
    return "\n  " + "\n  ".join(sorted(found))


# --- Floors -----------------------------------------------------------------------------------------------------------


def test_every_import_goes_down():
    wrong = []
    for path in python_files():
        here = room_of(module_of(path))
        if is_test(path) or here is None:
            continue
        room, floor = here
        for line, module in imports(path):
            there = room_of(module)
            if there is None or there[0] == room:
                continue
            through_a_door = any(
                room == one and (module == door or module.startswith(door + "."))
                for one, door in BETWEEN_NEIGHBOURS
            )
            if there[1] >= floor and not through_a_door:
                wrong.append(f"{where(path, line)}: {room} imports {module}")
    assert not wrong, (
        "imports go down (HOUSE.md, Floors). Move what is needed to a lower floor, ask by query from above, "
        "or register a gate:" + listed(wrong)
    )


def test_every_file_of_ours_stands_on_a_floor():
    homeless = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if not is_test(path)
        and module_of(path) not in ("casemgmt", "manage")
        and path.parts[len(ROOT.parts)] != "deploy"
        and room_of(module_of(path)) is None
    ]
    assert not homeless, "give the new package a floor in FLOORS and in HOUSE.md:" + listed(homeless)


def test_no_function_imports():
    wrong = []
    for path in shipped_files():
        for node in nodes(path):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if path.name == "apps.py" and node.name == "ready":
                continue
            wrong += [
                f"{where(path, inner.lineno)}: in {node.name}()"
                for inner in ast.walk(node)
                if isinstance(inner, ast.Import | ast.ImportFrom)
            ]
    assert not wrong, (
        "imports stand at the top of the file; only AppConfig.ready may import inside. Where a circle forced it, "
        "the fact belongs on a higher floor:" + listed(wrong)
    )


def test_importing_the_ground_floor_pulls_nothing_in():
    assert Path(casemgmt.__file__).read_text() == "", "casemgmt/__init__.py stays empty"


def our_models():
    """Every concrete model of ours without the history models."""
    return [m for m in apps.get_models() if room_of(m.__module__) and not hasattr(m, "history_id")]


def history_models():
    return [m for m in apps.get_models() if room_of(m.__module__) and hasattr(m, "history_id")]


def test_every_foreign_key_points_down():
    wrong = []
    for model in our_models():
        room, floor = room_of(model.__module__)
        for field in model._meta.local_fields:
            there = room_of(field.related_model.__module__) if field.is_relation else None
            if there and there[0] != room and there[1] >= floor:
                wrong.append(f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}")
    assert not wrong, "foreign keys point down: a fact about two things lives on the higher floor:" + listed(
        wrong
    )


def test_history_points_up_only_at_the_person_that_the_settings_name():
    """Core's history names a person whom it does not know, as Django's own apps name AUTH_USER_MODEL."""
    assert StaffMember._meta.label == settings.AUDIT_PERSON_MODEL
    for model in history_models():
        person = model._meta.get_field("history_user")
        assert person.related_model is StaffMember, model._meta.label


INCLUDE = re.compile(r"""{%-?\s*(?:include|extends)\s+["']([^"']+)["']""")
FOLDERS = {
    "agencies": "casemgmt.agencies",
    "resources": "casemgmt.resources",
    "clients": "clients",
    "assessments": "assessments",
    "serviceplans": "serviceplans",
    "mentoring": "mentoring",
    "workspace": "casemgmt.workspace",
    "reports": "casemgmt.reports",
    "interchange": "casemgmt.interchange",
    "demo": "casemgmt.demo",
}


def test_every_template_includes_downwards():
    """Fragments at the root of templates/ lie under every floor; what dresses another package is not ours."""
    wrong = []
    for path in template_files():
        own = path.relative_to(TEMPLATES).parts
        here = room_of(FOLDERS[own[0]]) if own[0] in FOLDERS else ("the root", -1)
        for found in INCLUDE.finditer(source(path)):
            target = found[1].split("/")
            if len(target) == 1 or target[0] not in FOLDERS:
                continue
            there = room_of(FOLDERS[target[0]])
            if there[0] != here[0] and there[1] >= here[1]:
                line = source(path).count("\n", 0, found.start()) + 1
                wrong.append(f"{where(path, line)}: includes {found[1]}")
    assert not wrong, "a template includes its own app's, a lower floor's or the root's fragments:" + listed(
        wrong
    )


# --- Outer code asks only for visible rows ----------------------------------------------------------------------------

# Rules that happen to live on floor 5: verbs that act on what a page has fetched with visible_to.
INNER = {
    "casemgmt/workspace/verbs.py",  # called with rows that the caller may see; writes through the verbs below
    "casemgmt/workspace/crisis/verbs.py",  # the same, for the two verbs of a crisis
    "casemgmt/workspace/log/verbs.py",  # the same, for writing a visit down
    "casemgmt/workspace/reporting/verbs.py",  # the same; who is told is decided per person by visible_to
    "casemgmt/workspace/day/alarms.py",  # tells of a colleague who did not come back
    "casemgmt/workspace/day/mail.py",  # sends somebody the numbers of their own list
    "casemgmt/workspace/opening.py",  # opens an agency in which nobody works yet
}
# (file, Model.method): questions that ask no door, each for its reason.
ASKS_OTHERWISE = {
    # The one who is operator of the platform chooses an agency by its name, before they have a job in it.
    ("casemgmt/agencies/views.py", "Agency.order_by"),
    # Somebody's own jobs, by their login: what the session's person is chosen from.
    ("casemgmt/agencies/views.py", "StaffMember.jobs_of"),
    # The door's own search before create (REQ-112): name, birth date and number only.
    ("clients/forms/front_door.py", "Client.to_recognise"),
    # The banner's alerts, for whoever the page shows the person to: also who only came along on a visit.
    ("clients/banner.py", "Alert.at_a_glance"),
    # Asks Visit.visible_to itself: who came along sees who else did, without seeing the enrollment.
    ("casemgmt/workspace/notes/views.py", "VisitParticipant.of_visit"),
    # The history of rows that visible_to gave just before.
    ("casemgmt/workspace/changes.py", "model.history.model.filter"),
}
# These belong to no agency, and have no door; the operator's entries are shown to the agency they went into.
WITHOUT_A_DOOR = {"User", "OperatorEntry", "LoginEvent"}


def is_outer(path):
    name = str(path.relative_to(ROOT))
    if name in INNER or path not in shipped_files() or "management" in path.parts:
        return False
    rooms = ("casemgmt/workspace/", "casemgmt/reports/")
    return (
        path.name in ("views.py", "forms.py", "admin.py", "banner.py", "rows.py", "charts.py")
        or "templatetags" in path.parts
        or "views" in path.parts
        or "forms" in path.parts
        or name.startswith(rooms)
    )


@cache
def outer_files():
    return [p for p in shipped_files() if is_outer(p)]


def questions(path):
    """(node, Model, method) of every `Model.objects.method` and of managers that hide behind other names."""
    for node in nodes(path):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            if node.value.attr in ("objects", "_base_manager", "_default_manager"):
                yield node, ast.unparse(node.value.value), node.attr


def choices_of_a_form(path):
    """The querysets given to fields in the body of a form class, which HouseForm scopes when it is made."""
    return {
        inner
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for inner in ast.walk(statement)
    }


def test_outer_code_asks_only_for_visible_rows():
    wrong = []
    for path in outer_files():
        name, in_class = str(path.relative_to(ROOT)), choices_of_a_form(path)
        for node, model, method in questions(path):
            allowed = (
                method in ("visible_to", "none")
                or (method == "for_figures" and name.startswith("casemgmt/reports/"))
                or (
                    method == "all"
                    and (path.name == "forms.py" or "forms" in path.parts)
                    and node in in_class
                )
                or model in WITHOUT_A_DOOR
                or (name, f"{model}.{method}") in ASKS_OTHERWISE
            )
            if not allowed:
                wrong.append(f"{where(path, node.lineno)}: {model}.objects.{method}")
    assert not wrong, (
        "pages, forms and reports ask `Model.objects.visible_to(staff)` (figures: for_figures); a write is a verb "
        "of the model or `Model(…).save()`:" + listed(wrong)
    )


def test_every_exemption_from_asking_is_still_used():
    used = {
        (str(path.relative_to(ROOT)), f"{model}.{method}")
        for path in outer_files()
        for _node, model, method in questions(path)
    }
    assert used >= ASKS_OTHERWISE, f"strike out: {ASKS_OTHERWISE - used}"


READS = (
    "all",
    "filter",
    "exclude",
    "first",
    "last",
    "get",
    "count",
    "exists",
    "values",
    "values_list",
    "order_by",
)


@cache
def children():
    """The names under which rows find their children: `visit.participants`, `plan.goals`."""
    return {
        relation.get_accessor_name()
        for model in our_models()
        for relation in model._meta.related_objects
        if relation.one_to_many
        and relation.get_accessor_name()
        and room_of(relation.related_model.__module__)
    }


def test_outer_code_does_not_walk_to_children():
    """`plan.goals.all()` passes the door of the goals; they are fetched with visible_to."""
    wrong = []
    for path in outer_files():
        for node in nodes(path):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Attribute)
                and node.value.attr in children()
                and (node.attr in READS or node.attr.startswith(("select_", "prefetch_", "in_", "open")))
            ):
                wrong.append(f"{where(path, node.lineno)}: {ast.unparse(node)}")
    assert not wrong, "fetch children with Child.objects.visible_to(staff).filter(parent=…):" + listed(wrong)


def test_templates_get_prepared_rows():
    walk = re.compile(rf"\.({'|'.join(sorted(children()))})\.({'|'.join(READS)})\b|\.\w+_set\b")
    wrong = [
        f"{where(path, source(path).count(chr(10), 0, tag.start()) + 1)}: {tag[0]}"
        for path in template_files()
        for tag in re.finditer(r"{[{%].*?[}%]}", source(path))
        if walk.search(tag[0])
    ]
    assert not wrong, "the view fetches children with visible_to and hands rows to the template:" + listed(
        wrong
    )


def form_classes():
    for path in shipped_files():
        if path.name == "forms.py" or "forms" in path.parts:
            for found in vars(import_module(module_of(path))).values():
                if inspect.isclass(found) and issubclass(found, forms.BaseForm) and room_of(found.__module__):
                    yield found


def all_subclasses(cls):
    for child in cls.__subclasses__():
        yield child
        yield from all_subclasses(child)


def has_choices(form):
    return any(getattr(f, "queryset", None) is not None for f in form.base_fields.values())


@pytest.mark.parametrize(
    "form",
    sorted(
        {f for f in form_classes() if issubclass(f, HouseForm) and has_choices(f)}, key=lambda f: f.__name__
    ),
)
def test_every_choice_of_a_form_is_scoped_before_the_form_says_anything(form):
    """What stands as `Model.objects.all()` in a form's class never reaches a person."""
    staff = StaffMember(pk=1, agency_id=1, roles=[Role.CASE_MANAGER.value])
    made = form.__new__(form)
    HouseForm.__init__(made, staff=staff)
    for name, field in made.fields.items():
        if getattr(field, "queryset", None) is not None:
            assert field.queryset._viewer is staff, f"{form.__name__}.{name} is not scoped"


def test_every_form_with_choices_is_a_form_of_the_house():
    """A mixin may declare them, if all that it is mixed into are."""
    loose = {
        f"{form.__module__}.{form.__name__}"
        for form in form_classes()
        if has_choices(form)
        and not issubclass(form, HouseForm)
        and not (all_subclasses(form) and all(issubclass(c, HouseForm) for c in all_subclasses(form)))
    }
    assert not loose, "inherit from HouseForm or HouseModelForm, which scope the choices:" + listed(loose)


# --- Every view declares who may open it ------------------------------------------------------------------------------


def patterns(resolver=None, app=""):
    """(address, view, the app name that agencies.middleware.House would see) of every URL pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, app or entry.app_name or "")
        else:
            yield str(entry.pattern), entry.callback, app


def test_every_view_declares_a_known_permission():
    wrong = []
    for address, view, app in patterns():
        page = getattr(view, "view_class", view)
        permission = getattr(page, "permission", None) or FOREIGN.get(app)
        if permission is None and view.__module__.startswith("allauth."):
            permission = "public"
        if permission not in OPEN and permission not in PERMISSIONS:
            wrong.append(f"{view.__module__}.{view.__name__} at {address!r}: {permission}")
    assert not wrong, "declare @page(permission) with a name from agencies/roles.py:" + listed(wrong)


def test_only_the_way_in_is_open_without_a_job():
    opened = {
        view.__name__
        for _address, view, _app in patterns()
        if getattr(getattr(view, "view_class", view), "permission", None) in OPEN
    }
    # Those that are handed are for who answers alone on somebody's device (assessments/handing.py); a calendar cannot
    # sign in, and fetches times without names under a secret address.
    alone = {"handed_over", "handed_say", "calendar_feed"}
    # And what a device holds of nobody: the empty shell and what brings it there (casemgmt/workspace/device).
    empty = {"worker", "manifest", "shell"}
    assert opened == {"home", "operator_enter", "operator_leave"} | alone | empty, (
        "a page without a job shows nothing of an agency; if this one must be open, say why beside it and here"
    )


def test_every_permission_opens_something():
    asked = {getattr(getattr(view, "view_class", view), "permission", None) for _a, view, _app in patterns()}
    text = "\n".join(source(p) for p in [*shipped_files(), *template_files()] if p.name != "roles.py")
    unused = {p for p in PERMISSIONS if p not in asked and f'"{p}"' not in text}
    assert not unused, f"roles.py gives what nothing asks for: {sorted(unused)}"


# --- Every model is audited and scoped --------------------------------------------------------------------------------

NOT_AUDITED = {
    Submission,  # a form's receipt, written and taken back by the middleware; it holds nothing of a record
    KeptForm,  # half a sentence, theirs alone until it is sent; history would keep what was never said
    ImportRow,  # a row of a file on its way in, thrown away afterwards; history would keep what was never taken in
    User,  # Django's own base class; it has a History of its own
}
NO_AGENCY = {
    Agency,  # the tenant itself
    User,  # a login may hold jobs at several agencies
    LoginEvent,  # a refused sign-in belongs to no agency
    OperatorEntry,  # the platform's own book; `into` names the agency
}


def test_every_model_is_audited_or_only_ever_added_to():
    wrong = [
        m._meta.label
        for m in our_models()
        if m not in NOT_AUDITED and not issubclass(m, Audited) and not issubclass(m, AppendOnly)
    ]
    assert not wrong, "inherit from AgencyOwned (with history) or AgencyFact (only ever added):" + listed(
        wrong
    )


def test_every_audited_model_has_its_history():
    kept = {m.instance_type for m in history_models()}
    wrong = [m._meta.label for m in our_models() if (issubclass(m, Audited) or m is User) and m not in kept]
    assert not wrong, "history = History() is inherited from Audited; do not replace it:" + listed(wrong)


def test_every_manager_refuses_what_would_leave_no_history():
    wrong = []
    for model in our_models():
        if model in NOT_AUDITED:
            continue
        kind = AuditedQuerySet if issubclass(model, Audited) else AppendOnlyQuerySet
        if model._base_manager.name != "objects":
            wrong.append(f"{model._meta.label}: its base manager is {model._base_manager.name}")
        wrong += [
            f"{model._meta.label}.{manager.name}"
            for manager in model._meta.managers
            if not issubclass(manager._queryset_class, kind)
        ]
    assert not wrong, (
        "build managers with SomeQuerySet(ScopedQuerySet).as_manager(), and put AgencyOwned first among the bases, "
        "or related.add() writes through a manager without guard:" + listed(wrong)
    )


# Rows about a person served that are seen through the agency's own door.
PAST_THE_CLIENT = {
    # Whoever reviews it may not see the record; the page names the person only where their own door lets it.
    EmergencyAccess,
}


def tenant_models():
    return [m for m in our_models() if m not in NO_AGENCY]


def test_every_model_belongs_to_an_agency():
    wrong = [
        m._meta.label
        for m in tenant_models()
        if m not in (KeptForm, Submission)
        and (not issubclass(m, OfAgency) or m._meta.get_field("agency").null)
    ]
    assert not wrong, "inherit from AgencyOwned or AgencyFact:" + listed(wrong)


@pytest.mark.parametrize(
    "model",
    sorted((m for m in tenant_models() if issubclass(m, OfAgency)), key=lambda m: m.__name__),
    ids=lambda m: m.__name__,
)
def test_every_path_ends_at_a_door(model):
    if model.path:
        door = model.objects.none()._door()
        assert door.is_door or door.path == "", f"{model.__name__}.path ends at {door.__name__}"
        for name in model.path.split("__"):
            model = model._meta.get_field(name).related_model
    elif not model.is_door:
        # The agency's own door: then it may not hang on a person served, a period of service or a pair.
        doors = [f.name for f in model._meta.local_fields if getattr(f.related_model, "is_door", False)]
        kept_by_its_own_rule = model.objects.none()._seen_by.__func__ is not ScopedQuerySet._seen_by
        assert not doors or kept_by_its_own_rule or model in PAST_THE_CLIENT, (
            f'{model.__name__} points at {", ".join(doors)}: set path = "{doors[0]}", so that its door decides'
        )


def test_doors_override_who_sees_them():
    doors = [m for m in tenant_models() if getattr(m, "is_door", False)]
    assert {m.__name__ for m in doors} == {"Client", "Enrollment", "Pairing"}, (
        "there are four doors (HOUSE.md)"
    )
    for model in doors:
        assert model.objects.none()._seen_by.__func__ is not ScopedQuerySet._seen_by


def test_relations_are_through_models_and_protect():
    wrong = []
    for model in our_models():
        inherited = {f.name for f in AbstractUser._meta.get_fields()} if model is User else set()
        wrong += [
            f"{model._meta.label}.{f.name}: a ManyToManyField writes no history, use a through model"
            for f in model._meta.local_many_to_many
            if f.name not in inherited | {"groups", "user_permissions"}
        ]
        wrong += [
            f"{model._meta.label}.{f.name}: on_delete is {f.remote_field.on_delete.__name__}, use PROTECT"
            for f in model._meta.local_fields
            if f.is_relation and f.remote_field.on_delete is not models.PROTECT
        ]
    assert not wrong, listed(wrong)


# --- Every visible string goes through gettext ------------------------------------------------------------------------

# Names, units and signs that are the same in every language.
NOT_WORDS = re.compile(r"\b(casemgmt)\b|&\w+;")
SHOWN_ATTRIBUTES = {"title", "alt", "aria-label", "placeholder", "label", "data-label", "aria-description"}
COMMENT = re.compile(r"{%\s*comment\b.*?%}.*?{%\s*endcomment\s*%}|{#.*?#}", re.S)
BLOCK = re.compile(
    r"{%\s*blocktrans(?:late)?\b(?P<opts>.*?)%}(?P<text>.*?){%\s*endblocktrans(?:late)?\s*%}", re.S
)
TRANSLATE = re.compile(r"""{%\s*trans(?:late)?\s+(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)')""")
MARKED = re.compile(r"""\b_\((?:"(?P<a>[^"]*)"|'(?P<b>[^']*)')\)""")
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.S)
CLASS_BLOCK = re.compile(r"{%\s*block \w+_class\s*%}.*?{%\s*endblock\s*%}", re.S)
TAG_NAME = re.compile(r"(?<=<)(/?){{.*?}}")  # <{{ tag|default:"div" }} …>
LITERAL = re.compile(r"""(?<!_\()(?:"([^"]*)"|'([^']*)')""")


class Shown(HTMLParser):
    """The text and the readable attributes of a page."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found, self.silent = [], 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in ("script", "style")
        for name, value in attrs:
            if value and (name in SHOWN_ATTRIBUTES or (tag == "input" and name == "value")):
                self.found.append((self.getpos()[0], value))

    def handle_endtag(self, tag):
        self.silent -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.silent:
            self.found += enumerate(data.split("\n"), self.getpos()[0])


def keep_lines(match):
    return "\n" * match[0].count("\n")


def test_templates_have_no_text_outside_gettext():
    wrong = []
    for path in template_files():
        text = source(path)
        for unread in (COMMENT, BLOCK, CLASS_BLOCK):
            text = unread.sub(keep_lines, text)
        text = TAG.sub(keep_lines, TAG_NAME.sub(r"\1div", text))
        if path.suffix == ".txt":
            found = list(enumerate(text.split("\n"), 1))
        else:
            page = Shown()
            page.feed(text)
            found = page.found
        wrong += [
            f"{where(path, line)}: {' '.join(said.split())[:60]!r}"
            for line, said in found
            if re.search(r"[^\W\d_]{2,}", NOT_WORDS.sub("", said))
        ]
    assert not wrong, "wrap it in {% translate %} or {% blocktranslate %}:" + listed(wrong)


def test_template_tags_carry_no_text_outside_gettext():
    """`{% include … with title="Text" %}` and `{{ x|default:"Text" }}` are text too; a sentence has a capital."""
    wrong = []
    for path in template_files():
        text = COMMENT.sub(keep_lines, source(path))
        for tag in TAG.finditer(text):
            if re.match(r"{%\s*(trans|blocktrans|load|extends|url|static|crispy)", tag[0]):
                continue
            if re.match(r"{%\s*(if|elif|ifchanged)\b", tag[0]) or re.search(r"\|(date|time):", tag[0]):
                continue
            said = [a or b for a, b in LITERAL.findall(MARKED.sub("", tag[0]))]
            wrong += [
                f"{where(path, text.count(chr(10), 0, tag.start()) + 1)}: {one!r}"
                for one in said
                if re.match(r"[A-Z][a-z]", one)
            ]
    assert not wrong, 'say _("Text"), or translate it into a variable first:' + listed(wrong)


# What a person reads: keywords, and the calls whose first argument is a label.
SHOWN_KEYWORDS = {
    "label", "help_text", "verbose_name", "verbose_name_plural", "empty_label", "message", "title", "intro",
    "submit", "second", "description", "short_description",
}  # fmt: skip
SHOWN_CALLS = {"Refused", "NotReady", "AlreadyServed", "ValidationError", "capital"}
GETTEXT = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
}


def said_plainly(node):
    """A string constant of words, which nobody can translate; a word in lower case is a key."""
    if isinstance(node, ast.JoinedStr):
        return any(said_plainly(part) for part in node.values)
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"[^\W\d_]{2,}", re.sub(r"{\w+}", "", node.value)) is not None
    )


def name_of(node):
    return getattr(node, "id", getattr(node, "attr", ""))


def speaks_to_people(path):
    """Commands speak to whoever runs the machine; the demo's people are invented in English."""
    return "management" not in path.parts and "demo" not in path.parts and path in shipped_files()


def test_python_says_nothing_outside_gettext():
    wrong = []
    for path in filter(speaks_to_people, shipped_files()):
        if path.is_relative_to(ROOT / "deploy"):
            continue
        for node in nodes(path):
            plain = []
            if isinstance(node, ast.Call):
                called = name_of(node.func)
                plain += [k.value for k in node.keywords if k.arg in SHOWN_KEYWORDS]
                if called in SHOWN_CALLS - {"capital"}:
                    plain += node.args[:1]
                elif called == "add_error":
                    plain += node.args[1:2]
                elif called.endswith("Field") and name_of(getattr(node.func, "value", None)) == "models":
                    plain += [a for a in node.args[:1] if called not in ("ForeignKey", "OneToOneField")]
                elif name_of(getattr(node.func, "value", None)) == "messages":
                    plain += node.args[1:2]
            elif isinstance(node, ast.ClassDef) and any("Choices" in name_of(b) for b in node.bases):
                for statement in node.body:
                    value = getattr(statement, "value", None)
                    plain += value.elts[1:] if isinstance(value, ast.Tuple) else []
            elif isinstance(node, ast.ClassDef) and node.name == "Meta":
                plain += [
                    s.value
                    for s in node.body
                    if isinstance(s, ast.Assign) and name_of(s.targets[0]) in SHOWN_KEYWORDS
                ]
            wrong += [
                f"{where(path, p.lineno)}: {ast.unparse(p)}"
                for p in plain
                if said_plainly(p) and not (isinstance(node, ast.Call) and name_of(node.func) == "worded")
            ]
    assert not wrong, 'wrap it in _("…"):' + listed(wrong)


# The agency chooses these words (REQ-34). Python says worded(_("Log a {visit}")), templates {% term "visit" %}.
CHOSEN = re.compile(
    rf"\b({'|'.join(sorted({w for pair in TERMS.values() for w in pair}, key=len, reverse=True))})\b", re.I
)
SAYS_THE_WORD = {
    "casemgmt/agencies/words.py",  # the words themselves
    "casemgmt/agencies/roles.py",  # names of roles; role_label() puts the agency's words in their place
    # Read by an agency admin while choosing the words, where each has to be called by its first name.
    "casemgmt/agencies/forms.py",
    # The lists that an agency starts with and then edits as its own: they are rows, not labels.
    "casemgmt/workspace/opening.py",
    # They speak of the rows of Enrollment.csv to whoever reads the report beside the file.
    "casemgmt/interchange/hmis/importer.py",
    "casemgmt/interchange/hmis/batches.py",
    "casemgmt/interchange/hmis/stays.py",
    "casemgmt/interchange/hmis/telling.py",
}


def translatable(path):
    """(line, text) of everything in a Python file that gettext translates."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and name_of(node.func) in GETTEXT:
            for argument in node.args[:2]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.lineno, argument.value


def test_python_leaves_the_agencys_words_to_the_agency():
    wrong = [
        f"{where(path, line)}: {text!r}"
        for path in filter(speaks_to_people, shipped_files())
        if str(path.relative_to(ROOT)) not in SAYS_THE_WORD
        for line, text in translatable(path)
        if CHOSEN.search(re.sub(r"{\w+}|%\(\w+\)s", "", text))
    ]
    assert not wrong, 'say worded(_("… {visit} …")) or term("visit"):' + listed(wrong)


def test_templates_leave_the_agencys_words_to_the_agency():
    wrong = []
    for path in template_files():
        text = COMMENT.sub(keep_lines, source(path))
        said = [(m.start(), TAG.sub("", m["text"])) for m in BLOCK.finditer(text)]
        said += [
            (m.start(), m["a"] or m["b"] or "") for kind in (TRANSLATE, MARKED) for m in kind.finditer(text)
        ]
        wrong += [
            f"{where(path, text.count(chr(10), 0, at) + 1)}: {' '.join(words.split())[:70]!r}"
            for at, words in said
            if CHOSEN.search(words)
        ]
    assert not wrong, '{% term "visit" as visit %}, then {{ visit }} in a blocktranslate:' + listed(wrong)


def test_every_term_that_is_used_exists():
    used = {
        (where(path, 0), code)
        for path in template_files()
        for code in re.findall(r"""{%\s*term\s+["'](\w+)["']""", source(path))
    }
    assert not [pair for pair in used if pair[1] not in TERMS]


# --- Nothing that would open a window ---------------------------------------------------------------------------------

IN_TEMPLATES = {
    r"\|\s*safe\b": "|safe: what people typed would run in the browser",
    r"{%\s*autoescape\s+off": "autoescape off",
    r"<script(?![^>]*\bsrc=)": "a script in the page: the policy of content security refuses it",
    r"\sstyle\s*=": "style=: use a class of static/app.css",
    r"\son[a-z]+\s*=\s*[\"']": "an event handler in the page: listen in static/",
    r"javascript:": "javascript: in an address",
}
ALLOWED_IN_TEMPLATES = {
    # A mail is plain text: there is no browser in which it could run.
    ("agencies/login_given.txt", r"{%\s*autoescape\s+off"),
    ("workspace/daily_mail.txt", r"{%\s*autoescape\s+off"),
    # `fields` are fields that crispy has rendered (and escaped) itself.
    ("serviceplans/_fold.html", r"\|\s*safe\b"),
}


def test_templates_open_no_window():
    wrong = []
    for path in template_files():
        text, name = COMMENT.sub(keep_lines, source(path)), path.relative_to(TEMPLATES).as_posix()
        for pattern, why in IN_TEMPLATES.items():
            if (name, pattern) in ALLOWED_IN_TEMPLATES:
                continue
            for found in re.finditer(pattern, text):
                wrong.append(f"{where(path, text.count(chr(10), 0, found.start()) + 1)}: {why}")
    assert not wrong, listed(wrong)


FORBIDDEN_NAMES = {
    "mark_safe": "use format_html, which escapes",
    "SafeString": "use format_html, which escapes",
    "csrf_exempt": "every form carries its token",
    "eval": "no code from text",
    "exec": "no code from text",
}
RAW_SQL = {"raw", "extra", "RawSQL", "RunSQL", "cursor", "execute", "executemany"}
THE_SQL = ROOT / "casemgmt" / "core" / "db.py"


def test_python_opens_no_window():
    wrong = []
    for path in shipped_files():
        for node in nodes(path):
            name = name_of(node) if isinstance(node, ast.Name | ast.Attribute) else ""
            if isinstance(node, ast.ImportFrom):
                name = next((a.name for a in node.names if a.name in FORBIDDEN_NAMES), "")
            if name in FORBIDDEN_NAMES:
                wrong.append(f"{where(path, node.lineno)}: {name}: {FORBIDDEN_NAMES[name]}")
    assert not wrong, listed(wrong)


def test_sql_is_written_in_one_module():
    """Migrations say it through the operations of core/db.py."""
    wrong = []
    for path in python_files():
        if is_test(path) or path == THE_SQL:
            continue
        wrong += [
            f"{where(path, node.lineno)}: {name_of(node.func)}()"
            for node in nodes(path)
            if isinstance(node, ast.Call) and name_of(node.func) in RAW_SQL
        ]
    assert not wrong, (
        "put it into casemgmt/core/db.py, with its SQLite fallback and a test on both:" + listed(wrong)
    )


def test_nothing_is_left_for_later():
    wrong = [
        f"{where(path, n)}: {line.strip()[:60]}"
        for path in [*python_files(), *template_files()]
        if path != Path(__file__)
        for n, line in enumerate(source(path).split("\n"), 1)
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line)
    ]
    assert not wrong, "do it now, or open an issue:" + listed(wrong)


# --- How files are called ---------------------------------------------------------------------------------------------

NO_SUCH_FILES = {"utils", "helpers", "managers", "services", "misc", "common"}


def test_no_file_is_a_drawer():
    wrong = [str(p.relative_to(ROOT)) for p in python_files() if NO_SUCH_FILES & {p.stem, p.parent.name}]
    assert not wrong, "call it after what it holds:" + listed(wrong)


def test_models_fit_on_a_few_screens():
    wrong = [
        f"{p.relative_to(ROOT)}: {source(p).count(chr(10))} lines"
        for p in shipped_files()
        if (p.name == "models.py" or p.parent.name == "models") and source(p).count("\n") > 400
    ]
    assert not wrong, "past some 400 lines, models.py becomes models/, one file a noun:" + listed(wrong)
