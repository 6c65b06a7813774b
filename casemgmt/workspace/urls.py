from django.urls import path

from casemgmt.workspace import views
from casemgmt.workspace.change import views as seeing
from casemgmt.workspace.crisis import views as crisis
from casemgmt.workspace.share import views as share

app_name = "workspace"

urlpatterns = [
    path("today/", views.today, name="today"),
    path("caseload/", views.caseload, name="caseload"),
    path("caseload/<int:pk>/", views.caseload_of, name="caseload-of"),
    path("reviews/", views.review_list, name="review-list"),
    path("board/", views.board, name="board"),
    path("assignments/", views.assignment_list, name="assignment-list"),
    path("enrollments/<int:pk>/assign/", views.assign, name="assign"),
    path("clients/<int:pk>/", views.client, name="client"),
    path("clients/<int:pk>/change/", seeing.change, name="change"),
    path("clients/<int:pk>/history/", views.client_history, name="client-history"),
    path("clients/<int:pk>/access/", views.client_access, name="client-access"),
    path("clients/<int:pk>/share/", share.share, name="share"),
    path("disclosures/<int:pk>/paper/", share.share_paper, name="share-paper"),
    path("disclosures/<int:pk>/answers/", share.share_answers, name="share-answers"),
    path("disclosures/<int:pk>/file/", share.share_file, name="share-file"),
    path("clients/<int:pk>/emergency/", views.emergency, name="emergency"),
    path("emergencies/", views.emergency_list, name="emergency-list"),
    path("emergencies/<int:pk>/review/", views.emergency_review, name="emergency-review"),
    path("enrollments/<int:pk>/crisis/", crisis.crisis, name="crisis"),
    path("enrollments/<int:pk>/crisis/over/", crisis.crisis_over, name="crisis-over"),
    path("enrollments/<int:pk>/move/", views.enrollment_move, name="enrollment-move"),
    path("enrollments/<int:pk>/transfer/", views.transfer, name="transfer"),
    path("enrollments/<int:pk>/visits/log/", views.visit_log, name="visit-log"),
    path("visits/<int:pk>/", views.visit_detail, name="visit-detail"),
    path("visits/<int:pk>/edit/", views.visit_edit, name="visit-edit"),
    path("visits/<int:pk>/sign/", views.visit_sign, name="visit-sign"),
    path("visits/<int:pk>/add/", views.visit_addendum, name="visit-addendum"),
    path("enrollments/<int:pk>/discharge/", views.discharge, name="discharge"),
]
