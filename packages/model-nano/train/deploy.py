"""The network as it ships: normalisation folded into the convolutions, D1 inputs and outputs."""
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
    for side in (8, 4, 2):
        image, own = getattr(decoder, f"image{side}"), getattr(decoder, "prompt8" if side == 8 else f"object{side}")
        enter = getattr(decoder, f"enter{side}")
        fold_sum([image, own], enter.norm)
        enter.norm = nn.Identity()
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
    """image [1,3,S,S] -> high_res_feats_0, high_res_feats_1, image_embed."""

    def __init__(self, model):
        super().__init__()
        self.encoder = model.encoder

    def forward(self, image):
        return self.encoder(image)


class DeployDecoder(nn.Module):
    """Prompts in pixels of the square input, without the half pixel; logits clamped to +-32, scores 0..1."""

    def __init__(self, model, size):
        super().__init__()
        self.decoder, self.size = model.decoder, size

    def forward(self, image_embed, high_res_feats_0, high_res_feats_1, point_coords, point_labels, mask_input, has_mask_input):
        points = (point_coords + 0.5) / self.size
        logits, scores = self.decoder(high_res_feats_0, high_res_feats_1, image_embed, points, point_labels, mask_input, has_mask_input)
        return logits, torch.sigmoid(scores)


def load_model(weights):
    model = NanoModel()
    saved = torch.load(weights, map_location="cpu")
    model.load_state_dict(saved.get("average", saved))
    return folded(model)
