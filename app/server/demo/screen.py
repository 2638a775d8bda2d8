"""How the demo looks: one panel a step with the time it took, and a live line while energy flows.

Where the output is no terminal the same text is printed line by line, so a log of it reads as well.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from app.server.demo.charge import Progress

_PLAIN_WIDTH = 100
_FULL_PERCENT = 100
_MILLISECONDS = 1000


def new_console() -> Console:
    """Return a console on standard output that never fails on a letter the terminal lacks."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)


class Step:
    """What a step of the journey has to show."""

    def __init__(self) -> None:
        self._facts = Table.grid(padding=(0, 2))
        self._facts.add_column(style="dim", no_wrap=True)
        self._facts.add_column(overflow="fold")
        self._parts: list[RenderableType] = []

    def fact(self, name: str, value: object) -> None:
        """Add a line `name  value`."""
        self._facts.add_row(name, Text(str(value)))

    def show(self, part: RenderableType) -> None:
        """Add something below the lines."""
        self._parts.append(part)

    @property
    def content(self) -> RenderableType:
        """Everything added so far."""
        return Group(*([self._facts] if self._facts.row_count else []), *self._parts)


class Screen:
    """Numbers the steps and prints them."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._number = 0

    def heading(self, text: str) -> None:
        """Print a line across the screen."""
        self.console.rule(f"[bold]{text}")

    def say(self, text: str) -> None:
        """Print a line of plain text."""
        self.console.print(text, markup=False)

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show a step when it is done, with the time it took; a step that fails is not shown."""
        step, began = Step(), perf_counter()
        with self._waiting(title):
            yield step
        took = perf_counter() - began
        self._number += 1
        timing = f"{took:.1f} s" if took >= 1 else f"{round(took * _MILLISECONDS)} ms"
        panel = Panel(
            step.content,
            title=f"[bold]{self._number} · {title}[/]",
            title_align="left",
            subtitle=f"[dim]{timing}[/]",
            subtitle_align="right",
            border_style="green",
        )
        self.console.print(panel)

    @contextmanager
    def progress(self) -> Iterator["ProgressView"]:
        """Show a charge while it goes on."""
        if not self.console.is_terminal:
            yield ProgressView(self.console, None)
            return
        with Live(console=self.console, auto_refresh=False, transient=True) as live:
            yield ProgressView(self.console, live)

    @contextmanager
    def _waiting(self, title: str) -> Iterator[None]:
        if not self.console.is_terminal:
            yield
            return
        # Refreshed by hand: a spinner's thread would write between the lines of a live view.
        with Live(Text(f"{title} …", style="dim"), console=self.console, auto_refresh=False, transient=True) as live:
            live.refresh()
            yield


class ProgressView:
    """The state of a charge: replaced in place on a terminal, one line an update elsewhere."""

    def __init__(self, console: Console, live: Live | None) -> None:
        self._console = console
        self._live = live
        self._last = ""

    def update(self, progress: Progress) -> None:
        """Show the newest state; the same again is not repeated."""
        line = progress.line
        if line == self._last:
            return
        self._last = line
        if self._live is None:
            self._console.print(f"  {line}", markup=False)
            return
        bar = ProgressBar(total=_FULL_PERCENT, completed=progress.soc_percent or 0)
        view = Group(bar, Text(line, style="bold"))
        self._live.update(Panel(view, title="Charging", border_style="yellow"), refresh=True)
