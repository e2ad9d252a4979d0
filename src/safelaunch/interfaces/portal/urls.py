"""Addresses of the portal."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from safelaunch.interfaces.portal.asking import LARGEST_INTEGER
from safelaunch.interfaces.portal.pages import (
    calendar,
    campaigns,
    cpl,
    cpl_proposals,
    deferrals,
    devices,
    health,
    home,
    hubs,
    inventory,
    portfolio,
    sign_in,
    wishes,
)


class NumberConverter(IntConverter):
    """A number that a column can hold; a larger one is the number of nothing."""

    def to_python(self, value: str) -> int:
        """This function will read a number.

        Raises:
            ValueError: it is too large, so that the address names nothing.
        """
        # Length first: a number of a million digits takes long to read.
        if len(value) > len(str(LARGEST_INTEGER)) or int(value) > LARGEST_INTEGER:
            raise ValueError(value)
        return int(value)


register_converter(NumberConverter, "number")

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
    path("campaigns/<str:reference>/choice/", wishes.show, name="wishes"),
    path("calendar/", calendar.show, name="calendar"),
    path("calendar/<str:token>.ics", calendar.feed, name="calendar_feed"),
    path("deferrals/", deferrals.list_, name="deferrals"),
    path("deferrals/<number:number>/", deferrals.deferral, name="deferral"),
    path("deferrals/<number:number>/files/<number:file_number>/", deferrals.file, name="deferral_file"),
    path("deferrals/<number:number>/propose/", deferrals.propose, name="deferral_propose"),
    path("deferrals/<number:number>/agree/", deferrals.agree, name="deferral_agree"),
    path("deferrals/<number:number>/appeal/", deferrals.appeal, name="deferral_appeal"),
    path("deferrals/<number:number>/withdraw/", deferrals.withdraw, name="deferral_withdraw"),
    path("portfolio/", portfolio.show, name="portfolio"),
    path("portfolio.csv", portfolio.download, name="portfolio_csv"),
    path("hubs/", hubs.search, name="hubs"),
    path("hubs/<str:device_id>/", hubs.hub, name="hub"),
    path("devices/<str:device_id>/", devices.device, name="device"),
    path("inventory/", inventory.show, name="inventory"),
    path("inventory/displays/", inventory.displays, name="displays"),
    path("inventory/displays.csv", inventory.download_displays, name="displays_csv"),
    path("inventory/supply-points/<str:mpxn>/", inventory.supply_point, name="supply_point"),
    path("cpl/", cpl.list_, name="cpl"),
    path("cpl.csv", cpl.download, name="cpl_csv"),
    path("cpl/<number:device_model_id>/", cpl.entry, name="cpl_entry"),
    path("cpl/<number:device_model_id>/preview/", cpl.preview, name="cpl_preview"),
    path("cpl/<number:device_model_id>/propose/", cpl.propose, name="cpl_propose"),
    path("cpl/proposals/", cpl_proposals.list_, name="cpl_proposals"),
    path("cpl/proposals/<number:number>/", cpl_proposals.proposal, name="cpl_proposal"),
    path("cpl/proposals/<number:number>/approve/", cpl_proposals.approve, name="cpl_approve"),
    path("cpl/proposals/<number:number>/decline/", cpl_proposals.decline, name="cpl_decline"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
]
