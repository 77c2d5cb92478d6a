"""The customer's home, year cards, failures, claims and evidence."""

from django.urls import path

from sla.views import (
    claims,
    drafts,
    evidence,
    export,
    failures,
    home,
    maintenance,
    questions,
    sessions,
    transactions,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("sessions/", sessions.current, name="year_card"),
    path("sessions/years/<int:pk>/", sessions.year, name="contract_year"),
    path("account/everything/", export.export, name="export"),
    path("maintenance/", maintenance.listing, name="maintenance_list"),
    path("failures/", failures.listing, name="failure_list"),
    path("failures/report/", failures.report, name="report_failure"),
    path("failures/<str:reference>/", failures.detail, name="failure"),
    path("failures/<str:reference>/deadline.ics", failures.calendar, name="failure_calendar"),
    path("failures/<str:reference>/claim/", drafts.start, name="start_claim"),
    path("claims/", claims.listing, name="claim_list"),
    path("claims/<str:reference>/", claims.detail, name="claim"),
    path("claims/<str:reference>/what-happened/", drafts.what_happened, name="claim_what_happened"),
    path("claims/<str:reference>/transactions/", transactions.listing, name="claim_transactions"),
    path("claims/<str:reference>/transactions/<int:line>/remove/", transactions.remove, name="remove_transaction"),
    path("claims/<str:reference>/transactions/file/", transactions.hand_in, name="bring_transactions"),
    path("claims/<str:reference>/transactions/file/<int:pk>/", transactions.file, name="transaction_file"),
    path("claims/<str:reference>/transactions/file/<int:pk>/out/", transactions.take_out, name="take_out_transactions"),
    path("claims/<str:reference>/evidence/", evidence.upload, name="claim_evidence"),
    path("claims/<str:reference>/evidence/<int:pk>/", evidence.download, name="evidence"),
    path("claims/<str:reference>/evidence/<int:pk>/remove/", evidence.remove, name="remove_evidence"),
    path("claims/<str:reference>/contact/", drafts.contact, name="claim_contact"),
    path("claims/<str:reference>/check/", drafts.check, name="claim_check"),
    path("claims/<str:reference>/declare/", drafts.declare, name="claim_declare"),
    path("claims/<str:reference>/receipt/", claims.receipt, name="claim_receipt"),
    path("claims/<str:reference>/receipt.pdf", claims.receipt_pdf, name="claim_receipt_pdf"),
    path("claims/<str:reference>/decision.pdf", claims.decision_pdf, name="claim_decision_pdf"),
    path("claims/<str:reference>/answer/", questions.answer, name="answer_information"),
    path("claims/<str:reference>/second-look/", questions.second_look, name="ask_for_second_look"),
    path("claims/<str:reference>/withdraw/", claims.withdraw, name="withdraw_claim"),
]
