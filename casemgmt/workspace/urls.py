from django.urls import path

from casemgmt.workspace.change import views as seeing
from casemgmt.workspace.consulting import views as consulting
from casemgmt.workspace.crisis import views as crisis
from casemgmt.workspace.day.urls import urlpatterns as day
from casemgmt.workspace.device.urls import urlpatterns as device
from casemgmt.workspace.log import views as log
from casemgmt.workspace.notes.urls import urlpatterns as notes
from casemgmt.workspace.reporting import views as reporting
from casemgmt.workspace.share import views as share
from casemgmt.workspace.views import closing, emergencies, lists, record

app_name = "workspace"

urlpatterns = [
    *day,
    *device,
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
    path("enrollments/<int:pk>/crisis/goals/", crisis.crisis_goals, name="crisis-goals"),
    path("enrollments/<int:pk>/crisis/undo/", crisis.crisis_undo, name="crisis-undo"),
    path("enrollments/<int:pk>/crisis/over/", crisis.crisis_over, name="crisis-over"),
    path("enrollments/<int:pk>/consult/", consulting.consultation_ask, name="consultation-ask"),
    path("consultations/<int:pk>/", consulting.consultation, name="consultation"),
    path("incidents/", reporting.incident_list, name="incident-list"),
    path("clients/<int:pk>/incidents/", reporting.incident_list, name="incident-of"),
    path("incidents/<int:pk>/learned/", reporting.incident_learned, name="incident-learned"),
    path("incidents/<int:pk>/debrief/", reporting.incident_debrief, name="incident-debrief"),
    path("suspicions/<int:pk>/leave/", reporting.mandated_leave, name="mandated-leave"),
    *(
        path(address, view, {"kind": kind}, name=f"{kind}-{verb}")
        for kind, here in (("incident", "incidents"), ("mandated", "suspicions"))
        for address, view, verb in (
            (f"{here}/new/", reporting.report_create, "create"),
            (f"clients/<int:pk>/{here}/new/", reporting.report_create, "create-of"),
            (f"{here}/<int:pk>/", reporting.report_detail, "detail"),
            (f"{here}/<int:pk>/edit/", reporting.report_edit, "edit"),
            (f"{here}/<int:pk>/send/", reporting.report_send, "send"),
            (f"{here}/<int:pk>/close/", reporting.report_close, "close"),
        )
    ),
    path("enrollments/<int:pk>/move/", record.enrollment_move, name="enrollment-move"),
    path("enrollments/<int:pk>/transfer/", record.transfer, name="transfer"),
    path("enrollments/<int:pk>/visits/log/", log.visit_log, name="visit-log"),
    *notes,
    path("visits/<int:pk>/edit/", log.visit_edit, name="visit-edit"),
    path("enrollments/<int:pk>/discharge/", closing.discharge, name="discharge"),
]
