"""The process of PyTorch. Lines of JSON come and go as in node_child.mjs."""

import json
import resource
import sys
import time

try:
    import torch

    from gpt2 import Gpt2, adamw, train_step
except ImportError as error:
    sys.stdin.readline()
    reason = f"{error}: Debian has python3-torch and libopenblas0-pthread"
    print(json.dumps({"error": reason}), flush=True)
    sys.exit()


class Engine:
    def load(self, folder, threads, ids, batch, length, settings, **_):
        torch.set_num_threads(threads)
        self.model = Gpt2.open(folder)
        self.optimizer = adamw(self.model, settings)
        self.settings = settings
        self.tokens = torch.tensor(ids[:-1]).view(batch, length)
        self.targets = torch.tensor(ids[1:]).view(batch, length)
        return {"version": torch.__version__}

    def step(self):
        start = time.perf_counter()
        loss, _ = train_step(self.model, self.optimizer, self.tokens, self.targets, self.settings)
        return {"seconds": time.perf_counter() - start, "loss": loss}

    def peakMegabytes(self):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


engine = Engine()
for line in sys.stdin:
    request = json.loads(line)
    method = request.pop("method")
    try:
        answer = {"result": getattr(engine, method)(**request)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
