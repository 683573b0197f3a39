"""Shows a person what is understood of a file before it is imported."""

import json
import sys

import typer

from collectors.files import FileOptions, Preview, preview
from simak.importing import summary

_SHOWN = 10


def confirm(options: FileOptions, *, dry_run: bool, sure: bool, as_json: bool) -> bool:
    """Show what each file would bring, and tell whether to go on: never on a dry run, after asking on a terminal."""
    if sure and not dry_run:
        return True
    if not dry_run and not sys.stdin.isatty():
        return True
    found = [preview(options, path=path) for path in options.paths]
    if as_json:
        typer.echo(json.dumps([summary(one) for one in found], ensure_ascii=False, indent=2))
    else:
        for one in found:
            typer.echo(as_text(one))
    return not dry_run and typer.confirm("Import?", default=True)


def as_text(found: Preview) -> str:
    """Return a preview as lines."""
    guess = found.guess
    lines = [f"{found.path.name}: {found.rows:,} rows, {found.encoding}", "  columns:"]
    lines += [f"    {field:<14} = {column} ({guess.basis[field]})" for field, column in guess.columns.items()]
    lines += [f"  unsure: {doubt}" for doubt in guess.doubts]
    lines.append(f"  {found.mapped:,} rows would be imported, {found.poisoned:,} set aside.")
    if found.undated:
        lines.append(f"  {found.undated:,} rows have no date of their own and get the file's.")
    lines += [f"    line {problem.line}: {problem.reason}" for problem in found.problems[:_SHOWN]]
    lines += [f"    {mention.published_at:%Y-%m-%d}  {mention.text[:90]!r}" for mention in found.mentions[:3]]
    return "\n".join(lines)
