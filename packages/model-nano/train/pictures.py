"""
Overlays to look at: for each line of a prompts file, the picture with its prompts and the best-score mask.

    python3 pictures.py --weights CHECKPOINTS/final.pt --prompts prompts.json --photos PHOTOS --out ../figures/photos.jpg

prompts.json: [{"image": "cat.png", "points": [[x, y, label], ...], "box": [x0, y0, x1, y1], "title": "..."}, ...]
"""
import argparse
import json
import os

import numpy as np
import torch
from PIL import Image, ImageDraw

from deploy import load_model
from predictor import Predictor
from storage import round_weights

TILE_WIDTH, TILE_HEIGHT, COLUMNS = 320, 260, 3
MASK_COLOUR = np.array([230, 40, 90], np.float32)
POINT_COLOURS = {1: (60, 220, 90), 0: (250, 60, 40)}


def overlay(image, mask, points, box):
    """Mask tinted, its border white, prompts drawn on top."""
    tinted = image.astype(np.float32)
    tinted[mask] = tinted[mask] * 0.5 + MASK_COLOUR * 0.5
    inner = mask.copy()
    inner[1:-1, 1:-1] = mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    tinted[mask & ~inner] = 255
    picture = Image.fromarray(tinted.astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    radius = max(4, max(picture.size) // 90)
    for x, y, label in points:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=POINT_COLOURS[label], outline="white")
    if box:
        draw.rectangle(box, outline=(250, 210, 40), width=max(2, radius // 2))
    return picture


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--store", choices=["fp32", "fp16", "int8"], default="int8")
    parser.add_argument("--prompts", required=True)
    parser.add_argument("--photos", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--size", type=int, default=256)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with torch.no_grad():
        model = round_weights(load_model(options.weights), options.store)
    with open(options.prompts) as file:
        cases = json.load(file)
    rows = -(-len(cases) // COLUMNS)
    sheet = Image.new("RGB", (TILE_WIDTH * COLUMNS, (TILE_HEIGHT + 18) * rows), "white")
    draw = ImageDraw.Draw(sheet)
    for index, case in enumerate(cases):
        image = np.array(Image.open(os.path.join(options.photos, case["image"])).convert("RGB"))
        predictor = Predictor(model, image, options.size)
        points, box = case.get("points", []), case.get("box")
        # clicks one after the other, earlier logits fed back, as a user would
        earlier, turns = None, range(1, len(points) + 1) if points and not box else [len(points)]
        for count in turns:
            logits, scores = predictor.decode(points[:count], box=box, earlier=earlier)
            best = int(scores.argmax())
            earlier = logits[best]
        picture = overlay(image, predictor.full_masks(logits)[best], points, box)
        picture.thumbnail((TILE_WIDTH - 6, TILE_HEIGHT - 4))
        left, top = index % COLUMNS * TILE_WIDTH, index // COLUMNS * (TILE_HEIGHT + 18)
        sheet.paste(picture, (left + 3, top + 2))
        draw.text((left + 4, top + TILE_HEIGHT), f"{case['title']}  (score {float(scores[best]):.2f})", fill="black")
    os.makedirs(os.path.dirname(options.out) or ".", exist_ok=True)
    sheet.save(options.out, quality=85)


if __name__ == "__main__":
    main()
