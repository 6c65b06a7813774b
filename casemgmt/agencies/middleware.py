"""The request: one transaction, one person at one agency, one declared permission, one answer per sent form."""

import hashlib
import uuid
from time import time

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import KeptForm, StaffMember, Submission
from casemgmt.agencies.roles import OPEN
from casemgmt.core import acting, db
from casemgmt.core.models import Refused
from casemgmt.core.views import PAGE_METHODS, StaleVersion

ALREADY_SENT = _("What was sent first under this form was saved. These words differ, and were not saved.")
# A script of ours says for whom it asks: StaffMember.device_id (docs/decisions/0012).
DEVICE = "X-Device"
# What other packages serve, with the permission that their pages need here.
FOREIGN = {"account": "public", "admin": "agency.configure"}


class IdleSession:
    """Sign somebody out who was away too long or signed in too long ago (NIST 800-63B: 30 minutes, 12 hours)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            now, (since, seen) = int(time()), request.session.get("seen") or (None, None)
            if seen is None:
                request.session["seen"] = [now, now]
            elif now - seen > settings.SESSION_IDLE_MINUTES * 60 or now - since > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif now - seen >= 60 and not _asks_by_itself(request):
                request.session["seen"] = [since, now]
        return self.get_response(request)


class House:
    """Open the transaction, find the person, refuse what nobody declared, and answer each sent form once.

    Sign-in pages stay outside the transaction, so that refusals and rate limits are kept.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.staff, request.jobs, request.submission = None, [], None
        request.shown, request.purpose = None, "care"
        device = request.headers.get(DEVICE)
        response = self._answer(request)
        return response if device is None else _plainly(request, response)

    def _answer(self, request):
        if request.path.startswith("/accounts/") or not request.user.is_authenticated:
            return self.get_response(request)
        job, agency = request.session.get("job") or (None, None)
        with db.scope(agency, request.user.pk):
            request.jobs = list(StaffMember.objects.jobs_of(request.user))
            request.staff = next((j for j in request.jobs if j.pk == job), next(iter(request.jobs), None))
            if request.staff and request.staff.pk != job:
                db.set_scope(request.staff.agency_id, request.user.pk)
                if job is not None:
                    rotate_token(
                        request
                    )  # the job chosen has ended: its open forms must not be sent into another
                request.session["job"] = [request.staff.pk, request.staff.agency_id]
            if request.staff:
                request.staff.doors = {}
            tenant = request.staff.agency if request.staff else None
            zone = tenant.time_zone if tenant else settings.TIME_ZONE
            with acting.acting(acting.Actor(tenant, request.staff)), timezone.override(zone):
                response = self.get_response(request)
                self._remember(request, response)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    def process_view(self, request, view, args, kwargs):
        page = getattr(view, "view_class", view)
        app = request.resolver_match.app_names[0] if request.resolver_match.app_names else ""
        permission = getattr(page, "permission", None) or FOREIGN.get(app)
        if permission is None and view.__module__.startswith("allauth."):
            permission = "public"
        if permission is None:
            raise PermissionDenied(f"{request.resolver_match.view_name} declares no permission")
        if request.method not in getattr(page, "methods", PAGE_METHODS):
            return HttpResponseNotAllowed(getattr(page, "methods", PAGE_METHODS))
        if permission == "public":
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not _same_person(request):
            return JsonResponse({}, status=401)
        if permission not in OPEN and request.staff is None:
            return HttpResponseRedirect("/")
        if permission not in OPEN and not request.staff.may(permission):
            raise PermissionDenied
        if request.method == "POST" and request.staff is not None:
            return self._first_answer(request)
        return None

    def process_exception(self, request, exception):
        if isinstance(exception, StaleVersion):
            rows = list(exception.rows())
            if DEVICE in request.headers:
                return JsonResponse({"rows": rows}, status=409)
            return render(request, "409.html", {"rows": rows, "form": exception.form_again()}, status=409)
        if isinstance(exception, Refused):
            if DEVICE in request.headers:
                return JsonResponse({"sentences": list(map(str, exception.sentences))}, status=409)
            return render(request, "409.html", {"sentences": exception.sentences}, status=409)
        return None

    def _first_answer(self, request):
        """None when this form is new here; else what the first answer was."""
        try:
            key = uuid.UUID(request.POST.get("submit_key", ""))
        except ValueError:
            return None  # forms refuse a missing key beside the field, and keep what was typed
        row = Submission(
            agency_id=request.staff.agency_id,
            staff=request.staff,
            key=key,
            path=request.path[:300],
            digest=_digest(request),
        )
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            first = Submission.objects.get(agency_id=row.agency_id, key=key)
            same = (first.staff_id, first.path, first.digest) == (row.staff_id, row.path, row.digest)
            if same and first.location:
                return HttpResponseRedirect(first.location)
            # What was saved first: where it stands (there), and where the two are put beside each other (meets).
            stands = {"there": first.location}
            if saved_under := getattr(request.resolver_match.func, "saved_under", None):
                stands |= saved_under(request.staff, key)
            if DEVICE in request.headers:
                return JsonResponse({"sentences": [str(ALREADY_SENT)], **stands}, status=409)
            typed = [(k, v) for k, v in request.POST.items() if k not in _TECHNICAL and v]
            return render(request, "409.html", {"already_sent": True, "typed": typed, **stands}, status=409)
        request.submission = row
        return None

    def _remember(self, request, response):
        row = request.submission
        if row is None or response.status_code >= 500:
            return
        if 300 <= response.status_code < 400:
            row.location = response.headers["Location"][:300]
            row.save(update_fields=["location"])
            KeptForm.forget(request.staff, [row.key])
        else:
            row.delete()  # nothing was written: the same form may be mended and sent again


def _asks_by_itself(request):
    """A device that fetches what it keeps for days without a network does not keep its person signed in."""
    return request.method == "GET" and DEVICE in request.headers


def _same_person(request):
    """A device never sends one person's words as another's, however the sessions changed meanwhile."""
    device = request.headers.get(DEVICE)
    return not device or (request.staff is not None and request.staff.device_id == device)


def _plainly(request, response):
    """To a script: where a form led, instead of leading it there, and 401 instead of the page to sign in."""
    if not 300 <= response.status_code < 400:
        return response
    if not request.user.is_authenticated or request.staff is None:
        return JsonResponse({}, status=401)
    return JsonResponse({"to": response.headers["Location"]})


_TECHNICAL = ("csrfmiddlewaretoken", "submit_key", "version")


def _digest(request):
    sent = sorted((k, v) for k, values in request.POST.lists() for v in values if k != "csrfmiddlewaretoken")
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            whole = hashlib.sha256()
            for chunk in file.chunks():
                whole.update(chunk)
            file.seek(0)
            sent.append((name, file.name, whole.hexdigest()))
    return hashlib.sha256(repr(sent).encode("utf-8", "surrogatepass")).hexdigest()
