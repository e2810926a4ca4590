"""
Train the model until a deadline, resumably.

    python3 train.py --data DATA --out CHECKPOINTS --minutes 64 --start CHECKPOINTS/start.pt
"""
import argparse
import copy
import math
import os
import time

import numpy as np
import torch
from torch import nn

from clicks import correction_click
from data import Batches, load, split_held_out
from decoder import HEAD_CHANNELS, HEADS
from losses import affinity_loss, prompt_loss
from model import NanoModel, count_parameters

LONGEST_ROLLOUT = 4
ROLLOUT_CHANCE = [0.40, 0.30, 0.18, 0.12]  # 1, 2, 3 or 4 corrections before the graded one
AFFINITY_WEIGHT = 0.15
WARM_UP_STEPS = 60
LARGEST_GRADIENT = 2.0
LONGEST_STEP_SECONDS = 20.0  # a longer step means that somebody stopped the process: not counted as training time


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, help="folder that holds train/")
    parser.add_argument("--out", required=True, help="folder for checkpoints")
    parser.add_argument("--minutes", type=float, default=64, help="wall-clock minutes from now to the end of the schedule")
    parser.add_argument("--start", help="weights to start from; without it, from random ones")
    parser.add_argument("--images", type=int, default=10, help="per step")
    parser.add_argument("--objects", type=int, default=2, help="per image")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256], help="side of the square views; every step draws one of these")
    parser.add_argument("--rate", type=float, default=8e-4)
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=20)
    return parser.parse_args()


def learning_rate(peak, progress, step):
    return peak * min(1.0, (step + 1) / WARM_UP_STEPS) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))


def parameter_groups(model, decay):
    """Weights with decay, biases and normalisation without, and the score head, which learns apart from the rest."""
    score = list(model.decoder.score.parameters())
    rest = [p for name, p in model.named_parameters() if not name.startswith("decoder.score.")]
    decayed = [p for p in rest if p.dim() > 1]
    plain = [p for p in rest if p.dim() <= 1]
    return [{"params": decayed, "weight_decay": decay}, {"params": plain, "weight_decay": 0.0}, {"params": score, "weight_decay": 0.0}]


@torch.no_grad()
def roll_out(decoder, features, targets, points, labels, random):
    """
    Play a user: decode, look for the largest error, click there, decode again. Returns the prompts of the last step
    with the logits that came before it.
    """
    objects, half = targets.shape[0], targets.shape[-1]
    wanted = (targets > 0.5).numpy()
    extra = torch.zeros(objects, LONGEST_ROLLOUT, 2)
    extra_labels = -torch.ones(objects, LONGEST_ROLLOUT)
    earlier, has_earlier = torch.zeros(objects, 1, half, half), torch.zeros(objects)
    length = 1 + random.choice(LONGEST_ROLLOUT, p=ROLLOUT_CHANCE)
    for turn in range(length):
        all_points, all_labels = torch.cat([points, extra], 1), torch.cat([labels, extra_labels], 1)
        logits, scores = decoder(*features, all_points, all_labels, earlier, has_earlier)
        chosen = scores.argmax(1)
        earlier = logits[torch.arange(objects), chosen][:, None].float()
        has_earlier = torch.ones(objects)
        predicted = (earlier[:, 0] > 0).numpy()
        for index in range(objects):
            click = correction_click(predicted[index], wanted[index], random, at_centre=0.6)
            if click is not None:
                x, y, label = click
                extra[index, turn, 0] = (x + random.uniform(0.2, 0.8)) / wanted.shape[2]
                extra[index, turn, 1] = (y + random.uniform(0.2, 0.8)) / wanted.shape[1]
                extra_labels[index, turn] = label
    has_earlier = (torch.rand(objects) < 0.92).float()
    return torch.cat([points, extra], 1), torch.cat([labels, extra_labels], 1), earlier, has_earlier


class MovingAverage:
    """Slow copy of the weights: the one that is exported."""

    def __init__(self, model, keep=0.996):
        self.model, self.keep, self.steps = copy.deepcopy(model).eval(), keep, 0

    @torch.no_grad()
    def update(self, model):
        self.steps += 1
        keep = min(self.keep, (1 + self.steps) / (10 + self.steps))
        for slow, fast in zip(self.model.state_dict().values(), model.state_dict().values()):
            if slow.dtype.is_floating_point:
                slow.mul_(keep).add_(fast, alpha=1 - keep)
            else:
                slow.copy_(fast)


