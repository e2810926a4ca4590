"""The whole network."""
from torch import nn

from decoder import Decoder
from encoder import Encoder


class NanoModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()


def count_parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())
