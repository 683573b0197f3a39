"""Write the trained reader as ONNX, in float32 and, with scales found on training texts, in int8.

``python -m nlp.training.export --shared ../shared --work build/reader``
"""

import shutil
from collections.abc import Iterator, Sequence

import onnx
from safetensors.numpy import load_file

from nlp.artefact import MODEL, TOKENIZER
from nlp.tokens import Ids, Tokens, padded
from nlp.training.data import hashed, impressions
from nlp.training.graph import build
from nlp.training.model import HEADS_FILE, encoder, tokens
from nlp.training.quantise import int8
from nlp.training.work import SEED, Run, arguments

# Twice as many texts bring the int8 file no nearer to float32.
TEXTS = 512
BATCH = 32


def batches(texts: Sequence[str], tokenizer: Tokens) -> Iterator[tuple[Ids, Ids]]:
    """Yield ids and mask of texts that are about equally long."""
    rows = sorted(tokenizer.ids(texts), key=len)
    return (padded(rows[at : at + BATCH]) for at in range(0, len(rows), BATCH))


def main() -> None:
    """Export ``WORK/reader`` to ``WORK/model.onnx`` and ``WORK/artefact``."""
    options = arguments(__doc__)
    run = Run(options.work, "export")
    source, out = options.work / "reader", options.work / "artefact"
    out.mkdir(exist_ok=True)
    trained, heads = encoder(source), load_file(source / HEADS_FILE)
    state = {name: tensor.numpy() for name, tensor in trained.state_dict().items()}
    last = (heads["weight"], heads["bias"])
    plain = build(state, last, trained.config)
    onnx.save(plain, options.work / "model.onnx")
    rows = impressions(options.shared).fit.sample(n=TEXTS, random_state=SEED)
    scales = int8(plain, batches(rows["clean"].tolist(), tokens(options.work / "pruned")))
    onnx.save(build(state, last, trained.config, scales), out / MODEL)
    shutil.copyfile(options.work / "pruned" / TOKENIZER, out / TOKENIZER)
    sizes = {path.name: path.stat().st_size for path in sorted(out.iterdir())}
    run.note(bytes=sizes, sha256=run.sha256(out / MODEL), data=hashed([rows]))


if __name__ == "__main__":
    main()
