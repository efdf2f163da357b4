"""What a refresh token is good for: told from what its session keeps of its tokens, and from the secrets."""

import base64
import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, initialize, multiple, rule

from doable.accounts.sessions.refresh_tokens import Kept, RefreshToken, RefreshTokens, read, used_from_text
from doable.errors import RefreshTokenInvalid

USER, SESSION = "6a0b9d2e-4e0b-4d7a-9a53-9f1f2f1f4c11", "0e4a3a54-6f2c-4f0e-9d5e-0a4a1f6f2a0b"
SECRETS = [letter * 32 for letter in (b"a", b"b", b"c")]
ENDED, INVALID = "the session has ended", "it is none"


@dataclass(frozen=True)
class Known:
    """A token that somebody was given, and the secret that made it."""

    text: str
    secret: bytes


class OneSession(RuleBasedStateMachine):
    """The tokens of a session are used in any order, late, twice and changed, while secrets come and go.

    The model remembers every token and all that became of it, and so needs neither digests nor generations.
    """

    tokens = Bundle("tokens")

    @initialize(target=tokens)
    def open(self) -> Known:
        self.now = datetime(2026, 11, 25, 9, 51, tzinfo=UTC)
        self.secrets = SECRETS[:1]
        first = RefreshTokens(self.secrets).first(USER, SESSION)
        self.kept = Kept(first.generation, first.digest)
        self.unused = Known(first.text, self.secrets[0])
        self.used: list[tuple[Known, datetime]] = []
        self.successors: dict[Known, Known] = {}
        return self.unused

    @rule(seconds=st.sampled_from([1, 9, 10, 11, 3600]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(chosen=st.lists(st.sampled_from(SECRETS), min_size=1, unique=True))
    def change_secrets(self, chosen: list[bytes]) -> None:
        self.secrets = chosen

    @rule(target=tokens, token=tokens)
    def use(self, token: Known) -> Known | MultipleResults[Known]:
        kept = self.kept
        if token != self.unused:
            assert self.answer(read(token.text)) == self.expected(token)
            assert self.kept == kept
            return multiple()
        answer = self.answer(read(token.text))
        assert answer not in {ENDED, INVALID}
        assert self.kept.generation == read(answer).generation == kept.generation + 1
        self.used.append((token, self.now))
        self.unused = self.successors[token] = Known(answer, self.secrets[0])
        return self.unused

    def expected(self, token: Known) -> str:
        """Of one that was used."""
        last, successor = self.used[-8:], self.successors[token]
        for used, at in last:
            if used == token and (successor == self.unused or self.now - at <= timedelta(seconds=10)):
                return successor.text if successor.secret in self.secrets else INVALID
        return ENDED if token.secret in self.secrets else INVALID

    @rule(token=tokens, place=st.integers(0, 86), bit=st.integers(0, 7))
    def use_a_changed_one(self, token: Known, place: int, bit: int) -> None:
        """Nothing comes of what was made up, wherever it differs."""
        content = bytearray(base64.urlsafe_b64decode(token.text))
        content[place] ^= 1 << bit
        assert self.answer(read(base64.urlsafe_b64encode(content).decode())) == INVALID

    @rule(token=tokens, secret=st.sampled_from(SECRETS), ahead=st.integers(0, 3))
    def use_one_that_is_still_to_come(self, token: Known, secret: bytes, ahead: int) -> None:
        """As after a backup was restored: its tag is good, and the session knows nothing of it."""
        unknown = replace(read(token.text), generation=self.kept.generation + ahead, random=bytes(32))
        assert self.answer(with_tag(unknown, secret)) == INVALID

    @rule(token=tokens, secret=st.sampled_from(SECRETS))
    def use_an_old_one_that_is_not_kept(self, token: Known, secret: bytes) -> None:
        old = with_tag(replace(read(token.text), generation=self.kept.generation - 1, random=bytes(32)), secret)
        assert self.answer(old) == (ENDED if secret in self.secrets else INVALID)

    def answer(self, token: RefreshToken) -> str:
        """The successor, which the session keeps from here on as its row would."""
        try:
            used = RefreshTokens(self.secrets).use(token, self.kept, self.now)
        except RefreshTokenInvalid:
            return INVALID
        if used is None:
            return ENDED
        successor, kept = used
        assert len(kept.used) <= 8
        self.kept = Kept(kept.generation, kept.digest, used_from_text(kept.used_as_text()))
        return successor.text


def with_tag(token: RefreshToken, secret: bytes) -> RefreshToken:
    """The token as anybody with this secret would make it."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"doable refresh token tag").derive(secret)
    return replace(token, tag=hmac.digest(key, token.said, "sha256")[:16])


TestOneSession = OneSession.TestCase
TestOneSession.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)


def test_a_token_reads_as_it_was_written() -> None:
    token = RefreshTokens(SECRETS).first(USER, SESSION)
    assert read(token.text) == token
    assert (token.user_id, token.session_id, token.generation) == (USER, SESSION, 1)
    assert RefreshTokens(SECRETS[:1]).is_ours(token)
    assert not RefreshTokens(SECRETS[1:]).is_ours(token)


def test_two_tokens_are_never_the_same() -> None:
    tokens = [RefreshTokens(SECRETS).first(USER, SESSION) for _ in range(100)]
    assert len({token.text for token in tokens}) == len({token.random for token in tokens}) == 100


def test_of_those_that_were_used_at_once_the_last_eight_are_honoured() -> None:
    tokens, now = RefreshTokens(SECRETS), datetime(2026, 11, 25, 9, 51, tzinfo=UTC)
    chain = [tokens.first(USER, SESSION)]
    kept = Kept(chain[0].generation, chain[0].digest)
    for _ in range(10):
        used = tokens.use(chain[-1], kept, now)
        assert used is not None
        chain.append(used[0])
        kept = used[1]
    answers = [tokens.use(token, kept, now) for token in chain[:-1]]
    assert answers == [None, None, *((successor, kept) for successor in chain[3:])]
