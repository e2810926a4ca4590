"""What the network is graded on."""
import torch
from torch.nn import functional

FOCAL_GAMMA = 1.5
BEST_WEIGHT, CHOSEN_WEIGHT, MEAN_WEIGHT = 0.40, 0.54, 0.06
ANCHORS_PER_IMAGE = 32


def mask_loss(logits, target):
    """logits [L,3,h,w], target [L,h,w] in 0..1 -> loss of every hypothesis [L,3]."""
    target = target[:, None].expand_as(logits)
    probability = torch.sigmoid(logits)
    entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    miss = (probability - target).abs()
    focal = (entropy * miss.pow(FOCAL_GAMMA)).mean((2, 3)) * 4 + entropy.mean((2, 3)) * 0.5
    overlap = (probability * target).sum((2, 3))
    dice = 1 - (2 * overlap + 1) / (probability.pow(2).sum((2, 3)) + target.pow(2).sum((2, 3)) + 1)
    return focal + dice


@torch.no_grad()
def true_iou(logits, target):
    """Hard IoU of every hypothesis against the target, [L,3]."""
    predicted, wanted = logits > 0, (target > 0.5)[:, None]
    overlap = (predicted & wanted).sum((2, 3)).float()
    union = (predicted | wanted).sum((2, 3)).float()
    return overlap / union.clamp(min=1)


def prompt_loss(logits, score_logits, target):
    """
    The best of three hypotheses learns most, the one the score head would choose learns too, all of them a little
    (so that none dies). Scores learn the true IoU, and the order of the three.
    """
    per_mask = mask_loss(logits, target)
    chosen = per_mask.gather(1, score_logits.argmax(1, keepdim=True)).squeeze(1)
    mask_part = BEST_WEIGHT * per_mask.amin(1) + CHOSEN_WEIGHT * chosen + MEAN_WEIGHT * per_mask.sum(1)
    iou = true_iou(logits, target)
    return mask_part.mean(), score_loss(score_logits, iou), iou


def score_loss(score_logits, iou):
    predicted = torch.sigmoid(score_logits)
    error = functional.mse_loss(predicted, iou)
    gap = iou[:, :, None] - iou[:, None, :]
    predicted_gap = predicted[:, :, None] - predicted[:, None, :]
    ranking = (functional.relu(gap - predicted_gap) * (gap > 0.02)).mean()
    return 2 * error + 0.5 * ranking


def affinity_loss(queries, keys, scale, bias, regions):
    """
    Dense lesson for the encoder: positions of one region should look alike, others not. For some anchor positions per
    image, the similarity to every position is graded against "same region". queries, keys [B,heads,C,n], regions [B,n] (0 = unlabelled).
    """
    batch, heads, channels, positions = keys.shape
    unit = lambda values: values / (values.pow(2).sum(2, keepdim=True) + 1e-6).sqrt()
    labelled = (regions > 0).float() + 1e-6
    anchors = torch.multinomial(labelled, ANCHORS_PER_IMAGE, replacement=True)
    index = anchors[:, None, None].expand(batch, heads, channels, ANCHORS_PER_IMAGE)
    similar = torch.matmul(unit(queries.gather(3, index)).transpose(2, 3), unit(keys))  # [B,heads,anchors,n]
    logits = (similar * scale.view(1, heads, 1, 1)).sum(1) + bias
    anchor_region = regions.gather(1, anchors)
    same = (anchor_region[:, :, None] == regions[:, None]).float()
    valid = ((anchor_region > 0)[:, :, None] & (regions >= 0)[:, None]).float()
    share = (same * valid).sum(2, keepdim=True) / valid.sum(2, keepdim=True).clamp(min=1)
    weight = valid * (same * 0.5 / share.clamp(min=0.02) + (1 - same) * 0.5 / (1 - share).clamp(min=0.02)).clamp(max=5)
    entropy = functional.binary_cross_entropy_with_logits(logits, same, reduction="none")
    return (entropy * weight).sum() / weight.sum().clamp(min=1)
