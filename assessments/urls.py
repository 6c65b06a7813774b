"""Assessments: started from an enrollment, found again by their own key."""

from django.urls import path

from assessments import views

app_name = "assessments"

urlpatterns = [
    path("enrollments/<int:pk>/assess/", views.administration_create, name="administration-create"),
    path("enrollments/<int:pk>/assessments/", views.administration_list, name="administration-list"),
    path("assessments/<int:pk>/", views.administration_detail, name="administration-detail"),
    path("assessments/<int:pk>/edit/", views.administration_edit, name="administration-edit"),
]
