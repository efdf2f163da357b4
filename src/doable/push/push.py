"""Web push as the rest of Doable uses it."""

from doable.database import Database
from doable.push.endpoints import Endpoint, endpoint_of
from doable.push.repository import KEPT, SubscriptionRepository
from doable.push.sealing import Message, ServerKeys, Subscription
from doable.push.sending import Outcome, Sender, Sent
from doable.settings import Settings


class Push:
    """The subscriptions, and the way to them."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._keys = ServerKeys(settings.secrets, settings.push_contact)
        self.subscriptions = SubscriptionRepository(database)
        self._hosts = settings.push_hosts
        self._sender = Sender(self._hosts, self._keys)

    @property
    def server_key(self) -> str:
        """The public key that browsers subscribe with."""
        return self._keys.present.public

    def check(self, endpoint: str) -> Endpoint:
        """The parts of an endpoint that messages may be sent to. Raises PushHostRefused for any other."""
        return endpoint_of(endpoint, self._hosts)

    async def deliver(self, user_id: str, subscription_id: str, message: Message) -> Sent:
        """Send the message to this subscription of the user's.

        `GONE` means that there is none (any longer), and nothing is left to do. After `AGAIN` it may be tried another time, after
        `retry_after` if that is said: when to give up is the caller's. It may take 10 seconds, and more where
        many are sent at once. Raises DoableError if the database cannot be used.
        """
        row = await self.subscriptions.find(user_id, subscription_id)
        if row is None:
            return Sent(Outcome.GONE)
        subscription = Subscription(**{name: row[name] for name in KEPT})
        sent = await self._sender.send(subscription, message)
        if sent.outcome is Outcome.DELIVERED:
            await self.subscriptions.note_delivery(row)
        elif sent.outcome is Outcome.GONE:
            await self.subscriptions.forget(row)
        elif not await self.subscriptions.note_failure(row):
            return Sent(Outcome.GONE)
        return sent
