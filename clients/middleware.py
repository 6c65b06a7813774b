"""Who looked at whose record: written in the response's own transaction, or there is no response."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import AccessLog, EmergencyAccess, Merge, MergedInto, OutsideCaseload

TECHNICAL = ("csrfmiddlewaretoken", "submit_key", "version")


class AccessTrail:
    """Log the people whose records a response shows; offer emergency access where a record is a colleague's.

    Whoever asks for a record that was merged is led to the one that was kept.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(request, "staff", None) is None:
            return response
        if request.method == "POST" and response.status_code < 400:
            Merge.catch_up(request.staff.agency_id)
        if request.shown is None:
            view = request.resolver_match.func if request.resolver_match else None
            page = getattr(view, "view_class", view)
            if getattr(page, "records", False) and response.status_code == 200 and request.method != "HEAD":
                raise RuntimeError(f"{request.resolver_match.view_name} shows records but named nobody")
            return response
        if request.shown and response.status_code < 500:
            self._write(request, response)
        return response

    def _write(self, request, response):
        people = sorted(request.shown)
        emergency = None
        if request.purpose == "emergency":
            live = EmergencyAccess.objects.filter(staff=request.staff, client__in=people).live()
            emergency = live.values_list("pk", flat=True).first()
        AccessLog.objects.create(
            agency_id=request.staff.agency_id,
            staff=request.staff,
            page=request.resolver_match.view_name[:100],
            method=request.method[:8],
            status=response.status_code,
            purpose=request.purpose,
            emergency_id=emergency,
            people=people,
        )

    def process_exception(self, request, exception):
        if isinstance(exception, OutsideCaseload):
            url = reverse("workspace:emergency", kwargs={"pk": exception.client_pk})
            return render(request, "403_emergency.html", {"emergency_url": url}, status=403)
        if isinstance(exception, MergedInto):
            return self._lead_on(request, exception)
        return None

    def _lead_on(self, request, merged):
        """The same page of the record that was kept; what was typed is shown again, and not written anywhere."""
        there = reverse("workspace:client", kwargs={"pk": merged.kept_pk})
        if request.method == "POST":
            typed = [(k, v) for k, v in request.POST.items() if k not in TECHNICAL and v]
            sentence = _(
                "This record has become part of another one. What you sent is below: copy it from here."
            )
            context = {"sentences": [sentence], "typed": typed, "back_url": there}
            return render(request, "409.html", context, status=409)
        here = reverse("workspace:client", kwargs={"pk": merged.gone_pk})
        said = request.GET.copy()
        for name in ("client", "with"):
            if said.get(name) == str(merged.gone_pk):
                said[name] = str(merged.kept_pk)
        path = request.path
        if path.startswith(here):
            path = there + path.removeprefix(here)
        elif said == request.GET:
            path = there
        messages.info(request, _("You asked for a record that has become part of this one."))
        return redirect(f"{path}?{said.urlencode()}" if said else path)
