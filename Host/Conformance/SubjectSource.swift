internal import Columnar
public import Foundations
public import PluginHost
internal import Policy

extension Subject {
    /// A source of the quirks with its bytes made, and what the connector is told of it.
    public struct Source: Sendable {
        public let name: String
        public let bytes: [UInt8]
        /// Handed to `create`.
        public let config: JSON
        let table: String?
        let expected: Quirks.Expectation?

        /// As a connector is handed it: these bytes in sealed memory.
        public var stream: SourceStream { .bytes(bytes) }
    }

    /// A source by its well-known name; nil when the quirks have none of that name.
    ///
    /// - Throws: `plugin.quirks` when it cannot be made.
    public func source(_ name: String) throws(SluiceError) -> Source? {
        guard let source = quirks.sources[name] else { return nil }
        return Source(
            name: name, bytes: try source.recipe.bytes(folder: quirks.folder), config: source.config ?? quirks.config,
            table: source.table ?? quirks.table, expected: source.expected)
    }
}
