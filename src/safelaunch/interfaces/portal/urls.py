"""Addresses of the portal."""

from django.urls import path

from safelaunch.interfaces.portal.pages import campaigns, health, home, hubs, portfolio, sign_in

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/<str:token>/", sign_in.link, name="sign_in_link"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("campaigns/", home.campaigns, name="campaigns"),
    path("campaigns/<str:reference>/", campaigns.campaign, name="campaign"),
    path("campaigns/<str:reference>/live/", campaigns.live, name="campaign_live"),
    path("campaigns/<str:reference>/tranches/", campaigns.tranches, name="campaign_tranches"),
    path("campaigns/<str:reference>/stop/", campaigns.stop, name="campaign_stop"),
    path("campaigns/<str:reference>/resume/propose/", campaigns.propose_resume, name="propose_resume"),
    path("campaigns/<str:reference>/resume/approve/", campaigns.approve_resume, name="approve_resume"),
    path("campaigns/<str:reference>/gate/", campaigns.decide, name="decide_gate"),
    path("portfolio/", portfolio.show, name="portfolio"),
    path("portfolio.csv", portfolio.download, name="portfolio_csv"),
    path("hubs/", hubs.search, name="hubs"),
    path("hubs/<str:device_id>/", hubs.hub, name="hub"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
]
