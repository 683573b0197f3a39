"""The command line. Each command imports what it needs when it runs, so that ``simak --help`` answers at once."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from simak.commands.alerts import alerts
from simak.commands.audit import audit
from simak.commands.export import export
from simak.commands.query import query
from simak.commands.risk import risk
from simak.commands.settings import settings
from simak.commands.shared import Json, opened, print_json, tell, workspace
from simak.commands.users import users

app = typer.Typer(
    help="Simak listens for what customers say about a brand and reads each mention as one of five impressions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(query, name="query")
app.add_typer(risk, name="risk")
app.add_typer(alerts, name="alerts")
app.add_typer(audit, name="audit")
app.add_typer(settings, name="settings")
app.add_typer(users, name="users")
app.add_typer(export, name="export")

_COUNTS = ("seen", "written", "skipped", "quarantined")
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port of the pages.")]
Address = Annotated[str, typer.Option(help="The address of the pages; only this machine reaches 127.0.0.1.")]
WebhooksPort = Annotated[
    int | None, typer.Option(min=1, max=65535, help="The port that sources call; else as in simak.toml, or 8502.")
]
Insecure = Annotated[bool, typer.Option("--insecure", help="Let an address be used that others can reach.")]


def main() -> None:
    """Run the command line; what goes wrong is one sentence on standard error."""
    from domain.errors import ConfigError, SimakError  # noqa: PLC0415

    try:
        app()
    except SimakError as error:
        sys.stderr.write(f"simak: {error}\n")
        sys.exit(2 if isinstance(error, ConfigError) else 1)


@app.command()
def init(
    brand: Annotated[str | None, typer.Option(help="Your brand's name.")] = None,
    alias: Annotated[list[str] | None, typer.Option(help="Another name or handle of it; may be repeated.")] = None,
    competitor: Annotated[list[str] | None, typer.Option(help="A competitor: “Name” or “Name=alias,alias”.")] = None,
    feed: Annotated[list[str] | None, typer.Option(help="The address of an RSS or Atom feed; may be repeated.")] = None,
    x: Annotated[bool | None, typer.Option("--x/--no-x", help="Search X (needs SIMAK_X_BEARER_TOKEN).")] = None,
    timezone: Annotated[str, typer.Option(help="The zone in which days are counted.")] = "Asia/Jakarta",
    basis: Annotated[str | None, typer.Option(help="Why people's texts may be kept: UU PDP, article 20.")] = None,
    purpose: Annotated[str | None, typer.Option(help="What they are kept for, in a sentence.")] = None,
) -> None:
    """Ask for a brand, its aliases, competitors and sources, and write simak.toml."""
    from simak.asking import Given, ask  # noqa: PLC0415
    from simak.init import document, write  # noqa: PLC0415
    from simak.settings import folder  # noqa: PLC0415

    answers = ask(Given(brand, alias or [], competitor or [], feed or [], x, timezone, basis, purpose))
    path = write(document(answers), folder())
    typer.echo(f"{path} is written. Next: simak query test, simak doctor, simak run.")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say in one line each what is missing: keys, disk, model, database, clock, sources."""
    from simak.doctor import examine  # noqa: PLC0415

    findings = []
    for finding in examine(workspace()):
        findings.append(finding)
        if not as_json:
            typer.echo(f"{'ok  ' if finding.fine else 'FAIL'}  {finding.what}: {finding.sentence}")
    if as_json:
        print_json([vars(finding) for finding in findings])
    raise typer.Exit(0 if all(finding.fine for finding in findings) else 1)


@app.command()
def collect(
    source: Annotated[list[str] | None, typer.Argument(help="Which sources; all when left out.")] = None,
    as_json: Json = False,
) -> None:
    """Collect from the sources once, now, and read and count what came."""
    from simak.working import chosen, work  # noqa: PLC0415

    with opened() as house:
        _report(work(house, chosen(house, source or [])), as_json=as_json)


