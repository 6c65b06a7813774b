from django.urls import path

from casemgmt.workspace.change import views as seeing
from casemgmt.workspace.crisis import views as crisis
from casemgmt.workspace.log import views as log
from casemgmt.workspace.notes import views as notes
from casemgmt.workspace.share import views as share
from casemgmt.workspace.views import closing, emergencies, lists, record

app_name = "workspace"

urlpatterns = [
    path("today/", lists.today, name="today"),
    path("caseload/", lists.caseload, name="caseload"),
    path("caseload/<int:pk>/", lists.caseload_of, name="caseload-of"),
    path("reviews/", lists.review_list, name="review-list"),
    path("board/", lists.board, name="board"),
    path("assignments/", lists.assignment_list, name="assignment-list"),
    path("enrollments/<int:pk>/assign/", lists.assign, name="assign"),
    path("clients/<int:pk>/", record.client, name="client"),
    path("clients/<int:pk>/change/", seeing.change, name="change"),
    path("clients/<int:pk>/history/", record.client_history, name="client-history"),
    path("clients/<int:pk>/access/", record.client_access, name="client-access"),
    path("clients/<int:pk>/share/", share.share, name="share"),
    path("disclosures/<int:pk>/paper/", share.share_paper, name="share-paper"),
    path("disclosures/<int:pk>/answers/", share.share_answers, name="share-answers"),
    path("disclosures/<int:pk>/file/", share.share_file, name="share-file"),
    path("clients/<int:pk>/emergency/", emergencies.emergency, name="emergency"),
    path("emergencies/", emergencies.emergency_list, name="emergency-list"),
    path("emergencies/<int:pk>/review/", emergencies.emergency_review, name="emergency-review"),
    path("enrollments/<int:pk>/crisis/", crisis.crisis, name="crisis"),
    path("enrollments/<int:pk>/crisis/over/", crisis.crisis_over, name="crisis-over"),
    path("enrollments/<int:pk>/move/", record.enrollment_move, name="enrollment-move"),
    path("enrollments/<int:pk>/transfer/", record.transfer, name="transfer"),
    path("enrollments/<int:pk>/visits/log/", log.visit_log, name="visit-log"),
    path("visits/<int:pk>/", notes.visit_detail, name="visit-detail"),
    path("visits/<int:pk>/edit/", log.visit_edit, name="visit-edit"),
    path("visits/<int:pk>/sign/", notes.visit_sign, name="visit-sign"),
    path("visits/<int:pk>/add/", notes.visit_addendum, name="visit-addendum"),
    path("enrollments/<int:pk>/discharge/", closing.discharge, name="discharge"),
]
