"""
The shipped weights back in the training network, to go on from them. The files hold convolutions with the normalisation folded in;
here every normalisation gets the mean and variance that training views show, and the scale and shift that leave the function as it was.

    python3 from_shipped.py --model .. --data DATA --out CHECKPOINTS/start.pt
"""
import argparse
import os

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from data import Batches, load, split_held_out
from deploy import folded
from model import NanoModel
from train import LONGEST_ROLLOUT, roll_out

VIEWS_PER_BATCH, OBJECTS_PER_VIEW = 10, 2
LINEAR_LAYERS = ["decoder.score.0.weight", "decoder.score.2.weight", "decoder.score.4.weight"]  # the exporter drops these names


def stored_weights(graph):
    """Name -> float32 values of a graph's stored weights, whichever way they are stored."""
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights = {}
    for name, values in tensors.items():
        if name.endswith("_codes"):
            weights[name[: -len("_codes")]] = values.astype(np.float32) * tensors[name[: -len("_codes")] + "_scale"].astype(np.float32)
        elif name.endswith("_half"):
            weights[name[: -len("_half")]] = values.astype(np.float32)
        elif not name.endswith("_scale"):
            weights[name] = values
    return weights


def branch_of(graph, name):
    """The body of one branch of the decoder's `If` node."""
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name == name:
                return attribute.g
    raise SystemExit(f"the decoder holds no {name}")


def decoder_weights(graph, prefix="few/"):
    """Weights of one branch under the network's names."""
    found = {name[len(prefix):]: values for name, values in stored_weights(graph).items() if name.startswith(prefix)}
    named = {name: values for name, values in found.items() if name.startswith("decoder.")}
    # in the order of the graph: the factor of the similarities, then the three layers of the score head, transposed
    unnamed = [values for name, values in found.items() if name.startswith("onnx::")]
    named["decoder.similarity_scale"] = next(values for values in unnamed if values.ndim == 4).reshape(-1)
    layers = [values for values in unnamed if values.ndim == 2]
    named.update({name: values.T for name, values in zip(LINEAR_LAYERS, layers)})
    return named


def norm_pairs(model):
    """(names of the convolutions, name of the normalisation that follows them), for every normalisation."""
    pairs = []
    for name, module in model.named_modules():
        if isinstance(module, nn.Sequential):
            for index in range(len(module) - 1):
                if isinstance(module[index], nn.Conv2d) and isinstance(module[index + 1], nn.BatchNorm2d):
                    pairs.append(([f"{name}.{index}"], f"{name}.{index + 1}"))
    for side, own in ((8, "prompt8"), (4, "object4"), (2, "object2")):
        pairs.append(([f"decoder.image{side}", f"decoder.{own}"], f"decoder.enter{side}.norm"))
    return pairs


@torch.no_grad()
def with_idle_norms(weights):
    """The network with these folded weights; every normalisation only adds the bias that was folded into its convolution."""
    model = NanoModel().eval()
    state = model.state_dict()
    for convolutions, norm in norm_pairs(model):
        bias = weights.pop(f"{convolutions[-1]}.bias")
        eps = model.get_submodule(norm).eps
        state[f"{norm}.running_mean"].zero_()
        state[f"{norm}.running_var"].fill_(1 - eps)
        state[f"{norm}.weight"].fill_(1)
        state[f"{norm}.bias"].copy_(torch.from_numpy(np.array(bias)))
    for name, values in weights.items():
        state[name].copy_(torch.from_numpy(np.array(values)).reshape(state[name].shape))
    missing = {n for n in state if ".norm." not in n and "num_batches" not in n} - set(weights)
    missing -= {f"{norm}.{part}" for _, norm in norm_pairs(model) for part in ("weight", "bias", "running_mean", "running_var")}
    assert not missing, sorted(missing)
    model.load_state_dict(state)
    return model


