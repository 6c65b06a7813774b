"""Assessments: started from an enrollment, found again by their own key; questionnaires: from the person."""

from django.urls import path

from assessments.views import acting, answering, review

app_name = "assessments"

urlpatterns = [
    path("enrollments/<int:pk>/assess/", review.administration_create, name="administration-create"),
    path("enrollments/<int:pk>/assessments/", review.administration_list, name="administration-list"),
    path("assessments/<int:pk>/", review.administration_detail, name="administration-detail"),
    path("assessments/<int:pk>/edit/", review.administration_edit, name="administration-edit"),
    path("responses/<int:pk>/", answering.response_detail, name="response-detail"),
    path("assessments/<int:pk>/review/", acting.administration_review, name="administration-review"),
    path("responses/<int:pk>/sign/", acting.response_sign, name="response-sign"),
    path("responses/<int:pk>/review/", acting.response_review, name="response-review"),
    path("responses/<int:pk>/set-aside/", acting.response_set_aside, name="response-set-aside"),
    path("responses/<int:pk>/need/", acting.response_need, name="response-need"),
    path("responses/<int:pk>/fhir/", acting.response_fhir, name="response-fhir"),
    path("concerns/<int:pk>/", acting.concern_handle, name="concern-handle"),
]
