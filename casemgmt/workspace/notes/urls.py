"""The addresses of a note after it is written; casemgmt/workspace/urls.py takes them in."""

from django.urls import path

from casemgmt.workspace.notes import printing, views

urlpatterns = [
    path("visits/<int:pk>/", views.visit_detail, name="visit-detail"),
    path("visits/<int:pk>/sign/", views.visit_sign, name="visit-sign"),
    path("visits/<int:pk>/cosigner/", views.visit_cosigner, name="visit-cosigner"),
    path("visits/<int:pk>/cosign/", views.visit_cosign, name="visit-cosign"),
    path("visits/<int:pk>/ask/", views.visit_ask, name="visit-ask"),
    path("visits/<int:pk>/add/", views.visit_addendum, name="visit-addendum"),
    path("visits/<int:pk>/correct/", views.visit_correct, name="visit-correct"),
    path("visits/<int:pk>/attach/", views.visit_attach, name="visit-attach"),
    path("enrollments/<int:pk>/notes/", printing.notes_choose, name="notes-choose"),
    path("enrollments/<int:pk>/notes/print/", printing.notes_print, name="notes-print"),
    path("enrollments/<int:pk>/notes/give/", printing.notes_give, name="notes-give"),
    path("questions/<int:pk>/answer/", views.question_answer, name="question-answer"),
]
