"""The store: what has to be asked, not only fetched. SQLite by default, PostgreSQL by URL."""

from evertopic.storage.store.api_keys import ApiKeyStore, digest_secret
from evertopic.storage.store.batches import Batch
from evertopic.storage.store.documents import DocumentStore
from evertopic.storage.store.features import FeatureStore
from evertopic.storage.store.feedback import FeedbackStore
from evertopic.storage.store.keys import KeyStore
from evertopic.storage.store.lineage import LineageStore, Overtaken
from evertopic.storage.store.lineage_rows import NewGeneration, Past
from evertopic.storage.store.notices import NoticeStore
from evertopic.storage.store.opening import Store, open_store
from evertopic.storage.store.predictions import PredictionStore
from evertopic.storage.store.trends import Pending, TrendStore

__all__ = [
    "ApiKeyStore",
    "Batch",
    "DocumentStore",
    "FeatureStore",
    "FeedbackStore",
    "KeyStore",
    "LineageStore",
    "NewGeneration",
    "NoticeStore",
    "Overtaken",
    "Past",
    "Pending",
    "PredictionStore",
    "Store",
    "TrendStore",
    "digest_secret",
    "open_store",
]
