"""`safelaunch up`: web, worker and simulated CSPs in one command, watched and started again when they die."""

from datetime import timedelta
from typing import Any

import click
from django.conf import settings

from safelaunch.domain.refusals import Conflict
from safelaunch.interfaces.cli import stage
from safelaunch.interfaces.cli.children import Child, Children, free_port, require_free_port
from safelaunch.interfaces.cli.demo import check_scenario
from safelaunch.interfaces.cli.occupation import occupy
from safelaunch.interfaces.cli.player import Player
from safelaunch.interfaces.cli.stage import Play
from safelaunch.interfaces.cli.terminal import say
from safelaunch.interfaces.cli.watch import told_to_stop, watch
from safelaunch.services import installation, people
from safelaunch.store.reads import clock, inventory
from safelaunch.store.reads import people as people_reads
from safelaunch.store.reads.inventory import Load

DEMO_HUBS = 20_000
FIRST_OPERATOR = "First Operator"
LINKS_OF_A_DEMONSTRATION = timedelta(days=3_650)
"""The stepped clock runs through months in minutes, and a link has to outlast it."""

_DEMO_ONLY = ("hubs", "scenario", "seed", "pace", "fresh")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address the portal listens at.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port of the portal."
)
@click.option("--demo", is_flag=True, help="Play a campaign on a generated estate while you look at it.")
@click.option("--data", type=click.Path(file_okay=False), expose_value=False, help="Data directory.")
@click.option(
    "--hubs",
    default=DEMO_HUBS,
    show_default=True,
    type=click.IntRange(500, 20_000_000),
    help="With --demo: hubs of the estate.",
)
@click.option(
    "--scenario",
    default="healthy",
    show_default=True,
    callback=check_scenario,
    help="With --demo: name, or a file.",
)
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(0, 2**63 - 1),
    help="With --demo: seed of it all.",
)
@click.option(
    "--pace",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 3600),
    help="With --demo: seconds from turn to turn; a day has two.",
)
@click.option(
    "--fresh", is_flag=True, help="With --demo: begin anew, whatever is under way in the directory."
)
@click.pass_context
def up(
    context: click.Context,
    /,
    *,
    host: str,
    port: int,
    demo: bool,
    **played: Any,
) -> None:
    """Start web, worker and simulated CSPs together, and keep them running until Ctrl-C or SIGTERM.

    Without --demo the clock is the wall's. The simulated CSPs carry a generated inventory; with an imported one, or
    with SAFELAUNCH_CSP_URL set, none are started.
    """
    _refuse_demo_options(context, demo=demo)
    require_free_port(host=host, port=port)
    address = stage.address_of(host, port)
    with told_to_stop():
        try:
            with occupy(settings.DATA, as_what=f"safelaunch up, {address}/"):
                if demo:
                    fresh, pace = played.pop("fresh"), played.pop("pace")
                    _demonstrate(Play(**played), host=host, port=port, pace=pace, fresh=fresh)
                else:
                    _serve(host=host, port=port)
        except KeyboardInterrupt:
            say(f"Stopped. The data stays in {settings.DATA}.")


def _refuse_demo_options(context: click.Context, *, demo: bool) -> None:
    given = click.core.ParameterSource.COMMANDLINE
    for name in _DEMO_ONLY:
        if not demo and context.get_parameter_source(name) is given:
            raise click.UsageError(
                f"--{name} belongs to --demo; without it the inventory that is there is used."
            )


def _demonstrate(play: Play, *, host: str, port: int, pace: float, fresh: bool) -> None:
    resumes = _begin(play, fresh=fresh)
    with stage.set_up(play, host=host, port=port, resumes=resumes) as set_stage:
        say(f"Safelaunch answers at {set_stage.portal_url}/ and keeps its data in {settings.DATA}.")
        _show_links(set_stage.portal_url)
        say("Commands in another terminal speak to this demonstration after:")
        say(f"  export SAFELAUNCH_CLOCK=stepped SAFELAUNCH_DATA='{settings.DATA}'")
        if not settings.IS_EMBEDDED:
            say("  and with the same SAFELAUNCH_DATABASE_URL.")
        player = Player(set_stage.director, pace=pace)
        player.start()
        try:
            watch(set_stage.children)
        finally:
            player.halt()
    player.rest()