@app.command(name="import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="CSV, TSV, XLSX, JSONL, JSON or a WhatsApp chat's TXT.")],
    brand: Annotated[str | None, typer.Option(help="The brand that all of it is about; yours when left out.")] = None,
    by_query: Annotated[bool, typer.Option("--by-query", help="Keep only what the brands' queries match.")] = False,
    mapping: Annotated[list[str] | None, typer.Option("--map", help="field=column, e.g. text=Ulasan.")] = None,
    platform: Annotated[str | None, typer.Option(help="Where it was said: google_play, call_centre, sms …")] = None,
    source: Annotated[
        str | None, typer.Option(help="The system it was exported of; its ids are then believed.")
    ] = None,
    timezone: Annotated[str | None, typer.Option(help="The zone of times that name none.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be imported and store nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the guessed columns without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Import mentions from files: reviews, call-centre logs, SMS, chats."""
    from simak import importing  # noqa: PLC0415
    from simak.previewing import confirm  # noqa: PLC0415
    from simak.working import work  # noqa: PLC0415

    home = workspace()
    given = {
        "paths": tuple(files),
        "mapping": importing.mapping_from(mapping or []),
        "platform": platform,
        "source": source,
        "timezone": timezone or home.settings.workspace.timezone,
        "sheet": sheet,
    }
    options = importing.options_from(home, brand, by_query=by_query, given=given)
    if not confirm(options, dry_run=dry_run, sure=yes, as_json=as_json):
        return
    if home.sample:
        importing.refuse_sample()
    with opened(home) as house:
        _report(work(house, [importing.stage(house, options)]), as_json=as_json)


@app.command()
def classify(
    text: Annotated[list[str] | None, typer.Argument(help="Texts to read.")] = None,
    input_: Annotated[
        Path | None, typer.Option("--input", help="A JSONL, CSV or Parquet file: id, text, brand.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="A JSONL file; standard output when left out.")
    ] = None,
    brand: Annotated[str | None, typer.Option(help="The brand in question, where a row names none.")] = None,
) -> None:
    """Read texts as the pipeline would and give one JSON object each, in order."""
    from nlp.classifier import load  # noqa: PLC0415
    from simak.classifying import classify as classified  # noqa: PLC0415
    from simak.classifying import given, names_in, sink, write  # noqa: PLC0415
    from simak.progress import counting  # noqa: PLC0415

    rows, home = given(text or [], input_), workspace()
    reader, names = load(home.settings.reader.model, home.reader_folder, home.folder), names_in(home.settings, brand)
    with sink(output) as file, counting("Reading", show=output is not None) as progress:
        write(classified(rows, reader, names, progress), file)


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="A JSONL, CSV or Parquet file: text, impression, and other labels.")],
    by: Annotated[list[str] | None, typer.Option(help="A column to group by; may be repeated. Else: source.")] = None,
    as_json: Json = False,
) -> None:
    """Measure the reader on texts that a person labelled: figures with intervals, by source and language."""
    from rich.console import Console  # noqa: PLC0415

    from nlp.classifier import load  # noqa: PLC0415
    from simak.classifying import names_in  # noqa: PLC0415
    from simak.evaluating import evaluate as evaluated  # noqa: PLC0415
    from simak.measures import show  # noqa: PLC0415
    from simak.progress import counting  # noqa: PLC0415

    home = workspace()
    reader = load(home.settings.reader.model, home.reader_folder, home.folder)
    with counting("Reading") as progress:
        found = evaluated(file, reader, by or [], progress, names_in(home.settings, None))
    if as_json:
        print_json(found)
    else:
        console = Console()
        show(found, console if console.is_terminal else Console(width=160))


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="The text to explain.")],
    brand: Annotated[list[str] | None, typer.Option(help="A name of the brand in question; may be repeated.")] = None,
    as_json: Json = False,
) -> None:
    """Show which words moved the reading of a text, by reading it again without each of them."""
    from rich.console import Console  # noqa: PLC0415

    from nlp.classifier import load  # noqa: PLC0415
    from nlp.explain import explain as explained  # noqa: PLC0415
    from simak import explaining  # noqa: PLC0415
    from simak.classifying import names_in  # noqa: PLC0415

    home = workspace()
    reader = load(home.settings.reader.model, home.reader_folder, home.folder)
    found = explained(text, reader, names_in(home.settings, None)(brand))
    if as_json:
        print_json(explaining.as_json(found, reader.version))
    else:
        Console().print(explaining.as_page(found, reader.version))


