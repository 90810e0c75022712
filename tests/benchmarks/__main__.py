"""`python -m tests.benchmarks NAME [NAME ...]`; `all` runs every one, no name lists them."""

from __future__ import annotations

import importlib
import sys

NAMES = (
    "forward",
    "forward_peak",
    "forward_bfloat16",
    "mutagenesis",
    "mutagenesis_cold",
    "mutagenesis_small",
    "mutagenesis_profile",
    "saliency",
    "variants",
    "variants_yeast",
    "bigwig_write",
    "bigwig_read",
    "predict_overlap",
    "predict_plan",
    "range_server",
    "training",
    "dataset_contigs",
    "locus",
    "ask",
    "tracks_table",
    "drag",
    "locus_igv",
    "worker_memory",
    "published",
)


def main(names: list[str]) -> int:
    """Run benchmarks; 0 when every goal is met, 1 when not, 2 for an unknown name."""
    unknown = [name for name in names if name not in (*NAMES, "all")]
    if unknown or not names:
        print(*NAMES, sep="\n")
        return 2 if unknown else 0
    met = True
    for name in NAMES if names == ["all"] else names:
        outcome = importlib.import_module(f"tests.benchmarks.{name}").run()
        print(*outcome.lines, sep="\n")
        print(f"{name} ratio={outcome.ratio:.3g} goal={outcome.goal:g}", flush=True)
        met = met and outcome.ratio >= outcome.goal
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
