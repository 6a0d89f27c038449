"""The cache, which makes things quicker and is never needed: when it is gone, pages ask the database."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from threading import Lock
from typing import Any, Final, TypeVar

from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import RedisError

from bookwhen.circuit import Circuit

T = TypeVar("T")


class CacheServer:
    """One cache server, as all threads of this process know it: whether it answers, and what it must still forget.

    What could not be written there may be kept in an older version: a session, from which somebody has logged out.
    Those keys are deleted before anything else is asked again.
    """

    def __init__(self) -> None:
        self.circuit = Circuit("The cache", RedisError, OSError)
        self._lock = Lock()
        self._outdated: set[str] = set()

    def ask(
        self,
        question: Callable[[], T],
        otherwise: T,
        *,
        forget: Callable[[Collection[str]], Any],
        writes: Iterable[str],
    ) -> T:
        """The answer to a question; `otherwise`, while the cache is gone. `writes` are the keys that it changes."""

        def settle_and_ask() -> tuple[T, bool]:
            if self._outdated:
                self._settle(forget)
            return question(), True

        answer, is_done = self.circuit.ask(settle_and_ask, (otherwise, False))
        if not is_done:
            with self._lock:
                self._outdated.update(writes)
        return answer

    def _settle(self, forget: Callable[[Collection[str]], Any]) -> None:
        with self._lock:
            keys, self._outdated = self._outdated, set()
        try:
            forget(keys)
        except (RedisError, OSError):
            with self._lock:
                self._outdated |= keys
            raise


_SERVERS: Final = defaultdict[str, CacheServer](CacheServer)


def cache_server(url: str) -> CacheServer:
    """The cache server of that address."""
    return _SERVERS[url]


class CacheClient(RedisCacheClient):
    """Django's client for Redis and Valkey, which answers as an empty cache would while the server is gone."""

    _servers: Sequence[str]
    _kept: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """One client of the one server. Django makes another for each question, which takes as long as asking it."""
        if self._kept is None:
            self._kept = super().get_client(key, write=write)
        return self._kept

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        """Keep a value unless there is one; whether it was kept, as it would be in an empty cache."""
        return bool(self._ask(lambda: super(CacheClient, self).add(key, value, timeout), otherwise=True, writes=[key]))

    def get(self, key: Any, default: Any) -> Any:
        """The value that is kept; else the default."""
        return self._ask(lambda: super(CacheClient, self).get(key, default), otherwise=default)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        """Keep a value."""
        self._ask(lambda: super(CacheClient, self).set(key, value, timeout), writes=[key])

    def touch(self, key: Any, timeout: Any) -> bool:
        """Keep a value for longer; whether there is one."""
        return bool(self._ask(lambda: super(CacheClient, self).touch(key, timeout)))

    def delete(self, key: Any) -> bool:
        """Forget a value; whether there was one."""
        return bool(self._ask(lambda: super(CacheClient, self).delete(key), writes=[key]))

    def get_many(self, keys: Any) -> dict[Any, Any]:
        """The values that are kept, by their keys."""
        return dict(self._ask(lambda: super(CacheClient, self).get_many(keys), otherwise={}))

    def has_key(self, key: Any) -> bool:
        """Whether there is a value."""
        return bool(self._ask(lambda: super(CacheClient, self).has_key(key)))

    def incr(self, key: Any, delta: Any) -> int:
        """Add to a number; raises ValueError where there is none."""
        found = self._ask(lambda: super(CacheClient, self).incr(key, delta), writes=[key])
        if found is None:
            message = f"Key {key!r} not found."
            raise ValueError(message)
        return int(found)

    def set_many(self, data: Any, timeout: Any) -> None:
        """Keep several values."""
        self._ask(lambda: super(CacheClient, self).set_many(data, timeout), writes=data)

    def delete_many(self, keys: Any) -> None:
        """Forget several values."""
        self._ask(lambda: super(CacheClient, self).delete_many(keys), writes=keys)

    def clear(self) -> bool:
        """Forget everything; whether that was done."""
        return bool(self._ask(lambda: super(CacheClient, self).clear()))

    def _ask(self, question: Callable[[], Any], *, otherwise: Any = None, writes: Iterable[str] = ()) -> Any:
        server = cache_server(self._servers[0])
        return server.ask(question, otherwise, forget=super().delete_many, writes=writes)


class Cache(RedisCache):
    """Django's cache in Redis or Valkey, by the client above."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # A list: Django takes an address apart at commas, which a password may have.
        super().__init__([server], params)
        self._class = CacheClient


def clear_cache() -> bool:
    """Forget everything that is cached; whether that was done: a cache that is away answers like an empty one."""
    # Django's stubs say that nothing comes back; the client above says whether it was done.
    clear: Callable[[], Any] = cache.clear
    return bool(clear())
