"""What drives a prediction: saliency, mutagenesis, scans, and scores of variants."""