def main():
    options = arguments()
    os.makedirs(options.out, exist_ok=True)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    examples, _ = split_held_out(load(os.path.join(options.data, "train")))
    batches = Batches(examples, options.images, options.objects, options.sizes, options.seed)
    loader = iter(torch.utils.data.DataLoader(batches, batch_size=None, num_workers=1, prefetch_factor=6))
    model = NanoModel().to(memory_format=torch.channels_last)
    if options.start:
        model.load_state_dict(torch.load(options.start))
    affinity_bias = nn.Parameter(torch.zeros(()))
    groups = parameter_groups(model, options.decay)
    groups[1]["params"].append(affinity_bias)
    optimizer = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.99))
    average = MovingAverage(model)
    progress, step, seen = 0.0, 0, 0
    checkpoint = os.path.join(options.out, "last.pt")
    if os.path.exists(checkpoint):
        saved = torch.load(checkpoint)
        model.load_state_dict(saved["model"])
        average.model.load_state_dict(saved["average"])
        average.steps = saved["step"]
        if "optimizer" in saved:
            optimizer.load_state_dict(saved["optimizer"])
        progress, step, seen = saved["progress"], saved["step"], saved["seen"]
        affinity_bias.data.copy_(saved["affinity_bias"])
        batches.seed = options.seed + step
    print(f"{len(examples)} images, {count_parameters(model)} parameters, from step {step}", flush=True)
    deadline = time.time() + options.minutes * 60
    log, before = [], time.time()

    def save():
        torch.save(
            {"model": model.state_dict(), "average": average.model.state_dict(), "optimizer": optimizer.state_dict(),
             "progress": progress, "step": step, "seen": seen, "affinity_bias": affinity_bias.data},
            checkpoint + ".new")
        os.replace(checkpoint + ".new", checkpoint)

    while True:
        now = time.time()
        remaining = deadline - now
        spent = min(now - before, LONGEST_STEP_SECONDS)
        progress += (1 - progress) * min(1.0, spent / max(spent + remaining, 1e-6))
        before = now
        if remaining <= 0 or progress >= 1:
            break
        images, targets, points, labels, regions = next(loader)
        rate = learning_rate(options.rate, progress, step)
        for group in optimizer.param_groups:
            group["lr"] = rate
        targets, points, labels = targets.flatten(0, 1), points.flatten(0, 1), labels.flatten(0, 1)
        objects, half = targets.shape[0], targets.shape[-1]
        model.train()
        with torch.autocast("cpu", torch.bfloat16):
            features = model.encoder(images.to(memory_format=torch.channels_last))
            model.decoder.eval()
            detached = [level.detach() for level in features]
            later_points, later_labels, earlier, has_earlier = roll_out(model.decoder, detached, targets, points, labels, random)
            model.decoder.train()
            # first and corrected prompts as one batch: batch normalisation sees one mixture, never two alternating ones
            pad = LONGEST_ROLLOUT
            pair = lambda first, later: torch.stack([first.unflatten(0, (len(images), -1)), later.unflatten(0, (len(images), -1))], 1).flatten(0, 2)
            both_points = pair(torch.cat([points, torch.zeros(objects, pad, 2)], 1), later_points)
            both_labels = pair(torch.cat([labels, -torch.ones(objects, pad)], 1), later_labels)
            both_earlier = pair(torch.zeros(objects, 1, half, half), earlier)
            both_has = pair(torch.zeros(objects), has_earlier)
            both_targets = pair(targets, targets)
            logits, scores = model.decoder(*features, both_points, both_labels, both_earlier, both_has)
            queries, keys = model.decoder.queries(features[2]), model.decoder.keys(features[2])
        masks_part, score_part, iou = prompt_loss(logits, scores.float(), both_targets)
        per_head = lambda values: values.float().reshape(len(images), HEADS, HEAD_CHANNELS, -1)
        affinity_part = affinity_loss(per_head(queries), per_head(keys), model.decoder.similarity_scale, affinity_bias, regions)
        loss = masks_part + score_part + AFFINITY_WEIGHT * affinity_part
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(groups[0]["params"] + groups[1]["params"], LARGEST_GRADIENT)
        nn.utils.clip_grad_norm_(groups[2]["params"], LARGEST_GRADIENT)
        optimizer.step()
        average.update(model)
        step, seen = step + 1, seen + len(images)
        with torch.no_grad():
            split = iou.unflatten(0, (len(images), 2, -1))
            chosen = iou.gather(1, scores.argmax(1, keepdim=True)).squeeze(1).unflatten(0, (len(images), 2, -1))
            log.append([loss.item(), affinity_part.item(), score_part.item(), split[:, 0].amax(2).mean().item(), chosen[:, 0].mean().item(), chosen[:, 1].mean().item()])
        if step % 25 == 0:
            mean = np.mean(log[-25:], 0)
            print(f"{step} seen {seen} progress {progress:.3f} rate {rate:.5f} loss {mean[0]:.3f} affinity {mean[1]:.3f} "
                  f"score {mean[2]:.3f} best-first {mean[3]:.3f} first {mean[4]:.3f} later {mean[5]:.3f} left {remaining:.0f}s", flush=True)
        if step % 100 == 0:
            save()
    save()
    torch.save(average.model.state_dict(), os.path.join(options.out, "final.pt"))
    print("done", step, seen, flush=True)


if __name__ == "__main__":
    main()
