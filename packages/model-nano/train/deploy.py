"""The network as it ships: normalisation folded into the convolutions, D1 inputs and outputs, optionally averaged with its mirror image."""
import copy

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from model import NanoModel


def folded(model):
    """A copy without any batch normalisation that computes the same."""
    model = copy.deepcopy(model).eval()
    for module in list(model.modules()):
        if isinstance(module, nn.Sequential):
            for index in range(len(module) - 1):
                if isinstance(module[index], nn.Conv2d) and isinstance(module[index + 1], nn.BatchNorm2d):
                    module[index] = fuse_conv_bn_eval(module[index], module[index + 1])
                    module[index + 1] = nn.Identity()
    decoder = model.decoder
    fold_sum([decoder.prompt8, decoder.image8], decoder.enter8)
    fold_sum([decoder.down16, decoder.image16], decoder.enter16)
    fold_sum([decoder.up4, decoder.image4, decoder.prompt4], decoder.enter4)
    decoder.enter8 = decoder.enter16 = decoder.enter4 = nn.Identity()
    return model


@torch.no_grad()
def fold_sum(convolutions, norm):
    """Fold a normalisation that follows a sum of convolutions: each gets the scale, the last one the shift."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    for convolution in convolutions:
        convolution.weight.mul_(scale[:, None, None, None])
        if convolution.bias is not None:
            convolution.bias.mul_(scale)
    last = convolutions[-1]
    shift = norm.bias - norm.running_mean * scale
    last.bias = nn.Parameter(shift.clone() if last.bias is None else last.bias + shift)


class DeployEncoder(nn.Module):
    """image [1,3,S,S] -> high_res_feats_0, high_res_feats_1, image_embed. With `mirrored`, channels hold both views."""

    def __init__(self, model, mirrored):
        super().__init__()
        self.encoder, self.mirrored = model.encoder, mirrored

    def forward(self, image):
        if not self.mirrored:
            return self.encoder(image)
        levels = self.encoder(torch.cat([image, image.flip(3)], 0))
        return tuple(level.reshape(1, -1, *level.shape[2:]) for level in levels)


class DeployDecoder(nn.Module):
    """Prompts in pixels of the square input, without the half pixel; logits clamped to +-32, scores 0..1."""

    def __init__(self, model, size, mirrored):
        super().__init__()
        self.decoder, self.size, self.mirrored = model.decoder, size, mirrored

    def forward(self, image_embed, high_res_feats_0, high_res_feats_1, point_coords, point_labels, mask_input, has_mask_input):
        points = (point_coords + 0.5) / self.size
        levels = (high_res_feats_0, high_res_feats_1, image_embed)
        if not self.mirrored:
            logits, scores = self.decoder(*levels, points, point_labels, mask_input, has_mask_input)
            return logits, torch.sigmoid(scores)
        straight = [level[:, : level.shape[1] // 2] for level in levels]
        mirror = [level[:, level.shape[1] // 2 :] for level in levels]
        logits, scores = self.decoder(*straight, points, point_labels, mask_input, has_mask_input)
        mirrored_points = torch.stack([1 - points[..., 0], points[..., 1]], 2)
        other_logits, other_scores = self.decoder(*mirror, mirrored_points, point_labels, mask_input.flip(3), has_mask_input)
        return (logits + other_logits.flip(3)) * 0.5, torch.sigmoid((scores + other_scores) * 0.5)


def load_model(weights):
    model = NanoModel()
    saved = torch.load(weights, map_location="cpu")
    model.load_state_dict(saved.get("average", saved))
    return folded(model)
