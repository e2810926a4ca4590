"""
Second stage: only the score head learns, on the finished (frozen, averaged) masks. Scores were graded all along, but on
masks that kept changing.

    python3 calibrate.py --data DATA --weights CHECKPOINTS/final.pt --out CHECKPOINTS/calibrated.pt --minutes 8
"""
import argparse
import os
import time

import numpy as np
import torch

from data import Batches, load, split_held_out
from losses import score_loss, true_iou
from model import NanoModel
from train import LONGEST_ROLLOUT, learning_rate, roll_out

CHOICE_SHARPNESS = 20.0


def choice_loss(score_logits, iou):
    """The IoU given away by choosing with these scores (softly), against the best of three."""
    share = torch.softmax(torch.sigmoid(score_logits) * CHOICE_SHARPNESS, 1)
    return (iou.amax(1) - (share * iou).sum(1)).mean()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--objects", type=int, default=4)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=21)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    examples, _ = split_held_out(load(os.path.join(options.data, "train")))
    batches = Batches(examples, options.images, options.objects, options.size, options.seed)
    loader = iter(torch.utils.data.DataLoader(batches, batch_size=None, num_workers=1, prefetch_factor=6))
    saved = torch.load(options.weights)
    model = NanoModel()
    model.load_state_dict(saved.get("average", saved))
    model = model.to(memory_format=torch.channels_last).eval()
    head = model.decoder.score
    seen_by_head = {}
    head.register_forward_pre_hook(lambda module, inputs: seen_by_head.update(inputs=inputs[0].float()))
    optimizer = torch.optim.AdamW(head.parameters(), lr=options.rate, weight_decay=1e-3)
    started, step, log = time.time(), 0, []
    while True:
        progress = (time.time() - started) / (options.minutes * 60)
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(options.rate, progress, step + 100)
        images, targets, points, labels, _ = next(loader)
        targets, points, labels = targets.flatten(0, 1), points.flatten(0, 1), labels.flatten(0, 1)
        count, half = targets.shape[0], targets.shape[-1]
        inputs, ious = [], []
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            features = model.encoder(images.to(memory_format=torch.channels_last))
            corrected = roll_out(model.decoder, features, targets, points, labels, random)
            pad = torch.zeros(count, LONGEST_ROLLOUT, 2)
            first = torch.cat([points, pad], 1), torch.cat([labels, pad[..., 0] - 1], 1), torch.zeros(count, 1, half, half), torch.zeros(count)
            for prompts in (first, corrected):
                logits, _ = model.decoder(*features, *prompts)
                inputs.append(seen_by_head["inputs"])
                ious.append(true_iou(logits, targets))
        iou = torch.cat(ious)
        scores = head(torch.cat(inputs)).squeeze(2)
        loss = score_loss(scores, iou) + choice_loss(scores, iou)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        step += 1
        with torch.no_grad():
            chosen = iou.gather(1, scores.argmax(1, keepdim=True)).squeeze(1)
            log.append([loss.item(), chosen[:count].mean().item(), iou[:count].amax(1).mean().item(), chosen[count:].mean().item(), iou[count:].amax(1).mean().item(),
                        (torch.sigmoid(scores) - iou).abs().mean().item()])
        if step % 25 == 0:
            mean = np.mean(log[-25:], 0)
            print(f"{step} loss {mean[0]:.3f} first {mean[1]:.3f} of {mean[2]:.3f} later {mean[3]:.3f} of {mean[4]:.3f} error {mean[5]:.3f}", flush=True)
    torch.save(model.state_dict(), options.out)


if __name__ == "__main__":
    main()
