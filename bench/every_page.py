"""Whether every page draws in a real browser: each in both languages and both themes, over a database of any size.

    python bench/every_page.py [--database URL] [--brands KEY,KEY]

Without a database it fills an empty one, so that every page says what to do first. Prints the seconds until each page
stands still, and what went wrong; ends with the number of faults.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browsing import chromium, pages, settled
from playwright.sync_api import Page
from pydantic import SecretStr

import dashboard
from bench.million import BRANDS, ZONE
from dashboard.workspace import Source, Workspace

KEY = "a key for the benchmark"
NAMES = sorted(path.stem for path in (Path(dashboard.__file__).parent / "app_pages").glob("*.py"))


def faults(tab: Page, address: str, raised: list[str]) -> str:
    """Open a page and return what is wrong with it."""
    raised.clear()
    try:
        settled(tab, address)
    except AssertionError as error:
        return str(error).splitlines()[0]
    wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    shown = tab.get_by_test_id("stException").count()
    said = [f"{shown} exceptions"] * bool(shown) + [f"{wide} pixels too wide"] * bool(wide) + raised
    return ", ".join(said)


def main() -> None:
    """Open everything and print what was seen."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--database", default=f"sqlite:///{tempfile.mkdtemp()}/empty.db")
    options.add_argument("--brands", default=",".join(BRANDS))
    options.add_argument("--key", default=KEY)
    asked = options.parse_args()
    told = Workspace(
        database_url=SecretStr(asked.database),
        pseudonym_key=SecretStr(asked.key),
        brands=tuple(asked.brands.split(",")),
        timezone=ZONE,
        sources=(Source(name="x", collector="x", every_minutes=15),),
        sample=True,
    )
    os.environ.update(told.environment())
    wrong = 0
    with pages() as address, chromium() as browser:
        for locale in ("id-ID", "en-GB"):
            for scheme in ("light", "dark"):
                for width in (1360, 390):
                    size = {"width": width, "height": 900}
                    tab = browser.new_page(viewport=size, locale=locale, color_scheme=scheme)  # type: ignore[arg-type]
                    raised: list[str] = []
                    tab.on("pageerror", lambda error, raised=raised: raised.append(str(error)))
                    for name in NAMES:
                        start = time.perf_counter()
                        said = faults(tab, f"{address}/{name}", raised)
                        wrong += bool(said)
                        took = time.perf_counter() - start
                        print(f"{locale} {scheme:5} {width:5} {name:12} {took:5.1f} s  {said or 'fine'}", flush=True)
                    tab.close()
    print(f"{wrong} faults")


if __name__ == "__main__":
    main()
