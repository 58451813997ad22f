"""The store: what has to be asked, not only fetched. SQLite by default, PostgreSQL by URL."""

from evertopic.storage.store.documents import Batch, DocumentStore
from evertopic.storage.store.features import FeatureStore
from evertopic.storage.store.keys import KeyStore
from evertopic.storage.store.opening import Store, open_store

__all__ = ["Batch", "DocumentStore", "FeatureStore", "KeyStore", "Store", "open_store"]
