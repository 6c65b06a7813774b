"""The request: one transaction, one person at one agency, one declared permission, one answer per sent form."""

import hashlib
import uuid
from time import time

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.utils import timezone

from casemgmt.agencies.models import StaffMember, Submission
from casemgmt.agencies.roles import OPEN
from casemgmt.core import acting, db
from casemgmt.core.models import Refused
from casemgmt.core.views import PAGE_METHODS, StaleVersion

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
            elif now - seen >= 60:
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
            return render(request, "409.html", {"rows": rows, "form": exception.form_again()}, status=409)
        if isinstance(exception, Refused):
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
            typed = [(k, v) for k, v in request.POST.items() if k not in _TECHNICAL and v]
            return render(request, "409.html", {"already_sent": True, "typed": typed}, status=409)
        request.submission = row
        return None

    def _remember(self, request, response):
        row = request.submission
        if row is None or response.status_code >= 500:
            return
        if 300 <= response.status_code < 400:
            row.location = response.headers["Location"][:300]
            row.save(update_fields=["location"])
        else:
            row.delete()  # nothing was written: the same form may be mended and sent again


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
