"""Assessments: started from an enrollment, found again by their own key; questionnaires: from the person."""

from django.urls import path

from assessments.views import answering, review

app_name = "assessments"

urlpatterns = [
    path("enrollments/<int:pk>/assess/", review.administration_create, name="administration-create"),
    path("enrollments/<int:pk>/assessments/", review.administration_list, name="administration-list"),
    path("assessments/<int:pk>/", review.administration_detail, name="administration-detail"),
    path("assessments/<int:pk>/edit/", review.administration_edit, name="administration-edit"),
    path("responses/<int:pk>/", answering.response_detail, name="response-detail"),
]
