"""`python -m tests.benchmarks NAME [NAME ...]`; `all` runs every one, no name lists them."""

from __future__ import annotations

import importlib
import sys

ROOMS = {
    "forward": "model",
    "forward_peak": "model",
    "forward_bfloat16": "model",
    "mutagenesis": "model",
    "mutagenesis_cold": "model",
    "mutagenesis_small": "model",
    "mutagenesis_profile": "model",
    "saliency": "model",
    "variants": "model",
    "variants_yeast": "model",
    "atlas": "model",
    "bigwig_write": "files",
    "bigwig_read": "files",
    "predict_overlap": "files",
    "predict_plan": "files",
    "range_server": "files",
    "training": "model",
    "training_step": "model",
    "dataset_contigs": "files",
    "fragments": "files",
    "coverage": "reads",
    "coverage_em": "reads",
    "coverage_memory": "reads",
    "coverage_plain": "reads",
    "coverage_truth": "reads",
    "doctor": "files",
    "locus": "page",
    "ask": "model",
    "tracks_table": "page",
    "visitors": "page",
    "recovery": "page",
    "drag": "page",
    "locus_igv": "page",
    "worker_memory": "model",
    "published": "model",
    "ld": "association",
    "ld_memory": "association",
    "sldp_tracks": "association",
}
NAMES = tuple(ROOMS)


def main(names: list[str]) -> int:
    """Run benchmarks; 0 when every goal is met, 1 when not, 2 for an unknown name."""
    unknown = [name for name in names if name not in (*NAMES, "all")]
    if unknown or not names:
        print(*NAMES, sep="\n")
        return 2 if unknown else 0
    met = True
    for name in NAMES if names == ["all"] else names:
        outcome = importlib.import_module(f"tests.benchmarks.{ROOMS[name]}.{name}").run()
        print(*outcome.lines, sep="\n")
        print(f"{name} ratio={outcome.ratio:.3g} goal={outcome.goal:g}", flush=True)
        met = met and outcome.ratio >= outcome.goal
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
