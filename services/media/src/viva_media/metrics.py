"""What media counts. No label names an interview."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class MediaMetrics:
    """Built once a process, on its registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.peers = Gauge("viva_media_peers", "Peers on the line", registry=registry)
        self.peers_opened = Counter("viva_media_offers_answered", "Offers that were answered", registry=registry)
        self.offers_refused = Counter(
            "viva_media_offers_refused", "Offers that were refused", ["why"], registry=registry
        )
        self.recovered = Counter(
            "viva_media_answers_recovered", "Answers gone on with after a crash", registry=registry
        )
        self.spool_damaged = Counter("viva_media_spool_damaged", "Spool files that cannot be read", registry=registry)
        self.spool_unwritable = Counter(
            "viva_media_spool_unwritable", "Answers whose sound waited in memory: the disk took none", registry=registry
        )
        self.recorded = Counter(
            "viva_media_recorded_segments", "Stretches of recordings: kept, refused, lost", ["how"], registry=registry
        )
        self.recording_erased = Counter(
            "viva_media_recording_objects_erased", "Objects of recordings that were destroyed", registry=registry
        )
