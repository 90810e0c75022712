"""Progress in a terminal: bars with the time left, and a live table for training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import rich.progress
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from sighthound.core.progress import Progress

console = Console(stderr=True, highlight=False)


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """Show a bar while work goes on.

    Yields
    ------
    Progress
        To be called as the work goes on; a new phase starts a new bar below.
    """
    columns = (
        SpinnerColumn(finished_text="[green]ok"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=32),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]left[/dim]"),
        TimeRemainingColumn(),
    )
    # Started with the first step: a command that fails before it prints one line and no more.
    bars = _bars(*columns)
    tasks: dict[str, Any] = {}
    try:

        def advance(done: int, total: int, phase: str = "", /) -> None:
            label = f"{title}: {phase}" if phase and title else phase or title
            bars.start()
            if label not in tasks:
                for task in tasks.values():
                    bars.update(task, completed=bars.tasks[task].total)
                tasks[label] = bars.add_task(label, total=total)
            bars.update(tasks[label], completed=done, total=total)

        yield advance
    finally:
        if tasks:
            bars.stop()


@contextmanager
def training_display() -> Iterator[Callable[[dict[str, Any]], None]]:
    """Show a training as it goes: a bar over the steps of an epoch, a line an epoch.

    Yields
    ------
    callable (event)
        Takes the events of `precompute.training.train.train`.
    """
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
    )
    bars = _bars(*columns)
    task = bars.add_task("training", total=None, note="")
    which = ""
    try:

        def show(event: dict[str, Any]) -> None:
            nonlocal which
            kind = event["event"]
            if kind == "network":
                which = f"network {event['number']} of {event['of']} ({event['role']})"
            elif kind == "start":
                bars.start()
                steps, epochs = event["steps_per_epoch"], event["epochs"]
                bars.update(
                    task, total=steps * epochs, completed=(event["first_epoch"] - 1) * steps
                )
                windows = ", ".join(f"{n:,} {fold}" for fold, n in event["windows"].items())
                said = f"{event['parameters']:,} parameters; windows: {windows}"
                bars.console.print(f"{which}: {said}" if which else said)
                bars.update(task, description=which or "training")
            elif kind == "step":
                bars.update(task, advance=1, note=_note(event))
            elif kind == "epoch":
                bars.console.print(_epoch_line(event), soft_wrap=True)
            elif kind in ("levels", "accuracy"):
                bars.update(
                    task, description=_AFTERWARDS[kind], completed=event["done"],
                    total=event["total"], note="",
                )  # fmt: skip

        yield show
    finally:
        if bars.live.is_started:
            bars.stop()


def _bars(*columns: ProgressColumn) -> rich.progress.Progress:
    """Bars that are drawn ten times a second in a terminal, and once, at the end, in a file."""
    return rich.progress.Progress(*columns, console=console, auto_refresh=console.is_terminal)


_AFTERWARDS = {"levels": "levels", "accuracy": "held-out accuracy"}


def _note(event: dict[str, Any]) -> str:
    minutes, seconds = divmod(round(event["seconds_left"]), 60)
    return f"epoch {event['epoch']}  loss {event['loss']:.4f}  {minutes}:{seconds:02d} left"


def _epoch_line(event: dict[str, Any]) -> str:
    line = (
        f"epoch {event['epoch']:3d}  loss {event['loss']:.4f}  valid {event['valid_loss']:.4f}  "
        f"valid r(log1p) {event['valid_pearson_log1p']:.3f}  "
        f"rate {event['learning_rate']:.2g}  {event['seconds'] / 60:.1f} min"
    )
    return f"{line}  [green]best[/green]" if event["best"] else line
