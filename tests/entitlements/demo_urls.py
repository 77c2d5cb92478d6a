"""The site's URLs as the demo has them."""

from django.urls import path

from config import urls
from entitlements.views import demo

handler400, handler500 = urls.handler400, urls.handler500
urlpatterns = [path("demo/sign-in/<str:token>/", demo.sign_in, name="demo_sign_in"), *urls.urlpatterns]
