"""Who looked at whose record: written in the response's own transaction, or there is no response."""

from django.shortcuts import render
from django.urls import reverse

from clients.models import AccessLog, EmergencyAccess, OutsideCaseload


class AccessTrail:
    """Log the people whose records a response shows; offer emergency access where a record is a colleague's."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(request, "staff", None) is None:
            return response
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
        return None
