/// A line that a plugin logged: capped, without control characters, long numbers or addresses.
public struct PluginLogLine: Sendable, Equatable {
    /// 0 debug, 1 info, 2 warning, 3 error.
    public let level: Int
    public let message: String
}

/// What a plugin logged, and who wants to hear of it.
final class PluginLog {
    private(set) var lines: [PluginLogLine] = []
    var onLine: ((PluginLogLine) -> Void)?
    var onProgress: ((UInt64, UInt64) -> Void)?

    private let hidden: RelayChannel.Handed?

    private static let limit = 200

    /// - Parameter hidden: what must not be shown of a connector's database.
    init(hidden: RelayChannel.Handed?) { self.hidden = hidden }

    func log(_ level: Int32, _ message: String) {
        let line = PluginLogLine(level: Int(level), message: hidden?.line(message) ?? Redaction.line(message))
        if lines.count == Self.limit { lines.removeFirst() }
        lines.append(line)
        onLine?(line)
    }

    func progress(_ done: UInt64, _ total: UInt64) { onProgress?(done, total) }
}
