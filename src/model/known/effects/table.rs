//! What each change of each topic config can do, in the order of the keys. Of one key the worst comes first.

use super::Effect;
use super::EffectKind::{
    BreaksTopic, ChangesRecordTimes, CompactsEarlier, Costs, DeletesRecords, DropsTombstonesEarlier, Harmless,
    LessDurable, LocksOutOldClients, RefusesProducers, UncleanElection,
};
use super::Only::{self, Always, Before, Compacted, CreateTime, Tiered};
use super::When::{self, Becomes, Below, Changed, Gains, Lowered, Raised, TurnedOff, TurnedOn};
use super::Worst::{self, Care, Loss, Nothing};
use crate::model::known::Release;

const V4_0: Release = Release::new(4, 0);
const V4_1: Release = Release::new(4, 1);

/// What the topic config does, and what is read to judge it.
type Does = (super::EffectKind, Worst, &'static str, &'static str);

const fn row(key: &'static str, when: When, only: Only, does: Does, source: &'static str) -> Effect {
    let (kind, worst, says, read) = does;
    Effect { key, when, only, kind, worst, says, read, source }
}

/// Costs and no more.
const fn costs(key: &'static str, when: When, says: &'static str, source: &'static str) -> Effect {
    row(key, when, Always, (Costs, Nothing, says, ""), source)
}

const AGES: &str = "both ends, the first record, the first record younger than the limit, all records of a compacted topic with up to 10,000 a partition; sizes; groups";
const SOONER: &str = "records that newer ones of the same key supersede can be compacted away earlier";
const NOTHING_YET: &str = "both ends";

