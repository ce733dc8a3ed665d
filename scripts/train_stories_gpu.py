#!/usr/bin/env python3
"""Trains the model of stories that travels with the package, on one GPU. Three large models (teachers) with dropout and
weight decay read the stories many times. A small one (the student) then learns from the teachers, from the stories and
from stories that the teachers write. Near the end its matrices are rounded to 4 bits (Q4_0) in every step.

usage: train_stories_gpu.py STORIES.gz TALES.gz VALID.gz TOKENIZER.json OUT --seconds S [--small]

Texts separate documents by <|endoftext|>. --small tries all steps of the program in some minutes, without a GPU.
Needs numpy, torch, tokenizers and gguf. Writes OUT/stories.gguf, OUT/student.npz (the same numbers) and OUT/log.txt.
"""

import argparse, gzip, json, math, os, sys, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

ap = argparse.ArgumentParser()
for n in ("stories", "tales", "valid", "tokenizer", "out"):
    ap.add_argument(n)
ap.add_argument("--seconds", type=float, default=480)
ap.add_argument("--small", action="store_true")
ap.add_argument("--teachers", type=int, default=3)
ap.add_argument("--tales-mb", type=float, default=74)
ap.add_argument("--teacher", default="768,8,12")
ap.add_argument("--student", default="320,9,5")
ap.add_argument("--dropout", type=float, default=0.2)
ap.add_argument("--decay", type=float, default=0.3)
ap.add_argument(
    "--shares", default="0.186,0.186,0.186,0.065"
)  # of the time: three teachers, writing; the student has the rest
ap.add_argument("--compile", type=int, default=1)
ap.add_argument("--rows", type=int, default=64)
a = ap.parse_args()
os.makedirs(a.out, exist_ok=True)
t_start = time.time()
logf = open(f"{a.out}/log.txt", "w")


def log(*x):
    s = f"[{time.time() - t_start:6.1f}] " + " ".join(str(y) for y in x)
    print(s, flush=True)
    logf.write(s + "\n")
    logf.flush()


dev = "cuda" if torch.cuda.is_available() else "cpu"
cuda = dev == "cuda"
torch.manual_seed(1)
rng = np.random.default_rng(1)
torch.backends.cuda.matmul.allow_tf32 = True
T = 512 if not a.small else 64
V, EOT = 4096, 4095


# Texts to token ids.
def documents(path, mb=None):
    text = gzip.open(path, "rt", encoding="utf-8").read()
    if mb:
        text = text[: int(mb * 1e6)]
    return [d.strip() for d in text.split("<|endoftext|>") if d.strip()]


if cuda:
    from tokenizers import Tokenizer

    tok = Tokenizer.from_file(a.tokenizer)
    enc = lambda docs: [e.ids for e in tok.encode_batch(docs)]
else:
    enc = lambda docs: [list(d.encode()[:400]) for d in docs[:300]]
stories, tales, vdocs = documents(a.stories), documents(a.tales, a.tales_mb), documents(a.valid)
S = [np.array(x, np.int64) for x in enc(stories)]
R = [np.array(x, np.int64) for x in enc(tales)]
W = enc(vdocs)
log(
    "stories",
    len(S),
    sum(map(len, S)),
    "tales",
    len(R),
    sum(map(len, R)),
    "valid",
    len(W),
    sum(map(len, W)),
    "first ids",
    W[0][:12],
)


class Rows:
    """Documents in a new order each time through, each after EOT, cut into rows of T + 1."""

    def __init__(s, docs, seed):
        s.docs, s.rng, s.buf, s.epochs = docs, np.random.default_rng(seed), np.zeros(0, np.int64), 0
        s.total = sum(len(d) + 1 for d in docs)

    def take(s, n):
        while len(s.buf) < n * T + 1:
            parts = []
            for i in s.rng.permutation(len(s.docs)):
                parts += [np.array([EOT]), s.docs[i]]
            s.buf = np.concatenate([s.buf] + parts)
            s.epochs += 1
        x = np.stack([s.buf[i * T : i * T + T + 1] for i in range(n)])
        s.buf = s.buf[n * T :]
        return torch.from_numpy(x)


