"""Hubs with turns of their own, and the deferrals some of them rest on."""

from django.db import models

from safelaunch.domain.deferrals import Decision, DeferralState
from safelaunch.domain.own_turns import TurnCause
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.campaign_wishes import CampaignWish
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.parties import Person


class OwnTurn(models.Model):
    """One cause for which a hub does not go with the order of lots, and from when it may go (`domain/own_turns.py`)."""

    pk = models.CompositePrimaryKey("campaign_id", "device_id", "cause", "party_id")
    campaign_id = models.IntegerField()
    device_id = Eui64Field()
    cause = models.TextField()
    party_id = models.SmallIntegerField(db_comment="whose cause it is; 0 for Safelaunch itself")
    not_before = models.DateTimeField()
    not_after = models.DateTimeField(null=True, db_comment="the end of a slot that was asked for")
    campaign_wish_id = models.BigIntegerField(null=True)
    planned_kind = models.TextField(null=True, db_comment="of what is planned for the home")

    class Meta:
        db_table = "own_turn"
        db_table_comment = "Hubs that wait for, or go at, a time of their own"
        constraints = [one_of("own_turn", "cause", TurnCause)]
        indexes = [models.Index(fields=["campaign_wish_id"], name="own_turn_by_wish")]


class Deferral(models.Model):
    """A deferral and what became of it; grounds and hubs are those of its wish."""

    campaign_wish = models.OneToOneField(CampaignWish, primary_key=True, on_delete=models.CASCADE)
    state = models.TextField(default=DeferralState.REQUESTED)
    hub_count = models.IntegerField()
    held_until = models.DateField(db_comment="the last day of the hold")
    decision_due_at = models.DateTimeField()
    proposed_decision = models.TextField(null=True)
    proposed_reason = models.TextField(null=True)
    proposed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    direction = models.TextField(null=True, db_comment="of the Panel, on which an appeal is decided")
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(null=True, db_comment="of the decision that stands")
    appeal = models.TextField(null=True)
    ended_at = models.DateTimeField(null=True, db_comment="withdrawn or expired")

    class Meta:
        db_table = "deferral"
        db_table_comment = "Deferrals and their decisions"
        constraints = [
            one_of("deferral", "state", DeferralState),
            one_of("deferral", "proposed_decision", Decision),
        ]
        indexes = [models.Index(fields=["state", "held_until"], name="deferral_by_state")]


class DeferralFile(models.Model):
    """A file that speaks for a deferral; never changed."""

    deferral_file_id = models.BigAutoField(primary_key=True)
    campaign_wish = models.ForeignKey(CampaignWish, on_delete=models.CASCADE)
    name = models.TextField()
    media_type = models.TextField()
    sha256 = models.TextField(db_comment="of the content, in hexadecimal digits")
    content = models.BinaryField()

    class Meta:
        db_table = "deferral_file"
        db_table_comment = "Evidence of deferrals"
