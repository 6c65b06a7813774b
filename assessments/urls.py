"""Assessments: started from an enrollment, found again by their own key; questionnaires: from the person."""

from django.urls import path

from assessments.views import acting, answering, handed, own, review

app_name = "assessments"

urlpatterns = [
    path("enrollments/<int:pk>/assess/", review.administration_create, name="administration-create"),
    path("enrollments/<int:pk>/assessments/", review.administration_list, name="administration-list"),
    path("assessments/<int:pk>/", review.administration_detail, name="administration-detail"),
    path("assessments/<int:pk>/edit/", review.administration_edit, name="administration-edit"),
    path("clients/<int:pk>/questionnaires/", answering.response_list, name="response-list"),
    path("clients/<int:pk>/questionnaires/begin/", answering.response_begin, name="response-begin"),
    path("responses/<int:pk>/", answering.response_detail, name="response-detail"),
    path("responses/<int:pk>/answer/", answering.response_answer, name="response-answer"),
    path("responses/<int:pk>/say/", answering.response_say, name="response-say"),
    path("own/questionnaires/", own.own_list, name="own-list"),
    path("own/questionnaires/begin/", own.own_begin, name="own-begin"),
    path("own/questionnaires/<int:pk>/", own.own_detail, name="own-detail"),
    path("own/questionnaires/<int:pk>/answer/", own.own_answer, name="own-answer"),
    path("own/questionnaires/<int:pk>/say/", own.own_say, name="own-say"),
    path("assessments/<int:pk>/review/", acting.administration_review, name="administration-review"),
    path("responses/<int:pk>/sign/", acting.response_sign, name="response-sign"),
    path("responses/<int:pk>/review/", acting.response_review, name="response-review"),
    path("responses/<int:pk>/set-aside/", acting.response_set_aside, name="response-set-aside"),
    path("responses/<int:pk>/need/", acting.response_need, name="response-need"),
    path("responses/<int:pk>/hand-over/", handed.response_hand_over, name="response-hand-over"),
    path("answer/", handed.handed_over, name="handed-over"),
    path("answer/say/", handed.handed_say, name="handed-say"),
    path("concerns/<int:pk>/", acting.concern_handle, name="concern-handle"),
]
