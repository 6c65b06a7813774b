"""Django admin as the room where an agency admin sets up their agency: one sign-in, one agency, no client's record."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class AgencyAdminConfig(AdminConfig):
    """Makes `admin.site` ours."""

    default_site = "casemgmt.agencies.adminsite.AgencySite"


class AgencySite(AdminSite):
    """Open to the agency admin of the agency one is working at; the operator has to enter it first."""

    index_title = _("Set up your agency")

    def register(self, model_or_iterable, admin_class=None, **options):
        """Only what is scoped: other packages offer logins, groups and e-mail addresses, which belong to no agency."""
        if getattr(admin_class, "is_scoped", False):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request):
        staff = getattr(request, "staff", None)
        return staff is not None and staff.may("agency.configure")

    def each_context(self, request):
        name = request.staff.agency.name if self.has_permission(request) else ""
        return super().each_context(request) | {
            "site_header": _("%(agency)s: set-up") % {"agency": name} if name else _("Set-up"),
            "site_title": name or "casemgmt",
        }

    def get_log_entries(self, request):
        """None: the history of each row is ours, with the person and per agency."""
        return ()

    def login(self, request, extra_context=None):
        """There is one sign-in page, with its rate limits and second factor."""
        if self.has_permission(request):
            return redirect("admin:index")
        if not request.user.is_authenticated:
            return redirect(f"{reverse('account_login')}?next={reverse('admin:index')}")
        if request.user.is_superuser and request.staff is None:
            return redirect("agencies:operator-enter")
        raise PermissionDenied

    def logout(self, request, extra_context=None):
        return HttpResponseRedirect(reverse("account_logout"))

    def password_change(self, request, extra_context=None):
        return HttpResponseRedirect(reverse("account_change_password"))
