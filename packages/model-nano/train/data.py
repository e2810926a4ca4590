"""Images and label maps from disk, and an endless stream of training batches."""
import os

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from augment import view
from clicks import box_around, noisy_box, training_click
from decoder import LABEL_BOTTOM_RIGHT, LABEL_POSITIVE, LABEL_TOP_LEFT
from paste import PASTED, donor_object, pasted

# how often each source is drawn, as a share of all draws
SOURCE_SHARE = {"ecssd": 0.45, "bsds": 0.24, "ccp": 0.17, "camvid": 0.06, "nuclei": 0.06, "car": 0.02}
HELD_OUT_EVERY = 36  # of the training split: used for choices, never trained on
FIRST_PROMPT_POINTS = 3  # one click and two box corners
SMALLEST_SHARE, LARGEST_SHARE = 0.003, 0.9  # of the view
PASTE_CHANCE = 0.2  # of an object from another picture on top
PASTED_DRAWN = 0.6  # how often the first prompt of such a view means that object
BACKGROUND = 255  # region value given to the unlabelled rest where it is a region of its own


class Example:
    """One picture `name.jpg` with its label maps `name.0.png`, `name.1.png`, ...: 0 = unlabelled, other values = regions."""

    def __init__(self, path):
        stem = path[: -len(".jpg")]
        self.path = path
        self.source = os.path.basename(stem).split("_")[0]
        self.image = np.array(Image.open(path).convert("RGB"))
        self.maps = []
        while os.path.exists(f"{stem}.{len(self.maps)}.png"):
            self.maps.append(np.array(Image.open(f"{stem}.{len(self.maps)}.png")))
        self.maps = [labels for labels in self.maps if labels.shape == self.image.shape[:2]]


def load(folder):
    return [Example(os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if name.endswith(".jpg")]


def split_held_out(examples):
    held_out = examples[HELD_OUT_EVERY // 2 :: HELD_OUT_EVERY]
    kept = set(map(id, held_out))
    return [example for example in examples if id(example) not in kept], held_out


def touching(labels, value, allowed, random):
    """A region next to this one, or None."""
    mask = labels == value
    neighbours = np.unique(labels[ndimage.binary_dilation(mask, iterations=2) & ~mask])
    neighbours = [int(other) for other in neighbours if other in allowed and other != value]
    return neighbours[random.integers(len(neighbours))] if neighbours else None


class Batches(torch.utils.data.IterableDataset):
    """Endless batches of `images` pictures with `objects` prompts each; every batch draws one of the sizes."""

    def __init__(self, examples, images, objects, sizes, seed):
        self.examples, self.images, self.objects, self.seed = examples, images, objects, seed
        self.sizes = [sizes] if isinstance(sizes, int) else sizes
        counts = {source: sum(example.source == source for example in examples) for source in SOURCE_SHARE}
        weights = np.array([SOURCE_SHARE[example.source] / counts[example.source] for example in examples])
        self.weights = weights / weights.sum()

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        if worker is not None:
            os.nice(10)
        random = np.random.default_rng(self.seed + (worker.id if worker else 0))
        while True:
            size = self.sizes[random.integers(len(self.sizes))]
            samples = [self.sample(size, random) for _ in range(self.images)]
            yield [torch.from_numpy(np.stack(parts)) for parts in zip(*samples)]

    def sample(self, size, random):
        while True:
            example = self.examples[random.choice(len(self.examples), p=self.weights)]
            # garments (map 0) matter more than whole people (map 1)
            which = 0 if example.source == "ccp" and random.random() < 0.5 else random.integers(len(example.maps))
            labels = example.maps[which]
            image, donor = example.image, None
            if random.random() < PASTE_CHANCE:
                donor = donor_object(self.examples[random.choice(len(self.examples), p=self.weights)], random)
            if donor is not None:
                image, labels = pasted(image, labels, donor, random)
            picture, cut, soft_mask, region_grid = view(image, labels, size, random)
            counts = np.bincount(cut.ravel(), minlength=256)
            allowed = [v for v in range(1, 256) if SMALLEST_SHARE < counts[v] / cut.size < LARGEST_SHARE]
            if allowed:
                break
        chance = np.sqrt(counts[allowed].astype(float)) if random.random() < 0.5 else np.ones(len(allowed))
        chance /= chance.sum()
        targets = np.zeros((self.objects, size // 2, size // 2), np.float32)
        points = np.zeros((self.objects, FIRST_PROMPT_POINTS, 2), np.float32)
        labels_of_points = -np.ones((self.objects, FIRST_PROMPT_POINTS), np.float32)
        if len(allowed) >= self.objects:
            drawn = random.choice(allowed, self.objects, replace=False, p=chance)
        else:
            drawn = random.choice(allowed, self.objects, p=chance)
        if donor is not None and PASTED in allowed and PASTED not in drawn and random.random() < PASTED_DRAWN:
            drawn[0] = PASTED
        for index, value in enumerate(drawn):
            values = [int(value)]
            if example.source == "bsds" and random.random() < 0.12:
                other = touching(cut, values[0], allowed, random)
                if other is not None and counts[other] + counts[values[0]] < LARGEST_SHARE * cut.size:
                    values.append(other)
            targets[index] = soft_mask(values)
            points[index], labels_of_points[index] = first_prompt(targets[index] > 0.5, random)
        regions = region_grid(8)
        if example.source in ("ecssd", "nuclei", "car"):
            regions = np.where(regions == 0, BACKGROUND, regions)
        return picture, targets, points, labels_of_points, regions.reshape(-1)


def first_prompt(mask, random):
    """A click (70%), a box (23%) or both (7%), in 0..1 of the square."""
    points = np.zeros((FIRST_PROMPT_POINTS, 2), np.float32)
    labels = -np.ones(FIRST_PROMPT_POINTS, np.float32)
    if not mask.any():
        return points, labels
    kind = random.random()
    if kind < 0.77:
        x, y = training_click(mask, random)
        points[0], labels[0] = (x + random.uniform(0.2, 0.8), y + random.uniform(0.2, 0.8)), LABEL_POSITIVE
    if kind >= 0.70:
        x0, y0, x1, y1 = noisy_box(box_around(mask), random)
        points[1], labels[1] = (x0, y0), LABEL_TOP_LEFT
        points[2], labels[2] = (x1, y1), LABEL_BOTTOM_RIGHT
    return np.clip(points / mask.shape[0], 0, 1), labels
