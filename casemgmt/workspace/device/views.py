"""What a device asks for by itself: who it works for, what it keeps for days without a network, what was sent."""

import hashlib
import json
import uuid

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import KeptForm, Submission
from casemgmt.core.views import page, show
from casemgmt.workspace.worklists import own_enrollments
from clients.models import Client, Enrollment, Visit

READ = ("GET", "HEAD")
LARGEST = 1_000_000  # characters of one half-typed form that the server keeps; the device keeps any
ASKED = 100  # keys in one question
# Whose record an address is about, by how its URL name's page begins.
DOORS = {"clients": Client, "enrollments": Enrollment, "visits": Visit}
# Whose addresses are about nobody's record, so that the permission alone says who may open them.
NOBODYS = ("notices", "resources")
# What every page needs; the worker of the service keeps these files and the empty shell, and nothing else.
FILES = (
    "vendor/bootstrap/bootstrap.min.css",
    "app.css",
    "app.js",
    "clock.js",
    "vault.js",
    "keep.js",
    "outbox.js",
    "telling.js",
    "unsent.js",
    "visit.js",
    "device.js",
    "shell.js",
    "mark.svg",
    "icons.svg",
)


@page("account.use", methods=READ)
def device(request):
    """Who is signed in, a fresh token to send with, and which of these forms have been accepted."""
    keys = _keys(request.GET.getlist("sent"))
    sent = Submission.objects.visible_to(request.staff).filter(key__in=keys).accepted() if keys else []
    return JsonResponse(
        {
            "person": request.staff.device_id,
            "token": get_token(request),
            "days": settings.DEVICE_DAYS,
            "now": timezone.now().isoformat(),
            "sent": [str(row.key) for row in sent],
        }
    )


@page("account.use", methods=READ)
def snapshot(request):
    """Which pages this device should hold: Today, the contact sheet, and two of each person of one's own.

    The device fetches them from their own addresses, so that each is logged and checked as when it is opened.
    """
    if not request.staff.may("visit.log"):
        return JsonResponse({"pages": []})
    pages = [reverse("workspace:today"), reverse("workspace:contacts")]
    for row in own_enrollments(request.staff).open():
        pages.append(reverse("clients:safety", kwargs={"pk": row.client_id}))
        pages.append(reverse("workspace:visit-log", kwargs={"pk": row.pk}))
    return JsonResponse({"pages": list(dict.fromkeys(pages))})


@page("visit.log", records=True, methods=READ)
def contacts(request):
    """Everybody one works with and how to reach them: to have with you where there is no network."""
    rows = sorted(own_enrollments(request.staff).open(), key=lambda row: row.client.name.casefold())
    show(request, {row.client_id for row in rows})
    return render(request, "workspace/contacts.html", {"rows": rows})


@page("account.use", methods=READ)
def kept(request):
    """The half-typed forms of this person's own, whose pages they may still open."""
    rows = KeptForm.objects.visible_to(request.staff).order_by("-kept_at")
    shown = [row for row in rows if _still_visible(request.staff, row.path)]
    return JsonResponse({"kept": [_said(row) for row in shown]})


@page("account.use", methods=("POST",))
def keep(request):
    """Keep one more half-typed form, for the day on which the device is lost; `forget` names those to drop."""
    if "forget" in request.POST:
        gone = KeptForm.forget(request.staff, _keys(request.POST.getlist("forget")))
        return JsonResponse({"forgotten": gone})
    key = next(iter(_keys([request.POST.get("key", "")])), None)
    path, typed = request.POST.get("path", ""), request.POST.get("typed", "")
    is_path = 0 < len(path) <= 300 and path.isprintable()
    if key is None or not is_path or len(typed) > LARGEST or not _is_fields(typed):
        return JsonResponse({"kept": False}, status=422)
    if not _still_visible(request.staff, path):
        return JsonResponse({"kept": False})  # no fault of the script: the device alone keeps it
    row = KeptForm.keep(request.staff, key=key, path=path, typed=typed)
    return JsonResponse({"kept": row is not None})


def _said(row):
    return {
        "key": str(row.key),
        "path": row.path,
        "values": json.loads(row.typed),
        "at": row.kept_at.isoformat(),
    }


def _keys(sent):
    keys = []
    for text in sent[:ASKED]:
        try:
            keys.append(uuid.UUID(text))
        except ValueError:
            continue
    return keys


def _is_fields(typed):
    """A list of pairs of texts."""
    try:
        pairs = json.loads(typed)
    except (ValueError, RecursionError):
        return False
    return isinstance(pairs, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
        for pair in pairs
    )


def _still_visible(staff, path):
    """Is the page that this was typed into still one that they may open? The record may be a colleague's now."""
    try:
        found = resolve(path.partition("?")[0])
    except Resolver404:
        return False
    view = getattr(found.func, "view_class", found.func)
    permission = getattr(view, "permission", None)
    if permission is None or not staff.may(permission):
        return False
    begins = found.route.partition("/")[0]
    door = DOORS.get(begins)
    if door is None or "pk" not in found.kwargs:
        return not found.kwargs or begins in NOBODYS
    if found.kwargs["pk"] > 2**63 - 1:
        return False
    return door.objects.visible_to(staff).filter(pk=found.kwargs["pk"]).exists()


@page("public", methods=READ)
def worker(request):
    """The worker of the service, from the root, so that it serves every page; it holds no data."""
    names = "".join(static(name) for name in FILES)
    names += render_to_string("_device.html")  # other words, or another language: another shell
    version = hashlib.sha256(names.encode()).hexdigest()[:12]
    text = render_to_string("workspace/worker.js", {"files": FILES, "version": version})
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@page("public", methods=READ)
def manifest(request):
    """How the site is put on the first screen of a phone."""
    icons = [{"src": static("mark.svg"), "sizes": "any", "type": "image/svg+xml"}]
    for size in (192, 512):
        icons.append({"src": static(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"})
    return JsonResponse(
        {
            "name": "casemgmt",
            "short_name": "casemgmt",
            "description": _("Case management"),
            "id": "/",
            "start_url": "/today/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f5f4ef",
            "theme_color": "#0c3a40",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )


@page("public", methods=READ)
def shell(request):
    """An empty page: without a network it shows what the device holds, under the key of its person."""
    return render(request, "workspace/shell.html")
