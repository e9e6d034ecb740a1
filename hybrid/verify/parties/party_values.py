"""Values of parties: their names and addresses, from the blocks that may be theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hybrid.document import Document, Segment
from hybrid.schema import FieldSchema, Leaf, letters_and_digits
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.keys.printed_keys import KeyedPages, is_a_key, printed_key
from hybrid.verify.parties.address_lines import address_in, parted, place_in
from hybrid.verify.parties.address_window import Window, address_window, is_no_sender
from hybrid.verify.parties.blocks import Block, IsKey, titled_blocks
from hybrid.verify.parties.contacts import Contact, contacts_in
from hybrid.verify.parties.document_kinds import is_legal_form, kinds_of
from hybrid.verify.parties.issuers import is_at_head, is_in_window, may_issue, titles_here
from hybrid.verify.parties.letterhead import Letterhead, letterhead
from hybrid.verify.parties.party import Party, may_be_a_name, party_of
from hybrid.verify.parties.titles import every_title, is_title, object_titles, titles_in

_UNDER_TITLE = 0.65
"""Belief in a party below its title, as in any text beside its key (`hybrid.verify.keys.keyed_values`)."""
_AT_HEAD = 0.5
"""At the head of a page: the name is right on 267 of SROIE's 532 `fit` receipts."""


@dataclass(frozen=True)
class PartyPages:
    """A document as it is looked through for parties, made once for all leaves.

    Attributes:
        document: For the sizes of its pages.
        pages: The same, to be looked through.
        schema: No line of a block begins with one of its keys.
    """

    document: Document
    pages: KeyedPages
    schema: FieldSchema

    def with_blocks(
        self, leaf: Leaf, party: Party, by_keys: Sequence[Candidate]
    ) -> list[Candidate]:
        """A party's name, or its address, by its keys and from the blocks that may be its own.

        Args:
            leaf: The name or the address; where the schema asks for the name as well, the address is
                what follows it.
            party: Whose.
            by_keys: What was found by the leaf's keys.
        """
        found = list(by_keys)
        if party.part == "name":  # not the 4711 of "Customer no. 4711"
            found = [c for c in found if may_be_a_name(c.text)]
        blocks, belief = self.titled(titles_here(party.titles, self._kinds)), _UNDER_TITLE
        if not blocks:
            block, found = self._untitled(leaf, party, found)
            blocks, belief = [block] if block is not None else [], _AT_HEAD
        with_name = any(
            (other := party_of(x, self.schema)) and (other.path, other.part) == (party.path, "name")
            for x in self.schema.leaves
        )
        for block in blocks:
            lines, start = [self.pages.segments[k] for k in block.lines], block.start
            name, rest = parted(lines[0])
            names = 2 if len(lines) > 1 and is_legal_form(lines[1].text) else block.names
            if party.part == "name":
                lines = [name] if names == 1 else lines[:names]
                begins = letters_and_digits(name.text[start:])
                if any(letters_and_digits(c.text).startswith(begins) for c in by_keys):
                    continue  # read by its key, with the line that it goes on in
            elif with_name or _begins_with_a_name(lines):
                below = address_in([rest] if rest is not None else lines[names:])
                lines, start = below, 0
                if belief == _AT_HEAD and not any(c.isdigit() for x in below for c in x.text):
                    continue
            if lines:
                found += read_candidates(lines, leaf, belief, start)
        return found

    def blocks_of(self, leaf: Leaf, party: Party) -> list[Block]:
        """The blocks that may be a party's own.

        Args:
            leaf: That asks for something in them.
            party: Whose.
        """
        blocks = self.titled(titles_here(party.titles, self._kinds))
        if not blocks and (block := self._untitled(leaf, party, [])[0]) is not None:
            return [block]
        return blocks

    def titled(self, titles: tuple[str, ...]) -> list[Block]:
        """The blocks below titles, in small letters, or behind them; none without a title."""
        return list(titled_blocks(self.pages, titles, self._is_key)) if titles else []

    def _untitled(
        self, leaf: Leaf, party: Party, found: list[Candidate]
    ) -> tuple[Block | None, list[Candidate]]:
        """The block at the head of the page or in the window of its envelope, where it is the party's.

        Returns:
            The block, and what else was found: "Hotel Bellevue" at the head is no key with a value.
        """
        role, window = party.role, self._window
        if role is not None:
            head = self._head
        elif may_issue(party.called):
            head = self._letterhead(_key_test(self.schema, leaf))
        else:
            return None, found
        if head is not None and is_at_head(party.called, role, self._kinds, head):
            if role is not None:
                return head.block, found
            if any(key.match(head.name) for key in map(printed_key, leaf.keys)):
                ids = {self.pages.segments[k].id for k in head.block.lines}
                found = [c for c in found if ids.isdisjoint(c.segments)]
            return (None if found else head.block), found
        if window is None or role is None or found or not is_in_window(role, self._kinds):
            return None, found
        sender = head.name if head is not None and head.is_plain else None
        overlaps = head is not None and not set(window.lines).isdisjoint(head.block.lines)
        if (
            overlaps
            or self.titled(titles_here(titles_in(role), self._kinds))
            or not is_no_sender(self.document, self.pages.straight, window, self._of_others, sender)
        ):
            return None, found
        return Block(window.lines), found

    @cached_property
    def contacts(self) -> list[Contact]:
        """Every e-mail address, telephone number and the like."""
        return contacts_in(self.pages.segments)

    def _letterhead(self, is_other_key: IsKey) -> Letterhead | None:
        window = self._window
        marked = window.lines if window is not None and window.is_marked else ()
        taken = self._of_others.union(marked)
        return letterhead(self.document, self.pages, self._is_key, is_other_key, taken)

    @cached_property
    def _head(self) -> Letterhead | None:
        return self._letterhead(self._is_key)

    @cached_property
    def _is_key(self) -> IsKey:
        return _key_test(self.schema, None)

    @cached_property
    def _kinds(self) -> str:
        return kinds_of(self.document)

    @cached_property
    def _of_others(self) -> frozenset[int]:
        """Indices of the lines of blocks that have a title."""
        titles = (*every_title(), *object_titles(self.schema))
        return frozenset(line for block in self.titled(titles) for line in block.lines)

    @cached_property
    def _window(self) -> Window | None:
        return address_window(self.document, self.pages.straight, self._is_key, self._of_others)


def _begins_with_a_name(lines: Sequence[Segment]) -> bool:
    """Whether the first line of an address is a name: it has no number, and a city is below the next one."""
    numbers = any(map(str.isdigit, lines[0].text))
    return not numbers and any(place_in(line.text) for line in lines[2:])


def _key_test(schema: FieldSchema, leaf: Leaf | None) -> IsKey:
    """Whether a line begins with a key or is a title.

    Args:
        schema: With the keys, and the objects whose names are titles.
        leaf: Whose keys do not count, unless they are the whole line.
    """
    keys = [printed_key(key) for x in schema.leaves if x is not leaf for key in x.keys]
    own = tuple(leaf.keys) if leaf is not None else ()
    titles = (*object_titles(schema), *own)

    def is_key(text: str) -> bool:
        return is_a_key(text, keys) or is_title(text) or (titles != () and is_title(text, titles))

    return is_key
