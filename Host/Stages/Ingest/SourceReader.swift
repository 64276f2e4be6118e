internal import Columnar
internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy

/// Streams the rows of a run's source through its connector, and makes sure that it is still the source that was
/// catalogued.
struct SourceReader {
    let stage: StageContext
    let source: Source
    /// Of the file that was catalogued; every scan must find it.
    private let stamp: Source.Stamp

    /// A reader of the source that Ingest catalogued in this drive.
    init(stage: StageContext, stamp: Source.Stamp) throws(SluiceError) {
        self.stage = stage
        self.stamp = stamp
        source = try Source(stage.contract.lhs.location)
    }

    /// A reader of the source whose bytes have this hash.
    ///
    /// - Throws: `source.changed` when they have another.
    init(stage: StageContext, dataset: String) throws(SluiceError) {
        self.stage = stage
        source = try Source(stage.contract.lhs.location)
        // The stamp comes first: a file that is replaced while it is hashed, or later, has another one.
        stamp = try source.stamp()
        guard try source.contentHash(stop: stage.checkpoint).hex == dataset else {
            throw SluiceError(.sourceChanged, "\(Files.name(of: source.path)) is not the file that was catalogued.")
        }
    }

    /// Every batch from a row on; batches hold `migration.batch_size` rows, so that they are the chunks of a migration.
    ///
    /// - Throws: `source.changed` when the file is not, or does not stay, the one that was catalogued.
    func scan(
        _ action: Action, skipRows: Int64, each: (Batch) throws(SluiceError) -> Void
    ) throws(SluiceError) {
        let permit = try stage.permit(action)
        let plugin = try stage.connector()
        try requireStamp()
        // What the consumer of the rows throws is not the connector's: a check that fails is no unreadable source.
        var consumerError: SluiceError?
        do {
            let session = try ConnectorSession(
                plugin, streams: source.streams(mode: .dataMode), config: source.config(mode: .dataMode),
                settings: stage.runner, permit: stage.permit(.readSourceMetadata), care: stage.care)
            defer { session.stop() }
            stage.onPlugin(PluginStart(session.process))
            let table = try IngestStage.table(source, in: session.inventory(), by: plugin.manifest.id)
            _ = try session.schema(table: table)
            try session.scan(
                table: table, batchRows: stage.thresholds.batchSize, skipRows: skipRows, permit: permit
            ) { (batch) throws(SluiceError) in
                do throws(SluiceError) { try each(batch) } catch {
                    consumerError = error
                    throw error
                }
            }
        } catch { throw consumerError ?? IngestStage.translated(error, source) }
        try requireStamp()
    }

    private func requireStamp() throws(SluiceError) {
        guard try source.stamp() == stamp else {
            throw SluiceError(.sourceChanged, "\(Files.name(of: source.path)) changed after it was catalogued.")
        }
    }
}
