"""
The measurement: clicks as a careful user would set them, one object per image.

    python3 evaluate.py --data DATA --split val --weights CHECKPOINTS/final.pt --store int8

Protocol: first click at the innermost pixel of the object, each next one at the innermost pixel of the largest error
(of the mask with the best score), earlier logits of that mask fed back. `--split held-out` measures on the slice of
train that training never sees: choices are made there.
"""
import argparse
import json
import os
import random
import time

import numpy as np
import torch

from clicks import box_around, centre
from data import load, split_held_out
from deploy import load_model
from predictor import Predictor
from storage import round_weights

SMALLEST_SHARE, LARGEST_SHARE = 0.005, 0.7  # of the image: objects outside are not measured


def overlap(a, b):
    return float((a & b).sum() / max(1, (a | b).sum()))


def pick_objects(examples, seed, per_image):
    """One random object (or several) of the first label map of every image."""
    chance = random.Random(seed)
    for example in examples:
        labels = example.maps[0]
        values = [int(v) for v in np.unique(labels) if v and SMALLEST_SHARE < (labels == v).mean() < LARGEST_SHARE]
        if values and per_image == 1:
            yield example, labels == chance.choice(values)
        elif values:
            for value in chance.sample(values, min(per_image, len(values))):
                yield example, labels == value


def next_click(predicted, wanted, first):
    missed, spilled = wanted & ~predicted, predicted & ~wanted
    x, y, depth = centre(missed)
    spilled_x, spilled_y, spilled_depth = (0, 0, 0.0) if first else centre(spilled)
    if max(depth, spilled_depth) == 0:
        return None
    return (x, y, 1) if depth >= spilled_depth else (spilled_x, spilled_y, 0)


def play(predictor, wanted, clicks, feed_back=True):
    """Best-score and oracle IoU after each click, with (score, IoU) pairs of all hypotheses."""
    points, best, oracle, pairs = [], [], [], []
    predicted, earlier = np.zeros_like(wanted), None
    for turn in range(clicks):
        click = next_click(predicted, wanted, turn == 0)
        if click is None:
            best += [1.0] * (clicks - turn)
            oracle += [1.0] * (clicks - turn)
            break
        points.append(click)
        logits, scores = predictor.decode(points, earlier=earlier)
        masks = predictor.full_masks(logits)
        ious = [overlap(mask, wanted) for mask in masks]
        chosen = int(scores.argmax())
        predicted = masks[chosen]
        earlier = logits[chosen] if feed_back else None
        best.append(ious[chosen])
        oracle.append(max(ious))
        pairs += [(turn, int(rank == chosen), float(score), iou) for rank, (score, iou) in enumerate(zip(scores, ious))]
    return best, oracle, pairs


def box_only(predictor, wanted):
    logits, scores = predictor.decode([], box=box_around(wanted))
    masks = predictor.full_masks(logits)
    # fed its own logits again, the mask must not get worse
    again, again_scores = predictor.decode([], box=box_around(wanted), earlier=logits[int(scores.argmax())])
    second = predictor.full_masks(again)[int(again_scores.argmax())]
    return overlap(masks[int(scores.argmax())], wanted), max(overlap(mask, wanted) for mask in masks), overlap(second, wanted)


def fed_back(predictor, wanted):
    """IoU of one click, and of the same click with the logits of its own answer fed back."""
    click = next_click(np.zeros_like(wanted), wanted, True)
    logits, scores = predictor.decode([click])
    chosen = int(scores.argmax())
    again, again_scores = predictor.decode([click], earlier=logits[chosen])
    pick = lambda masks, values: overlap(predictor.full_masks(masks)[int(values.argmax())], wanted)
    return pick(logits, scores), pick(again, again_scores)


def calibration(pairs):
    scores, ious = np.array([p[2] for p in pairs]), np.array([p[3] for p in pairs])
    if len(scores) < 3:
        return {}
    return {"correlation": float(np.corrcoef(scores, ious)[0, 1]), "meanAbsoluteError": float(np.abs(scores - ious).mean()), "bias": float((scores - ious).mean())}


def measure(model, objects, size, clicks, extras=True, both_views=True):
    rows = []
    for example, wanted in objects:
        predictor = Predictor(model, example.image, size, both_views)
        best, oracle, pairs = play(predictor, wanted, clicks)
        row = {"source": example.source, "name": os.path.basename(example.path), "best": best, "oracle": oracle, "pairs": pairs, "box": box_only(predictor, wanted)}
        if extras:
            row["fedBack"] = fed_back(predictor, wanted)
            row["withoutFeedback"] = play(predictor, wanted, clicks, feed_back=False)[0]
        rows.append(row)
    return rows


def summary(rows):
    mean = lambda key, some: [round(float(v), 4) for v in np.mean([row[key] for row in some], 0)]
    table = {}
    for source in ["all"] + sorted({row["source"] for row in rows}):
        some = [row for row in rows if source in ("all", row["source"])]
        pairs = [pair for row in some for pair in row["pairs"]]
        table[source] = {
            "objects": len(some), "best": mean("best", some), "oracle": mean("oracle", some), "box": mean("box", some),
            "scoreOfChosen": calibration([p for p in pairs if p[1]]), "scoreOfAll": calibration(pairs)}
        for key in ("fedBack", "withoutFeedback"):
            if key in some[0]:
                table[source][key] = mean(key, some)
    return table


def show(table):
    line = lambda values: " ".join(f"{value:.3f}" for value in values)
    for source, row in table.items():
        print(f"{source:8s} n={row['objects']:4d}  best {line(row['best'])}  oracle {line(row['oracle'])}  box {line(row['box'])}")
    for key in ("fedBack", "withoutFeedback"):
        if key in table["all"]:
            print(f"{key}: {line(table['all'][key])}")
    print("score of the chosen mask:", {k: round(v, 3) for k, v in table["all"]["scoreOfChosen"].items()})
    print("score of all masks:      ", {k: round(v, 3) for k, v in table["all"]["scoreOfAll"].items()}, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--split", choices=["val", "held-out"], default="val")
    parser.add_argument("--weights", required=True)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--store", choices=["fp32", "fp16", "int8"], default="fp32")
    parser.add_argument("--one-view", action="store_true", help="without the mirror image, as large batches are decoded")
    parser.add_argument("--clicks", type=int, default=5)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--per-image", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="without the two feedback comparisons")
    parser.add_argument("--json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    started = time.time()
    if options.split == "val":
        examples = load(os.path.join(options.data, "val"))
    else:
        _, examples = split_held_out(load(os.path.join(options.data, "train")))
    with torch.no_grad():
        model = round_weights(load_model(options.weights), options.store)
    objects = pick_objects(examples, options.seed, options.per_image)
    rows = measure(model, objects, options.size, options.clicks, not options.quick, not options.one_view)
    table = summary(rows)
    show(table)
    print(f"{time.time() - started:.0f} s")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"options": vars(options), "table": table, "rows": rows}, file)


if __name__ == "__main__":
    main()
