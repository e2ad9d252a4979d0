"""How `safelaunch cpl` shows what a change would do, what was proposed, and what happened."""

from collections.abc import Iterable

from safelaunch.domain.cpl import Consequences
from safelaunch.interfaces.cli.terminal import print_table, say
from safelaunch.store.reads.cpl import CplHappening, ProposalLine


def show_preview(consequences: Consequences, *, source: str) -> None:
    """This function will print what a change would do, by entry and by Supplier, and say it in one sentence."""
    print_table(
        title=f"What {source} changes",
        columns=("Entry", "What happens", "From", "To"),
        rows=[
            (
                change.entry,
                change.act.value.title(),
                change.status_before.title(),
                change.status_after.title(),
            )
            for change in consequences.changes
        ],
    )
    if totals := consequences.by_supplier():
        print_table(
            title="Devices by Supplier",
            columns=("Supplier", "Suspended", "Restored"),
            rows=[(total.supplier, total.suspended, total.restored) for total in totals],
        )
    say(consequences.sentence())


def show_proposals(proposals: Iterable[ProposalLine]) -> None:
    """This function will print proposals as a table."""
    print_table(
        title="Proposed changes of the Central Products List",
        columns=(
            "Number",
            "What",
            "Because",
            "Suspends",
            "Restores",
            "Proposed by",
            "Proposed",
            "State",
            "Decided by",
            "Decided",
        ),
        rows=[
            (
                # A number that is a name is not grouped.
                str(one.cpl_proposal_id),
                one.source,
                one.because,
                one.suspended,
                one.restored,
                one.proposed_by,
                one.proposed_at,
                one.state.title(),
                one.decided_by,
                one.decided_at,
            )
            for one in proposals
        ],
    )


def show_history(history: Iterable[CplHappening]) -> None:
    """This function will print what happened to entries as a table."""
    print_table(
        title="History of the Central Products List",
        columns=(
            "When",
            "Type",
            "Manufacturer",
            "Model",
            "Hardware",
            "Firmware",
            "What",
            "From",
            "To",
            "Who",
            "Proposal",
        ),
        rows=[
            (
                one.happened_at,
                one.device_type,
                one.manufacturer,
                one.model,
                one.hardware_version,
                one.firmware_version,
                one.act.title(),
                (one.status_before or "").title(),
                one.status_after.title(),
                one.actor,
                str(one.cpl_proposal_id or ""),
            )
            for one in history
        ],
    )
