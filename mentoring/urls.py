"""Mentoring's pages."""

from django.urls import path

from mentoring import views

app_name = "mentoring"

urlpatterns = [
    path("mentoring/", views.pairing_list, name="pairing-list"),
    path("mentoring/new/", views.pairing_create, name="pairing-create"),
    path("mentoring/<int:pk>/", views.pairing_detail, name="pairing-detail"),
    path("mentoring/<int:pk>/accept/", views.pairing_accept, name="pairing-accept"),
    path("mentoring/<int:pk>/end/", views.pairing_end, name="pairing-end"),
    path("mentoring/<int:pk>/activities/new/", views.activity_create, name="activity-create"),
    path("mentoring/activities/<int:pk>/confirm/", views.activity_confirm, name="activity-confirm"),
    path("mentoring/activities/<int:pk>/rate/", views.activity_rate, name="activity-rate"),
]
