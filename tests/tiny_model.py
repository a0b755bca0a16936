"""A BERT of two layers and random weights: what the mechanism of an engine does with it, it does with a real one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

DIMENSIONS = 32
READS = 64  # tokens
_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789.,:;?!'()[]<>&#=-"
_WORDS = ("a", "the", "cat", "dog", "word", "late", "refund", "parcel", "search", "for", "text", "##s", "##ing")


def tiny_model(folder: Path, seed: int = 0) -> Any:
    """A sentence-transformers model of a transformer, mean pooling and normalization; its files are put into folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_SIGNS, *(f"##{sign}" for sign in _SIGNS), *_WORDS]
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(dict.fromkeys(pieces)), "utf-8")
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(dict.fromkeys(pieces)), hidden_size=DIMENSIONS, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=2 * DIMENSIONS, max_position_embeddings=READS, initializer_range=0.5,
    )  # fmt: skip
    BertModel(config).eval().save_pretrained(folder)
    BertTokenizerFast(str(vocabulary), model_max_length=READS).save_pretrained(folder)
    transformer = Transformer(str(folder))
    return SentenceTransformer(modules=[transformer, Pooling(DIMENSIONS), Normalize()], device="cpu").eval()