def ship(x):
    return x.pin_memory().to(dev, non_blocking=True) if cuda else x


# The model.
def q4(w):
    """Q4_0 of ggml: blocks of 32 along the last dimension, the largest value at -8 steps; the gradient passes."""
    b = w.detach().float().reshape(-1, 32)
    m = b.gather(1, b.abs().argmax(1, keepdim=True))
    d = (m / -8).half().float()
    i = torch.where(d == 0, torch.zeros_like(d), 1 / d)
    return ((b * i + 8.5).floor().clamp(0, 15) - 8).mul(d).reshape(w.shape)


class Net(nn.Module):
    def __init__(s, C, L, H, drop):
        super().__init__()
        s.C, s.L, s.H, s.drop, s.four = C, L, H, drop, False
        s.register_buffer("flag", torch.zeros(()))
        n = lambda *z, std=0.02: nn.Parameter(torch.randn(*z) * std)
        s.wte, s.wpe = n(V, C), n(T, C, std=0.01)
        s.qkv, s.out = (
            nn.ParameterList(n(3 * C, C) for _ in range(L)),
            nn.ParameterList(n(C, C, std=0.02 / math.sqrt(2 * L)) for _ in range(L)),
        )
        s.fc, s.proj = (
            nn.ParameterList(n(4 * C, C) for _ in range(L)),
            nn.ParameterList(n(C, 4 * C, std=0.02 / math.sqrt(2 * L)) for _ in range(L)),
        )
        z = lambda k: nn.ParameterList(nn.Parameter(torch.zeros(k)) for _ in range(L))
        o = lambda: nn.ParameterList(nn.Parameter(torch.ones(C)) for _ in range(L))
        s.bqkv, s.bout, s.bfc, s.bproj = z(3 * C), z(C), z(4 * C), z(C)
        s.g1, s.b1, s.g2, s.b2 = o(), z(C), o(), z(C)
        s.gf, s.bf = nn.Parameter(torch.ones(C)), nn.Parameter(torch.zeros(C))

    def q(s, w):
        return w + s.flag * (q4(w) - w).detach() if s.four else w  # in 4 bits while the flag is 1

    def forward(s, i):
        B, N = i.shape
        C, H = s.C, s.H
        p = s.drop if s.training else 0.0
        e = s.q(s.wte)
        x = F.dropout(F.embedding(i, e) + s.wpe[:N], p, s.training)
        for l in range(s.L):
            h = F.layer_norm(x, (C,), s.g1[l], s.b1[l])
            q, k, v = (t.view(B, N, H, -1).transpose(1, 2) for t in F.linear(h, s.q(s.qkv[l]), s.bqkv[l]).split(C, 2))
            y = (
                F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=p)
                if hasattr(F, "scaled_dot_product_attention")
                else ((q @ k.transpose(2, 3)) / math.sqrt(C // H) + torch.full((N, N), -1e9).triu(1)).softmax(-1) @ v
            )
            x = x + F.dropout(F.linear(y.transpose(1, 2).reshape(B, N, C), s.q(s.out[l]), s.bout[l]), p, s.training)
            h = F.layer_norm(x, (C,), s.g2[l], s.b2[l])
            x = x + F.dropout(
                F.linear(F.gelu(F.linear(h, s.q(s.fc[l]), s.bfc[l]), approximate="tanh"), s.q(s.proj[l]), s.bproj[l]),
                p,
                s.training,
            )
        return F.linear(F.layer_norm(x, (C,), s.gf, s.bf), e)

    def step(s, tok, pos, cache):
        """One position of many rows with a cache of keys and values [L, 2, B, H, T, D]."""
        B = tok.shape[0]
        C, H = s.C, s.H
        x = F.embedding(tok, s.wte) + s.wpe[pos]
        for l in range(s.L):
            h = F.layer_norm(x, (C,), s.g1[l], s.b1[l])
            q, k, v = (t.view(B, H, 1, -1) for t in F.linear(h, s.qkv[l], s.bqkv[l]).split(C, 1))
            cache[l, 0, :, :, pos] = k[:, :, 0]
            cache[l, 1, :, :, pos] = v[:, :, 0]
            y = F.scaled_dot_product_attention(q, cache[l, 0, :, :, : pos + 1], cache[l, 1, :, :, : pos + 1])
            x = x + F.linear(y.reshape(B, C), s.out[l], s.bout[l])
            h = F.layer_norm(x, (C,), s.g2[l], s.b2[l])
            x = x + F.linear(F.gelu(F.linear(h, s.fc[l], s.bfc[l]), approximate="tanh"), s.proj[l], s.bproj[l])
        return F.linear(F.layer_norm(x, (C,), s.gf, s.bf), s.wte)


amp = lambda: torch.autocast(dev, dtype=torch.bfloat16, enabled=cuda)


# The optimizer: Muon on the matrices of the layers, AdamW on all else.
def orthogonal(g):
    x = g.bfloat16() if cuda else g
    t = x.shape[0] > x.shape[1]
    x = x.T if t else x
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        A = x @ x.T
        x = 3.4445 * x + (-4.7750 * A + 2.0315 * A @ A) @ x
    return (x.T if t else x).float()


class Muon:
    def __init__(s, ps, lr, decay):
        s.ps, s.lr, s.decay, s.m = list(ps), lr, decay, None

    @torch.no_grad()
    def step(s, scale):
        gs = [p.grad for p in s.ps]
        if s.m is None:
            s.m = [torch.zeros_like(g) for g in gs]
        torch._foreach_mul_(s.m, 0.95)
        torch._foreach_add_(s.m, gs)
        shapes = {}
        for j, p in enumerate(s.ps):
            shapes.setdefault(tuple(p.shape), []).append(j)
        for shape, js in shapes.items():  # matrices of one shape go together
            u = torch.stack([gs[j] + 0.95 * s.m[j] for j in js])
            tr = shape[0] > shape[1]
            x = u.bfloat16() if cuda else u
            x = x.transpose(1, 2) if tr else x
            x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
            for _ in range(5):
                A = x @ x.transpose(1, 2)
                x = 3.4445 * x + (-4.7750 * A + 2.0315 * A @ A) @ x
            x = (x.transpose(1, 2) if tr else x).float()
            k = 0.2 * math.sqrt(max(shape))
            for j, y in zip(js, x):
                s.ps[j].mul_(1 - s.lr * scale * s.decay).add_(y, alpha=-s.lr * scale * k)


def optimizers(net, lr, decay):
    mats = [*net.qkv, *net.out, *net.fc, *net.proj]
    ids = {id(p) for p in mats}
    rest = [p for p in net.parameters() if id(p) not in ids]
    adam = torch.optim.AdamW(
        [
            {"params": [p for p in rest if p.dim() > 1], "weight_decay": 0.1},
            {"params": [p for p in rest if p.dim() == 1], "weight_decay": 0.0},
        ],
        lr=lr,
        betas=(0.9, 0.98),
        **({"fused": True} if cuda else {}),
    )
    return adam, Muon(mats, lr, decay)


# Bits per byte of the held-out stories, in the windows that scripts/evaluate_model.mjs cuts.
vbytes = sum(len(d.encode()) for d in vdocs)
wins = []
for ids in W:
    ids, f = [EOT] + list(ids), 1
    while f < len(ids):
        s0 = max(0, f - 1 - (0 if f == 1 else T // 2))
        e = min(len(ids), s0 + T)
        wins.append((ids[s0:e], f - 1 - s0))
        f = e


@torch.no_grad()
def bits(nets):
    nats = 0.0
    for n in nets:
        n.eval()
    for i in range(0, len(wins), 32):
        part = wins[i : i + 32]
        x = torch.zeros(len(part), T, dtype=torch.long)
        for j, (w, _) in enumerate(part):
            x[j, : len(w)] = torch.tensor(w)
        with amp():
            pr = sum(n(x.to(dev)).float().softmax(-1) for n in nets) / len(nets)
        for j, (w, skip) in enumerate(part):
            if len(w) > 1:
                y = torch.tensor(w[1:], device=dev)
                lp = pr[j, : len(w) - 1].gather(1, y[:, None])[:, 0].clamp_min(1e-30).log()
                nats -= float(lp[skip:].sum())
    for n in nets:
        n.train()
    return nats / math.log(2) / vbytes


def schedule(f, warm):
    return min(1.0, f / warm) if f < warm else (1.0 if f < 0.45 else max(0.0, (1 - f) / 0.55))


def run(name, net, seconds, lr, decay, batch_of, loss_of, at=None):
    """Trains for so many seconds; the rate follows the share of the time that has passed."""
    adam, muon = optimizers(net, lr, decay)
    fwd = torch.compile(net) if a.compile and cuda else net
    t0 = None
    step = tokens = 0
    last = 0
    net.train()
    while True:
        x = ship(batch_of(0.0 if t0 is None else (time.time() - t0) / seconds))
        f = 0.0 if t0 is None else (time.time() - t0) / seconds
        if f >= 1:
            break
        if at:
            at(f, net)
        sc = schedule(f, 0.02) if t0 else 0.0
        with amp():
            logits = fwd(x[:, :-1])
        loss = loss_of(logits, x, f)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        for g in adam.param_groups:
            g["lr"] = lr * sc
        adam.step()
        muon.step(sc)
        for p in net.parameters():
            p.grad = None
        step += 1
        tokens += x[:, 1:].numel()
        if t0 is None and step == 3:
            (torch.cuda.synchronize() if cuda else None)
            t0 = time.time()
            log(name, "compiled")
        if t0 and time.time() - t0 - last > 10:
            last = time.time() - t0
            log(f"{name} step {step} {tokens / 1e6:.1f}M tokens loss {float(loss.detach()):.4f} rate {lr * sc:.1e}")
        if not cuda and step > 6:
            break
    log(
        f"{name} END {step} steps {tokens / 1e6:.1f}M tokens, stories x{story_rows.epochs}, tales x{tale_rows.epochs}, bits/byte {bits([net]):.4f}"
    )
    return net


share = [float(x) for x in a.shares.split(",")]
left = a.seconds - (time.time() - t_start) - 15
log("seconds to train", left)
teachers = []


def ce(logits, x, f):
    return F.cross_entropy(logits.float().view(-1, V), x[:, 1:].reshape(-1))


for k in range(a.teachers):
    torch.manual_seed(10 + k)
    story_rows, tale_rows = Rows(S, 100 + k), Rows(R, 200 + k)

    def mixed(f, B=a.rows):
        n = round(B * (0.5 if f < 0.55 else 0.15 if f < 0.75 else 0.0))
        return torch.cat([story_rows.take(B - n), tale_rows.take(n)]) if n else story_rows.take(B)

    net = Net(*(tuple(int(x) for x in a.teacher.split(",")) if not a.small else (64, 2, 2)), a.dropout).to(dev)
    teachers.append(run(f"teacher{k}", net, left * share[k], 2.5e-3 if not a.small else 1e-3, a.decay, mixed, ce))
if len(teachers) > 1:
    log(f"teachers together: bits/byte {bits(teachers):.4f}")

# Stories that the teachers write.
written = []


@torch.no_grad()
def write(net, B):
    net.eval()
    D = net.C // net.H
    cache = torch.zeros(net.L, 2, B, net.H, T, D, device=dev, dtype=torch.bfloat16 if cuda else torch.float32)
    tok = torch.full((B,), EOT, device=dev)
    out = [tok]
    from contextlib import nullcontext

    flash = torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.FLASH_ATTENTION) if cuda else nullcontext()
    with amp(), flash:
        for pos in range(T):
            p = net.step(tok, pos, cache).float()
            tok = torch.multinomial(p.softmax(-1), 1)[:, 0]
            out.append(tok)
    net.train()
    return torch.stack(out, 1)


try:
    t0 = time.time()
    while time.time() - t0 < left * share[-1]:
        written.append(write(teachers[len(written) % len(teachers)], 2048 if cuda else 2).cpu())
        if not cuda:
            break
    written = torch.cat(written)
    log("written", tuple(written.shape), f"{written.numel() / 1e6:.1f}M tokens")
except Exception as e:
    log("writing failed:", repr(e)[:300])
    written = None
torch.cuda.empty_cache() if cuda else None

# The student.
torch.manual_seed(42)
story_rows, tale_rows = Rows(S, 300), Rows(R, 400)


class Written:
    i = 0

    def take(s, n):
        if s.i + n > len(written):
            s.i = 0
        x = written[s.i : s.i + n]
        s.i += n
        return x


wr = Written()


def lessons(f, B=a.rows):
    if written is None or not len(written):
        return story_rows.take(B)
    n = B // 2 if f < 0.85 else B // 4
    return torch.cat([story_rows.take(B - n), wr.take(n)])


for t in teachers:
    t.eval()
tf = [torch.compile(t) if a.compile and cuda else t for t in teachers]


def learn(logits, x, f):
    """Against the teachers' mean distribution; on real stories the next token counts too."""
    with torch.no_grad(), amp():
        pr = sum(t(x[:, :-1]).float().softmax(-1) for t in tf) / len(tf)
    lg = logits.float().log_softmax(-1)
    kd = -(pr * lg).sum(-1)
    n = story_rows_in(x, f)
    hard = F.nll_loss(lg[:n].reshape(-1, V), x[:n, 1:].reshape(-1), reduction="none").view(n, -1)
    return torch.cat([0.6 * kd[:n] + 0.4 * hard, kd[n:]]).mean()


def story_rows_in(x, f):
    return len(x) if written is None or not len(written) else len(x) - (len(x) // 2 if f < 0.85 else len(x) // 4)


student = Net(*(tuple(int(x) for x in a.student.split(",")) if not a.small else (64, 2, 2)), 0.05).to(dev)
student.four = True


def quantize(f, net):
    if f > 0.6 and float(net.flag) == 0:
        log(f"student before 4 bits: bits/byte {bits([net]):.4f}")
        net.flag.fill_(1.0)


remaining = a.seconds - (time.time() - t_start) - 12
student = run("student", student, remaining, 3e-3 if not a.small else 1e-3, 0.1, lessons, learn, quantize)
student.flag.fill_(1.0)
log(f"student in 4 bits: bits/byte {bits([student]):.4f}, parameters {sum(p.numel() for p in student.parameters())}")


# What is kept.
def pack(w):
    b = w.detach().float().cpu().reshape(-1, 32)
    m = b.gather(1, b.abs().argmax(1, keepdim=True))
    d = (m / -8).half()
    df = d.float()
    i = torch.where(df == 0, torch.zeros_like(df), 1 / df)
    q = (b * i + 8.5).floor().clamp(0, 15).to(torch.uint8).numpy()
    return q[:, :16] | (q[:, 16:] << 4), d.numpy()[:, 0]


def write_gguf(path, res):
    """The same numbers as a GGUF file, which names the format that it is meant to run in."""
    from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType

    C, L, H, T, V = (int(x) for x in res["shape"])
    w = GGUFWriter(path, "gpt2")
    w.add_type("model")
    w.add_name("stories")
    w.add_file_type(LlamaFileType.MOSTLY_Q4_0)
    w.add_quantization_version(2)
    w.add_string("gpt2_wasm.weights", "q4")
    w.add_context_length(T)
    w.add_embedding_length(C)
    w.add_block_count(L)
    w.add_feed_forward_length(4 * C)
    w.add_head_count(H)
    w.add_layer_norm_eps(1e-5)
    w.add_vocab_size(V)
    model = json.load(open(a.tokenizer, encoding="utf-8"))["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    tokens += ["<|endoftext|>"] * (V - len(tokens))  # the last one, if the vocabulary leaves it to the added tokens
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("gpt-2")
    w.add_token_list(tokens)
    w.add_token_types([3 if token == "<|endoftext|>" else 1 for token in tokens])  # control, normal
    w.add_token_merges([x if isinstance(x, str) else " ".join(x) for x in model["merges"]])
    w.add_add_bos_token(False)
    w.add_add_space_prefix(False)
    w.add_bos_token_id(EOT)
    w.add_eos_token_id(EOT)

    def matrix(name, key, columns):
        d, q = res[f"{key}.d"].reshape(-1, 1).view(np.uint8), res[f"{key}.q"]  # a block: its scale, then 32 x 4 bits
        rows = np.concatenate([d, q], axis=1).reshape(-1, columns // 32 * 18)
        w.add_tensor(f"{name}.weight", rows, raw_dtype=GGMLQuantizationType.Q4_0)

    def vector(name, key):
        w.add_tensor(name, res[key].astype(np.float32))

    matrix("token_embd", "wte", C)
    vector("position_embd.weight", "wpe")
    vector("output_norm.weight", "gf")
    vector("output_norm.bias", "bf")
    for l in range(L):
        for name, key, columns in (
            ("attn_qkv", "qkv", C),
            ("attn_output", "out", C),
            ("ffn_up", "fc", C),
            ("ffn_down", "proj", 4 * C),
        ):
            matrix(f"blk.{l}.{name}", f"{key}.{l}", columns)
            vector(f"blk.{l}.{name}.bias", f"b{key}.{l}")
        for name, key in (("attn_norm", "1"), ("ffn_norm", "2")):
            vector(f"blk.{l}.{name}.weight", f"g{key}.{l}")
            vector(f"blk.{l}.{name}.bias", f"b{key}.{l}")
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


res = {
    "wpe": student.wpe.detach().half().cpu().numpy(),
    "gf": student.gf.detach().float().cpu().numpy(),
    "bf": student.bf.detach().float().cpu().numpy(),
    "shape": np.array([student.C, student.L, student.H, T, V]),
}
res["wte.q"], res["wte.d"] = pack(student.wte)
for n in ("qkv", "out", "fc", "proj"):
    for l, w in enumerate(getattr(student, n)):
        res[f"{n}.{l}.q"], res[f"{n}.{l}.d"] = pack(w)
for n in ("bqkv", "bout", "bfc", "bproj", "g1", "b1", "g2", "b2"):
    for l, w in enumerate(getattr(student, n)):
        res[f"{n}.{l}"] = w.detach().float().cpu().numpy()
np.savez(f"{a.out}/student.npz", **res)
write_gguf(f"{a.out}/stories.gguf", res)
log("saved", os.path.getsize(f"{a.out}/stories.gguf"))
if cuda:
    with torch.no_grad(), amp():
        for s in range(4):
            torch.manual_seed(s)
            ids = [EOT] + tok.encode("Once upon a time").ids
            student.eval()
            while len(ids) < 220:
                p = (student(torch.tensor([ids], device=dev))[0, -1].float() / 0.7).softmax(-1)
                nxt = int(torch.multinomial(p, 1))
                ids.append(nxt)
                if nxt == EOT:
                    break
            log("sample:", tok.decode(ids[1:]))
