"""BERT (Devlin et al. 2018, arXiv 1810.04805), to the last hidden layer, in torch alone.

The same function as transformers' `BertModel`, with its names of weights, so that a checkpoint's
deltas fit either. It is here because importing transformers takes longer than reading a page: with it
`hybrid extract` started in more than twice the time (docs/decisions.md). Other encoders are loaded
by transformers, see `hybrid.gcn.backbone`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

_CONFIG, _WEIGHTS = "config.json", "model.safetensors"


class BertConfig(BaseModel):
    """What of a model's `config.json` is needed; the names are those of transformers.

    Models that compute otherwise (another activation, relative positions) do not validate.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    model_type: Literal["bert"]
    hidden_act: Literal["gelu"] = "gelu"
    position_embedding_type: Literal["absolute"] = "absolute"
    is_decoder: Literal[False] = False
    vocab_size: int = Field(gt=0)
    hidden_size: int = Field(gt=0)
    num_hidden_layers: int = Field(gt=0)
    num_attention_heads: int = Field(gt=0)
    intermediate_size: int = Field(gt=0)
    max_position_embeddings: int = Field(gt=0)
    type_vocab_size: int = Field(gt=0)
    layer_norm_eps: float = Field(default=1e-12, gt=0)
    hidden_dropout_prob: float = Field(default=0.1, ge=0, lt=1)
    attention_probs_dropout_prob: float = Field(default=0.1, ge=0, lt=1)


class BertOutput(NamedTuple):
    """What `Bert` returns, named as by transformers: `[n, pieces, hidden]`."""

    last_hidden_state: Tensor


class _Embeddings(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        hidden = config.hidden_size
        self.word_embeddings = nn.Embedding(config.vocab_size, hidden)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, hidden)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, hidden)
        self.LayerNorm = nn.LayerNorm(hidden, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, ids: Tensor, positions: Tensor) -> Tensor:
        # All texts are of the first type: there is no second sentence.
        kind = self.token_type_embeddings(torch.zeros_like(ids))
        total = self.word_embeddings(ids) + kind + self.position_embeddings(positions)
        out: Tensor = self.dropout(self.LayerNorm(total))
        return out


class _SelfAttention(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        hidden = config.hidden_size
        self.query, self.key, self.value = (nn.Linear(hidden, hidden) for _ in range(3))
        self.heads, self.dropout = config.num_attention_heads, config.attention_probs_dropout_prob

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        split = (*x.shape[:2], self.heads, -1)
        query, key, value = (
            layer(x).view(split).transpose(1, 2) for layer in (self.query, self.key, self.value)
        )  # [n, heads, pieces, hidden / heads]
        dropped = self.dropout if self.training else 0.0
        mixed = nn.functional.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, dropout_p=dropped
        )
        return mixed.transpose(1, 2).reshape(x.shape)


class _AddAndNorm(nn.Module):
    """The end of both halves of a layer: a linear layer, what came in added, a norm."""

    def __init__(self, width: int, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(width, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x: Tensor, before: Tensor) -> Tensor:
        out: Tensor = self.LayerNorm(self.dropout(self.dense(x)) + before)
        return out


class _Layer(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        hidden, inner = config.hidden_size, config.intermediate_size
        self.attention = nn.ModuleDict(
            {"self": _SelfAttention(config), "output": _AddAndNorm(hidden, config)}
        )
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(hidden, inner)})
        self.output = _AddAndNorm(inner, config)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.attention["output"](self.attention["self"](x, mask), x)
        inner = nn.functional.gelu(self.intermediate["dense"](x))
        out: Tensor = self.output(inner, x)
        return out


class _Layers(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.layer = nn.ModuleList(_Layer(config) for _ in range(config.num_hidden_layers))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        for layer in self.layer:
            x = layer(x, mask)
        return x


class Bert(nn.Module):
    """The encoder, without the pooler that nothing here reads."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = _Embeddings(config)
        self.encoder = _Layers(config)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor | None = None
    ) -> BertOutput:
        """Reads some texts at once.

        Args:
            input_ids: `[n, pieces]`.
            attention_mask: `[n, pieces]`, 0 for padding; or what is added to the attention's
                scores, `[n, 1, pieces, pieces]`.
            position_ids: `[n, pieces]`; from 0 on in each row if None.

        Returns:
            The last layer, `[n, pieces, hidden]`; without meaning at padding.
        """
        if position_ids is None:
            position_ids = torch.arange(input_ids.shape[1]).expand_as(input_ids)
        if attention_mask.dim() == 2:
            attention_mask = attention_mask[:, None, None, :].bool()
        embedded = self.embeddings(input_ids, position_ids)
        return BertOutput(self.encoder(embedded, attention_mask))


def load_bert(folder: Path) -> Bert | None:
    """The BERT in a local folder, in evaluation mode; None where something else or nothing is in it.

    Args:
        folder: In the Hugging Face layout.
    """
    try:
        config = BertConfig.model_validate_json((folder / _CONFIG).read_bytes())
        stored = load_file(folder / _WEIGHTS)
    except (OSError, ValidationError, SafetensorError):
        return None
    # Not on the device "meta", which would spare the random weights but import torch's compiler.
    with torch.random.fork_rng(devices=[]):
        model = Bert(config)
    names = model.state_dict().keys()
    # With a head beside it, the encoder's weights are below a name of their own.
    own = {name.removeprefix("bert."): value.float() for name, value in stored.items()}
    if not names <= own.keys():
        return None
    try:
        model.load_state_dict({name: own[name] for name in names}, assign=True)
    except RuntimeError:  # of other shapes than the configuration says
        return None
    return model.eval()