pub(super) static EFFECTS: &[Effect] = &[
    row("cleanup.policy", Gains("delete"), Always, (DeletesRecords, Loss, "records begin to be deleted by age or size", AGES), "UnifiedLog.deleteOldSegments"),
    row("cleanup.policy", Gains("compact"), Always, (CompactsEarlier, Loss, "only the latest record of each key is kept, and records without a key are refused", "both ends; the latest records, or all where a partition has up to 10,000"), "LogCleaner; LogValidator.validateRecord"),
    costs("cleanup.policy", Changed, "the log keeps more", "UnifiedLog.deleteOldSegments; LogCleaner"),
    costs("compression.gzip.level", Changed, "brokers' CPU and disks", "UnifiedLog.append (KIP-390)"),
    costs("compression.lz4.level", Changed, "brokers' CPU and disks", "UnifiedLog.append (KIP-390)"),
    row("compression.type", Becomes("uncompressed"), Always, (RefusesProducers, Care, "brokers unpack what producers compress, and refuse batches that are then larger than max.message.bytes", ""), "UnifiedLog.append: the size counts after LogValidator"),
    row("compression.type", Becomes("zstd"), Before(V4_0), (LocksOutOldClients, Care, "consumers older than Kafka 2.1 cannot read what is written from then on", ""), "KafkaApis.handleFetchRequest (KIP-110); from 4.0 on brokers serve no such clients (KIP-896)"),
    costs("compression.type", Changed, "brokers' CPU, where producers compress otherwise", "LogValidator"),
    costs("compression.zstd.level", Changed, "brokers' CPU and disks", "UnifiedLog.append (KIP-390)"),
    row("delete.retention.ms", Lowered, Compacted, (DropsTombstonesEarlier, Care, "markers of deleted keys are removed earlier, and a consumer that is further behind misses the deletion", NOTHING_YET), "Cleaner.cleanSegments: the delete horizon (KIP-534)"),
    costs("delete.retention.ms", Changed, "markers of deleted keys stay for another time", "Cleaner.cleanSegments"),
    row("errors.deadletterqueue.group.enable", TurnedOff, Always, (RefusesProducers, Care, "share groups can no longer write the records here that they give up", ""), "KIP-1191"),
    row("errors.deadletterqueue.group.enable", TurnedOn, Always, (Harmless, Nothing, "share groups may write the records here that they give up", ""), "KIP-1191"),
    costs("file.delete.delay.ms", Changed, "files of deleted segments stay for another time", "LocalLog.deleteSegmentFiles"),
    row("flush.messages", Raised, Always, (LessDurable, Care, "acknowledged records reach the disk later, and are lost where all machines with replicas stop before", ""), "UnifiedLog.append: unflushedMessages"),
    costs("flush.messages", Lowered, "disks are busier, and producers wait for them", "UnifiedLog.append: unflushedMessages"),
    row("flush.ms", Raised, Always, (LessDurable, Care, "acknowledged records reach the disk later, and are lost where all machines with replicas stop before", ""), "LogManager.flushDirtyLogs"),
    costs("flush.ms", Lowered, "disks are busier", "LogManager.flushDirtyLogs"),
    costs("follower.replication.throttled.replicas", Changed, "replicas are copied at another rate", "ReplicationQuotaManager (KIP-73)"),
    costs("index.interval.bytes", Changed, "larger indexes or slower reads", "LogSegment.append"),
    costs("leader.replication.throttled.replicas", Changed, "replicas are copied at another rate", "ReplicationQuotaManager (KIP-73)"),
    costs("local.retention.bytes", Changed, "records are read from remote storage earlier or later, which is slower; none is deleted that is not there", "UnifiedLog.deleteOldSegments: highestOffsetInRemoteStorage (KIP-405)"),
    costs("local.retention.ms", Changed, "records are read from remote storage earlier or later, which is slower; none is deleted that is not there", "UnifiedLog.deleteOldSegments: highestOffsetInRemoteStorage (KIP-405)"),
    row("max.compaction.lag.ms", Lowered, Compacted, (CompactsEarlier, Care, SOONER, NOTHING_YET), "LogCleanerManager.maxCompactionDelay (KIP-354)"),
    costs("max.compaction.lag.ms", Changed, "the log is compacted earlier or later", "LogCleanerManager.maxCompactionDelay (KIP-354)"),
    row("max.decompressed.message.bytes", Lowered, Always, (RefusesProducers, Care, "compressed batches with a larger record are refused, and compaction and look-ups by time fail on larger records that are there", ""), "TopicConfig.MAX_DECOMPRESSED_MESSAGE_BYTES_DOC"),
    costs("max.decompressed.message.bytes", Raised, "brokers' memory", "TopicConfig.MAX_DECOMPRESSED_MESSAGE_BYTES_DOC"),
    row("max.message.bytes", Lowered, Always, (RefusesProducers, Care, "producers that send larger batches are refused", "both ends; the latest records, or all where a partition has up to 10,000"), "UnifiedLog.analyzeAndValidateRecords"),
    costs("max.message.bytes", Raised, "memory of brokers and clients; a consumer gets a large batch whatever its own limits are", "UnifiedLog.analyzeAndValidateRecords (KIP-74)"),
    row("message.downconversion.enable", TurnedOff, Before(V4_0), (LocksOutOldClients, Care, "consumers older than Kafka 0.11 can no longer read", ""), "KafkaApis.handleFetchRequest (KIP-283); without effect from 4.0 on"),
    costs("message.downconversion.enable", Changed, "brokers' CPU and memory, where old consumers read", "KafkaApis.handleFetchRequest (KIP-283)"),
    row("message.format.version", Changed, Before(V4_0), (LocksOutOldClients, Care, "where inter.broker.protocol.version is below 3.0, records are written in another format, which has no headers or which old consumers cannot read", ""), "LogConfig.recordVersion; ignored with an inter-broker protocol of 3.0 or later (KIP-724)"),
    row("message.format.version", Changed, Always, (Harmless, Nothing, "it is ignored with an inter-broker protocol of 3.0 or later", ""), "KIP-724"),
    row("message.timestamp.after.max.ms", Lowered, CreateTime, (RefusesProducers, Care, "records whose time is further ahead of the broker's clock are refused", ""), "LogValidator.validateTimestamp (KIP-937)"),
    row("message.timestamp.after.max.ms", Changed, Always, (Harmless, Nothing, "records are accepted that were refused before", ""), "LogValidator.validateTimestamp (KIP-937)"),
    row("message.timestamp.before.max.ms", Lowered, CreateTime, (RefusesProducers, Care, "records whose time is further behind the broker's clock are refused", ""), "LogValidator.validateTimestamp (KIP-937)"),
    row("message.timestamp.before.max.ms", Changed, Always, (Harmless, Nothing, "records are accepted that were refused before", ""), "LogValidator.validateTimestamp (KIP-937)"),
    row("message.timestamp.difference.max.ms", Lowered, CreateTime, (RefusesProducers, Care, "records whose time is further from the broker's clock are refused", ""), "LogValidator.validateTimestamp (KIP-32)"),
    row("message.timestamp.difference.max.ms", Changed, Always, (Harmless, Nothing, "records are accepted that were refused before", ""), "LogValidator.validateTimestamp (KIP-32)"),
    row("message.timestamp.type", Becomes("CreateTime"), Always, (ChangesRecordTimes, Care, "records get the times that producers set: retention and consumers go by those, and limits on them begin to refuse records", ""), "LogValidator.validateTimestamp (KIP-32)"),
    row("message.timestamp.type", Becomes("LogAppendTime"), Always, (ChangesRecordTimes, Care, "records get the broker's time instead of the producer's, and consumers that go by time see that", ""), "LogValidator (KIP-32)"),
    costs("message.timestamp.type", Changed, "nothing else", "LogValidator (KIP-32)"),
    row("min.cleanable.dirty.ratio", Lowered, Compacted, (CompactsEarlier, Care, SOONER, NOTHING_YET), "LogCleanerManager.grabFilthiestCompactedLog"),
    costs("min.cleanable.dirty.ratio", Changed, "the log is compacted earlier or later", "LogCleanerManager.grabFilthiestCompactedLog"),
    row("min.compaction.lag.ms", Lowered, Compacted, (CompactsEarlier, Loss, SOONER, "both ends, the first records younger than the old and the new limit"), "LogCleanerManager.cleanableOffsets (KIP-58)"),
    costs("min.compaction.lag.ms", Changed, "superseded records stay for another time", "LogCleanerManager.cleanableOffsets (KIP-58)"),
    row("min.insync.replicas", Lowered, Always, (LessDurable, Care, "records are acknowledged that are on fewer brokers", ""), "Partition.appendRecordsToLeader"),
    row("min.insync.replicas", Raised, Always, (RefusesProducers, Care, "producers with acks=all stop while fewer replicas are in sync", "the replicas in sync"), "Partition.appendRecordsToLeader"),
    costs("preallocate", Changed, "disks", "LogSegment.open"),
    costs("remote.copy.lag.bytes", Changed, "records are copied to remote storage earlier or later; brokers keep them until then", "TopicConfig.REMOTE_COPY_LAG_BYTES_DOC"),
    costs("remote.copy.lag.ms", Changed, "records are copied to remote storage earlier or later; brokers keep them until then", "TopicConfig.REMOTE_COPY_LAG_MS_DOC"),
    row("remote.log.copy.disable", TurnedOn, Tiered, (Costs, Care, "brokers' own disks have to hold all that arrives from then on", ""), "RemoteLogManager; UnifiedLog.deleteOldSegments (KIP-950)"),
    costs("remote.log.copy.disable", Changed, "brokers' own disks", "RemoteLogManager (KIP-950)"),
    row("remote.log.delete.on.disable", Changed, Always, (Harmless, Nothing, "it says what disabling remote storage does, and nothing before", ""), "LogConfig.validateTurningOffRemoteStorageWithDelete (KIP-950)"),
    row("remote.storage.enable", TurnedOff, Always, (DeletesRecords, Loss, "records in remote storage will be deleted with it", "both ends, and where brokers' own disks begin; groups"), "RemoteLogManager.stopPartitions (KIP-950)"),
    costs("remote.storage.enable", Changed, "remote storage", "RemoteLogManager (KIP-405)"),
    row("retention.bytes", Lowered, Always, (DeletesRecords, Loss, "the oldest records of each partition beyond the limit are deleted", "both ends; sizes; groups"), "UnifiedLog.deleteRetentionSizeBreachedSegments"),
    costs("retention.bytes", Changed, "disks", "UnifiedLog.deleteRetentionSizeBreachedSegments"),
    row("retention.ms", Lowered, Always, (DeletesRecords, Loss, "records older than the limit are deleted", AGES), "UnifiedLog.deleteRetentionMsBreachedSegments"),
    costs("retention.ms", Changed, "disks", "UnifiedLog.deleteRetentionMsBreachedSegments"),
    row("segment.bytes", Below(1_048_576), Before(V4_1), (BreaksTopic, Care, "a broker of Kafka 4.1 or later does not start with a topic that has less than 1 MiB", ""), "LogConfig: atLeast(1 MiB) from 4.1 on (KIP-1030)"),
    row("segment.bytes", Lowered, Compacted, (CompactsEarlier, Care, SOONER, NOTHING_YET), "LogCleanerManager.cleanableOffsets: the active segment is never cleaned"),
    costs("segment.bytes", Changed, "more files, or larger ones", "LogSegment.shouldRoll"),
    row("segment.index.bytes", Below(12), Always, (BreaksTopic, Care, "an index of less than 12 bytes has no room for an entry, and brokers cannot open the topic", ""), "AbstractIndex; TimeIndex: entries of 12 bytes"),
    row("segment.index.bytes", Lowered, Compacted, (CompactsEarlier, Care, SOONER, NOTHING_YET), "LogSegment.shouldRoll: a full index closes the segment"),
    costs("segment.index.bytes", Changed, "more files, or larger ones", "LogSegment.shouldRoll"),
    row("segment.jitter.ms", Raised, Compacted, (CompactsEarlier, Care, SOONER, NOTHING_YET), "LogConfig.randomSegmentJitter"),
    costs("segment.jitter.ms", Changed, "more files, or larger ones", "LogSegment.shouldRoll"),
    row("segment.ms", Lowered, Compacted, (CompactsEarlier, Care, SOONER, NOTHING_YET), "LogSegment.shouldRoll; the active segment is never cleaned"),
    costs("segment.ms", Changed, "more files, or larger ones", "LogSegment.shouldRoll"),
    row("unclean.leader.election.enable", TurnedOn, Always, (UncleanElection, Care, "a replica that missed records may become leader, and what it missed is lost", "partitions without a leader, and where their replicas end that are up; groups"), "ReplicationControlManager.maybeTriggerUncleanLeaderElectionForLeaderlessPartitions"),
    row("unclean.leader.election.enable", TurnedOff, Always, (Harmless, Nothing, "a partition whose replicas in sync are all down waits for one of them", ""), "PartitionChangeBuilder.electLeader"),
];
