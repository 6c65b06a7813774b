from django.urls import path

from clients.views import documents, front_door, people, safety

app_name = "clients"

urlpatterns = [
    path("clients/", people.client_list, name="client-list"),
    path("clients/<int:pk>/edit/", people.client_edit, name="client-edit"),
    path("clients/<int:pk>/about/", around.client_about, name="client-about"),
    path("clients/<int:pk>/around/<slug:kind>/new/", around.around_add, name="around-add"),
    path("clients/<int:pk>/around/<slug:kind>/<int:row>/", around.around_edit, name="around-edit"),
    path("clients/<int:pk>/household/", around.household_join, name="household-join"),
    path("clients/<int:pk>/numbers/<int:row>/", around.number_show, name="number-show"),
    path("clients/<int:pk>/restrict/", around.client_restrict, name="client-restrict"),
    path("clients/<int:pk>/restrict/lift/", around.client_unrestrict, name="client-unrestrict"),
    path("clients/<int:pk>/conflict/", around.client_conflict, name="client-conflict"),
    path("clients/<int:pk>/conflict/<int:row>/", around.conflict_end, name="conflict-end"),
    path("clients/<int:pk>/documents/", documents.document_list, name="document-list"),
    path("clients/<int:pk>/documents/new/", documents.document_create, name="document-create"),
    path("documents/<int:pk>/", documents.document_detail, name="document-detail"),
    path("documents/<int:pk>/file/", documents.document_file, name="document-file"),
    path("documents/<int:pk>/edit/", documents.document_edit, name="document-edit"),
    path("documents/<int:pk>/remove/", documents.document_remove, name="document-remove"),
    path("clients/<int:pk>/safety/", safety.safety, name="safety"),
    path("clients/<int:pk>/safety/edit/", safety.safety_edit, name="safety-edit"),
    path("clients/<int:pk>/safety/print/", safety.safety_print, name="safety-print"),
    path("intakes/", front_door.intake_list, name="intake-list"),
    path("intakes/new/", front_door.intake_create, name="intake-create"),
    path("intakes/<int:pk>/", front_door.intake_detail, name="intake-detail"),
    path("intakes/<int:pk>/edit/", front_door.intake_edit, name="intake-edit"),
    path("intakes/<int:pk>/decide/", front_door.intake_decide, name="intake-decide"),
    path("referrals/new/", front_door.referral_create, name="referral-create"),
    path("referrals/<int:pk>/", front_door.referral_detail, name="referral-detail"),
    path("decisions/<int:pk>/asked/", front_door.decision_followed_up, name="decision-followed-up"),
    path("follow-ups/<int:pk>/", people.follow_up, name="follow-up"),
]
