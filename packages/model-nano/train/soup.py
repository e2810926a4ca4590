"""
The weighted mean of two sets of weights of one lineage: what one run learned, without all that it forgot.

    python3 soup.py --first CHECKPOINTS/start.pt --second run/final.pt --share 0.5 --out soup.pt
"""
import argparse

import torch


def weights_of(path):
    saved = torch.load(path, map_location="cpu")
    return saved.get("average", saved)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", required=True)
    parser.add_argument("--second", required=True)
    parser.add_argument("--share", type=float, default=0.5, help="of the second, 0 to 1")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    first, second = weights_of(options.first), weights_of(options.second)
    assert first.keys() == second.keys()
    mean = {}
    for name, values in first.items():
        is_real = values.dtype.is_floating_point
        mean[name] = torch.lerp(values, second[name], options.share) if is_real else second[name]
    torch.save(mean, options.out)


if __name__ == "__main__":
    main()