@torch.no_grad()
def measure(model, batches, count, random):
    """Mean and variance of what reaches every normalisation, over first and corrected prompts of training views."""
    sums = {}

    def watch(name):
        def hook(_, inputs):
            values = inputs[0].double()
            part = torch.stack([values.mean((0, 2, 3)), values.pow(2).mean((0, 2, 3))])
            sums.setdefault(name, []).append(part)
        return hook

    norms = [(name, module) for name, module in model.named_modules() if isinstance(module, nn.BatchNorm2d)]
    stream = iter(batches)
    for _ in range(count):
        images, targets, points, labels, _ = next(stream)
        targets, points, labels = targets.flatten(0, 1), points.flatten(0, 1), labels.flatten(0, 1)
        objects, half = targets.shape[0], targets.shape[-1]
        hooks = [module.register_forward_pre_hook(watch(name)) for name, module in norms if name.startswith("encoder.")]
        features = model.encoder(images)
        [hook.remove() for hook in hooks]
        later = roll_out(model.decoder, features, targets, points, labels, random)
        pad = torch.zeros(objects, LONGEST_ROLLOUT, 2)
        first = torch.cat([points, pad], 1), torch.cat([labels, pad[..., 0] - 1], 1), torch.zeros(objects, 1, half, half), torch.zeros(objects)
        hooks = [module.register_forward_pre_hook(watch(name)) for name, module in norms if name.startswith("decoder.")]
        for prompts in (first, later):
            model.decoder(*features, *prompts)
        [hook.remove() for hook in hooks]
    moments = {name: torch.stack(parts).mean(0) for name, parts in sums.items()}
    return {name: (mean, (square - mean * mean).clamp(min=0)) for name, (mean, square) in moments.items()}


@torch.no_grad()
def unfold(model, statistics):
    """
    Give every normalisation its statistics and leave the function alone. Each filter gets length one: what follows
    a normalisation does not care, and the optimiser then moves all filters at a like pace.
    """
    for convolutions, name in norm_pairs(model):
        norm, filters = model.get_submodule(name), [model.get_submodule(convolution) for convolution in convolutions]
        mean, variance = (values.float() for values in statistics[name])
        length = sum(convolution.weight.flatten(1).pow(2).sum(1) for convolution in filters).sqrt().clamp(min=1e-6)
        for convolution in filters:
            convolution.weight.div_(length[:, None, None, None])
        # the output was y + bias; now y / length is normalised, scaled and shifted to the same
        norm.running_mean.copy_(mean / length)
        norm.running_var.copy_(variance / length**2)
        norm.weight.copy_(length * torch.sqrt(norm.running_var + norm.eps))
        norm.bias.add_(mean)


@torch.no_grad()
def farthest(first, second, batches, random):
    """Largest difference of logits and scores between two networks on one batch."""
    images, targets, points, labels, _ = next(iter(batches))
    points, labels = points.flatten(0, 1), labels.flatten(0, 1)
    earlier, has = torch.zeros(len(points), 1, *targets.shape[-2:]), torch.zeros(len(points))
    outputs = [model.decoder(*model.encoder(images), points, labels, earlier, has) for model in (first, second)]
    return [float((a - b).abs().max()) for a, b in zip(*outputs)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True, help="folder with encoder.onnx and decoder.onnx")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--batches", type=int, default=30, help="of training views, for the statistics")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--seed", type=int, default=22)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    encoder, decoder = (onnx.load(os.path.join(options.model, name + ".onnx")).graph for name in ("encoder", "decoder"))
    weights = {**stored_weights(encoder), **decoder_weights(branch_of(decoder, "then_branch"))}
    model = with_idle_norms({name: values for name, values in weights.items() if name.startswith(("encoder.", "decoder."))})
    shipped = folded(model)
    examples, _ = split_held_out(load(os.path.join(options.data, "train")))
    batches = Batches(examples, VIEWS_PER_BATCH, OBJECTS_PER_VIEW, options.size, options.seed)
    unfold(model, measure(model, batches, options.batches, random))
    logits, scores = farthest(shipped, model, batches, random)
    print(f"largest difference to the shipped weights: logits {logits:.1e}, scores {scores:.1e}")
    torch.save(model.state_dict(), options.out)


if __name__ == "__main__":
    main()
