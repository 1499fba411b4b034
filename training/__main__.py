"""Knows the command line of training: `python -m training sentiment | figures | calibration --data FOLDER`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from training import calibration
from training.sentiment.sources import SHIPPABLE, NotShippable, shippable


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; 1 where a file may not be trained on, or something is not there."""
    chosen = _parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except NotShippable as refused:
        print(refused, file=sys.stderr)
        return 1
    except FileNotFoundError as missing:
        print(f"{missing.filename} is not there: --data names the folder of the labelled files", file=sys.stderr)
        return 1
    except ModuleNotFoundError as missing:
        print(f"{missing.name} is not installed: uv pip install --group training", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True)
    sentiment = commands.add_parser("sentiment", help="make the weights of rules.text.sentiment, and measure them")
    sentiment.add_argument("--train-on", default=",".join(SHIPPABLE), metavar="NAMES", help="comma-separated")
    sentiment.add_argument("--output", type=Path, default=Path("sentiment.npz"), help="the file to write")
    sentiment.add_argument("--quick", action="store_true", help="a minute's try of every step, for no use")
    sentiment.set_defaults(run=_sentiment)
    figures = commands.add_parser("figures", help="measure weights on labelled files")
    figures.add_argument("--weights", type=Path, help="a file of weights instead of the shipped ones")
    figures.set_defaults(run=_figures)
    teams = commands.add_parser("calibration", help="what a team's first labels are worth")
    calibration.add_arguments(teams)
    teams.set_defaults(run=calibration.run)
    for each in (sentiment, figures, teams):
        each.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="where the labelled files are")
    return parser


def _sentiment(chosen: argparse.Namespace) -> None:
    names = shippable(chosen.train_on.split(","))
    from training.sentiment.building import QUICK, Size, built, one_thread
    from training.sentiment.figures import shown, table

    size = QUICK if chosen.quick else Size()
    one_thread()
    built(chosen.data, names, chosen.output, size)
    shown(table(chosen.data, chosen.output, size.measured))


def _figures(chosen: argparse.Namespace) -> None:
    from training.sentiment.figures import shown, table

    shown(table(chosen.data, chosen.weights))


if __name__ == "__main__":
    raise SystemExit(main())