def _begin(play: Play, *, fresh: bool) -> bool:
    """Say whether an unfinished campaign of the same play goes on; if not, a new one has been prepared."""
    unfinished = None if fresh else stage.find_unfinished()
    if unfinished == play:
        say(
            f"The demonstration in {settings.DATA} is unfinished and goes on where it was; --fresh begins anew."
        )
        return True
    if unfinished is not None:
        raise Conflict(
            f"{settings.DATA} holds an unfinished demonstration of {unfinished.hubs:,} hubs, scenario "
            f"{unfinished.scenario}, seed {unfinished.seed}. Ask for the same to go on with it, add --fresh to begin "
            "anew, or choose another directory with --data."
        )
    say(f"Setting up a new demonstration: {play.hubs:,} hubs, scenario {play.scenario}, seed {play.seed}.")
    stage.prepare(play)
    return False


def _show_links(portal_url: str) -> None:
    say("Sign in with a link; each works once, and the demonstration makes new ones at every start:")
    names = (stage.PROPOSER, stage.APPROVER, stage.supplier_people()[0][0])
    for name in names:
        token = people.issue_link(name=name, at=clock.now(), valid_for=LINKS_OF_A_DEMONSTRATION)
        say(f"  {name:<28} {portal_url}/sign-in/{token}/")


def _serve(*, host: str, port: int) -> None:
    if stage.is_demonstration(settings.DATA):
        raise Conflict(
            f"{settings.DATA} holds a demonstration, whose clock is not the wall's. Add --demo to go on with it, or "
            "choose another directory with --data."
        )
    installation.migrate()
    load = next(iter(inventory.list_smi_loads(limit=1)), None)
    simulated = load is not None and load.source == "generated" and not settings.CSP_URL
    address, simulator_port = stage.address_of(host, port), free_port()
    csp_url = f"http://127.0.0.1:{simulator_port}" if simulated else settings.CSP_URL
    environment = stage.environment_of(host=host, csp_url=csp_url, clock="wall")
    with Children(directory=settings.DATA / "logs", environment=environment) as children:
        web = children.start("web", "web", "--host", host, "--port", str(port))
        children.start("worker", "worker")
        if simulated and load is not None:
            simulator = _start_simulator(children, load, port=simulator_port, portal_url=address)
            children.wait_for(simulator, f"{csp_url}/simulator/health")
        children.wait_for(web, f"{address}/health/live")
        say(f"Safelaunch answers at {address}/ ({installation.describe_database()}).")
        _say_what_carries(load, simulated=simulated)
        _open_the_first_door(address)
        watch(children)


def _start_simulator(children: Children, load: Load, *, port: int, portal_url: str) -> Child:
    return children.start(
        "csp-simulator",
        *("csp-simulator", "--port", str(port), "--dcc-url", portal_url),
        *("--hubs", str(load.hub_count), "--seed", str(load.seed)),
    )


def _say_what_carries(load: Load | None, *, simulated: bool) -> None:
    if simulated and load is not None:
        say(f"Three simulated CSP networks carry the generated estate of {load.hub_count:,} hubs.")
    elif settings.CSP_URL:
        say(f"Instructions go to the CSP gateways at {settings.CSP_URL}.")
    elif load is None:
        say(
            "The inventory is empty. Begin with safelaunch smi generate --hubs 20000, or safelaunch smi import FILE,"
        )
        say("and start up again; safelaunch up --demo plays a campaign by itself.")
    else:
        say(
            "The inventory was imported, so no network is simulated. Set SAFELAUNCH_CSP_URL to instruct real ones."
        )


def _open_the_first_door(address: str) -> None:
    if people_reads.anybody_exists():
        say("Sign-in links: safelaunch user link NAME.")
        return
    token = people.bootstrap(name=FIRST_OPERATOR, at=clock.now())
    say(f"Nobody exists yet, so here is the first link; it works once, within an hour, as {FIRST_OPERATOR}:")
    say(f"  {address}/sign-in/{token}/")
    say(
        f"Others follow with safelaunch user create and user link, after export SAFELAUNCH_DATA='{settings.DATA}'."
    )