@app.command()
def train(
    from_corrections: Annotated[
        bool, typer.Option("--from-corrections", help="Refit the reader to the labels corrected on the pages.")
    ] = False,
    roll_back: Annotated[bool, typer.Option("--roll-back", help="Take the refitting in force out of force.")] = False,
    as_json: Json = False,
) -> None:
    """Let the reader learn from corrections: what reads held-out ones better is put in force, or taken back."""
    from simak.adapting import adapt, as_text, returned, rolled_back  # noqa: PLC0415
    from simak.adapting import chosen as one_of  # noqa: PLC0415

    one_of(from_corrections=from_corrections, roll_back=roll_back)
    if roll_back:
        found = rolled_back(workspace().reader_folder)
        if as_json:
            print_json(vars(found))
        else:
            typer.echo(returned(found))
        return
    with opened() as house:
        trial = adapt(house)
    if as_json:
        print_json({"promoted": trial.promoted, "version": trial.tuning.version, **trial.tuning.model_dump()})
    else:
        typer.echo(as_text(trial))


@app.command()
def run(
    address: Address = "127.0.0.1", port: Port = 8501, insecure: Insecure = False, webhooks_port: WebhooksPort = None
) -> None:
    """Start Simak: the scheduler, the pages on http://localhost:8501, and what sources call where one does."""
    from simak.renewing import start_anew  # noqa: PLC0415
    from simak.serving import AGAIN, leave, serve_all, where  # noqa: PLC0415

    with opened() as house:
        webhooks = where(house, None, webhooks_port)
        status = serve_all(house, address, port, insecure=insecure, say=typer.echo, webhooks=webhooks)
    if status == AGAIN:
        start_anew()
    leave(status)


@app.command()
def receive(
    address: Annotated[str | None, typer.Option(help="The address that sources call; else as in simak.toml.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port; else as in simak.toml.")] = None,
) -> None:
    """Start alone what sources call: WhatsApp, and systems of your own that push."""
    from simak.serving import leave, serve_webhooks, where  # noqa: PLC0415

    with opened() as house:
        status = serve_webhooks(house, where(house, address, port), typer.echo)
    leave(status)


@app.command()
def dashboard(address: Address = "127.0.0.1", port: Port = 8501, insecure: Insecure = False) -> None:
    """Start the pages alone, beside a scheduler that runs elsewhere."""
    from simak.serving import serve_pages  # noqa: PLC0415

    with opened() as house:
        raise typer.Exit(serve_pages(house, address, port, insecure=insecure))


@app.command()
def status(as_json: Json = False) -> None:
    """Say how much there is, what waits, and how each source is."""
    from simak.standing import as_text, standing  # noqa: PLC0415

    with opened() as house:
        tell(standing(house), as_text, as_json=as_json)


@app.command()
def erase(
    author: Annotated[list[str] | None, typer.Option(help="An author as sources name them; may be repeated.")] = None,
    author_of: Annotated[str | None, typer.Option(help="The author of the mention with this address or id.")] = None,
    mention: Annotated[list[str] | None, typer.Option(help="A mention's address or id; may be repeated.")] = None,
    source: Annotated[str | None, typer.Option(help="Only on this source; alone, all that it brought.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go and erase nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Erase without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Erase a person, a mention or a source for good, and keep what was erased from coming back."""
    from simak.erasing import Wanted, carry_out  # noqa: PLC0415

    wanted = Wanted(author or (), mention or (), author_of, source)
    with opened() as house:
        raise typer.Exit(carry_out(house, wanted, sure=yes, dry_run=dry_run, as_json=as_json))


def _report(outcomes: dict[str, dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(outcomes)
    else:
        typer.echo("\n".join(_line(stage, outcome) for stage, outcome in outcomes.items()))
    if any(outcome["failed"] for outcome in outcomes.values()):
        raise typer.Exit(1)


def _line(stage: str, outcome: dict[str, Any]) -> str:
    counts = ", ".join(f"{outcome[key]:,} {key}" for key in _COUNTS if outcome[key])
    return f"{stage}: {counts or 'nothing new'}. {outcome['reason']}".rstrip()
