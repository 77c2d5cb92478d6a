"""Where everything is."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from config.errors import not_offered

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("admin/", admin.site.urls),
    # Whoever can add an address to an account can sign in by it: addresses are changed at the desk, and nobody signs up.
    path("accounts/email/", not_offered, name="account_email_not_offered"),
    path("accounts/signup/", not_offered, name="account_signup_not_offered"),
    path("accounts/", include("allauth.urls")),
    path("", include("sla.urls")),
    path("", include("entitlements.urls")),
]

handler400 = "config.errors.bad_request"
handler500 = "config.errors.server_error"
