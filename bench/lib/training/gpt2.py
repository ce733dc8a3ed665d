"""GPT-2 in plain PyTorch, as the figures and losses of training are compared with: no kernel of its own."""

import json
import math
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn import functional as F

NUMBERS = {"F32": numpy.float32, "F16": numpy.float16}


class Layer(nn.Module):
    def __init__(self, weights, name, config):
        super().__init__()
        self.heads = config["n_head"]
        self.epsilon = config.get("layer_norm_epsilon", 1e-5)
        of = lambda part: nn.Parameter(weights[f"{name}.{part}"])
        self.ln_1, self.ln_1_bias = of("ln_1.weight"), of("ln_1.bias")
        self.qkv, self.qkv_bias = of("attn.c_attn.weight"), of("attn.c_attn.bias")
        self.out, self.out_bias = of("attn.c_proj.weight"), of("attn.c_proj.bias")
        self.ln_2, self.ln_2_bias = of("ln_2.weight"), of("ln_2.bias")
        self.fc, self.fc_bias = of("mlp.c_fc.weight"), of("mlp.c_fc.bias")
        self.proj, self.proj_bias = of("mlp.c_proj.weight"), of("mlp.c_proj.bias")

    def forward(self, x, mask):
        B, T, C = x.shape
        h = F.layer_norm(x, (C,), self.ln_1, self.ln_1_bias, self.epsilon)
        qkv = torch.addmm(self.qkv_bias, h.view(B * T, C), self.qkv)
        q, k, v = qkv.view(B, T, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / math.sqrt(C // self.heads)
        attended = (scores + mask).softmax(-1) @ v
        attended = attended.transpose(1, 2).reshape(B * T, C)
        x = x + torch.addmm(self.out_bias, attended, self.out).view(B, T, C)
        h = F.layer_norm(x, (C,), self.ln_2, self.ln_2_bias, self.epsilon)
        hidden = F.gelu(torch.addmm(self.fc_bias, h.view(B * T, C), self.fc), approximate="tanh")
        return x + torch.addmm(self.proj_bias, hidden, self.proj).view(B, T, C)


class Gpt2(nn.Module):
    """A model with a tied head, in F32, from its weights and config by the names of Hugging Face."""

    def __init__(self, weights, config):
        super().__init__()
        self.epsilon = config.get("layer_norm_epsilon", 1e-5)
        self.wte = nn.Parameter(weights["wte.weight"])
        self.wpe = nn.Parameter(weights["wpe.weight"])
        self.layers = nn.ModuleList(Layer(weights, f"h.{i}", config) for i in range(config["n_layer"]))
        self.ln_f, self.ln_f_bias = nn.Parameter(weights["ln_f.weight"]), nn.Parameter(weights["ln_f.bias"])

    @classmethod
    def open(cls, folder):
        """The model in a Hugging Face folder."""
        config = json.loads((Path(folder) / "config.json").read_text())
        return cls(read_safetensors(Path(folder) / "model.safetensors"), config)

    def logits(self, tokens):
        """Logits [B * T, V] after tokens [B, T]."""
        T = tokens.shape[1]
        mask = torch.full((T, T), -math.inf).triu(1)
        x = F.embedding(tokens, self.wte) + self.wpe[:T]
        for layer in self.layers:
            x = layer(x, mask)
        x = F.layer_norm(x, x.shape[-1:], self.ln_f, self.ln_f_bias, self.epsilon)
        return x.view(-1, x.shape[-1]) @ self.wte.T

    def forward(self, tokens, targets, reduction="mean"):
        """The loss of targets [B, T] after tokens [B, T]; targets below 0 do not count."""
        logits = self.logits(tokens)
        return F.cross_entropy(logits, targets.reshape(-1), ignore_index=-1, reduction=reduction)


def adamw(model, settings):
    """AdamW that decays matrices and embeddings only."""
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    groups = [
        {"params": matrices, "weight_decay": settings["weightDecay"]},
        {"params": vectors, "weight_decay": 0.0},
    ]
    betas = (settings["beta1"], settings["beta2"])
    return torch.optim.AdamW(groups, lr=settings["learningRate"], betas=betas, eps=settings["epsilon"])


def train_step(model, optimizer, tokens, targets, settings):
    """One step; the loss before it, and the norm of all gradients."""
    optimizer.zero_grad(set_to_none=True)
    loss = model(tokens, targets)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), settings["maxGradientNorm"])
    optimizer.step()
    return loss.item(), norm.item()


def read_safetensors(path):
    data = path.read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:end]).items():
        if name == "__metadata__":
            continue
        start, stop = entry["data_offsets"]
        numbers = numpy.frombuffer(data[end + start : end + stop], NUMBERS[entry["dtype"]])
        tensor = torch.from_numpy(numbers.astype(numpy.float32)).reshape(entry["shape"])
        tensors[name.removeprefix("transformer.")] = tensor
    return tensors
