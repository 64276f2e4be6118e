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

    /// Every batch from a row on; batches hold `migration.batch_size` rows, so that they are the chunks of a migration.
    ///
    /// - Throws: `source.changed` when the file changes while it is read; what `each` throws, as it is.
    func scan(
        _ action: Action, skipRows: Int64, each: (Batch) throws(SluiceError) -> Void
    ) throws(SluiceError) {
        let permit = try stage.permit(action)
        let plugin = try stage.plugins.plugin(source.connector, kind: .connector)
        let stamp = try source.stamp()
        // What the consumer of the rows throws is not the connector's: a check that fails is no unreadable source.
        var consumerError: SluiceError?
        do {
            let session = try ConnectorSession(
                plugin, streams: source.streams(mode: .dataMode), config: source.config(mode: .dataMode),
                settings: stage.runner)
            defer { session.stop() }
            stage.onPlugin(session.process)
            let table = try IngestStage.table(source, in: session.inventory())
            try session.scan(
                table: table, batchRows: stage.thresholds.batchSize, skipRows: skipRows, permit: permit
            ) { (batch) throws(SluiceError) in
                do throws(SluiceError) { try each(batch) } catch {
                    consumerError = error
                    throw error
                }
            }
        } catch { throw consumerError ?? IngestStage.translated(error, source) }
        guard try source.stamp() == stamp else {
            throw SluiceError(.sourceChanged, "\(Files.name(of: source.path)) changed while it was read.")
        }
    }

    /// Refuses a source that is not the one with this dataset id.
    func requireDataset(_ id: String) throws(SluiceError) {
        guard try source.contentHash(stop: stage.checkpoint).hex == id else {
            throw SluiceError(.sourceChanged, "\(Files.name(of: source.path)) is not the file that was catalogued.")
        }
    }
}
