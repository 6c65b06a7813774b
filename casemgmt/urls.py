"""Where each floor's pages stand."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("casemgmt.agencies.urls")),
    path("", include("clients.urls")),
    path("", include("assessments.urls")),
    path("", include("serviceplans.urls")),
    path("", include("mentoring.urls")),
    path("", include("casemgmt.workspace.urls")),
    path("", include("casemgmt.interchange.record.urls")),
    path("", include("casemgmt.interchange.tcm.urls")),
    path("reports/", include("casemgmt.reports.urls")),
    path("resources/", include("casemgmt.resources.urls")),
    path("imports/", include("casemgmt.interchange.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]
